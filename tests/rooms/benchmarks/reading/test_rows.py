import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from pytest_mmbench.benchmarks.reading import Row, Table, open_table
from pytest_mmbench.errors import DataError


@pytest.fixture
def row(published: Any) -> Row:
    """A row of a file with fields of many kinds."""
    text = '{"n": 17, "m": "17.0", "t": " word ", "gap": "nan", "none": null, "l": ["x", 2]}\n'
    return open_table(str(published.text("m.jsonl", text)), pictures=["image"]).rows[0]


def test_fields_are_read_by_what_they_should_be(row: Row) -> None:
    """Numbers that are written as text, blanks and lists come out as they were meant."""
    assert row.integer("n") == row.integer("m") == 17
    assert row.text("t") == "word"
    assert row.verbatim("t") == " word "
    assert row.text("none", "gap", "t") == "word"
    assert row.texts("l") == ("x", "2")
    assert row.texts("none") == ()


def test_a_list_may_be_written_as_text(row: Row) -> None:
    """MMMU publishes its options as what Python prints of a list."""
    written = dataclasses.replace(row, fields={"options": "['one, two', 'three']"})

    assert written.texts("options") == ("one, two", "three")


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda row: row.text("gap"), "gap is empty."),
        (lambda row: row.text("missing"), "missing is empty."),
        (lambda row: row.integer("t"), "t is 'word', which is not a whole number."),
        (lambda row: row.texts("t"), "t is no list."),
        (lambda row: row.texts("n"), "n is 17, which is no list."),
    ],
)
def test_a_field_that_cannot_be_used(row: Row, ask: Callable[[Row], object], told: str) -> None:
    """The error names file, row and field."""
    with pytest.raises(DataError) as caught:
        ask(row)

    assert caught.value.problem == told
    assert caught.value.facts["file"] == "m.jsonl"
    assert caught.value.facts["row"] == "0 (counted from 0)"


def table(published: Any, *ids: str) -> Table:
    lines = "".join(f'{{"index": "{id}"}}\n' for id in ids)
    return open_table(str(published.text("m.jsonl", lines)), pictures=[])


def test_two_rows_of_one_id(published: Any) -> None:
    """An id that stands twice is refused with both places."""
    with pytest.raises(DataError) as caught:
        table(published, "a", "b", "a").by("index")

    assert caught.value.problem == "index a stands in two rows."
    assert caught.value.facts["row"] == "2 (counted from 0)"
    assert caught.value.facts["first in"] == "m.jsonl, row 0"


def test_a_missing_column(published: Any) -> None:
    """A column that is not there is named with the nearest that is."""
    with pytest.raises(DataError) as caught:
        table(published, "a").require("indx")

    assert caught.value.problem == "m.jsonl has no column 'indx'."
    assert caught.value.facts == {"did you mean": "'index'?", "columns": "index"}


def test_the_digest_follows_the_fields(published: Any) -> None:
    """The same rows give the same digest, another field or another size another one."""
    one = table(published, "a", "b").digest

    assert table(published, "a", "b").digest == one
    assert table(published, "a", "c").digest != one
    assert dataclasses.replace(table(published, "a", "b"), size=1).digest != one
