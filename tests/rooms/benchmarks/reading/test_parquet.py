from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mmbench.benchmarks.reading import open_table, parquet
from pytest_mmbench.errors import DataError

STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


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
    assert table.rows[7].source.place(7) == ("data/val-00001-of-00003.parquet", 2)


def test_only_a_few_row_groups_stay_in_memory(
    published: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neighbours are read once; a group that is crowded out is read again, and is the same."""
    path = write(published.folder / "m.parquet", pa.array([published.picture(n) for n in range(6)]))
    files = parquet.ParquetFiles([path], folder=path.parent, kept=1)
    list(files.fields(["image"]))
    groups: list[int] = []
    read = files._read

    def noted(file: int, group: int, column: str) -> pa.ChunkedArray:
        groups.append(group)
        return read(file, group, column)

    monkeypatch.setattr(files, "_read", noted)

    assert [files.cell(row, "image") for row in (0, 1, 5, 4, 0)] == [
        published.picture(shade) for shade in (0, 1, 5, 4, 0)
    ]
    assert groups == [0, 2, 0]


def test_collecting_reads_no_picture(published: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a table leaves the pictures' column alone."""
    path = write(published.folder / "m.parquet", pa.array([published.picture()]))
    monkeypatch.setattr(parquet.ParquetFiles, "cell", None)

    assert open_table(str(path), pictures=["image"]).rows[0].integer("id") == 0


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
    with pytest.raises(DataError, match=r"m\.parquet cannot be read as parquet"):
        table.rows[3].picture("image", name="p").read()


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
