import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.benchmarks.readers import open_table, tsv
from pytest_mmbench.errors import DataError
from pytest_mmbench.records import BadRows


def problem(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        open_table(str(path), pictures=["image"])
    return caught.value.problem


def test_fields_and_pictures(published: Any) -> None:
    """Texts are read at once, pictures by their place in the file."""
    path = published.tsv(
        "m.tsv",
        ("index", "image", "question"),
        ("0", published.base64(1), '"two ""lines""\nand a\ttab"'),
        ("1", published.base64(2), "plain"),
    )

    table = open_table(str(path), pictures=["image"])

    assert [row.fields["question"] for row in table.rows] == ['two "lines"\nand a\ttab', "plain"]
    assert [row.picture("image", name="p").read() for row in table.rows] == [
        published.picture(1),
        published.picture(2),
    ]


# What the csv module writes, it must be possible to read; a lone carriage return is none of TSV's.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12)


@given(st.lists(st.lists(texts, min_size=3, max_size=3), min_size=1, max_size=5))
def test_it_reads_what_the_csv_module_writes(rows: list[list[str]]) -> None:
    """Any text comes back as it was, with quotes, tabs and line breaks in any place."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerows([["x", *row] for row in rows])
    stored = file.getvalue().encode()

    found: list[list[str]] = []
    rest = b""
    for line in io.BytesIO(stored):
        rest += line
        spans = tsv._spans(rest)
        if spans is not None:
            found.append([span.text(rest) for span in spans][1:])
            rest = b""

    assert rest == b""
    assert found == rows


def test_a_byte_order_mark_and_windows_lines(published: Any) -> None:
    """Files that went through other programs are read as they were meant."""
    path = published.text("m.tsv", "\ufeffindex\tquestion\r\n0\tone\r\n\r\n1\ttwo\r\n")

    table = open_table(str(path), pictures=[])

    assert table.columns == ("index", "question")
    assert [row.text("question") for row in table.rows] == ["one", "two"]


def test_a_short_picture_refers_to_another_row(published: Any) -> None:
    """A number in place of a picture is the index of the row that has it."""
    path = published.tsv(
        "m.tsv", ("index", "image"), ("7", published.base64(3)), ("1000007", "7"), ("8", "6")
    )
    table = open_table(str(path), pictures=["image"])

    assert table.rows[1].picture("image", name="p").read() == published.picture(3)
    with pytest.raises(DataError) as caught:
        table.rows[2].picture("image", name="p").read()
    assert "index 6, which is not there" in caught.value.facts["reason"]


def test_indices_may_have_become_floats(published: Any) -> None:
    """On either side of a reference."""
    path = published.tsv(
        "m.tsv",
        ("index", "image"),
        *[("7.0", published.base64(3)), ("1000007.0", "7"), ("2000007.0", "7.0")],
    )
    first, *copies = open_table(str(path), pictures=["image"]).rows

    assert first.fields == {"index": "7.0"}
    for copy in copies:
        assert copy.picture("image", name="p").read() == published.picture(3)


def test_a_reference_is_a_field_too(published: Any) -> None:
    """It says which rows show one picture, and no picture has to be read for that."""
    path = published.tsv("m.tsv", ("index", "image"), ("7", published.base64(3)), ("1000007", "7"))

    first, copy = open_table(str(path), pictures=["image"]).rows

    assert (first.optional("image"), copy.optional("image")) == ("", "7")


def test_circular_copies_share_one_picture(published: Any) -> None:
    """MMBench's copies have the index of the row in which it lies; it is kept once."""
    path = published.tsv(
        "m.tsv",
        ("index", "answer", "image"),
        ("241", "B", published.base64(3)),
        ("1000241", "A", "241"),
        ("2000241", "C", "241"),
    )
    table = open_table(str(path), pictures=["image"])

    assert [row.integer("index") % 1_000_000 for row in table.rows] == [241] * 3
    assert [row.count("image") for row in table.rows] == [1] * 3
    assert {row.picture("image", name="p").read() for row in table.rows} == {published.picture(3)}


@pytest.mark.parametrize(
    ("cell", "count"), [("", 0), ("nan", 0), ("{one}", 1), ("['{one}', '{one}']", 2), ("1", 1)]
)
def test_pictures_are_counted(published: Any, cell: str, count: int) -> None:
    """None, one, several as MMMU's copy writes them, or a reference to another row's one."""
    one = published.base64(3)
    path = published.tsv("m.tsv", ("index", "image"), ("0", cell.format(one=one)), ("1", one))
    row = open_table(str(path), pictures=["image"]).rows[0]

    assert row.count("image") == count
    assert [each.read() for each in row.pictures("image", name="p")] == [
        published.picture(3)
    ] * count


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"index\timage\n0\ta\0b\n", "line 2 of m.tsv holds a NUL byte."),
        (b"index\timage\n0\tx\n1", "line 3 of m.tsv has 1 fields, and the header has 2."),
        (b'index\timage\n0\t"x\n1\ty\n', "line 2 of m.tsv has a quote that does not close"),
        (b'index\timage\n0\t"x"y\n', "line 2 of m.tsv has a quote that does not close"),
        (b"index\timage\tquestion\n0\tx\t\xff\n", "line 2 of m.tsv is not UTF-8 text."),
        (b"ind\0ex\timage\n0\tx\n", "line 1 of m.tsv is no header."),
        (b"index\timage\n", "m.tsv holds no rows."),
        (b"", "m.tsv holds no rows."),
    ],
)
def test_damage_is_told_with_its_line(published: Any, text: bytes, told: str) -> None:
    """What no writer of TSV would write is refused, with the line on which it stands."""
    assert told in problem(published.text("m.tsv", text))


def test_damage_is_told_with_its_row_and_field(published: Any) -> None:
    """Rows are counted as they lie in the file, the header left out."""
    path = published.text("m.tsv", b"index\timage\n0\tx\n\n1\ta\0b\n")

    with pytest.raises(DataError) as caught:
        open_table(str(path), pictures=["image"])

    assert caught.value.problem == "line 4 of m.tsv holds a NUL byte."
    assert caught.value.facts["file"] == str(path)
    assert caught.value.facts["row"] == "1 (counted from 0)"
    assert caught.value.facts["field"] == "image"


DAMAGED = (b"9\ta\0b", b"9", b'9\t"x', b'9\t"x"y', b"\xff\tx", b"9\tx\ty", b'"')


@pytest.mark.parametrize("bad", DAMAGED)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_damaged_row_loses_no_other(published: Any, bad: bytes, place: int) -> None:
    """Where bad rows are skipped, a quote that stays open swallows nothing but its own line."""
    picture = published.base64(3).encode()
    good = [b"0\t" + picture, b'1\t"' + picture + b'"']
    lines = [*good[:place], bad, *good[place:]]
    path = published.text("m.tsv", b"index\timage\n" + b"\n".join(lines) + b"\n")

    table = open_table(str(path), pictures=["image"], bad_rows=BadRows.SKIP)

    assert [row.text("index") for row in table.rows] == ["0", "1"]
    assert [row.picture("image", name="p").read() for row in table.rows] == [
        published.picture(3)
    ] * 2
    (broken,) = table.bad_row_errors
    assert broken.facts["row"] == f"{place} (counted from 0)"
    assert broken.problem.startswith(f"line {place + 2} of m.tsv ")
    assert [row.source.location(row.number)[1] for row in table.rows] == [
        each for each in range(3) if each != place
    ]


@pytest.mark.parametrize("stored", ["", "nothing!", "abc"])
def test_a_picture_that_is_none(published: Any, stored: str) -> None:
    """Empty cells and damaged base64 are found when the picture is asked for."""
    path = published.tsv("m.tsv", ("index", "image"), ("0", stored))
    row = open_table(str(path), pictures=["image"]).rows[0]

    with pytest.raises(DataError, match="image holds no picture"):
        row.picture("image", name="p").read()


def test_thousands_of_rows_are_read_quickly(published: Any) -> None:
    """24,000 rows with pictures of 3 kB cost no more than a moment, and no picture's memory."""
    picture = "A" * 4000
    rows = (f"{at}\twhat is number {at}?\t{picture}\n" for at in range(24_000))
    path = published.text("m.tsv", "index\tquestion\timage\n" + "".join(rows))

    table = open_table(str(path), pictures=["image"])

    assert len(table.rows) == 24_000
    assert table.rows[-1].text("question") == "what is number 23999?"


SHEET = 'index\tquestion\timage\n1\t"Wo, ""hier""; dort?"\tiVBORw0KGgo=\n2\tZwei\t1\n'


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["sheet.tsv", "sheet.txt"])
def test_a_spreadsheets_unicode_text(published: Any, name: str, encoding: str) -> None:
    """Pictures and references too: the file is read whole, and made UTF-8."""
    path = published.text(name, SHEET.encode(encoding))

    table = open_table(str(path), pictures=["image"])

    assert table.columns == ("index", "question", "image")
    assert [row.text("question") for row in table.rows] == ['Wo, "hier"; dort?', "Zwei"]
    assert [row.picture("image", name="p").read()[:4] for row in table.rows] == [b"\x89PNG"] * 2


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_file(published: Any, separator: str) -> None:
    """Commas, or what a spreadsheet writes where a comma is the decimal point."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator)
    writer.writerow(["index", "question", "A"])
    writer.writerow(["1", 'a, b; c\td "e"\nf', "1,5"])
    path = published.text("m.csv", file.getvalue())

    (row,) = open_table(str(path), pictures=[]).rows

    assert row.verbatim("question") == 'a, b; c\td "e"\nf'
    assert row.text("A") == "1,5"


def test_a_csv_file_of_another_encoding_is_refused_by_name(published: Any) -> None:
    """Spreadsheets write the code page of their machine unless they are told not to."""
    path = published.text("m.csv", "index,question\n1,é\n".encode("cp1252"))

    with pytest.raises(DataError, match="is not UTF-8 text") as caught:
        open_table(str(path), pictures=[])

    assert "CSV UTF-8" in caught.value.facts["what to do"]
    assert caught.value.facts["field"] == "question"


def test_a_column_that_is_there_twice(published: Any) -> None:
    """Which of the two a question should show, nobody knows."""
    path = published.tsv("m.tsv", ["index", "A", "A"], ["1", "one", "two"])

    with pytest.raises(DataError, match=r"line 1 of m\.tsv names the column 'A' twice"):
        open_table(str(path), pictures=[])


def test_short_cells_of_pictures_stay_in_memory(published: Any) -> None:
    """Paths are read once with their rows, and the file is not opened for each of them."""
    path = published.tsv(
        "q.tsv", ("index", "image"), ("1", "a.png"), ("2", '"[""a.png"", ""b.png""]"')
    )
    first, second = tsv.read_tsv(path, ["image"]).rows
    path.unlink()

    assert first.source.cell(first.number, "image") == "a.png"
    assert (first.count("image"), second.count("image")) == (1, 2)
    assert second.source.cell(second.number, "image") == '["a.png", "b.png"]'
