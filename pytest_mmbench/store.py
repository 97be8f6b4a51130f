"""Where answers are kept between runs: one SQLite file that several processes may write to."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

import msgspec
from filelock import FileLock, Timeout

from pytest_mmbench.errors import MMBenchError
from pytest_mmbench.records import Answer

FILE = "answers.sqlite"
APPLICATION = 0x6D6D_6273
"""SQLite's `application_id` of our files ("mmbs"), by which foreign ones are known."""
SCHEMA = 1
"""SQLite's `user_version`; grows with every change of the table below."""
CHUNK = 1000
"""Digests per query."""

_CREATE = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS answers (
    fingerprint TEXT NOT NULL,
    request TEXT NOT NULL,
    answer TEXT NOT NULL,
    kept REAL NOT NULL,
    PRIMARY KEY (fingerprint, request)
) WITHOUT ROWID;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {SCHEMA};
COMMIT;
"""
_GET = """
SELECT request, answer FROM answers
WHERE fingerprint = ? AND kept >= ? AND request IN (SELECT value FROM json_each(?))
"""
_PUT = "INSERT OR REPLACE INTO answers (fingerprint, request, answer, kept) VALUES (?, ?, ?, ?)"

_AWAY = "move it away; its answers are then asked again"
_FREE = "make the folder writable with free space, or name another one"
_TROUBLE = {
    sqlite3.SQLITE_NOTADB: ("is not an SQLite file", _AWAY),
    sqlite3.SQLITE_CORRUPT: ("is damaged", _AWAY),
    sqlite3.SQLITE_BUSY: ("is locked by another process", "end that process, or run again later"),
    sqlite3.SQLITE_READONLY: ("cannot be written", _FREE),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", _FREE),
    sqlite3.SQLITE_FULL: ("cannot be written", _FREE),
    sqlite3.SQLITE_IOERR: ("cannot be read or written", _FREE),
}


class SqliteStore:
    """Answers by model fingerprint and request digest, in `answers.sqlite` of a folder.

    The file is made at the first `put`, in SQLite's write-ahead mode; one `put` is one transaction,
    so that a process which is killed loses at most the batch that it was about to keep (a machine
    that loses power may lose a few more; they are asked again). Rows hold JSON, in which a float
    has all the digits that are needed to read the same float back.

    Answers kept before `since` (seconds since the epoch) count as absent: several processes that
    hand in the start of their common run ask everything afresh, and each request once.

    Raises:
        MMBenchError: from `get` and `put`, if the file is damaged, foreign, of a later version,
            locked for `patience` seconds, or cannot be read or written. It is never deleted.
    """

    def __init__(self, folder: Path, *, since: float = 0.0, patience: float = 60.0) -> None:
        self.folder = folder
        self.file = folder / FILE
        self._since = since
        self._patience = patience
        self._connection: sqlite3.Connection | None = None

    def get(self, fingerprint: str, digests: Sequence[str]) -> dict[str, Answer]:
        """The answers that are known, by request digest."""
        if self._connection is None and not self._exists():
            return {}
        with self._told():
            rows = list(self._rows(fingerprint, digests))
        return {request: self._read(request, answer) for request, answer in rows}

    def put(self, fingerprint: str, answers: dict[str, Answer]) -> None:
        """Keeps a batch of answers, all or none, before it returns."""
        if not answers:
            return
        now = time.time()
        rows = [
            (fingerprint, digest, msgspec.json.encode(answer).decode(), now)
            for digest, answer in answers.items()
        ]
        make(self.folder)
        with self._told(), self._open() as transaction:
            transaction.executemany(_PUT, rows)

    def close(self) -> None:
        """Lets go of the file; the next `get` or `put` opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _rows(self, fingerprint: str, digests: Sequence[str]) -> Iterator[tuple[str, str]]:
        connection = self._open()
        for start in range(0, len(digests), CHUNK):
            wanted = json.dumps(list(digests[start : start + CHUNK]))
            yield from connection.execute(_GET, (fingerprint, self._since, wanted))

    def _read(self, request: str, answer: str) -> Answer:
        try:
            return msgspec.json.decode(answer, type=Answer)
        except msgspec.DecodeError as error:
            raise MMBenchError(
                f"the store of answers {self.file} holds a row that is not an answer.",
                request=request,
                reason=str(error),
                what_to_do=_AWAY,
            ) from error

    def _exists(self) -> bool:
        try:
            return self.file.stat().st_size >= 0
        except FileNotFoundError:
            return False
        except OSError as error:
            _refuse(self.file, error)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(self.file, timeout=self._patience)
            try:
                self._prepare(connection)
                # In write-ahead mode this is safe against a killed process, and saves a disk flush
                # per batch (https://sqlite.org/pragma.html#pragma_synchronous).
                connection.execute("PRAGMA synchronous = NORMAL")
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Refuses what is not ours, and makes the table in a file that is empty."""
        # In one transaction: another process may be making the table at this moment.
        connection.execute("BEGIN")
        application = _number(connection, "PRAGMA application_id")
        version = _number(connection, "PRAGMA user_version")
        empty = not _number(connection, "SELECT count(*) FROM sqlite_master")
        connection.execute("COMMIT")
        if application != APPLICATION and not empty:
            raise MMBenchError(
                f"{self.file} is an SQLite file, but not a store of answers.",
                what_to_do="name another folder for the store",
            )
        if version > SCHEMA:
            raise MMBenchError(
                f"the store of answers {self.file} was written by a later pytest-mmbench.",
                its_version=str(version),
                known=str(SCHEMA),
                what_to_do="upgrade pytest-mmbench, or name another folder for the store",
            )
        if empty:
            # Another process may be doing the same and hold the file: the mode it sets is this one.
            with contextlib.suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_CREATE)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            what, remedy = _TROUBLE.get(_code(error), ("cannot be used", _AWAY))
            raise MMBenchError(
                f"the store of answers {self.file} {what}.",
                sqlite_says=str(error),
                what_to_do=remedy,
            ) from error


def _number(connection: sqlite3.Connection, query: str) -> int:
    (number,) = connection.execute(query).fetchone()
    return int(number)


def _code(error: sqlite3.Error) -> int:
    # The low byte is the kind; the rest says more than anybody is told.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


class MemoryStore:
    """Keeps answers as long as it lives, and no longer."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], Answer] = {}

    def get(self, fingerprint: str, digests: Sequence[str]) -> dict[str, Answer]:
        """The answers that are known, by request digest."""
        known = {digest: self._answers.get((fingerprint, digest)) for digest in digests}
        return {digest: answer for digest, answer in known.items() if answer is not None}

    def put(self, fingerprint: str, answers: dict[str, Answer]) -> None:
        """Keeps a batch of answers."""
        self._answers |= {(fingerprint, digest): answer for digest, answer in answers.items()}


class FileClaims:
    """Says which process works on what: one locked file per claim, in `claims/` of a folder.

    The operating system lets go of a lock when its process ends, however it ends.
    """

    def __init__(self, folder: Path) -> None:
        self._store = folder
        self._folder = folder / "claims"
        self._held: dict[str, FileLock] = {}

    def take(self, name: str) -> bool:
        """Whether this process has the claim now; never waits."""
        make(self._store)
        make(self._folder)
        lock = FileLock(self._folder / name)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return False
        except OSError as error:
            _refuse(self._folder, error)
        self._held[name] = lock
        return True

    def give(self, name: str) -> None:
        """Lets another process have the claim."""
        lock = self._held.pop(name)
        # While it is still locked: nobody else can have it, and whoever waits for it starts over.
        with contextlib.suppress(OSError):
            (self._folder / name).unlink()
        lock.release()


def make(folder: Path) -> None:
    """Makes a folder that git ignores, unless it is there.

    Raises:
        MMBenchError: if it cannot be made.
    """
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
        _refuse(folder, error)


def _refuse(path: Path, error: OSError) -> NoReturn:
    raise MMBenchError(
        f"the store of answers {path} cannot be used.",
        reason=error.strerror or str(error),
        what_to_do=_FREE,
    ) from error
