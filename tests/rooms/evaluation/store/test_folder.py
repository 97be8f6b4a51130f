"""Run as a program, this file is a process that holds a lock until it is killed."""

import signal
import subprocess
import sys
from pathlib import Path

from pytest_mmbench.evaluation.store.folder import FileLocks


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


def main(folder: Path) -> None:
    """Holds a lock."""
    locks = FileLocks(folder)
    assert locks.acquire("a")
    print("held", flush=True)  # noqa: T201 - the parent listens
    signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
