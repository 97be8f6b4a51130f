from pathlib import Path

import pytest

from pytest_mmbench import files


def test_a_file_is_replaced(tmp_path: Path) -> None:
    """Folders are made, and nothing else is left behind."""
    path = tmp_path / "a" / "b.json"
    files.replace_file(path, b"one")
    files.replace_file(path, b"two")

    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_what_fails_leaves_the_old_file(tmp_path: Path) -> None:
    """A folder in the file's place is an error, and no scratch file stays."""
    path = tmp_path / "a"
    (path / "inside").mkdir(parents=True)

    with pytest.raises(OSError, match="a"):
        files.replace_file(path, b"one")
    assert list(tmp_path.iterdir()) == [path]
    assert list(path.iterdir()) == [path / "inside"]


def test_others_may_read_it(tmp_path: Path) -> None:
    """Files are made as others are: a baseline is committed and shared."""
    plain, written = tmp_path / "plain", tmp_path / "written"
    plain.touch()
    files.replace_file(written, b"")

    assert plain.stat().st_mode == written.stat().st_mode
