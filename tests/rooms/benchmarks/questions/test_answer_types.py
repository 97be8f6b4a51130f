"""The table of answer types, and which rules and settings each of them has."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from question_files import load, write_jsonl

from pytest_mmbench.benchmarks.questions.answer_types import ANSWER_TYPES
from pytest_mmbench.errors import DataError, SettingsError
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Answer
from pytest_mmbench.testing import check_benchmark, script

NO_PICTURES: dict[str, object] = {"columns": {"pictures": []}}
ROWS: dict[str, dict[str, Any]] = {
    "choice": {"options": ["x", "y"], "target": "A"},
    "yes-no": {"target": "yes"},
    "number": {"target": "3.5", "accepted": ["7/2"]},
    "text": {"target": "a door", "capability": "signs"},
}
REVISIONS = {
    "choice": ("3e06378e443e5b0a", "219b496d8bf2535d"),
    "yes-no": ("850ec8a63072567f", "3a739e416c20c2de"),
    "number": ("bc3add10e9f8175a", "48bf1256e13f8c39"),
    "text": ("04d8ca0045a8ca62", "e71a72c8b7c59f20"),
}
"""With the default wording, and with a template: what baselines name them by."""


def question_file(folder: Path, answer: str) -> Path:
    """A file of one question without a picture."""
    return write_jsonl(folder, [{"id": "q1", "question": "?", **ROWS[answer]}])


@pytest.mark.parametrize("answer", ROWS)
def test_revisions_stay(tmp_path: Path, answer: str) -> None:
    """Old baselines and snapshots of a file are still those of the same questions."""
    path = question_file(tmp_path, answer)

    plain = load(path, answer=answer, **NO_PICTURES)
    worded = load(path, answer=answer, prompt="{question} now", **NO_PICTURES)

    digests = [each.revision.split()[1][:16] for each in (plain, worded)]
    assert tuple(digests) == REVISIONS[answer]


@pytest.mark.parametrize("answer", ROWS)
def test_the_first_rule_is_the_default(tmp_path: Path, answer: str) -> None:
    """Without `scoring` the first one of the table holds; an unknown one is told the nearest."""
    path = question_file(tmp_path, answer)
    first, *_ = ANSWER_TYPES[answer].scorings

    named = load(path, answer=answer, scoring=first, **NO_PICTURES)
    default = load(path, answer=answer, **NO_PICTURES)

    method = default.methods()[0]
    assert default.scorer(method) == named.scorer(method)
    with pytest.raises(SettingsError, match="scoring = 'strickt'") as caught:
        load(path, answer=answer, scoring="strickt", **NO_PICTURES)
    assert "strict" in str(caught.value.facts)


def one(folder: Path, target: object, **table: object) -> Benchmark:
    """A benchmark of one open question."""
    row = {"id": "q1", "question": "?", "target": target}
    return load(write_jsonl(folder, [row]), **NO_PICTURES, **table)


@pytest.mark.parametrize(
    ("table", "target", "text", "credit"),
    [
        ({"answer": "text", "scoring": "exact"}, "red door", " Red door. ", "1"),
        ({"answer": "text", "scoring": "contains"}, "door", "the door is red", "1"),
        ({"answer": "text", "scoring": "contains-formula"}, "x^2", "x ^ 2 + 1", "1"),
        ({"answer": "text", "scoring": "anls"}, ["Nikon", "Canon"], "nikan", "4/5"),
        ({"answer": "text", "scoring": "strict-anls"}, "Nikon", "It is a Nikan.", "4/5"),
        ({"answer": "text", "scoring": "vqa"}, ["a"] + ["b"] * 9, "b", "1"),
        ({"answer": "text", "scoring": "vqa"}, ["cat"] + ["b"] * 9, "cat", "3/10"),
        ({"answer": "text", "scoring": "relaxed"}, "100", "104", "1"),
        ({"answer": "text", "scoring": "strict-relaxed"}, "100", "It is 104.", "1"),
        ({"answer": "number", "scoring": "whole"}, 12, "There are 12.0 of them.", "1"),
        ({"answer": "number", "scoring": "tolerance", "tolerance": "1%"}, 100, "101", "1"),
        ({"answer": "number", "scoring": "tolerance", "tolerance": 0.5}, 100, "101", "0"),
        ({"answer": "number", "scoring": "exact"}, 12, "12.", "1"),
        ({"answer": "number", "scoring": "latex"}, "\\frac{1}{2}", "\\boxed{0.5}", "1"),
        ({"answer": "latex"}, "$2\\sqrt{3}$", "So it is \\boxed{2\\sqrt3}.", "1"),
        ({"answer": "latex", "scoring": "latex"}, "1/3", "\\boxed{0.33}", "1"),
        ({"answer": "list", "scoring": "list"}, ["cat", "dog"], "dog; cow", "1/2"),
        ({"answer": "list"}, "cat; dog", "dog and cat", "1"),
        ({"answer": "list", "ordered": True}, "cat; dog", "dog and cat", "0"),
    ],
)
def test_each_rule(
    tmp_path: Path, table: dict[str, Any], target: object, text: str, credit: str
) -> None:
    """From the settings to the credit of an answer; the rule's own name is in its report."""
    benchmark = one(tmp_path, target, **table)

    check_benchmark(benchmark)
    scorer = benchmark.scorer(benchmark.methods()[0])
    score = scorer(benchmark.sample("q1"), Answer(sample="q1", text=text))
    assert score.credit == Fraction(credit)
    assert table.get("scoring", "strict") in scorer.rule


@pytest.mark.parametrize(("answer", "scoring"), [("choice", "vlmevalkit"), ("yes-no", "pope")])
def test_published_rules_for_options(tmp_path: Path, answer: str, scoring: str) -> None:
    """They are named by where they come from, and read generated text alone."""
    benchmark = load(question_file(tmp_path, answer), answer=answer, scoring=scoring, **NO_PICTURES)

    rules = [benchmark.scorer(method).rule for method in benchmark.methods()]
    assert rules == [scoring, *[""] * (len(rules) - 1)]


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"answer": "judge"}, "none can be configured yet"),
        ({"answer": "text", "tolerance": 0.1}, 'answer = "text" has no tolerance.'),
        ({"answer": "number", "ordered": True}, 'answer = "number" has no ordered.'),
        ({"answer": "number", "tolerance": 0.1}, "tolerance is of no use to this rule."),
        ({"answer": "number", "scoring": "tolerance"}, "it is not known how far"),
        ({"answer": "list", "ordered": "yes"}, "ordered is true or false"),
        *(
            ({"answer": "number", "scoring": "tolerance", "tolerance": size}, "is no size.")
            for size in (
                -1,
                "1 %%",
                "",
                "nan",
                float("nan"),
                float("inf"),
                True,
                [1],
                "1/0",
                "9" * 99,
            )
        ),
    ],
)
def test_settings_that_are_no_rule(tmp_path: Path, table: dict[str, Any], problem: str) -> None:
    """Each says what is wrong and what to do."""
    with pytest.raises(SettingsError, match=problem) as caught:
        one(tmp_path, "1", **table)

    assert (
        problem.endswith("false") or "write" in str(caught.value) or "belongs" in str(caught.value)
    )


@pytest.mark.parametrize(
    ("table", "target", "problem"),
    [
        ({"answer": "text", "scoring": "anls"}, "", "target is empty."),
        ({"answer": "text", "scoring": "vqa"}, ["a"] * 3, "target holds 3 answers"),
        ({"answer": "text", "scoring": "relaxed"}, "inf", "the scorer cannot read"),
        ({"answer": "number", "scoring": "whole"}, "3.5", "no whole number"),
        ({"answer": "number", "scoring": "latex"}, "x", "no number"),
        ({"answer": "number", "scoring": "relaxed"}, "three", "no number"),
        ({"answer": "list"}, "a;; b", "cannot read as a list"),
        ({"answer": "list"}, None, "target is empty."),
    ],
)
def test_targets_that_nobody_could_give(
    tmp_path: Path, table: dict[str, Any], target: object, problem: str
) -> None:
    """A bad row by the rule that was chosen."""
    with pytest.raises(DataError, match=problem):
        one(tmp_path, target, **table)


def test_wrong_answers_of_a_script_earn_nothing(tmp_path: Path) -> None:
    """Also where a rule looks for the target anywhere in a text."""
    rows = [{"id": f"q{at}", "question": "?", "target": f"door {at}"} for at in range(4)]
    path = write_jsonl(tmp_path, rows)
    for scoring in ("contains", "anls", "exact", "relaxed"):
        benchmark = load(path, answer="text", scoring=scoring, **NO_PICTURES)

        answers = script(benchmark, accuracy=0.5)

        scorer = benchmark.scorer(benchmark.methods()[0])
        credits = [
            scorer(benchmark.sample(id), Answer(sample=id, text=text)).credit
            for id, text in answers.items()
        ]
        assert sorted(credits) == [0, 0, 1, 1]
