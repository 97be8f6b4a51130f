import warnings
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publishing.tables import json_file

from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import (
    BuiltSamples,
    build_grouped_samples,
    build_samples,
)
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError, MMBenchWarning
from pytest_mmbench.records import BadRows, Sample


def table(published: Any, *records: object, bad_rows: BadRows = BadRows.ERROR) -> Table:
    path = json_file(published.folder / "m.jsonl", list(records))
    return open_table(str(path), pictures=[], bad_rows=bad_rows)


def letter(id: str, row: Row) -> str:
    """What a benchmark makes of a row: here, its answer."""
    found = row.text("answer")
    if found not in "ABCD":
        raise row.error("answer", f"is {found!r}, which is no letter.")
    return f"{id}{found}"


def record(id: str | None, answer: str) -> dict[str, str | None]:
    return {"id": id, "answer": answer}


GOOD = record("1", "A")
BAD = (record("2", "E"), record("1", "B"), record(None, "C"), record("3", ""), "no object")
PROBLEMS = (
    "answer is 'E', which is no letter.",
    "id 1 stands in two rows.",
    "id is empty.",
    "answer is empty.",
    "record 1 of m.jsonl is no object.",
)


def test_what_is_made_of_good_rows(published: Any) -> None:
    """By id, in the order of the data, without a word."""
    found = build_samples(table(published, GOOD, record("0", "D")), letter, id="id")

    assert list(found.items.items()) == [("1", "1A"), ("0", "0D")]
    assert found.errors == ()


def test_an_id_that_became_a_float_is_the_same(published: Any) -> None:
    """Programs that read a column with a gap make 7.0 of 7; a version is no number."""
    rows = [{"id": 7.0, "answer": "A"}, record("8.0", "B"), record("1.2.0", "C")]

    assert list(build_samples(table(published, *rows), letter, id="id").items) == [
        "7",
        "8",
        "1.2.0",
    ]


@pytest.mark.parametrize(("bad", "problem"), list(zip(BAD, PROBLEMS, strict=True)))
def test_a_bad_row_ends_it(published: Any, bad: object, problem: str) -> None:
    """Unless it is asked otherwise: with file, row and field."""
    with pytest.raises(DataError) as caught:
        build_samples(table(published, GOOD, bad), letter, id="id")

    assert caught.value.problem == problem
    assert caught.value.facts["file"] == "m.jsonl"
    assert caught.value.facts["row"] == "1 (counted from 0)"
    assert caught.value.facts["field"]


def test_an_id_that_stands_twice_has_two_places(published: Any) -> None:
    """Both of them are told."""
    with pytest.raises(DataError) as caught:
        build_samples(table(published, GOOD, record("2", "B"), GOOD), letter, id="id")

    assert caught.value.facts["row"] == "2 (counted from 0)"
    assert caught.value.facts["first in"] == "m.jsonl, row 0"


def test_bad_rows_are_skipped_counted_and_shown(published: Any) -> None:
    """All that is good is kept; a warning has the count, and the first of what was wrong."""
    rows = table(published, BAD[0], GOOD, *BAD[1:], record("4", "D"), bad_rows=BadRows.SKIP)

    with pytest.warns(MMBenchWarning) as caught:
        found = build_samples(rows, letter, id="id")

    assert found.items == {"1": "1A", "4": "4D"}
    assert sorted(each.problem[:9] for each in found.errors) == sorted(
        problem.replace("record 1", "record 5")[:9] for problem in PROBLEMS
    )
    told, *lines = str(caught[0].message).splitlines()
    assert told.startswith("5 of 7 rows of m.jsonl cannot be used and are left out")
    assert lines == [
        "  m.jsonl, row 5: record 5 of m.jsonl is no object.",
        "  m.jsonl, row 0: answer is 'E', which is no letter.",
        "  m.jsonl, row 2: id 1 stands in two rows.",
        "  and 2 more",
    ]


def test_a_table_of_bad_rows_alone_is_refused(published: Any) -> None:
    """Nothing is left to be judged: it must not look like a pass."""
    rows = table(published, *BAD, bad_rows=BadRows.SKIP)

    with pytest.raises(DataError) as caught:
        build_samples(rows.where(lambda row: row.optional("answer") != "B"), letter, id="id")

    assert caught.value.problem == "not one of the 4 rows of m.jsonl can be used."
    assert caught.value.facts["first row"] == "record 4 of m.jsonl is no object."


def test_other_faults_are_not_swallowed(published: Any) -> None:
    """Only what is said of a row makes it bad: a fault of the program ends the run."""

    def broken(id: str, row: Row) -> str:
        raise KeyError(id)

    with pytest.raises(KeyError):
        build_samples(table(published, GOOD, bad_rows=BadRows.SKIP), broken, id="id")


def kept(rows: Table) -> BuiltSamples[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return build_samples(rows, letter, id="id")


@given(st.lists(st.tuples(st.sampled_from("123456"), st.sampled_from("ABCDEF")), max_size=12))
def test_no_row_is_lost_or_counted_twice(
    tmp_path_factory: pytest.TempPathFactory, pairs: Sequence[tuple[str, str]]
) -> None:
    """Kept and skipped rows add up to all rows, and what is kept is what is good."""
    records = [GOOD, *(record(id, answer) for id, answer in pairs)]
    path = json_file(tmp_path_factory.mktemp("m") / "m.jsonl", records)

    found = kept(open_table(str(path), pictures=[], bad_rows=BadRows.SKIP))

    assert len(found.items) + len(found.errors) == len(records)
    usable = {id for id, answer in pairs if answer in "ABCD"}
    assert set(found.items) == usable | {"1"}


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
    assert found.errors == ()


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
    assert len(found.errors) == 2
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
def test_no_row_of_a_group_is_lost_or_counted_twice(
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
    assert len(found.errors) == len(set(pictures) - pairs)


@pytest.mark.parametrize(
    ("options", "target", "problem"),
    [
        (("one", " ", "three"), "A", "B is the letter of an option without text."),
        (("one", "two"), "C", "target is 'C', which is the letter of none of 2 options."),
        (("one", "two"), "b", "target is 'b', which is the letter of none of 2 options."),
        (("one", "two"), "", "target is '', which is the letter of none of 2 options."),
        (("x",) * 27, "A", "options are 27, and there are 26 letters for them."),
    ],
)
def test_a_question_that_nobody_can_answer(
    published: Any, options: tuple[str, ...], target: str, problem: str
) -> None:
    """Also of a benchmark that this project has not written: its rows are bad as any others."""

    def sample(id: str, row: Row) -> Sample:
        shown = options if row.text("answer") == "B" else ("one", "two")
        return Sample(id=id, dimension="x", question="Q?", options=shown, target=target)

    rows = [record("1", "B"), record("2", "A")]
    with pytest.raises(DataError) as caught:
        build_samples(table(published, *rows), sample, id="id")

    assert caught.value.problem == problem
    assert caught.value.facts["row"] == "0 (counted from 0)"


def test_an_id_of_thousands_of_characters(published: Any) -> None:
    """Every report would repeat it."""
    with pytest.raises(DataError, match=r"id has 5,000 characters"):
        build_samples(table(published, record("x" * 5000, "A")), letter, id="id")
