import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.rows import Row
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
        (lambda row: row.text("missing"), "m.jsonl has no column 'missing'."),
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


def test_one_text_or_several(row: Row) -> None:
    """SEED-Bench-2 names one picture or a list of them; digits with an underscore are no number."""
    for stored, found in [
        ("1454426_2591111986", ("1454426_2591111986",)),
        (["task1/1.png", "task1/2.png"], ("task1/1.png", "task1/2.png")),
        ("['task1/1.png', 'task1/2.png']", ("task1/1.png", "task1/2.png")),
        (None, ()),
        ([], ()),
    ]:
        assert dataclasses.replace(row, fields={"data_id": stored}).several("data_id") == found


def test_a_row_counts_its_pictures(published: Any) -> None:
    """Without a file being looked for; the number follows a name that several pictures share."""
    text = '{"image": ["1.png", "2.png"], "other": "3.png"}\n'
    row = open_table(str(published.text("m.jsonl", text)), pictures=["image", "other"]).rows[0]

    assert [row.count(name) for name in ("image", "other", "missing")] == [2, 1, 0]
    assert [each.name for each in row.pictures("image", name="p")] == ["p-1", "p-2"]
    assert [each.name for each in row.pictures("other", name="p")] == ["p"]
    assert row.pictures("missing", name="p") == ()


def test_a_damaged_list_of_pictures_names_its_row(published: Any) -> None:
    """It is found when pictures are counted."""
    row = open_table(str(published.text("m.jsonl", '{"image": "[1.png"}')), pictures=["image"])

    with pytest.raises(DataError, match="image holds no picture") as caught:
        row.rows[0].count("image")
    assert caught.value.facts["file"] == "m.jsonl"


def test_a_file_is_looked_for_when_it_is_read(published: Any) -> None:
    """Naming a picture touches no disk: it may be put there afterwards."""
    row = open_table(str(published.text("m.jsonl", '{"id": "1"}')), pictures=[]).rows[0]
    picture = row.file("a/1.png", "b/1.png", field="id", name="p")

    with pytest.raises(DataError) as caught:
        picture.read()
    assert str(caught.value).splitlines()[:4] == [
        "mmbench: id holds no picture.",
        "  file     m.jsonl",
        "  row      0 (counted from 0)",
        "  field    id",
    ]
    published.text("b/1.png", published.picture())
    assert picture.read() == published.picture()


def test_what_an_archive_says_is_kept(published: Any) -> None:
    """An archive that is cut short is told with file, row, field and what to do about it."""
    published.text("images.zip", b"PK and no more")
    row = open_table(str(published.text("m.jsonl", '{"id": "1"}')), pictures=[]).rows[0]

    with pytest.raises(DataError) as caught:
        row.file("images/1.png", field="id", name="p").read()

    facts = caught.value.facts
    assert (facts["file"], facts["row"], facts["field"]) == ("m.jsonl", "0 (counted from 0)", "id")
    assert facts["reason"].startswith("images.zip cannot be read as a zip archive.")
    assert "cut short" in facts["what to do"]
