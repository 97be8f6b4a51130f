import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publishing.archives import archive
from publishing.pictures import grey

from pytest_mmbench.benchmarks.readers.zip_files import ZipArchive
from pytest_mmbench.errors import DataError


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
