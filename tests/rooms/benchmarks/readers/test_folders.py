import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publishing.archives import archive, folder, split
from publishing.pictures import grey

from pytest_mmbench.benchmarks.readers import folders
from pytest_mmbench.benchmarks.readers.folders import ZipArchive, open_files, read_json, read_text
from pytest_mmbench.errors import DataError

ONE, OTHER = grey(1), grey(2)


def opened(place: Path, *paths: str) -> bytes:
    with open_files(str(place)).open(*paths) as file:
        return file.read()


def test_the_first_path_that_is_there(tmp_path: Path) -> None:
    """Roots go by several names: alternatives are tried in their order."""
    folder(tmp_path, {"SEED-Bench-image/12_34": ONE, "other/12_34": OTHER})

    assert opened(tmp_path, "cc3m-image/12_34", "SEED-Bench-image/12_34", "other/12_34") == ONE


@pytest.mark.parametrize(
    ("packed", "inside"),
    [
        ("images.zip", "images/test/7/image.png"),
        ("images.zip", "test/7/image.png"),
        ("images.zip", "release/images/test/7/image.png"),
        ("images/test.zip", "test/7/image.png"),
        ("images/test.zip", "7/image.png"),
        ("images/test/7.zip", "image.png"),
    ],
)
def test_a_folder_may_still_be_packed(tmp_path: Path, packed: str, inside: str) -> None:
    """Whatever its author packed with it, a folder's archive stands for the folder."""
    archive(tmp_path / packed, {inside: ONE, "__MACOSX/test/7/image.png": OTHER, "x/7.png": OTHER})

    assert opened(tmp_path, "images/test/7/image.png") == ONE
    assert opened(tmp_path, "./images/test/7/image.png") == ONE


def test_a_file_is_preferred_to_its_archive(tmp_path: Path) -> None:
    """Whoever has unpacked an archive has the files read that lie there."""
    folder(tmp_path, {"images/1.png": ONE})
    archive(tmp_path / "images.zip", {"images/1.png": OTHER})

    assert opened(tmp_path, "images/1.png") == ONE


def test_a_file_that_is_nowhere(tmp_path: Path) -> None:
    """The error names every path that was tried, and leaves the folder of the data alone."""
    (tmp_path.parent / "outside.zip").touch()

    for paths in (("a/1.png", "b/1.png"), ("../outside/1.png",)):
        with pytest.raises(FileNotFoundError, match=" or ".join(paths)):
            opened(tmp_path, *paths)


def test_an_archive_in_parts(tmp_path: Path) -> None:
    """What is published in parts has to be joined; the error has the command."""
    split(archive(tmp_path / "SEED-Bench-2-image.zip", {"task1/1.png": ONE}), parts=3)

    with pytest.raises(DataError, match="lies there in 3 parts") as caught:
        opened(tmp_path, "SEED-Bench-2-image/task1/1.png")

    whole = "SEED-Bench-2-image.zip"
    assert caught.value.facts["what to do"].endswith(f"cat {whole}.* > {whole}")


def test_an_archive_that_was_unpacked_and_kept(tmp_path: Path) -> None:
    """A file that is missing from the folder is missing, whatever lies beside the folder."""
    folder(tmp_path, {"images.zip.001": b"", "images/1.png": ONE})

    with pytest.raises(FileNotFoundError):
        opened(tmp_path, "images/2.png")


@pytest.mark.parametrize("name", ["images.tar.gz", "images.tar", "images.tgz"])
def test_an_archive_that_cannot_be_read_by_name(tmp_path: Path, name: str) -> None:
    """MMIE's pictures come in one; it has to be unpacked, and the error has the command."""
    (tmp_path / name).touch()

    with pytest.raises(DataError, match="cannot be read without being unpacked") as caught:
        opened(tmp_path, "images/1.png")

    assert caught.value.facts["what to do"].endswith(f"tar -xf {name}")


def test_names_by_their_ends(tmp_path: Path) -> None:
    """Folders and archives list the same files, whatever lies around them; hidden ones do not."""
    listed = {
        "deep/OCR/questions/1.txt": b"",
        "deep/OCR/2.txt": b"",
        "deep/.git/3.txt": b"",
        "deep/OCR/._4.txt": b"",
    }
    folder(tmp_path / "folder", listed)
    archive(tmp_path / "packed.zip", listed)

    for place in (tmp_path / "folder", tmp_path / "packed.zip"):
        found = open_files(str(place))
        assert found.names("*.txt") == ["deep/OCR/2.txt", "deep/OCR/questions/1.txt"]
        assert found.names("OCR/*.txt") == ["deep/OCR/2.txt"]


def test_folders_of_pictures_are_not_searched(tmp_path: Path) -> None:
    """Four folders deep is as far as anybody looks for files of data."""
    folder(tmp_path, {"a/b/c/d/data.json": b"", "a/b/c/d/e/data.json": b""})

    assert [each.name for each in folders.walk(tmp_path)] == ["data.json"]


def test_folders_that_lie_elsewhere(tmp_path: Path) -> None:
    """Data are often a link to another disk: it is followed."""
    folder(tmp_path / "disk", {"m.tsv": b""})
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "linked").symlink_to(tmp_path / "disk", target_is_directory=True)

    assert open_files(str(tmp_path / "data")).names("*.tsv") == ["linked/m.tsv"]


def test_texts_and_json_beside_the_data(tmp_path: Path) -> None:
    """Splits and ids that are published in files of their own."""
    folder(tmp_path, {"ids.csv": "\ufeff12\n34\n".encode(), "splits.json": b'{"test": ["1"]}'})
    place = open_files(str(tmp_path))

    assert read_text(place, "missing.csv", "ids.csv").split() == ["12", "34"]
    assert read_json(place, "splits.json") == {"test": ["1"]}


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"{", "x.json of data is not JSON"), (b"\xff", "x.json of data cannot be read")],
)
def test_a_file_beside_the_data_that_is_damaged(tmp_path: Path, content: bytes, told: str) -> None:
    """It is named together with the folder."""
    place = open_files(str(folder(tmp_path / "data", {"x.json": content})))

    with pytest.raises(DataError, match=told):
        read_json(place, "x.json")
    with pytest.raises(DataError, match=r"y\.json of data cannot be read"):
        read_json(place, "y.json")


def test_what_is_no_folder(tmp_path: Path) -> None:
    """A path that does not exist gets the nearest name, another file is refused."""
    folder(tmp_path, {"MME.zip": b"", "x.txt": b""})

    with pytest.raises(DataError) as caught:
        open_files(str(tmp_path / "MMe.zip"))
    assert caught.value.facts["did you mean"] == "'MME.zip'?"
    with pytest.raises(DataError, match="no folder and no zip archive"):
        open_files(str(tmp_path / "x.txt"))


def read(packed: ZipArchive, *paths: str) -> bytes:
    with packed.open(*paths) as file:
        return file.read()


parts = st.text(st.characters(codec="utf-8", exclude_characters="/\\\0"), min_size=1, max_size=8)
paths = st.lists(parts.filter(lambda each: each.strip(".")), min_size=1, max_size=3).map("/".join)


@given(st.dictionaries(paths, st.binary(max_size=40), min_size=1, max_size=5))
def test_every_file_comes_back(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, bytes]
) -> None:
    """Any bytes under any name are read by that name."""
    path = archive(tmp_path_factory.mktemp("packed") / "a.zip", content)

    assert {name: read(ZipArchive(path), name) for name in content} == content


def test_the_end_of_a_path_is_enough_if_no_other_ends_so(tmp_path: Path) -> None:
    """A folder around everything does not matter; two files that fit are neither of them taken."""
    content = {"release/a/1.png": grey(1), "release/b/1.png": grey(2), "release/b/2.png": grey(3)}
    packed = ZipArchive(archive(tmp_path / "a.zip", content))

    assert read(packed, "a/1.png") == grey(1)
    assert read(packed, "2.png") == grey(3)
    with pytest.raises(FileNotFoundError, match=r"no file 1\.png in a\.zip"):
        packed.open("1.png")


def test_nothing_is_read_before_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The directory is read once, at the first question, and no other member with it."""
    path = archive(tmp_path / "a.zip", {"1.png": grey(1), "2.png": grey(2)})
    read_names: list[str] = []
    whole = zipfile.ZipFile.read

    def noted(self: zipfile.ZipFile, name: str) -> bytes:
        read_names.append(name)
        return whole(self, name)

    monkeypatch.setattr(zipfile.ZipFile, "read", noted)
    packed = ZipArchive(path)

    assert packed.names("*.png") == ["1.png", "2.png"]
    assert read_names == []
    assert read(packed, "2.png") == grey(2)
    assert read_names == ["2.png"]


def damaged(path: Path, start: int, length: int) -> Path:
    whole = bytearray(path.read_bytes())
    whole[start : start + length] = b"\x55" * length
    path.write_bytes(whole)
    return path


def test_an_archive_that_is_cut_short(tmp_path: Path) -> None:
    """The directory stands at the end: without it nothing can be found, and the error says so."""
    path = archive(tmp_path / "a.zip", {"1.png": grey(1)})
    path.write_bytes(path.read_bytes()[:-10])

    with pytest.raises(DataError) as caught:
        ZipArchive(path).open("1.png")

    assert caught.value.problem == "a.zip cannot be read as a zip archive."
    assert "cut short" in caught.value.facts["what to do"]


def test_a_member_that_is_damaged(tmp_path: Path) -> None:
    """Every file is checked against its checksum; the others can still be read."""
    path = archive(tmp_path / "a.zip", {"1.png": grey(1), "2.png": grey(2)})
    packed = ZipArchive(damaged(path, 45, 20))

    with pytest.raises(DataError, match=r"a\.zip cannot be read"):
        packed.open("1.png")
    assert read(packed, "2.png") == grey(2)
