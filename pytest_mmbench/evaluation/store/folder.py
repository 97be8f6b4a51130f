"""The folder of the store, and the locks in it by which processes share the work."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final, NoReturn

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


class FileLocks:
    """Says which process works on what: one locked file per lock, in `claims/` of a folder.

    The operating system lets go of a lock when its process ends, however it ends.
    """

    def __init__(self, folder: Path) -> None:
        self._store = folder
        self._folder = folder / "claims"
        self._own: dict[str, FileLock] = {}

    def acquire(self, name: str) -> bool:
        """Whether this process holds the lock now; never waits."""
        make_folder(self._store)
        make_folder(self._folder)
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
