import os
import stat
from pathlib import Path

import pytest

from pytest_mmbench import files
from pytest_mmbench.errors import MMBenchError


def test_a_file_is_replaced(tmp_path: Path) -> None:
    """The new text stands there, nothing else lies beside it, and folders are made."""
    path = tmp_path / "new" / "report.html"
    files.write_report(path, "old")
    files.write_report(path, "new ␛\n")

    assert path.read_bytes() == "new ␛\n".encode()
    assert [each.name for each in path.parent.iterdir()] == ["report.html"]


def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens the report meanwhile, or after a full disk, sees the last whole one."""
    path = tmp_path / "report.html"
    files.write_report(path, "old")
    monkeypatch.setattr(Path, "replace", _full)

    with pytest.raises(MMBenchError, match="cannot be written"):
        files.write_report(path, "new")

    assert path.read_text(encoding="utf-8") == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_others_may_read_it(tmp_path: Path) -> None:
    """A report has the mode that any new file of the user has."""
    path = tmp_path / "report.html"
    files.write_report(path, "text")
    (tmp_path / "other").write_text("text", encoding="utf-8")

    modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, tmp_path / "other")]
    assert modes[0] == modes[1]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """The error names the file, the reason and a remedy."""
    (tmp_path / "taken").write_text("a file", encoding="utf-8")

    with pytest.raises(MMBenchError) as caught:
        files.write_report(tmp_path / "taken" / "report.html", "text")

    assert set(caught.value.facts) == {"reason", "what to do"}
    assert "report.html" in caught.value.problem


def test_appending(tmp_path: Path) -> None:
    """What other commands have written stays."""
    path = tmp_path / "summary"
    assert files.size_of(path) == 0
    files.append_report(path, "é")
    files.append_report(path, "b\n")

    assert path.read_text(encoding="utf-8") == "éb\n"
    assert files.size_of(path) == 4


def test_appending_to_a_folder(tmp_path: Path) -> None:
    """A summary that cannot be written is an error with its name."""
    with pytest.raises(MMBenchError, match="cannot be written"):
        files.append_report(tmp_path, "text")
