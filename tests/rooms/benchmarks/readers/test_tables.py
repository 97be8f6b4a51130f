import dataclasses
from typing import Any

import pytest
from publishing.tables import json_file

from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError
from pytest_mmbench.records import BadRows

DIAGRAM = {
    "imageName": "0.png",
    "questions": {
        "What eats grass?": {"questionId": "0.png-0", "correctAnswer": 1},
        "What is A?": {"questionId": "0.png-1", "correctAnswer": 0},
    },
}


def table(published: Any, *ids: str) -> Table:
    lines = "".join(f'{{"index": "{id}"}}\n' for id in ids)
    return open_table(str(published.text("m.jsonl", lines)), pictures=[])


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


def test_rows_are_chosen(published: Any) -> None:
    """Those of a split keep their places in the file."""
    chosen = table(published, "a", "b", "c").where(lambda row: row.text("index") != "b")

    assert [row.text("index") for row in chosen.rows] == ["a", "c"]
    assert [row.source.location(row.number) for row in chosen.rows] == [
        ("m.jsonl", 0),
        ("m.jsonl", 2),
    ]


def test_a_row_of_which_it_cannot_be_said_is_a_bad_row(published: Any) -> None:
    """A split that is not there may end the run, or not, as for any other field."""
    path = published.text("m.jsonl", '{"split": "test"}\n{"split": null}\n')

    def test(bad_rows: BadRows) -> Table:
        rows = open_table(str(path), pictures=[], bad_rows=bad_rows)
        return rows.where(lambda row: row.text("split") == "test")

    with pytest.raises(DataError, match="split is empty"):
        test(BadRows.ERROR)
    assert len(test(BadRows.SKIP).rows) == len(test(BadRows.SKIP).bad_row_errors) == 1


def unfolded(published: Any, *records: object, bad_rows: BadRows = BadRows.ERROR) -> Table:
    path = json_file(published.folder / "m.jsonl", list(records))
    whole = open_table(str(path), pictures=["imageName"], bad_rows=bad_rows)
    return whole.unfolded("questions", key="question")


def test_questions_of_one_diagram_become_rows(published: Any) -> None:
    """AI2D keeps them under their texts; each knows the diagram's fields, and its picture."""
    published.text("0.png", published.picture(4))
    found = unfolded(published, DIAGRAM)

    assert found.columns == ("imageName", "question", "questionId", "correctAnswer")
    assert [row.text("question") for row in found.rows] == ["What eats grass?", "What is A?"]
    assert [row.integer("correctAnswer") for row in found.rows] == [1, 0]
    assert found.rows[1].picture("imageName", name="p").read() == published.picture(4)


def test_a_list_of_records_is_unfolded_too(published: Any) -> None:
    """Their places in the list take the place of names."""
    found = unfolded(published, {"questions": [{"text": "one"}, {"text": "two"}]})

    assert [row.fields for row in found.rows] == [
        {"question": 0, "text": "one"},
        {"question": 1, "text": "two"},
    ]


@pytest.mark.parametrize("questions", [[], {}])
def test_a_diagram_without_questions_is_no_row(published: Any, questions: object) -> None:
    """Nothing is asked of it, and nothing is wrong with it."""
    assert len(unfolded(published, {"questions": questions}, DIAGRAM).rows) == 2


@pytest.mark.parametrize("questions", [None, "text", ["text"], {"Q?": "text"}])
def test_what_holds_no_records(published: Any, questions: object) -> None:
    """It is told with its row, or left out with it."""
    bad = {"questions": questions}
    with pytest.raises(DataError, match="questions holds no records") as caught:
        unfolded(published, DIAGRAM, bad)
    skipped = unfolded(published, DIAGRAM, bad, bad_rows=BadRows.SKIP)

    assert caught.value.facts["row"] == "1 (counted from 0)"
    assert len(skipped.rows) == 2
    assert [each.problem for each in skipped.bad_row_errors] == ["questions holds no records."]


def test_rows_are_given_more_fields(published: Any) -> None:
    """Such as an id for files that have none: what is made comes beside what was there."""
    extended = table(published, "a", "b").extended(lambda row: {"id": f"row {row.number}"})

    assert extended.columns == ("index", "id")
    assert [dict(row.fields) for row in extended.rows] == [
        {"index": "a", "id": "row 0"},
        {"index": "b", "id": "row 1"},
    ]


def test_a_row_that_cannot_be_given_more_is_a_bad_row(published: Any) -> None:
    """It ends the reading, or it is left out where bad rows are."""

    def made(row: Row) -> dict[str, object]:
        return {"number": row.integer("index")}

    whole = table(published, "1", "b")
    with pytest.raises(DataError, match="index is 'b'"):
        whole.extended(made)

    left = dataclasses.replace(whole, bad_rows=BadRows.SKIP).extended(made)
    assert ([row.fields["number"] for row in left.rows], len(left.bad_row_errors)) == ([1], 1)
