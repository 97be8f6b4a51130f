"""What lies in a store of answers, looked at without changing it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pytest_mmbench.errors import MMBenchError
from pytest_mmbench.store import APPLICATION, FILE, trouble


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
            return _counted(file, path)
    except sqlite3.Error as error:
        found = trouble(error)
        raise MMBenchError(
            f"the store of answers {path} {found.what}.",
            sqlite_says=str(error),
            what_to_do=found.remedy,
        ) from error


def _counted(file: sqlite3.Connection, path: Path) -> Inventory:
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
