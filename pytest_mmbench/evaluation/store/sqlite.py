"""Answers and hashes of pictures in one SQLite file."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, NamedTuple, Self

import msgspec

from pytest_mmbench.errors import MMBenchError, MMBenchWarning
from pytest_mmbench.evaluation.store.folder import (
    MAKE_WRITABLE,
    check_locks,
    make_folder,
    refuse,
)
from pytest_mmbench.records import MOST_TOKENS, Answer, OptionLogprob

FILE: Final = "answers.sqlite"
APPLICATION: Final = 0x6D6D_6273
"""SQLite's `application_id` of our files ("mmbs"), by which foreign ones are known."""
SCHEMA: Final = 1
"""SQLite's `user_version`; grows with every change of a table below."""
CHUNK: Final = 1000
"""Request keys, or identities of pictures, per query."""
_CREATE: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS answers (
    fingerprint TEXT NOT NULL,
    request TEXT NOT NULL,
    answer TEXT NOT NULL,
    kept REAL NOT NULL,
    PRIMARY KEY (fingerprint, request)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pictures (
    identity TEXT NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL
) WITHOUT ROWID;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {SCHEMA};
COMMIT;
"""
_TABLES: Final = "SELECT count(*) FROM sqlite_master WHERE name IN ('answers', 'pictures')"
_GET_ANSWERS: Final = """
SELECT request, answer FROM answers
WHERE fingerprint = ? AND kept >= ? AND request IN (SELECT value FROM json_each(?))
"""
_PUT_ANSWER: Final = (
    "INSERT OR REPLACE INTO answers (fingerprint, request, answer, kept) VALUES (?, ?, ?, ?)"
)
_GET_HASHES: Final = (
    "SELECT identity, hash FROM pictures WHERE identity IN (SELECT value FROM json_each(?))"
)
_PUT_HASH: Final = "INSERT OR REPLACE INTO pictures (identity, hash) VALUES (?, ?)"
_MOVE_AWAY: Final = "move it away; its answers are then asked again"
_RUN_NEAR: Final = (
    "run again if many processes were at it; on a network file system, name a folder on a disk of"
    " this machine for the store"
)


class SqliteProblem(NamedTuple):
    """A predicate of the file, and what to do."""

    problem: str
    remedy: str


_PROBLEMS: Final = {
    sqlite3.SQLITE_NOTADB: SqliteProblem("is not an SQLite file", _MOVE_AWAY),
    sqlite3.SQLITE_CORRUPT: SqliteProblem("is damaged", _MOVE_AWAY),
    sqlite3.SQLITE_BUSY: SqliteProblem(
        "is locked by another process", "end that process, or run again later"
    ),
    # Write-ahead mode shares memory and locks bytes of it, which network file systems often do not
    # offer (https://sqlite.org/rescode.html#protocol, https://sqlite.org/wal.html).
    sqlite3.SQLITE_PROTOCOL: SqliteProblem("cannot be locked", _RUN_NEAR),
    sqlite3.SQLITE_READONLY: SqliteProblem("cannot be written", MAKE_WRITABLE),
    sqlite3.SQLITE_CANTOPEN: SqliteProblem("cannot be opened", MAKE_WRITABLE),
    sqlite3.SQLITE_FULL: SqliteProblem("cannot be written", MAKE_WRITABLE),
    sqlite3.SQLITE_IOERR: SqliteProblem("cannot be read or written", MAKE_WRITABLE),
}
_OTHER_PROBLEM: Final = SqliteProblem("cannot be used", _MOVE_AWAY)


@contextlib.contextmanager
def explain_sqlite_errors(file: Path) -> Iterator[None]:
    """Turns any `sqlite3.Error` inside into an `MMBenchError` that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        # The low byte is the kind; the rest says more than anybody is told.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        problem, remedy = _PROBLEMS.get(code, _OTHER_PROBLEM)
        what = f"the store of answers {file} {problem}."
        raise MMBenchError(what, sqlite_says=str(error), what_to_do=remedy) from error


class _StoredLogprob(msgspec.Struct, frozen=True):
    log: float
    tokens: Annotated[int, msgspec.Meta(ge=1, le=MOST_TOKENS)]


class _StoredAnswer(msgspec.Struct, frozen=True):
    """The form of an answer in the file: its names stay as they are, whatever the records say."""

    sample: str
    text: str = ""
    likelihoods: tuple[_StoredLogprob, ...] = ()
    cut_short: bool = False
    """Absent in rows of earlier versions, which did not know."""


class SqliteStore:
    """Answers by model fingerprint and request key, in `answers.sqlite` of a folder.

    Beside them lie hashes of pictures, by the pictures' identities: a rerun over unchanged files
    knows its requests without reading a picture.

    The file is made at the first `put` or `put_picture_hashes`, in SQLite's write-ahead mode; each
    is one transaction, so that a process which is killed loses at most the batch that it was about
    to keep (a machine that loses power may lose a few more; they are asked again). Rows hold JSON,
    in which a float has all the digits that are needed to read the same float back. A file that is
    removed or replaced in the middle of a run is written again with all that it held, and a store
    that this user cannot write is read.

    Answers kept before `since` (seconds since the epoch) count as absent: several processes that
    hand in the start of their common run ask everything afresh, and each request once.

    Raises:
        MMBenchError: from every method, if the file is damaged, foreign, of a later version,
            locked for `patience` seconds, or cannot be read or written. It is never deleted.
    """

    def __init__(self, folder: Path, *, since: float = 0.0, patience: float = 60.0) -> None:
        self.folder = folder
        self.file = folder / FILE
        self._since = since
        self._patience = patience
        self._connection: sqlite3.Connection | None = None
        self._inode = (0, 0)

    def get(self, fingerprint: str, digests: Sequence[str]) -> dict[str, Answer]:
        """The answers that are known, by request key."""
        rows: list[tuple[str, str]] = []
        if self._exists():
            with explain_sqlite_errors(self.file):
                for chunk in _json_lists(digests):
                    rows += self._open().execute(_GET_ANSWERS, (fingerprint, self._since, chunk))
        return {request: self._decode(request, answer) for request, answer in rows}

    def put(self, fingerprint: str, answers: dict[str, Answer]) -> None:
        """Keeps a batch of answers, all or none, before it returns."""
        if not answers:
            return
        now = time.time()
        rows = []
        for request, answer in answers.items():
            options = answer.option_logprobs
            logprobs = tuple(_StoredLogprob(option.logprob, option.tokens) for option in options)
            stored = _StoredAnswer(answer.sample, answer.text, logprobs, answer.cut_short)
            rows.append((fingerprint, request, msgspec.json.encode(stored).decode(), now))
        make_folder(self.folder)
        with explain_sqlite_errors(self.file), self._writable() as transaction:
            transaction.executemany(_PUT_ANSWER, rows)

    def get_picture_hashes(self, identities: Sequence[str]) -> dict[str, bytes]:
        """The hashes of pictures that are known, by identity."""
        hashes: dict[str, bytes] = {}
        if identities and self._exists():
            with explain_sqlite_errors(self.file):
                for chunk in _json_lists(identities):
                    hashes |= self._open().execute(_GET_HASHES, (chunk,))
        return hashes

    def put_picture_hashes(self, hashes: Mapping[str, bytes]) -> None:
        """Keeps hashes of pictures by identity, all or none, before it returns."""
        if not hashes:
            return
        make_folder(self.folder)
        with explain_sqlite_errors(self.file), self._writable() as transaction:
            transaction.executemany(_PUT_HASH, hashes.items())

    def close(self) -> None:
        """Lets go of the file; the next call opens it again."""
        if self._connection is not None:
            with explain_sqlite_errors(self.file):
                self._restore()
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _decode(self, request: str, answer: str) -> Answer:
        try:
            stored = msgspec.json.decode(answer, type=_StoredAnswer)
        except (msgspec.DecodeError, RecursionError) as error:
            raise MMBenchError(
                f"the store of answers {self.file} holds a row that is not an answer.",
                request=request,
                reason=str(error),
                what_to_do=_MOVE_AWAY,
            ) from error
        options = stored.likelihoods
        logprobs = tuple(OptionLogprob(logprob=each.log, tokens=each.tokens) for each in options)
        return Answer(
            sample=stored.sample,
            text=stored.text,
            option_logprobs=logprobs,
            cut_short=stored.cut_short,
        )

    def _exists(self) -> bool:
        """Whether there is a file to look into: looking makes none."""
        try:
            return self._connection is not None or bool(self.file.stat())
        except FileNotFoundError:
            return False
        except OSError as error:
            refuse(self.file, error)

    def _writable(self) -> sqlite3.Connection:
        """The connection to the file that has this name now."""
        if self._connection is not None:
            self._restore()
        return self._open()

    def _restore(self) -> None:
        """Writes everything again, if the file that is open was removed or replaced."""
        old = self._connection
        if old is None or not any(self._inode) or _inode(self.file) == self._inode:
            return
        # The open connection still reads the file that has lost its name.
        answers = old.execute("SELECT * FROM answers").fetchall()
        hashes = old.execute("SELECT * FROM pictures").fetchall()
        old.close()
        self._connection = None
        make_folder(self.folder)
        with self._open() as transaction:
            transaction.executemany(_PUT_ANSWER, answers)
            transaction.executemany(_PUT_HASH, hashes)
        message = (
            f"the store of answers {self.file} was removed or replaced while it was in use;"
            f" its {len(answers)} answers were written again"
        )
        warnings.warn(MMBenchWarning(message), stacklevel=2)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            places = (self.file, self.folder)
            if self.file.exists() and not all(os.access(place, os.W_OK) for place in places):
                self._connection = self._read_only()
                return self._connection
            check_locks(self.folder)
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
            self._inode = _inode(self.file)
        return self._connection

    def _read_only(self) -> sqlite3.Connection:
        """A connection to a file that cannot be written, and so is not changed by anybody here."""
        # Write-ahead mode makes files beside it, unless it is promised that nothing changes.
        log = self.file.with_name(f"{FILE}-wal")
        mode = "mode=ro" if log.exists() and log.stat().st_size else "mode=ro&immutable=1"
        uri = f"{self.file.resolve().as_uri()}?{mode}"
        connection = sqlite3.connect(uri, uri=True, timeout=self._patience)
        if _select_number(connection, "PRAGMA application_id") != APPLICATION:
            connection.close()
            raise _foreign_file_error(self.file)
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Refuses what is not ours, and makes the tables that are missing."""
        # In one transaction: another process may be making the tables at this moment.
        connection.execute("BEGIN")
        application = _select_number(connection, "PRAGMA application_id")
        version = _select_number(connection, "PRAGMA user_version")
        is_empty = not _select_number(connection, "SELECT count(*) FROM sqlite_master")
        is_complete = _select_number(connection, _TABLES) == _CREATE.count("CREATE TABLE")
        connection.execute("COMMIT")
        if application != APPLICATION and not is_empty:
            raise _foreign_file_error(self.file)
        if version > SCHEMA:
            raise MMBenchError(
                f"the store of answers {self.file} was written by a later pytest-mmbench.",
                its_version=str(version),
                known=str(SCHEMA),
                what_to_do="upgrade pytest-mmbench, or name another folder for the store",
            )
        if not is_complete:
            # Another process may be doing the same and hold the file: the mode it sets is this one.
            with contextlib.suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_CREATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """A store of answers, counted."""

    answers: int = 0
    models: int = 0
    """Fingerprints, that is: the same weights in another dtype, or under another release of
    transformers, are another model."""
    bytes: int = 0
    """Of the file and of what SQLite keeps beside it."""
    damage: str = ""
    """What SQLite reports as wrong; empty if it is whole."""


def inventory(folder: Path) -> Inventory:
    """What the store in a folder holds; nothing if there is none, an error if it is not one."""
    if folder.is_file():
        raise MMBenchError(
            f"{folder} is a file, and the store of answers a folder.",
            what_to_do="name another folder for the store",
        )
    path = folder / FILE
    if not path.exists():
        return Inventory()
    uri = f"{path.resolve().as_uri()}?mode=ro"
    with (
        explain_sqlite_errors(path),
        contextlib.closing(sqlite3.connect(uri, uri=True)) as connection,
    ):
        if not _select_number(connection, "SELECT count(*) FROM sqlite_master"):
            return Inventory(bytes=path.stat().st_size)
        if _select_number(connection, "PRAGMA application_id") != APPLICATION:
            raise _foreign_file_error(path)
        (check,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        return Inventory(
            answers=_select_number(connection, "SELECT count(*) FROM answers"),
            models=_select_number(connection, "SELECT count(DISTINCT fingerprint) FROM answers"),
            bytes=sum(file.stat().st_size for file in folder.glob(f"{FILE}*")),
            damage="" if check == "ok" else str(check),
        )


def _foreign_file_error(file: Path) -> MMBenchError:
    return MMBenchError(
        f"{file} is an SQLite file, but not a store of answers.",
        what_to_do="name another folder for the store",
    )


def _inode(file: Path) -> tuple[int, int]:
    """Device and number of a file; zeros if there is none."""
    try:
        state = file.stat()
    except OSError:
        return (0, 0)
    return (state.st_dev, state.st_ino)


def _json_lists(values: Sequence[str]) -> Iterator[str]:
    """A JSON list for each query."""
    for start in range(0, len(values), CHUNK):
        yield json.dumps(list(values[start : start + CHUNK]))


def _select_number(connection: sqlite3.Connection, query: str) -> int:
    (number,) = connection.execute(query).fetchone()
    return int(number)
