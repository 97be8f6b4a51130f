import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.benchmarks.multiple_choice import options_of, read_options, target_letter
from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.errors import DataError


def row(published: Any, **fields: object) -> Row:
    path = published.text("c.jsonl", json.dumps(fields) + "\n")
    return open_table(str(path), pictures=[]).rows[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"choices": ["one ", "two"]},
        {"choices": "['one ', 'two']"},
        {"A": "one ", "B": "two"},
        {"A": "one ", "B": "two", "C": "nan", "D": ""},
    ],
)
def test_options_are_a_list_or_columns(published: Any, fields: dict[str, object]) -> None:
    """Verbatim, and as many as are there."""
    assert options_of(row(published, **fields), "choices", columns="ABCD") == ("one ", "two")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"choices": ["one"]}, "choices ('one',) are no options."),
        ({"choices": ["one", " "]}, "choices ('one', ' ') are no options."),
        ({"A": "one"}, "A ('one',) are no options."),
        ({"A": "one", "C": "three"}, "B is empty, and C is not."),
        ({"A": "nan", "B": "two"}, "A is empty, and B is not."),
        ({"question": "Q?"}, "c.jsonl has no column 'choices'."),
    ],
)
def test_what_is_no_list_of_options(
    published: Any, fields: dict[str, object], problem: str
) -> None:
    """Letters must not move: a gap is an error, and so is a single option."""
    with pytest.raises(DataError) as caught:
        options_of(row(published, **fields), "choices", columns="ABCD")

    assert caught.value.problem == problem


@pytest.mark.parametrize("answer", ["B", "b", 1, "1", " B "])
def test_the_right_one_is_a_letter_or_an_index(published: Any, answer: object) -> None:
    """Indices count from 0."""
    assert target_letter(row(published, answer=answer), "answer", ("one", "two")) == "B"


@pytest.mark.parametrize("answer", ["C", 2, "-1", "AB", "one"])
def test_what_is_no_right_one(published: Any, answer: object) -> None:
    """The error says how many options there are."""
    with pytest.raises(DataError) as caught:
        target_letter(row(published, answer=answer), "answer", ("one", "two"))

    assert caught.value.problem == f"answer is {str(answer)!r}, and there are 2 options."


@pytest.mark.parametrize("answer", ["9" * 5000, "\u0665" * 5000, "x" * 100_000])
def test_an_answer_of_any_length(published: Any, answer: str) -> None:
    """Python reads no index of so many digits, and no error repeats them."""
    with pytest.raises(DataError, match=r"^mmbench: answer is '") as caught:
        target_letter(row(published, answer=answer), "answer", ("one", "two"))

    assert len(caught.value.problem) <= 300


FOUR = ("one", "two", "three", "four")


@pytest.mark.parametrize(
    ("question", "options"),
    [
        ("Q?\nOptions: A: one, B: two, C: three, D: four", FOUR),
        ("Q?\nOptions:A: one,B: two, C:three, D: four ", FOUR),
        ("Q?\nOptions:\nA: one\nB: two\nC: three\nD: four", FOUR),
        ("Q?\nOptions:\nA. one\nB. two\nC. three\nD. four", FOUR),
        ("Q?\nChoices:\n(A) one\n(B) two\n(C) three\n(D) four", FOUR),
        ("Q?\nChoices: (A) one (B) two", ("one", "two")),
        ("Q?\nOptions: A: Yes, B: No, C: nan, D: nan", ("Yes", "No")),
        ("Q?\nOptions: A: in, out, B: 1,000, C: x: y, D: two", ("in, out", "1,000", "x: y", "two")),
        ("Q?\nOptions: A: 12:30, B: 1:15", ("12:30", "1:15")),
        (
            "Q?\nChoices:\n(A) one\n(B) both (A) and (C)\n(C) three",
            ("one", "both (A) and (C)", "three"),
        ),
        ("Options: of whom?\nOptions: A: one, B: two", ("one", "two")),
        ("Q?\nOptions: A: one, B: nan, C: three, D: nan", ("one", "nan", "three")),
    ],
)
def test_options_are_read_out_of_the_question(question: str, options: tuple[str, ...]) -> None:
    """Each published layout gives its texts; commas stay, and options that are missing go."""
    assert read_options(question).options == options


@pytest.mark.parametrize(
    "question",
    [
        "How many are there?",
        "Q?\nOptions: one, two, three",
        "Q?\nOptions: A: one",
        "Q?\nOptions: B: one, C: two",
        "Q?\nOptions: A: one, B: two, B: three, C: four",
        "Q?\nOptions: A: , B: two",
        "Q?\nOptions: A: nan, B: nan",
        "",
    ],
)
def test_what_is_ambiguous_is_not_read(question: str) -> None:
    """Where nobody knows where an option begins or ends, there are none, and nothing is cut off."""
    found = read_options(question)

    assert found.options == ()
    assert found.stem == question.strip()


words = st.text("abc XY,.", min_size=1, max_size=8).map(str.strip).filter(bool)


@given(words, st.lists(words.filter(lambda text: text.lower() != "nan"), min_size=2, max_size=4))
def test_what_was_written_is_read_back(stem: str, options: list[str]) -> None:
    """Any options in either layout come back, and the question without them."""
    inline = ", ".join(f"{at}: {text}" for at, text in zip("ABCD", options, strict=False))
    listed = "\n".join(f"({at}) {text}" for at, text in zip("ABCD", options, strict=False))

    for question in (f"{stem}\nOptions: {inline}", f"{stem}\nChoices:\n{listed}"):
        found = read_options(question)
        assert found.options == tuple(options)
        assert found.stem == stem
