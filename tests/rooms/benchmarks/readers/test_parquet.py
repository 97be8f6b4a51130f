from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from publishing.pictures import grey
from publishing.tables import RAW, RAWS, STRUCT, STRUCTS
from publishing.tables import parquet as write_rows

from pytest_mmbench.benchmarks.readers import open_table, parquet
from pytest_mmbench.errors import DataError
from pytest_mmbench.records import BadRows


def write(path: Path, images: pa.Array, *, group: int = 2) -> Path:
    ids = pa.array(range(len(images)))
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"id": ids, "image": images}), path, row_group_size=group)
    return path


def test_pictures_may_be_stored_in_five_ways(published: Any) -> None:
    """Structs, bytes, lists, base64 texts and paths all give the bytes of the picture."""
    one = published.picture(1)
    published.text("pictures/1.png", one)
    columns = {
        "struct": pa.array([{"bytes": one, "path": None}], STRUCT),
        "raw": pa.array([one], pa.binary()),
        "list": pa.array([[{"bytes": one, "path": None}]], pa.list_(STRUCT)),
        "text": pa.array([published.base64(1)]),
        "named": pa.array([{"bytes": None, "path": "pictures/1.png"}], STRUCT),
    }
    pq.write_table(pa.table({"id": pa.array(["a"]), **columns}), published.folder / "all.parquet")

    table = open_table(str(published.folder / "all.parquet"), pictures=tuple(columns))

    assert table.columns == ("id", *columns)
    assert table.rows[0].fields == {"id": "a"}
    assert [table.rows[0].picture(name, name="p").read() for name in columns] == [one] * 5


def test_columns_of_rarer_types(published: Any) -> None:
    """Dictionaries, lists of one length, bytes of one length, and columns without any value."""
    one, text = published.picture(1), published.base64(1)
    columns = {
        "texts": (pa.array([text, None]).dictionary_encode(), [1, 0]),
        "raws": (pa.array([one, None]).dictionary_encode(), [1, 0]),
        "pairs": (pa.array([[one, one], None], pa.list_(pa.binary(), 2)), [2, 0]),
        "equals": (pa.array([one, None], pa.binary(len(one))), [1, 0]),
        "nothing": (pa.nulls(2), [0, 0]),
    }
    path = published.folder / "rare.parquet"
    ids = pa.array(["a", "b"]).dictionary_encode()
    pq.write_table(
        pa.table({"id": ids, **{name: each for name, (each, _) in columns.items()}}), path
    )

    rows = open_table(str(path), pictures=tuple(columns)).rows

    assert [row.fields for row in rows] == [{"id": "a"}, {"id": "b"}]
    for name, (_, found) in columns.items():
        assert [row.count(name) for row in rows] == found
        assert name == "nothing" or rows[0].picture(name, name="p").read() == one


def test_a_list_may_hold_several_pictures(published: Any) -> None:
    """Frames of a video are taken by their place."""
    frames = pa.array([[published.picture(1), published.picture(2)]])
    row = open_table(str(write(published.folder / "v.parquet", frames)), pictures=["image"]).rows[0]

    assert row.picture("image", name="p", at=1).read() == published.picture(2)
    with pytest.raises(DataError, match="holds no picture") as caught:
        row.picture("image", name="p", at=2).read()
    assert caught.value.facts["reason"] == "it holds 2 pictures, and number 2 is wanted"


def test_rows_keep_their_pictures_over_shards_and_row_groups(published: Any) -> None:
    """Whatever the order of asking, a row gives its own picture, in every shard and group."""
    for shard in range(3):
        shades = [published.picture(shard * 5 + at) for at in range(5)]
        write(published.folder / f"data/val-{shard:05}-of-00003.parquet", pa.array(shades))
        write(published.folder / f"data/train-{shard:05}-of-00003.parquet", pa.array(shades[:1]))

    table = open_table(str(published.folder), pictures=["image"], split="val")

    assert len(table.rows) == 15
    for number in (14, 0, 7, 9, 5, 4, 10, 13):
        picture = table.rows[number].picture("image", name="p")
        assert picture.read() == published.picture(number)
    assert table.rows[7].source.location(7) == ("data/val-00001-of-00003.parquet", 2)


def test_only_a_few_row_groups_stay_in_memory(
    published: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neighbours are read once; a group that is crowded out is read again, and is the same."""
    path = write(published.folder / "m.parquet", pa.array([published.picture(n) for n in range(6)]))
    files = parquet.ParquetFiles([path], folder=path.parent, cache_bytes=1)
    list(files.fields(["image"]))
    groups: list[int] = []
    read = pq.ParquetFile.iter_batches

    def noted(
        file: pq.ParquetFile, size: int, row_groups: list[int], columns: list[str]
    ) -> Iterator[pa.RecordBatch]:
        groups.extend(row_groups)
        yield from read(file, size, row_groups=row_groups, columns=columns)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", noted)

    assert [files.cell(row, "image") for row in (0, 1, 5, 4, 0)] == [
        published.picture(shade) for shade in (0, 1, 5, 4, 0)
    ]
    assert groups == [0, 2, 0]


def test_collecting_reads_no_picture(published: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a table leaves the pictures' column alone."""
    path = write(published.folder / "m.parquet", pa.array([published.picture()]))
    monkeypatch.setattr(parquet.ParquetFiles, "cell", None)

    assert open_table(str(path), pictures=["image"]).rows[0].integer("id") == 0


KINDS = {"struct": STRUCT, "structs": STRUCTS, "raw": RAW, "raws": RAWS}
pictures = st.none() | st.binary(min_size=1, max_size=20)
cells = st.fixed_dictionaries(
    {
        "struct": pictures,
        "raw": pictures,
        "structs": st.none() | st.lists(st.binary(min_size=1, max_size=20), max_size=8),
        "raws": st.none() | st.lists(st.binary(min_size=1, max_size=20), max_size=8),
    }
)


def several(stored: bytes | list[bytes] | None) -> list[bytes]:
    return [stored] if isinstance(stored, bytes) else stored or []


@given(st.lists(cells, min_size=1, max_size=7), st.integers(1, 3))
def test_every_picture_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[dict[str, bytes | list[bytes] | None]],
    group: int,
) -> None:
    """Any bytes, in every kind of column, null or not, one or eight, in any row group."""
    path = tmp_path_factory.mktemp("m") / "m.parquet"
    write_rows(path, rows, pictures=KINDS, rows_per_group=group)

    table = open_table(str(path), pictures=())

    for row, wanted in zip(table.rows, rows, strict=True):
        assert row.fields == {}
        for column in KINDS:
            assert row.count(column) == len(several(wanted[column]))
            found = [each.read() for each in row.pictures(column, name="p")]
            assert found == several(wanted[column])


def test_pictures_are_counted_without_being_read(
    published: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MMMU's seven columns and SEED's lists: what is read of them are the empty paths."""
    path = published.folder / "m.parquet"
    many = [grey(at) for at in range(8)]
    rows = [{"image_1": grey(1), "image_2": each, "frames": many} for each in (None, grey(2))]
    write_rows(path, rows, pictures={"image_1": STRUCT, "image_2": STRUCT, "frames": STRUCTS})
    read: list[str] = []
    whole = pq.ParquetFile.read_row_group

    def noted(self: Any, group: int, columns: list[str]) -> pa.Table:
        read.extend(columns)
        return whole(self, group, columns)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", noted)
    row = open_table(str(path), pictures=()).rows[0]

    assert [row.count(name) for name in ("image_1", "image_2", "frames")] == [1, 0, 8]
    assert read == ["image_1.path", "image_2.path", "frames.list.element.path"]


def test_a_struct_of_nulls_is_no_picture(published: Any) -> None:
    """Some programs write one where others write null: the footer gives it away."""
    hollow = {"bytes": None, "path": None}
    rows = [{"image": each} for each in (hollow, grey(1), None, {"bytes": None, "path": "1.png"})]
    path = write_rows(published.folder / "m.parquet", rows, pictures={"image": STRUCT})

    assert [row.count("image") for row in open_table(str(path), pictures=()).rows] == [0, 1, 0, 1]


def test_texts_are_counted_as_what_they_say(published: Any) -> None:
    """Copies that keep base64 in a column of texts have several ways to say that there is none."""
    texts = [published.base64(1), "", "nan", None, f"['{published.base64(1)}', 'x.png']"]
    rows = [{"image": each} for each in texts]
    path = write_rows(published.folder / "m.parquet", rows, pictures={})

    rows_of = open_table(str(path), pictures=["image"]).rows
    assert [row.count("image") for row in rows_of] == [1, 0, 0, 0, 2]


def test_a_column_that_is_not_there(published: Any) -> None:
    """Asking for it is an error that names the row."""
    path = write_rows(published.folder / "m.parquet", [{"id": "a"}], pictures={})
    row = open_table(str(path), pictures=()).rows[0]

    for ask in (row.picture("image", name="p").read, lambda: row.count("image")):
        with pytest.raises(DataError, match="image holds no picture") as caught:
            ask()
        assert "has no column 'image'" in caught.value.facts["reason"]
        assert caught.value.facts["row"] == "0 (counted from 0)"


def test_a_file_that_is_cut_short_is_refused(published: Any) -> None:
    """A download that broke off is named, with what to do."""
    path = write(published.folder / "m.parquet", pa.array([published.picture()]))
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(DataError) as caught:
        open_table(str(path), pictures=["image"])

    assert caught.value.problem == "m.parquet cannot be read as parquet."
    assert caught.value.facts["file"] == str(path)
    assert "cut short" in caught.value.facts["what to do"]


def test_pages_that_are_damaged_are_refused(published: Any) -> None:
    """A file whose end is whole and whose middle is not fails where the damage is asked for."""
    path = write(published.folder / "m.parquet", pa.array([published.picture()] * 4))
    whole = bytearray(path.read_bytes())
    column = pq.ParquetFile(path).metadata.row_group(1).column(1)
    start = column.dictionary_page_offset or column.data_page_offset
    whole[start : start + 16] = b"\xff" * 16
    table = open_table(str(path), pictures=["image"])
    path.write_bytes(whole)

    assert table.rows[0].picture("image", name="p").read() == published.picture()
    with pytest.raises(DataError, match=r"m\.parquet cannot be read as parquet") as caught:
        table.rows[3].picture("image", name="p").read()
    facts = caught.value.facts
    assert (facts["file"], facts["row"][0], facts["field"]) == ("m.parquet", "3", "image")


def test_a_missing_picture_names_its_row(published: Any) -> None:
    """Nothing where a picture should be is said with file, row and field."""
    images = pa.array([{"bytes": published.picture(), "path": None}, None], STRUCT)
    table = open_table(str(write(published.folder / "m.parquet", images)), pictures=["image"])

    with pytest.raises(DataError) as caught:
        table.rows[1].picture("image", name="p").read()

    assert str(caught.value).splitlines() == [
        "mmbench: image holds no picture.",
        "  file     m.parquet",
        "  row      1 (counted from 0)",
        "  field    image",
        "  reason   there is nothing in it",
    ]


def test_a_column_that_is_there_twice(published: Any) -> None:
    """Which of the two a question should show, nobody knows."""
    path = published.folder / "m.parquet"
    pq.write_table(pa.table([pa.array(["one"]), pa.array(["two"])], names=["A", "A"]), path)

    with pytest.raises(DataError, match="cannot be read as parquet") as caught:
        open_table(str(path), pictures=[])

    assert caught.value.facts["reason"] == "it has two columns 'A'"


@pytest.mark.parametrize("skip", [False, True])
def test_text_of_wrong_bytes(published: Any, *, skip: bool) -> None:
    """The row is named, and the others can be used."""
    wrong = pa.Array.from_buffers(
        pa.string(),
        3,
        [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0"), pa.py_buffer(b"a\xffc")],
    )
    path = published.folder / "m.parquet"
    pq.write_table(pa.table({"id": pa.array(["1", "2", "3"]), "question": wrong}), path)

    if skip:
        rows = open_table(str(path), pictures=[], bad_rows=BadRows.SKIP).rows
        assert [row.text("id") for row in rows] == ["1", "3"]
        assert [row.number for row in rows] == [0, 2]
    else:
        with pytest.raises(DataError, match=r"row 1 of m\.parquet holds what") as caught:
            open_table(str(path), pictures=[])
        assert caught.value.facts["row"] == "1 (counted from 0)"
