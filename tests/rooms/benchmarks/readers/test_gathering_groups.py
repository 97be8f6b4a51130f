import warnings
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publishing.tables import json_file

from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import BuiltSamples, build_grouped_samples
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError, MMBenchWarning
from pytest_mmbench.records import BadRows


def table(published: Any, *records: object, bad_rows: BadRows = BadRows.ERROR) -> Table:
    path = json_file(published.folder / "m.jsonl", list(records))
    return open_table(str(path), pictures=[], bad_rows=bad_rows)


def pair(id: str, rows: Sequence[Row]) -> str:
    """What a benchmark makes of a pair: here, its answers."""
    if len(rows) != 2:
        raise rows[0].error("picture", f"{id} has {len(rows)} questions.")
    return "".join(row.text("answer") for row in rows)


def gathered(rows: Table) -> BuiltSamples[str]:
    return build_grouped_samples(rows, pair, by=lambda row: row.text("picture"))


def question(picture: str | None, answer: str) -> dict[str, str | None]:
    return {"picture": picture, "answer": answer}


def test_rows_that_belong_together_need_not_be_neighbours(published: Any) -> None:
    """Groups stand in the order of their first rows, and rows in that of the data."""
    rows = [question("b", "1"), question("a", "2"), question("a", "3"), question("b", "4")]

    found = gathered(table(published, *rows))

    assert list(found.items.items()) == [("b", "14"), ("a", "23")]
    assert found.skipped == ()


@pytest.mark.parametrize(
    ("rows", "row", "problem"),
    [
        ([question("a", "1")], 0, "picture a has 1 questions."),
        ([question("a", "1")] * 3, 0, "picture a has 3 questions."),
        ([question("a", "1"), question("a", "")], 1, "answer is empty."),
        ([question("a", "1"), question(None, "2")], 1, "picture is empty."),
    ],
)
def test_a_bad_group_ends_it(
    published: Any, rows: Sequence[object], row: int, problem: str
) -> None:
    """Unless it is asked otherwise: with file, row and field."""
    with pytest.raises(DataError) as caught:
        gathered(table(published, *rows))

    assert caught.value.problem == problem
    assert caught.value.facts["row"] == f"{row} (counted from 0)"


def test_a_bad_group_is_left_out_whole(published: Any) -> None:
    """The warning counts rows, also those that nothing is wrong with but their company."""
    rows = [question("a", "1"), question("b", "2"), question("a", ""), question("b", "3"), "torn"]

    with pytest.warns(MMBenchWarning) as caught:
        found = gathered(table(published, *rows, bad_rows=BadRows.SKIP))

    assert found.items == {"b": "23"}
    assert len(found.skipped) == 2
    told, *lines = str(caught[0].message).splitlines()
    assert told.startswith("3 of 5 rows of m.jsonl cannot be used and are left out")
    assert lines == [
        "  m.jsonl, row 4: record 4 of m.jsonl is no object.",
        "  m.jsonl, row 2: answer is empty.",
    ]


def test_nothing_but_bad_groups_is_refused(published: Any) -> None:
    """No gate must look like a pass."""
    rows = [question("a", "1"), question("b", "2")]

    with pytest.raises(DataError, match=r"not one of the 2 rows of m.jsonl can be used."):
        gathered(table(published, *rows, bad_rows=BadRows.SKIP))


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=16))
def test_no_row_is_lost_or_counted_twice(
    tmp_path_factory: pytest.TempPathFactory, pictures: Sequence[str]
) -> None:
    """Pairs are kept, and the others are told of, one error for each group."""
    records = [question(picture, "x") for picture in ["z", "z", *pictures]]
    path = json_file(tmp_path_factory.mktemp("m") / "m.jsonl", records)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        found = gathered(open_table(str(path), pictures=[], bad_rows=BadRows.SKIP))

    pairs = {picture for picture in pictures if pictures.count(picture) == 2}
    assert set(found.items) == pairs | {"z"}
    assert len(found.skipped) == len(set(pictures) - pairs)
