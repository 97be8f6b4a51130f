"""Accepted answers as files of the user's repository: one per leaf, one line per sample.

`mm_snapshots/shapes/shapes.math.addition.json` lies at the rootdir, is meant to be committed, and
reads well as a difference of two versions. It never holds what a model said, only what was read.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, Final, NoReturn

import msgspec

from pytest_mmbench import writing
from pytest_mmbench.acceptance import Accepted
from pytest_mmbench.compare import Judged
from pytest_mmbench.errors import DataError, SettingsError
from pytest_mmbench.records import Mark

FOLDER: Final = "mm_snapshots"
"""Of the rootdir."""
SCHEMA: Final = 1
"""Of a file; grows when a field is renamed, removed, or means something else."""

_SCHEMA = re.compile(r'\A\{\s*"schema":\s*(\d+)')
_Nats = Annotated[float, msgspec.Meta(ge=0)]


class _Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    chosen: str
    mark: Mark
    margin: _Nats = math.inf


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: int
    dimension: str
    wording: str
    how: str
    model: str
    tolerance: _Nats
    answers: dict[str, _Answer]


def folder(rootdir: Path, benchmark: str) -> Path:
    """Where the accepted answers to a benchmark lie."""
    return rootdir / FOLDER / benchmark


def path(rootdir: Path, leaf: str) -> Path:
    """The file of a leaf."""
    return folder(rootdir, leaf.partition(".")[0]) / f"{leaf}.json"


def obsolete(rootdir: Path, benchmark: str, leaves: Collection[str]) -> list[Path]:
    """The files of leaves that a benchmark does not have."""
    found = folder(rootdir, benchmark).glob("*.json")
    return sorted(each for each in found if each.stem not in leaves)


def encode(accepted: Accepted) -> str:
    """The text of a file: samples by the length of their ids, then by their letters."""
    head = {
        "schema": SCHEMA,
        "dimension": accepted.dimension,
        "wording": accepted.wording,
        "how": accepted.how,
        "model": accepted.model,
        "tolerance": accepted.tolerance,
    }
    fields = [f"  {_json(name)}: {_json(value)}," for name, value in head.items()]
    order = sorted(accepted.answers, key=lambda sample: (len(sample), sample))
    answers = [f"    {_json(sample)}: {_line(accepted.answers[sample])}" for sample in order]
    return "\n".join(["{", *fields, '  "answers": {', ",\n".join(answers), "  }", "}", ""])


def _line(answer: Judged) -> str:
    weighed = {} if math.isinf(answer.margin) else {"margin": answer.margin}
    return _json({"chosen": answer.chosen, "mark": answer.mark.value, **weighed})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def decode(text: str, *, dimension: str) -> Accepted:
    """The accepted answers that a text holds.

    Raises:
        ValueError: it is no JSON, holds something else, names a sample twice, or is about another
            dimension.
    """
    # The standard library's reader is slower, and says in which line a hand has slipped.
    held = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    try:
        file = msgspec.convert(held, type=_File)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    if (file.schema, file.dimension) != (SCHEMA, dimension):
        raise ValueError(f"it holds answers to {file.dimension}, in schema {file.schema}")
    return Accepted(
        dimension=file.dimension,
        wording=file.wording,
        how=file.how,
        model=file.model,
        tolerance=file.tolerance,
        answers={sample: _judged(sample, each) for sample, each in file.answers.items()},
    )


def _judged(sample: str, answer: _Answer) -> Judged:
    return Judged(sample=sample, mark=answer.mark, chosen=answer.chosen, margin=answer.margin)


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """An object whose names all differ: of two that a merge has left, JSON keeps the last."""
    if len(found := dict(pairs)) < len(pairs):
        twice = next(
            name for name, times in Counter(each[0] for each in pairs).items() if times > 1
        )
        raise ValueError(f"{twice!r} stands there twice")
    return found


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no margin")


def read(path: Path, *, dimension: str) -> Accepted:
    """The accepted answers of a file.

    Raises:
        DataError: it cannot be read, or a hand or a merge has damaged it.
        SettingsError: a later pytest-mmbench wrote it.
    """
    try:
        text = path.read_text(encoding="utf-8")
        _refuse_later(path, text)
        return decode(text, dimension=dimension)
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path} does not hold the accepted answers to {dimension}.",
            reason=getattr(error, "strerror", None) or str(error),
            what_to_do="restore it, or replace it with --snapshot-update and without a limit",
        ) from error


def _refuse_later(path: Path, text: str) -> None:
    named = _SCHEMA.search(text)
    if named and int(named[1]) > SCHEMA:
        raise SettingsError(
            f"{path} was written by a later pytest-mmbench.",
            its_schema=named[1],
            known=str(SCHEMA),
            what_to_do="upgrade pytest-mmbench",
        )


def write(path: Path, text: str) -> None:
    """Writes a file, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    writing.write(path, text.encode("utf-8"))
