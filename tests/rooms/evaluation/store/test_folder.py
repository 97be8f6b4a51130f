"""Run as a program, this file is a process that holds a lock until it is killed."""

import errno
import fcntl
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_mmbench.errors import MMBenchError
from pytest_mmbench.evaluation.store.folder import FileLocks, check_locks
from pytest_mmbench.evaluation.store.sqlite import SqliteStore
from pytest_mmbench.records import Answer


def test_a_lock_has_one_holder(tmp_path: Path) -> None:
    """What is taken cannot be taken again until it is given; nothing is left behind."""
    one, other = FileLocks(tmp_path), FileLocks(tmp_path)

    assert one.acquire("a")
    assert not other.acquire("a")
    assert other.acquire("b")
    one.release("a")
    assert other.acquire("a")

    other.release("a")
    other.release("b")
    assert list((tmp_path / "claims").iterdir()) == [tmp_path / "claims" / ".gitignore"]


def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    """A lock is free as soon as the process that had it is gone."""
    command = [sys.executable, __file__, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert not FileLocks(tmp_path).acquire("a")
        process.send_signal(signal.SIGKILL)

    locks = FileLocks(tmp_path)
    assert locks.acquire("a")
    locks.release("a")


def test_locks_of_a_disk_are_accepted(tmp_path: Path) -> None:
    """The file that was tried is gone afterwards."""
    check_locks(tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.ENOLCK, errno.EIO])
def test_work_is_not_shared_where_nothing_can_be_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """A process that is told that others hold everything would wait for ever."""

    def refuse(*_: object) -> None:
        raise OSError(number, "no locks here")

    monkeypatch.setattr("filelock._unix.fcntl.flock", refuse)

    with pytest.raises(MMBenchError) as caught:
        FileLocks(tmp_path).acquire("unit")

    assert caught.value.problem == f"files in {tmp_path / 'claims'} cannot be locked."
    assert "a disk of this machine" in caught.value.facts["what to do"]


def test_a_store_is_not_made_where_sqlite_cannot_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite calls the failure of a lock "busy", and would wait a minute for nobody."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "lockf", refuse)

    with pytest.raises(MMBenchError) as caught:
        SqliteStore(tmp_path).put("model", {"d": Answer(sample="s", text="A")})

    assert caught.value.facts["reason"] == "No locks available"


def main(folder: Path) -> None:
    """Holds a lock."""
    locks = FileLocks(folder)
    assert locks.acquire("a")
    print("held", flush=True)
    signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
