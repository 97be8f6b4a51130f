import os
import stat
from pathlib import Path

import pytest

from pytest_mmbench import files
from pytest_mmbench.errors import DataError, MMBenchError, SettingsError
from pytest_mmbench.files import expand

NOWHERE = "~nobody-of-that-name/x"


def test_a_home_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` is the user's own home, also where no shell has said so, as in a settings file."""
    monkeypatch.setenv("HOME", "/home/of-mine")
    monkeypatch.setenv("USERPROFILE", "/home/of-mine")

    assert expand("~/data") == Path("/home/of-mine/data")


@pytest.mark.parametrize("typed", [NOWHERE, "data/~x", "/data"])
def test_everything_else_stays_as_typed(typed: str) -> None:
    """A home that nobody has is a name like any other, as it is for a shell."""
    assert expand(typed) == Path(typed)


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


def test_a_report_is_replaced(tmp_path: Path) -> None:
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
def test_others_may_read_a_report(tmp_path: Path) -> None:
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


def test_a_changed_file_has_another_identity(tmp_path: Path) -> None:
    """New content of the same size shows, also where its time was set back."""
    path = tmp_path / "weights"
    path.write_bytes(b"old")
    before, state = files.file_identity(path), path.stat()
    path.write_bytes(b"new")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))

    assert files.file_identity(path) != before
    assert files.file_stamp(path) == ""


def test_a_file_of_a_later_version_is_refused(tmp_path: Path) -> None:
    """The error names the file, both schemas and the remedy; other schemas pass."""
    files.check_schema(tmp_path, 2, known=2)

    with pytest.raises(DataError, match="later pytest-mmbench") as caught:
        files.check_schema(tmp_path / "run.json", 3, known=2)
    with pytest.raises(SettingsError):
        files.check_schema(tmp_path, 3, known=2, error=SettingsError)

    assert "run.json" in caught.value.problem
    assert set(caught.value.facts) == {"its schema", "known", "what to do"}


needs_pipes = pytest.mark.skipif(
    not hasattr(os, "mkfifo"), reason="there are no pipes with a name here"
)


@needs_pipes
def test_what_is_no_file_is_not_made_one(tmp_path: Path) -> None:
    """Whoever reads a pipe would wait for ever for what lies in a file of its name."""
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)

    for path in (pipe, link):
        with pytest.raises(MMBenchError, match="cannot be written") as caught:
            files.write_report(path, "text")
        assert "is no regular file" in caught.value.facts["reason"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert sorted(tmp_path.iterdir()) == [link, pipe]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="there are no such names here")
def test_a_redirected_output_is_no_file(tmp_path: Path) -> None:
    """`/dev/stdout` may lead to a file, and its name is the system's all the same."""
    target = tmp_path / "target"
    with target.open("wb") as file, pytest.raises(OSError, match="no regular file"):
        files.replace_file(Path(f"/proc/self/fd/{file.fileno()}"), b"text")

    assert list(tmp_path.iterdir()) == [target]


@needs_pipes
def test_only_what_ends_is_read(tmp_path: Path) -> None:
    """A file is read whole; a pipe, a folder and what is not there are errors at once."""
    (tmp_path / "file").write_bytes(b"text")
    os.mkfifo(tmp_path / "pipe")

    assert files.read_regular(tmp_path / "file") == b"text"
    for name in ("pipe", ".", "absent"):
        with pytest.raises(OSError, match="r"):
            files.read_regular(tmp_path / name)
