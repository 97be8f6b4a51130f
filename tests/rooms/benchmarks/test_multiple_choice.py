import json
from typing import Any

import pytest

from pytest_mmbench.benchmarks.multiple_choice import options_of, target_letter
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
        ({"question": "Q?"}, "A () are no options."),
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
