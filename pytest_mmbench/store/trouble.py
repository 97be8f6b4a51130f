"""What is the matter with the file of answers, by what SQLite says."""

from __future__ import annotations

import sqlite3
from typing import Final, NamedTuple

from pytest_mmbench.store.folder import FREE

AWAY: Final = "move it away; its answers are then asked again"
_NEAR: Final = (
    "run again if many processes were at it; on a network file system, name a folder on a disk of"
    " this machine for the store"
)


class Trouble(NamedTuple):
    """A predicate of the file, and what to do."""

    what: str
    remedy: str


_KNOWN: Final = {
    sqlite3.SQLITE_NOTADB: Trouble("is not an SQLite file", AWAY),
    sqlite3.SQLITE_CORRUPT: Trouble("is damaged", AWAY),
    sqlite3.SQLITE_BUSY: Trouble(
        "is locked by another process", "end that process, or run again later"
    ),
    # Write-ahead mode shares memory and locks bytes of it, which network file systems often do not
    # offer (https://sqlite.org/rescode.html#protocol, https://sqlite.org/wal.html).
    sqlite3.SQLITE_PROTOCOL: Trouble("cannot be locked", _NEAR),
    sqlite3.SQLITE_READONLY: Trouble("cannot be written", FREE),
    sqlite3.SQLITE_CANTOPEN: Trouble("cannot be opened", FREE),
    sqlite3.SQLITE_FULL: Trouble("cannot be written", FREE),
    sqlite3.SQLITE_IOERR: Trouble("cannot be read or written", FREE),
}
_OTHER: Final = Trouble("cannot be used", AWAY)


def trouble(error: sqlite3.Error) -> Trouble:
    """What a user is told of an error of SQLite's."""
    # The low byte is the kind; the rest says more than anybody is told.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return _KNOWN.get(code, _OTHER)
