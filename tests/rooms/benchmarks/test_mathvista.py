import json
import shutil
import warnings
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pytest_mmbench.benchmarks.mathvista import COUNTS, LABELS, load
from pytest_mmbench.benchmarks.published import PublishedBenchmark
from pytest_mmbench.errors import DataError, MMBenchWarning, SettingsError
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Answer, Mark, Method, RequestType
from pytest_mmbench.testing import samples

FIXTURES = Path(__file__).parents[3] / "fixtures" / "published" / "mathvista"
HUB = FIXTURES / "hub" / "data" / "testmini-00000-of-00001-725687bf7a18d64b.parquet"
LAYOUTS = (FIXTURES / "hub", HUB, FIXTURES / "data", FIXTURES / "data" / "testmini.json")
Described = Callable[[Benchmark], list[dict[str, object]]]
METADATA = {"task": "math word problem", "skills": ["logical reasoning"]}
ROW = {
    "question": "Q?",
    "image": "images/1.png",
    "choices": None,
    "answer": "4",
    "question_type": "free_form",
    "answer_type": "integer",
    "metadata": METADATA,
}
CHOICE = {"question_type": "multi_choice", "answer_type": "text", "choices": ["3", "4"]}


def read(data: Path, **options: str) -> PublishedBenchmark:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return load({"data": str(data), **options})


def made(published: Any, *changes: Mapping[str, object]) -> Path:
    """A file of records that differ from a sound one."""
    rows = {pid: {**ROW, "pid": str(pid), **each} for pid, each in enumerate(changes)}
    path: Path = published.text("testmini.json", json.dumps(rows))
    return path


def worded(id: str, method: Method, **options: str) -> str:
    benchmark = read(HUB, **options)
    request = benchmark.request(benchmark.sample(id), method)
    picture, text = request.prompt.turns[0].parts
    assert picture == benchmark.sample(id).pictures[0]
    assert isinstance(text, str)
    return text


def test_a_thousand_samples_in_five_tasks() -> None:
    """The published counts of tasks and of every kind of view but skills add up to the whole."""
    assert sum(COUNTS.values()) == 1000
    assert sum(LABELS["question_type"].values()) == 1000
    assert sum(LABELS["answer_type"].values()) == 1000
    assert len(LABELS["skills"]) == 7


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda path: path.name)
def test_every_layout_gives_the_expected_samples(layout: Path, described: Described) -> None:
    """The hub's parquet and the authors' JSON hold one benchmark."""
    expected = json.loads((FIXTURES / "samples.json").read_text(encoding="utf-8"))

    assert described(read(layout)) == expected


def test_pictures_lie_in_rows_in_an_archive_or_in_a_folder(tmp_path: Path) -> None:
    """`images.zip` need not be unpacked, and may be."""
    shutil.copy(FIXTURES / "data" / "testmini.json", tmp_path)
    with zipfile.ZipFile(FIXTURES / "data" / "images.zip") as file:
        file.extractall(tmp_path)
    expected = [sample.pictures[0].read() for sample in samples(read(HUB))]

    for data in (FIXTURES / "data", tmp_path):
        assert [sample.pictures[0].read() for sample in samples(read(data))] == expected


def test_the_default_wording_is_the_published_query() -> None:
    """What the hub holds as `query` is built of its parts, whatever the type of the answer."""
    published = pq.read_table(HUB, columns=["pid", "query"]).to_pylist()

    for row in published:
        assert worded(row["pid"], Method.GENERATE) == row["query"]


@pytest.mark.parametrize(
    ("id", "text"),
    [
        (
            "4",
            (
                "Hint: Please answer the question and provide the correct option letter, "
                "e.g., A, B, C, D, at the end.\nQuestion: Find the angle at M.\n"
                "Choices:\n(A) 25°\n(B) 35°\n(C) 45°\n(D) 55°"
            ),
        ),
        (
            "6",
            (
                "Hint: Please answer the question requiring a floating-point number with two "
                "decimal places and provide the final value, e.g., 1.23, 1.34, 1.45, at the end.\n"
                "Question: How much do a cup and a dish cost? (Unit: $)"
            ),
        ),
        (
            "11",
            (
                "Hint: Please answer the question requiring a Python list as an answer and provide "
                "the final list, e.g., [1, 2, 3], [1.2, 1.3, 1.4], at the end.\n"
                "Question: Which two rows are alike?"
            ),
        ),
    ],
)
def test_the_hint_comes_first(id: str, text: str) -> None:
    """The prompt of the published results, to the letter."""
    assert worded(id, Method.GENERATE) == text


def test_the_other_prompt_ends_with_solution() -> None:
    """`build_query.py` puts the hint last; it is asked for by its name."""
    assert worded("2", Method.GENERATE, prompt="solution") == (
        "Question: How many bars are higher than 3?\n"
        "Hint: Please answer the question requiring an integer answer and provide the final "
        "value, e.g., 1, 2, 3, at the end.\nSolution:"
    )
    assert read(HUB).revision != read(HUB, prompt="solution").revision


def test_texts_are_ranked_without_the_hint() -> None:
    """It asks for a letter; open questions keep theirs, for they are answered with text."""
    assert worded("1", Method.RANK) == "Question: Is Teal the minimum?\nChoices:\n(A) yes\n(B) no"
    assert worded("1", Method.RANK_LETTER) == worded("1", Method.GENERATE)
    assert worded("2", Method.RANK) == worded("2", Method.GENERATE)


def test_what_is_ranked() -> None:
    """Texts of options, or a text where there are none."""
    benchmark = read(HUB)

    ranked = benchmark.request(benchmark.sample("5"), Method.RANK)
    asked = benchmark.request(benchmark.sample("10"), Method.RANK)

    assert (ranked.type, ranked.options) == (RequestType.LOGLIKELIHOOD, ("3", "4", "5", "6"))
    assert (asked.type, asked.new_tokens) == (RequestType.GENERATE, 512)


def test_what_an_ablation_changes_is_asked() -> None:
    """Question, options and pictures are the sample's; unit and hint are its id's."""
    benchmark = read(HUB)
    changed = replace(benchmark.sample("10"), question="And now?", pictures=())

    request = benchmark.request(changed, Method.GENERATE)

    assert request.prompt.pictures == ()
    assert str(request.prompt.turns[0].parts[0]).endswith("\nQuestion: And now? (Unit: years)")


@pytest.mark.parametrize(
    ("id", "text", "strict", "official"),
    [
        ("4", "(B) 35°", Mark.CORRECT, Mark.CORRECT),
        ("4", "I cannot see", Mark.UNPARSEABLE, Mark.INCORRECT),
        ("7", "0", Mark.CORRECT, Mark.CORRECT),
        ("7", "0.7", Mark.INCORRECT, Mark.CORRECT),
        ("6", "7.251", Mark.CORRECT, Mark.CORRECT),
        ("6", "the price is 7.25", Mark.CORRECT, Mark.INCORRECT),
        ("8", "1", Mark.CORRECT, Mark.CORRECT),
        ("11", "[0,2]", Mark.CORRECT, Mark.INCORRECT),
        ("11", "[0, 2]", Mark.CORRECT, Mark.CORRECT),
    ],
)
def test_two_rules_of_scoring(id: str, text: str, strict: Mark, official: Mark) -> None:
    """By the type of the answer: strict compares values, official cuts, rounds and spells."""
    for scoring, expected in {"strict": strict, "official": official}.items():
        benchmark = read(HUB, scoring=scoring)
        scorer = benchmark.scorer(Method.GENERATE)
        score = scorer(benchmark.sample(id), Answer(sample=id, text=text))
        assert (scorer.rule, score.mark) == (scoring, expected)


def test_a_letter_is_that_where_choices_are_letters_too(published: Any) -> None:
    """The hint asks for the letter of an option, so that B is the second one and not the text B."""
    points = {**CHOICE, "choices": ["B", "A", "C"], "answer": "A"}
    benchmark = read(made(published, points))

    score = benchmark.scorer(Method.GENERATE)(benchmark.sample("0"), Answer(sample="0", text="B"))

    assert (score.answer, score.mark) == ("B", Mark.CORRECT)


def test_the_test_split_has_no_answers(published: Any) -> None:
    """It is refused by its name, and its file by its empty answers."""
    with pytest.raises(SettingsError, match="mathvista's answers of the split 'test'"):
        load({"data": "nowhere", "split": "test"})
    with pytest.raises(DataError) as caught:
        read(made(published, {"answer": ""}))

    assert caught.value.problem == "answer is withheld, as all answers of the split test are."


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({**CHOICE, "answer": "5"}, "answer is '5', which is none of the choices."),
        ({**CHOICE, "choices": []}, "choices holds 0, which is not what question_type says."),
        ({"choices": ["3"]}, "choices holds 1, which is not what question_type says."),
        ({"answer": "many"}, "answer is 'many', which is no integer."),
        ({"answer_type": "list"}, "answer is '4', which is no list."),
        ({"answer_type": "float"}, "precision is empty."),
        (
            {"answer_type": "float", "precision": 3},
            "answer_type is 'float 3', for which there is no hint.",
        ),
        ({"question": None}, "question is empty."),
        ({"metadata": None}, "metadata is no record."),
        ({"metadata": {**METADATA, "task": "maths"}}, "task is 'maths', which MathVista has not."),
        (
            {"metadata": {**METADATA, "skills": ["logic"]}},
            "skills is 'logic', which MathVista has not.",
        ),
        ({"pid": "0"}, "pid 0 stands in two rows."),
    ],
)
def test_a_row_that_is_not_mathvistas(
    published: Any, change: Mapping[str, object], problem: str
) -> None:
    """The error names file, row and field."""
    with pytest.raises(DataError) as caught:
        read(made(published, {}, change))

    assert caught.value.problem == problem
    assert caught.value.facts["file"] == "testmini.json"
    assert caught.value.facts["row"] == "1 (counted from 0)"


def test_other_counts_are_warned_of() -> None:
    """Tasks and views are both compared with the published file."""
    with pytest.warns(MMBenchWarning, match="1000 samples were expected, 12 found") as caught:
        load({"data": str(HUB)})

    lines = " ".join(str(caught[0].message).split())
    assert "mathvista.math-word-problem expected 186 found 2" in lines
    assert "mathvista.skills.logical-reasoning expected 37 found 1" in lines
