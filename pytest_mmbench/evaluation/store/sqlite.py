"""What is the matter with the file of answers, by what SQLite says."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

import msgspec

from pytest_mmbench.errors import MMBenchError
from pytest_mmbench.evaluation.store.folder import FREE, make_folder, refuse
from pytest_mmbench.records import Answer, OptionLogprob

AWAY: Final = "move it away; its answers are then asked again"


_NEAR: Final = (
    "run again if many processes were at it; on a network file system, name a folder on a disk of"
    " this machine for the store"
)


class SqliteProblem(NamedTuple):
    """A predicate of the file, and what to do."""

    problem: str
    remedy: str


_KNOWN: Final = {
    sqlite3.SQLITE_NOTADB: SqliteProblem("is not an SQLite file", AWAY),
    sqlite3.SQLITE_CORRUPT: SqliteProblem("is damaged", AWAY),
    sqlite3.SQLITE_BUSY: SqliteProblem(
        "is locked by another process", "end that process, or run again later"
    ),
    # Write-ahead mode shares memory and locks bytes of it, which network file systems often do not
    # offer (https://sqlite.org/rescode.html#protocol, https://sqlite.org/wal.html).
    sqlite3.SQLITE_PROTOCOL: SqliteProblem("cannot be locked", _NEAR),
    sqlite3.SQLITE_READONLY: SqliteProblem("cannot be written", FREE),
    sqlite3.SQLITE_CANTOPEN: SqliteProblem("cannot be opened", FREE),
    sqlite3.SQLITE_FULL: SqliteProblem("cannot be written", FREE),
    sqlite3.SQLITE_IOERR: SqliteProblem("cannot be read or written", FREE),
}


_OTHER: Final = SqliteProblem("cannot be used", AWAY)


def explain_sqlite_error(error: sqlite3.Error) -> SqliteProblem:
    """What a user is told of an error of SQLite's."""
    # The low byte is the kind; the rest says more than anybody is told.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return _KNOWN.get(code, _OTHER)


FILE = "answers.sqlite"


APPLICATION = 0x6D6D_6273
"""SQLite's `application_id` of our files ("mmbs"), by which foreign ones are known."""


SCHEMA = 1
"""SQLite's `user_version`; grows with every change of a table below."""


CHUNK = 1000
"""Digests, or identities of pictures, per query."""


_CREATE = f"""
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


_GET = """
SELECT request, answer FROM answers
WHERE fingerprint = ? AND kept >= ? AND request IN (SELECT value FROM json_each(?))
"""


_PUT = "INSERT OR REPLACE INTO answers (fingerprint, request, answer, kept) VALUES (?, ?, ?, ?)"


_RECALL = "SELECT identity, hash FROM pictures WHERE identity IN (SELECT value FROM json_each(?))"


_REMEMBER = "INSERT OR REPLACE INTO pictures (identity, hash) VALUES (?, ?)"


_TABLES = "SELECT count(*) FROM sqlite_master WHERE name IN ('answers', 'pictures')"


class _StoredLogprob(msgspec.Struct, frozen=True):
    log: float
    tokens: int


class _StoredAnswer(msgspec.Struct, frozen=True):
    """The form of an answer in the file: its names stay as they are, whatever the records say."""

    sample: str
    text: str = ""
    likelihoods: tuple[_StoredLogprob, ...] = ()


def _encoded(answer: Answer) -> str:
    likelihoods = (_StoredLogprob(each.logprob, each.tokens) for each in answer.option_logprobs)
    stored = _StoredAnswer(answer.sample, answer.text, tuple(likelihoods))
    return msgspec.json.encode(stored).decode()


def _decoded(text: str) -> Answer:
    stored = msgspec.json.decode(text, type=_StoredAnswer)
    logprobs = (OptionLogprob(logprob=each.log, tokens=each.tokens) for each in stored.likelihoods)
    return Answer(sample=stored.sample, text=stored.text, option_logprobs=tuple(logprobs))


class SqliteStore:
    """Answers by model fingerprint and request digest, in `answers.sqlite` of a folder.

    Beside them lie hashes of pictures, by the pictures' identities: a rerun over unchanged files
    knows its requests without reading a picture.

    The file is made at the first `put` or `remember`, in SQLite's write-ahead mode; each is one
    transaction, so that a process which is killed loses at most the batch that it was about to keep
    (a machine that loses power may lose a few more; they are asked again). Rows hold JSON, in which
    a float has all the digits that are needed to read the same float back.

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
        rows = [(fingerprint, digest, _encoded(answer), now) for digest, answer in answers.items()]
        make_folder(self.folder)
        with self._told(), self._open() as transaction:
            transaction.executemany(_PUT, rows)

    def get_picture_hashes(self, identities: Sequence[str]) -> dict[str, bytes]:
        """The hashes of pictures that are known, by identity."""
        if not identities or (self._connection is None and not self._exists()):
            return {}
        with self._told():
            return {
                identity: content
                for wanted in _chunks(identities)
                for identity, content in self._open().execute(_RECALL, (wanted,))
            }

    def put_picture_hashes(self, hashes: Mapping[str, bytes]) -> None:
        """Keeps hashes of pictures by identity, all or none, before it returns."""
        if not hashes:
            return
        make_folder(self.folder)
        with self._told(), self._open() as transaction:
            transaction.executemany(_REMEMBER, hashes.items())

    def close(self) -> None:
        """Lets go of the file; the next call opens it again."""
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
        for wanted in _chunks(digests):
            yield from self._open().execute(_GET, (fingerprint, self._since, wanted))

    def _read(self, request: str, answer: str) -> Answer:
        try:
            return _decoded(answer)
        except msgspec.DecodeError as error:
            raise MMBenchError(
                f"the store of answers {self.file} holds a row that is not an answer.",
                request=request,
                reason=str(error),
                what_to_do=AWAY,
            ) from error

    def _exists(self) -> bool:
        try:
            return self.file.stat().st_size >= 0
        except FileNotFoundError:
            return False
        except OSError as error:
            refuse(self.file, error)

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
        """Refuses what is not ours, and makes the tables that are missing."""
        # In one transaction: another process may be making the tables at this moment.
        connection.execute("BEGIN")
        application = _schema_number(connection, "PRAGMA application_id")
        version = _schema_number(connection, "PRAGMA user_version")
        empty = not _schema_number(connection, "SELECT count(*) FROM sqlite_master")
        complete = _schema_number(connection, _TABLES) == _CREATE.count("CREATE TABLE")
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
        if not complete:
            # Another process may be doing the same and hold the file: the mode it sets is this one.
            with contextlib.suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_CREATE)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            found = explain_sqlite_error(error)
            raise MMBenchError(
                f"the store of answers {self.file} {found.problem}.",
                sqlite_says=str(error),
                what_to_do=found.remedy,
            ) from error


def _chunks(wanted: Sequence[str]) -> Iterator[str]:
    """A JSON list for each query."""
    for start in range(0, len(wanted), CHUNK):
        yield json.dumps(list(wanted[start : start + CHUNK]))


def _schema_number(connection: sqlite3.Connection, query: str) -> int:
    (number,) = connection.execute(query).fetchone()
    return int(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """A store of answers, counted."""

    answers: int
    models: int
    """Fingerprints, that is: the same weights in another number format, or under another release of
    transformers, are another model."""
    bytes: int
    """Of the file and of what SQLite keeps beside it."""
    damage: str
    """What SQLite finds wrong; empty if it is whole."""


def inventory(folder: Path) -> Inventory:
    """What the store in a folder holds; nothing if there is none.

    Raises:
        MMBenchError: the folder is a file, its file is no store of answers, or cannot be read.
    """
    if folder.is_file():
        raise MMBenchError(
            f"{folder} is a file, and the store of answers a folder.",
            what_to_do="name another folder for the store",
        )
    path = folder / FILE
    if not path.exists():
        return Inventory(answers=0, models=0, bytes=0, damage="")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
            return _count_rows(file, path)
    except sqlite3.Error as error:
        found = explain_sqlite_error(error)
        raise MMBenchError(
            f"the store of answers {path} {found.problem}.",
            sqlite_says=str(error),
            what_to_do=found.remedy,
        ) from error


def _count_rows(file: sqlite3.Connection, path: Path) -> Inventory:
    if not _one(file, "SELECT count(*) FROM sqlite_master"):
        return Inventory(answers=0, models=0, bytes=path.stat().st_size, damage="")
    if _one(file, "PRAGMA application_id") != APPLICATION:
        raise MMBenchError(
            f"{path} is an SQLite file, but not a store of answers.",
            what_to_do="name another folder for the store",
        )
    found = str(_one(file, "PRAGMA quick_check(1)"))
    return Inventory(
        answers=int(str(_one(file, "SELECT count(*) FROM answers"))),
        models=int(str(_one(file, "SELECT count(DISTINCT fingerprint) FROM answers"))),
        bytes=sum(each.stat().st_size for each in path.parent.glob(f"{FILE}*")),
        damage="" if found == "ok" else found,
    )


def _one(file: sqlite3.Connection, query: str) -> object:
    (value,) = file.execute(query).fetchone()
    return value
