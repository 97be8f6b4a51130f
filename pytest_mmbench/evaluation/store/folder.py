"""The folder of the store, and the locks in it by which processes share the work."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import IO, Final, NoReturn

from filelock import FileLock, Timeout

from pytest_mmbench.errors import MMBenchError

MAKE_WRITABLE: Final = "make the folder writable with free space, or name another one"


def make_folder(folder: Path) -> None:
    """Makes a folder that git ignores, unless it is there."""
    try:
        if folder.is_dir():
            return
        folder.mkdir(parents=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    except FileExistsError:
        # Another process was faster, which is fine, or a file is in the way.
        if not folder.is_dir():
            raise MMBenchError(
                f"the store of answers cannot be made: {folder} is a file.",
                what_to_do="name another folder",
            ) from None
    except OSError as error:
        refuse(folder, error)


def refuse(path: Path, error: OSError) -> NoReturn:
    """Raises an error that says that the store cannot be used."""
    raise MMBenchError(
        f"the store of answers {path} cannot be used.",
        reason=error.strerror or str(error),
        what_to_do=MAKE_WRITABLE,
    ) from error


def check_locks(folder: Path) -> None:
    """Refuses a folder whose file system locks nothing, before anybody waits for a lock.

    Both kinds are tried on a file that no other process can hold: `flock`, by which processes share
    the work, and `fcntl`, by which SQLite locks its file and whose failure it calls "busy".
    """
    path = folder / f".locks.{os.getpid()}.{os.urandom(4).hex()}"
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
        try:
            with path.open("r+b") as file:
                _lock_region(file)
        finally:
            lock.release()
    except (Timeout, OSError) as error:
        reason = getattr(error, "strerror", None) or "another process holds a new file, it says"
        raise MMBenchError(
            f"files in {folder} cannot be locked.",
            reason=reason,
            what_to_do="name a folder on a disk of this machine for the store; network file systems"
            " often lock nothing",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _lock_region(file: IO[bytes]) -> None:
    try:
        import fcntl  # noqa: PLC0415 - Windows has none, and locks files otherwise
    except ImportError:
        return
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLocks:
    """Says which process works on what: one locked file per lock, in `claims/` of a folder.

    The operating system lets go of a lock when its process ends, however it ends.
    """

    def __init__(self, folder: Path) -> None:
        self._store = folder
        self._folder = folder / "claims"
        self._own: dict[str, FileLock] = {}
        self._is_checked = False

    def acquire(self, name: str) -> bool:
        """Whether this process holds the lock now; never waits."""
        make_folder(self._store)
        make_folder(self._folder)
        if not self._is_checked:
            check_locks(self._folder)
            self._is_checked = True
        lock = FileLock(self._folder / name)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return False
        except OSError as error:
            refuse(self._folder, error)
        self._own[name] = lock
        return True

    def release(self, name: str) -> None:
        """Lets another process have the lock."""
        lock = self._own.pop(name)
        # While it is still locked: nobody else can have it, and whoever waits for it starts over.
        with contextlib.suppress(OSError):
            (self._folder / name).unlink()
        lock.release()
