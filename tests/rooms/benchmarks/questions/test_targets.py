"""How a file writes the correct answer, and what cannot be one."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from question_files import FORMS, choices, draw, load, write_csv, write_jsonl

from pytest_mmbench.errors import DataError, MMBenchWarning, SettingsError
from pytest_mmbench.records import Answer, Mark, Method
from pytest_mmbench.testing import check_benchmark, samples

NO_PICTURES: dict[str, object] = {"columns": {"pictures": []}}


def open_row(answer: str, target: object, *accepted: str) -> dict[str, Any]:
    """An open question of that kind of answer."""
    return {"answer": answer, "target": target, "accepted": list(accepted)}


def targets(folder: Path, written: list[Any], **table: object) -> str:
    """The letters of the correct ones of three options; pictures are drawn."""
    draw(folder)
    rows = [
        {**row, "target": target}
        for row, target in zip(choices(len(written)), written, strict=True)
    ]
    benchmark = load(write_jsonl(folder, rows), **table)
    return "".join(benchmark.sample(row["id"]).target for row in rows)


@pytest.mark.parametrize(
    ("written", "letters"),
    [
        (["A", "b", "C"], "ABC"),
        (["one 0", "two 1", " three 2 "], "ABC"),
        ([0, 1, 2], "ABC"),
        (["1", "2", "3"], "ABC"),
        ([1.0, 2.0, 3.0], "ABC"),
        ([["A"], ["B"], ["C"]], "ABC"),
    ],
    ids=["letter", "text", "index-0", "index-1", "float", "list of one"],
)
def test_the_form_is_inferred(tmp_path: Path, written: list[Any], letters: str) -> None:
    """From all rows together: letters, texts of options, or numbers from 0 or 1."""
    assert targets(tmp_path, written) == letters


def test_an_ambiguous_form_has_to_be_declared(tmp_path: Path) -> None:
    """1 and 2 of three options may count from 0 or from 1: nobody guesses, and a word decides."""
    with pytest.raises(SettingsError, match=r"'1' is option B as index-0, and option A as index-1"):
        targets(tmp_path, [1, 2, 1])

    assert targets(tmp_path, [1, 2, 1], **{"target-form": "index-0"}) == "BCB"
    assert targets(tmp_path, [1, 2, 1], **{"target-form": "index-1"}) == "ABA"


def test_numbers_that_are_options(tmp_path: Path) -> None:
    """Where an option is a number, its text and its place may disagree."""
    row = {"id": "1", "question": "?", "options": ["3", "1", "2"], "target": "2"}
    path = write_csv(tmp_path, [row])

    with pytest.raises(SettingsError, match="can be read in two ways"):
        load(path, **NO_PICTURES)

    assert load(path, **NO_PICTURES, **{"target-form": "text"}).sample("1").target == "C"


def test_letters_that_are_options(tmp_path: Path) -> None:
    """Options that are letters in another order leave open which of them is meant."""
    row = {"id": "1", "question": "?", "options": ["B", "A"], "target": "A"}

    with pytest.raises(SettingsError, match="target-form"):
        load(write_csv(tmp_path, [row]), **NO_PICTURES)


def test_one_bad_row_does_not_shift_the_others(tmp_path: Path) -> None:
    """Where no form fits all, a form that means other options is no majority's to choose."""
    with pytest.raises(SettingsError, match="can be read in two ways"):
        targets(tmp_path, [0, 1, 2, 3, 1], **{"bad-rows": "skip"})


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (["A", "B", "E"], "target is 'E', which is the letter of none of 3 options."),
        (["A", "B", ""], "target is empty."),
        (["A", "B", None], "target is empty."),
        (["A", "B", "three 2"], "target is 'three 2', which is the letter of none of 3 options."),
        (["A", "B", ["A", "B"]], "target holds 2 answers, and a choice has one."),
    ],
)
def test_a_target_that_is_no_option(tmp_path: Path, written: list[Any], problem: str) -> None:
    """The row is named, and can be skipped without another meaning for the rest."""
    with pytest.raises(DataError) as caught:
        targets(tmp_path, written)

    assert caught.value.problem == problem
    assert caught.value.facts["row"] == "2 (counted from 0)"
    assert caught.value.facts["file"] == "q.jsonl"
    with pytest.warns(MMBenchWarning, match="1 of 3 rows"), pytest.raises(KeyError):
        targets(tmp_path, written, **{"bad-rows": "skip"})


def test_a_text_that_two_options_have(tmp_path: Path) -> None:
    """Then nobody knows which of them is meant."""
    rows = [{"id": "1", "question": "?", "options": ["x", "y", "x"], "target": "x"}]

    with pytest.raises(DataError, match="'x', which is the text of two of 3 options"):
        load(write_jsonl(tmp_path, rows), **NO_PICTURES, **{"target-form": "text"})


@pytest.mark.parametrize("form", FORMS)
def test_yes_and_no(tmp_path: Path, form: str) -> None:
    """In words or as true, false, 1 and 0; both are options that can be ranked."""
    words = ["yes", "No", "TRUE", "false", "1", "0"]
    rows = [{"id": f"q{at}", "question": "Is it?", "target": word} for at, word in enumerate(words)]

    benchmark = load(FORMS[form](tmp_path, rows), answer="yes-no", **NO_PICTURES)

    check_benchmark(benchmark)
    assert [benchmark.sample(f"q{at}").target for at in range(6)] == list("ABABAB")
    assert benchmark.methods() == (Method.GENERATE, Method.RANK, Method.RANK_MEAN)
    scorer = benchmark.scorer(Method.GENERATE)
    sample = benchmark.sample("q0")
    marks = [scorer(sample, Answer(sample="q0", text=text)).mark for text in ("Yes.", "no", "hm")]
    assert marks == [Mark.CORRECT, Mark.INCORRECT, Mark.UNPARSEABLE]


@pytest.mark.parametrize(
    ("row", "text", "mark"),
    [
        (open_row("number", "12"), "The answer is 12.", Mark.CORRECT),
        (open_row("number", 12), "13", Mark.INCORRECT),
        (open_row("number", "3.5", "7/2"), "3.5", Mark.CORRECT),
        (open_row("number", "1,200"), "1200", Mark.CORRECT),
        (open_row("text", "a red door"), "Red door", Mark.CORRECT),
        (open_row("text", ["car", "automobile"], "auto"), "automobile", Mark.CORRECT),
        (open_row("text", "car", "auto"), "auto", Mark.CORRECT),
        (open_row("text", "car"), "bus", Mark.INCORRECT),
    ],
)
def test_open_answers(tmp_path: Path, row: dict[str, Any], text: str, mark: Mark) -> None:
    """A number by its value and a text by its words; several answers may be accepted."""
    answer = row["answer"]
    rows = [{"id": "1", "question": "?", **row, "answer": None}]
    benchmark = load(write_jsonl(tmp_path, rows), answer=answer, **NO_PICTURES)

    check_benchmark(benchmark)
    assert benchmark.methods() == (Method.GENERATE,)
    scorer = benchmark.scorer(Method.GENERATE)
    assert scorer(benchmark.sample("1"), Answer(sample="1", text=text)).mark is mark


@pytest.mark.parametrize(
    ("answer", "target", "problem"),
    [
        ("number", "three", "target is 'three', which is no number."),
        ("number", "NaN", "target is empty."),
        ("number", "inf", "target is 'inf', which is no number."),
        ("number", ["3", "x"], "target is 'x', which is no number."),
        ("text", "...", "target is '...', which the scorer cannot read as an answer."),
        (
            "text",
            "a b c d e f g h i j",
            "target is 'a b c d e f g h i j', which the scorer cannot read as an answer.",
        ),
        ("text", [], "target holds no answer."),
        ("text", ["car", ""], "target holds an empty answer."),
        ("yes-no", "maybe", "target is 'maybe', which is neither yes nor no."),
    ],
)
def test_an_answer_that_nobody_could_give(
    tmp_path: Path, answer: str, target: Any, problem: str
) -> None:
    """A reference that is no number, is empty, or that its own scorer refuses, is a bad row."""
    row = {"id": "1", "question": "?", "target": target}

    with pytest.raises(DataError) as caught:
        load(write_jsonl(tmp_path, [row]), answer=answer, **NO_PICTURES)

    assert problem in (caught.value.problem, caught.value.problem.replace("[]", ""))
    assert caught.value.facts["row"] == "0 (counted from 0)"


def test_mixed_kinds_of_questions(tmp_path: Path) -> None:
    """A question with options among open ones is a bad row, and so is an open one among others."""
    rows: list[dict[str, Any]] = [
        {"id": "1", "question": "?", "options": ["x", "y"], "target": "A"},
        {"id": "2", "question": "?", "options": [], "target": "5"},
    ]
    path = write_jsonl(tmp_path, rows)

    with pytest.raises(DataError, match="holds no options") as no_options:
        load(path, **NO_PICTURES)
    with pytest.raises(DataError, match='answer = "number" has none') as has_options:
        load(path, answer="number", **NO_PICTURES)

    assert no_options.value.facts["row"].startswith("1 ")
    assert has_options.value.facts["row"].startswith("0 ")


@given(
    answer=st.sampled_from(["number", "text"]),
    target=st.text(max_size=20) | st.floats().map(str) | st.integers().map(str),
)
@settings(max_examples=80)
def test_every_accepted_reference_can_be_reached(
    tmp_path_factory: pytest.TempPathFactory, answer: str, target: str
) -> None:
    """Either a reference is refused by name, or a model that gives it verbatim is right."""
    folder = tmp_path_factory.mktemp("law")
    row = {"id": "1", "question": "?", "target": target}
    try:
        benchmark = load(write_jsonl(folder, [row]), answer=answer, **NO_PICTURES)
    except DataError:
        return  # it was refused, and no model is asked
    (sample,) = samples(benchmark)
    for text in (sample.target, *sample.accepted):
        score = benchmark.scorer(Method.GENERATE)(sample, Answer(sample="1", text=text))
        assert score.mark is Mark.CORRECT
