"""Paths that data name: they lead below the data's folder, to regular files of bounded size."""

import base64
import json
import os
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from publishing.pictures import grey

from pytest_mmbench import files, registry
from pytest_mmbench.benchmarks.readers import open_table, parquet, regular_files, tsv
from pytest_mmbench.benchmarks.readers.folders import open_files, read_text
from pytest_mmbench.errors import DataError, SettingsError
from pytest_mmbench.images.decode import MAX_PIXELS, decode
from pytest_mmbench.records import BadRows, Picture


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of the data, with a secret beside it."""
    (tmp_path / "secret.png").write_bytes(grey(9))
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def picture(folder: Path, path: object, **options: Any) -> Picture:
    """The picture of a row that names a path."""
    file = folder / "data.jsonl"
    file.write_text(json.dumps({"id": 1, "image": path}) + "\n", encoding="utf-8")
    return open_table(str(file), pictures=["image"], **options).rows[0].picture("image", name="p")


def out_of_folder(folder: Path) -> dict[str, object]:
    """Ways of naming the secret."""
    (folder / "a").mkdir()
    (folder / "link.png").symlink_to("../secret.png")
    (folder / "linked").symlink_to(folder.parent, target_is_directory=True)
    absolute = str(folder.parent / "secret.png")
    return {
        "parent": "../secret.png",
        "down and up": "a/../../secret.png",
        "absolute": absolute,
        "link": "link.png",
        "linked folder": "linked/secret.png",
        "struct": {"bytes": None, "path": absolute},
        "list": ["../secret.png"],
        "written list": "['../secret.png']",
    }


WAYS = (
    "parent",
    "down and up",
    "absolute",
    "link",
    "linked folder",
    "struct",
    "list",
    "written list",
)


@pytest.mark.parametrize("way", WAYS)
def test_a_path_out_of_the_folder_is_refused(data: Path, way: str) -> None:
    """Whoever wrote the data may not choose what else of a disk a model is shown."""
    shown = picture(data, out_of_folder(data)[way])

    with pytest.raises(DataError, match=r"^mmbench: image holds no picture") as caught:
        shown.read()

    assert shown.identity() == ""
    assert "leads out of the folder of the data" in caught.value.facts["reason"]
    assert caught.value.facts["row"] == "0 (counted from 0)"
    assert "picture-folders" in caught.value.facts["what to do"]


@pytest.mark.parametrize("way", WAYS)
def test_other_folders_can_be_allowed(data: Path, way: str) -> None:
    """Pictures may lie on another disk, if the settings say so."""
    shown = picture(data, out_of_folder(data)[way], allowed=[data.parent])

    assert shown.read() == grey(9)


@pytest.mark.parametrize("way", ["absolute", "a/../1.png", "./1.png", "link"])
def test_paths_that_stay_in_the_folder_are_followed(data: Path, way: str) -> None:
    """However they are written, links included."""
    (data / "a").mkdir()
    (data / "1.png").write_bytes(grey(1))
    (data / "link.png").symlink_to("a/../1.png")
    names = {"absolute": str(data / "1.png"), "link": "link.png"}

    assert picture(data, names.get(way, way)).read() == grey(1)


def test_the_folder_itself_may_be_a_link(data: Path) -> None:
    """What the user typed is the user's own choice; so is a file of data that is a link."""
    (data / "1.png").write_bytes(grey(1))
    picture(data, "1.png")
    (data.parent / "typed").symlink_to(data, target_is_directory=True)
    (data.parent / "typed.jsonl").symlink_to(data / "data.jsonl")

    for typed in ("typed", "typed.jsonl"):
        assert len(open_table(str(data.parent / typed), pictures=["image"]).rows) == 1
    row = open_table(str(data.parent / "typed"), pictures=["image"]).rows[0]
    assert row.picture("image", name="p").read() == grey(1)


def test_a_snapshot_of_the_hubs_cache(tmp_path: Path) -> None:
    """There every file is a link to one beside the snapshots."""
    repository = tmp_path / "datasets--a--b"
    snapshot = repository / "snapshots" / "0f"
    (snapshot / "images").mkdir(parents=True)
    (repository / "blobs").mkdir()
    (repository / "blobs" / "1a").write_bytes(grey(3))
    (snapshot / "images" / "1.png").symlink_to("../../../blobs/1a")

    assert picture(snapshot, "images/1.png").read() == grey(3)


def test_an_archive_out_of_the_folder_is_refused(data: Path) -> None:
    """`images.zip` stands for a folder, and may be a link as well."""
    with zipfile.ZipFile(data.parent / "images.zip", "w") as file:
        file.writestr("images/1.png", grey(1))
    (data / "images.zip").symlink_to("../images.zip")

    with pytest.raises(DataError) as caught:
        picture(data, "images/1.png").read()

    assert "leads out of the folder" in caught.value.facts["reason"]


def test_texts_beside_the_data_are_held_to_the_same(data: Path) -> None:
    """So are the question files of a folder of data."""
    (data.parent / "x.txt").write_text("Q?\tYes\n", encoding="utf-8")
    (data / "x.txt").symlink_to("../x.txt")

    with pytest.raises(DataError, match="leads out of the folder"):
        read_text(open_files(str(data)), "x.txt")
    assert read_text(open_files(str(data), allowed=[data.parent]), "x.txt").startswith("Q?")


@pytest.mark.parametrize(
    "make",
    [
        os.mkfifo,
        lambda path: path.mkdir(),
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.symlink_to("/proc/self/mem"),
        lambda path: path.symlink_to(path.name),
    ],
    ids=["pipe", "folder", "device", "process", "loop"],
)
def test_what_is_no_regular_file_is_refused(data: Path, make: Callable[[Path], None]) -> None:
    """A pipe would be waited for, and a device never ends."""
    make(data / "1.png")

    for allowed in ([], [Path("/")]):
        with pytest.raises(DataError, match="image holds no picture"):
            picture(data, "1.png", allowed=allowed).read()


def test_pipes_among_the_files_of_a_folder(data: Path) -> None:
    """A folder of data may hold anything of that name."""
    os.mkfifo(data / "a.tsv")
    (data / "b.jsonl").write_text('{"id": 1}\n', encoding="utf-8")

    assert open_table(str(data), pictures=[]).name == "b.jsonl"


def test_picture_folders_are_an_option_of_every_benchmark(data: Path) -> None:
    """A list of folders that are there; anything else is refused by name."""
    (data / "x.json").write_text("[]", encoding="utf-8")

    for wrong in ("pictures", [5], [str(data / "nowhere")]):
        with pytest.raises(SettingsError, match="picture-folders"):
            registry.benchmark(
                "mathvista", {"data": str(data / "x.json"), "picture-folders": wrong}
            )


def bomb(path: Path, name: str, megabytes: int) -> None:
    """An archive of one file of zeros, a thousandth of its size."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=True) as file,
    ):
        for _ in range(megabytes):
            file.write(bytes(1 << 20))


def test_a_bomb_in_an_archive_is_not_unpacked(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size stands in the archive's directory, and no more than that is ever unpacked."""
    monkeypatch.setattr("pytest_mmbench.benchmarks.readers.folders.MAX_FILE_BYTES", 8 << 20)
    bomb(data / "images.zip", "images/1.png", megabytes=9)

    with pytest.raises(DataError) as caught:
        picture(data, "images/1.png").read()

    assert caught.value.facts["reason"] == "it has more than 8 MB"
    assert caught.value.facts["file"] == "data.jsonl"


def test_an_archive_that_lies_about_a_size(data: Path) -> None:
    """What is longer than its directory says is damaged, and is not read on."""
    path = data / "images.zip"
    bomb(path, "images/1.png", megabytes=2)
    whole = path.read_bytes()
    path.write_bytes(whole.replace((2 << 20).to_bytes(4, "little"), (100).to_bytes(4, "little")))

    with pytest.raises(DataError) as caught:
        picture(data, "images/1.png").read()

    assert "cannot be read as a zip archive" in caught.value.facts["reason"]


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def test_a_picture_of_gigabytes_is_not_read(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may be as long as its author likes and take no room on the disk."""
    monkeypatch.setattr("pytest_mmbench.benchmarks.readers.pictures.MAX_PICTURE_BYTES", 2 << 20)
    sparse(data / "1.png", 6 << 30)

    with pytest.raises(DataError) as caught:
        picture(data, "1.png").read()

    assert caught.value.facts["reason"] == "it has more than 2 MB"


@pytest.mark.parametrize("name", ["x.json", "x.jsonl"])
def test_json_of_gigabytes_is_not_read(data: Path, name: str) -> None:
    """It would be in memory as a whole."""
    sparse(data / name, 6 << 30)

    with pytest.raises(DataError, match="cannot be read") as caught:
        open_table(str(data / name), pictures=[])

    assert caught.value.facts["reason"] == "it has more than 1,024 MB"


@pytest.mark.parametrize("skip", [False, True])
def test_a_line_without_an_end(data: Path, monkeypatch: pytest.MonkeyPatch, *, skip: bool) -> None:
    """It is one bad row: the lines behind it are read, and its own number is known."""
    monkeypatch.setattr(tsv, "MAX_ROW_BYTES", 1000)
    path = data / "x.tsv"
    long = "2\t" + "x" * 5000
    path.write_text(f"index\tquestion\n1\tone\n{long}\n3\tthree\n", encoding="utf-8")

    if skip:
        table = open_table(str(path), pictures=[], bad_rows=BadRows.SKIP)
        assert [row.text("question") for row in table.rows] == ["one", "three"]
        assert table.rows[1].source.location(1) == ("x.tsv", 2)
        (error,) = table.bad_row_errors
    else:
        with pytest.raises(DataError) as caught:
            open_table(str(path), pictures=[])
        error = caught.value

    assert error.problem.startswith("line 3 of x.tsv has more than")
    assert error.facts["row"] == "1 (counted from 0)"


def packed_parquet(path: Path, *, dictionary: bool) -> Path:
    """Four thousand times the same 10 KB."""
    images = pa.array([bytes(10_000)] * 4000)
    table = pa.table({"id": pa.array(range(4000)), "image": images})
    pq.write_table(table, path, use_dictionary=dictionary, compression="zstd")
    return path


@pytest.mark.parametrize("dictionary", [False, True])
def test_a_parquet_file_that_unpacks_to_more_than_fits(
    data: Path, monkeypatch: pytest.MonkeyPatch, *, dictionary: bool
) -> None:
    """By its footer, and where that does not count what a dictionary repeats, by what comes."""
    monkeypatch.setattr(parquet, "MAX_GROUP_BYTES", 8 << 20)
    path = packed_parquet(data / "x.parquet", dictionary=dictionary)
    assert path.stat().st_size < 1 << 20

    row = open_table(str(path), pictures=["image"]).rows[0]
    with pytest.raises(DataError) as caught:
        row.picture("image", name="p").read()

    assert "it has more than 8 MB" in caught.value.facts["reason"]
    assert caught.value.facts["field"] == "image"


def test_texts_of_parquet_are_bounded_too(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are all read at once."""
    monkeypatch.setattr(parquet, "MAX_FILE_BYTES", 1 << 20)
    path = data / "x.parquet"
    pq.write_table(pa.table({"question": ["x" * 10_000] * 4000}), path)

    with pytest.raises(DataError, match="cannot be read as parquet") as caught:
        open_table(str(path), pictures=[])

    assert caught.value.facts["reason"] == "it has more than 1 MB"


def test_base64_in_a_field_is_bounded(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    """A text of gigabytes is not decoded."""
    monkeypatch.setattr("pytest_mmbench.benchmarks.readers.pictures.MAX_PICTURE_BYTES", 1000)
    text = base64.b64encode(bytes(2000)).decode()

    with pytest.raises(DataError, match="image holds no picture"):
        picture(data, text).read()


def png_of_zeros(width: int, height: int) -> bytes:
    """A PNG that says it has so many pixels, and holds a few of them."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content).to_bytes(4, "big")
        return len(content).to_bytes(4, "big") + kind + content + check

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    body = zlib.compress(bytes(1 << 20))
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("lifted", [False, True])
@pytest.mark.parametrize("size", [(46_000, 46_000), (1, MAX_PIXELS + 1)])
def test_a_picture_of_too_many_pixels(
    data: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], *, lifted: bool
) -> None:
    """Refused by its header, also where a library has lifted Pillow's own bound."""
    (data / "1.png").write_bytes(png_of_zeros(*size))
    if lifted:
        monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", None)

    with pytest.raises(DataError, match="picture 'p' cannot be read") as caught:
        decode(picture(data, "1.png"), sample="7")

    assert "pixels" in caught.value.facts["reason"]
    assert caught.value.facts["file"] == "data.jsonl"
    assert caught.value.facts["row"] == "0 (counted from 0)"


def test_a_file_that_may_be_read(tmp_path: Path) -> None:
    """Sizes at the bound are read, and one byte more is not."""
    path = tmp_path / "x"
    path.write_bytes(bytes(10))

    with files.open_regular(path) as file:
        assert regular_files.read_bounded(file, 10) == bytes(10)
    with files.open_regular(path) as file, pytest.raises(ValueError, match="more than"):
        regular_files.read_bounded(file, 9)
