"""Files in which some questions have options and the others are open."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from question_files import FORMS, load, write_jsonl

from pytest_mmbench.errors import DataError, SettingsError
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import EVERYTHING, NOTHING, Answer, Method
from pytest_mmbench.testing import check_benchmark

NO_PICTURES: dict[str, object] = {"columns": {"pictures": []}}
ROWS: list[dict[str, Any]] = [
    {"id": "c", "question": "Which?", "options": ["x", "y"], "target": "B"},
    {"id": "o", "question": "How many?", "options": [], "target": "100"},
]


def earned(benchmark: Benchmark, id: str, text: str) -> Fraction:
    """The credit of a generated answer."""
    scorer = benchmark.scorer(Method.GENERATE)
    return scorer(benchmark.sample(id), Answer(sample=id, text=text)).credit


@pytest.mark.parametrize("form", FORMS)
def test_rows_without_options_are_open(tmp_path: Path, form: str) -> None:
    """In every form of file; each row has its own wording and its own rule."""
    mixed = load(FORMS[form](tmp_path, ROWS), **{"open-answer": "number"}, **NO_PICTURES)

    check_benchmark(mixed)
    assert [mixed.sample(id).options for id in "co"] == [("x", "y"), ()]
    assert [earned(mixed, "c", "(B)"), earned(mixed, "o", "There are 100.")] == [EVERYTHING] * 2
    assert [earned(mixed, "c", "(A)"), earned(mixed, "o", "B")] == [NOTHING] * 2
    prompts = [mixed.request(mixed.sample(id), Method.GENERATE).prompt.turns[0] for id in "co"]
    assert "A. x" in str(prompts[0].parts[0])
    assert str(prompts[1].parts[0]).endswith("Answer with a single number.")
    assert len(mixed.methods()) == 4


def test_each_has_its_rule(tmp_path: Path) -> None:
    """Both are named where they differ, and settings of the open type are allowed."""
    mixed = load(
        write_jsonl(tmp_path, ROWS),
        **{"open-answer": "number", "open-scoring": "tolerance", "tolerance": "5%"},
        **NO_PICTURES,
    )

    assert mixed.scorer(Method.GENERATE).rule == "strict and strict tolerance 5%"
    assert mixed.scorer(Method.RANK).rule == "strict tolerance 5%"
    assert earned(mixed, "o", "about 104") == 1
    ranked = mixed.request(mixed.sample("o"), Method.RANK)
    assert not ranked.options


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"answer": "text", "open-answer": "number"}, 'beside answer = "choice"'),
        ({"open-answer": "yes-no"}, "answered with words alone"),
        ({"open-answer": "box"}, "answered with words alone"),
        ({"open-answer": "nmber"}, "open-answer = 'nmber' is not known"),
        ({"open-scoring": "exact"}, "of no use without open-answer"),
        ({"open-answer": "text", "open-scoring": "anl"}, "open-scoring = 'anl' is not known"),
        ({"open-answer": "text", "tolerance": 1}, "has no tolerance"),
    ],
)
def test_types_that_do_not_mix(tmp_path: Path, table: dict[str, Any], problem: str) -> None:
    """Each is told."""
    with pytest.raises(SettingsError, match=problem):
        load(write_jsonl(tmp_path, ROWS), **table, **NO_PICTURES)


def test_an_open_target_that_its_rule_refuses(tmp_path: Path) -> None:
    """The row is bad by the rule of its own type."""
    rows = [ROWS[0], {**ROWS[1], "target": "many"}]

    with pytest.raises(DataError, match="target is 'many', which is no number"):
        load(write_jsonl(tmp_path, rows), **{"open-answer": "number"}, **NO_PICTURES)
