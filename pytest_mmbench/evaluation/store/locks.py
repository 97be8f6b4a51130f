"""Which of several processes works on what."""

from __future__ import annotations

import contextlib
from pathlib import Path

from filelock import FileLock, Timeout

from pytest_mmbench.evaluation.store.folder import make_folder, refuse


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
