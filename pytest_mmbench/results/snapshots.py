"""A model's answers to the samples of one leaf, as a snapshot keeps them: what was read of them."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Final, Literal, NoReturn

import msgspec

from pytest_mmbench import files
from pytest_mmbench.errors import DataError, SettingsError
from pytest_mmbench.records import NOTHING, Mark, read_credit
from pytest_mmbench.results.rows import (
    SCHEMA_1_MARKS,
    SNAPSHOT_NAMES,
    SampleResult,
    ScoredAnswer,
    TaskResults,
)
from pytest_mmbench.scorers.likelihood import margin

LONGEST: Final = 60
"""Characters of an answer that are kept as they are; a longer one is a text, and is abridged."""
BEGINNING: Final = 40
"""Characters that are kept of a longer one, before its digest."""
WIDEST: Final = 20.0
"""Margin (nats) beyond which all are alike: the second option is a two-billionth as likely."""
DECIMALS: Final = 4
"""Of a margin: a tenth of the finest tolerance that `noise` takes unmeasured."""
KEPT: Final = 2
"""Factor within which a margin counts as the one that was accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotAnswers:
    """The answers of one leaf, and what they are answers to."""

    dimension: str
    identity: str
    """`TaskSpec.identity`."""
    method_and_scoring: str
    """`TaskSpec.method_and_scoring`."""
    model: str
    """Whose answers they were; for people, and compared with nothing."""
    tolerance: float
    """Widest margin (nats) that the model's noise may turn."""
    answers: Mapping[str, ScoredAnswer]
    """By sample; none if nothing was accepted yet."""
    decision: str = ""
    """Of the run that they are from, if it was no release and they were accepted by force."""

    @property
    def question(self) -> str:
        """What they are answers to, for people and for comparing."""
        return f"{self.identity} ({self.method_and_scoring})"


def snapshot_of(task: TaskResults, leaf: str, *, model: str, tolerance: float) -> SnapshotAnswers:
    """A model's answers to a leaf, in the form in which they can be accepted."""
    return SnapshotAnswers(
        dimension=leaf,
        identity=task.spec.identity,
        method_and_scoring=task.spec.method_and_scoring,
        model=model,
        tolerance=tolerance,
        answers={row.sample: _scored_answer(row) for row in task.rows[leaf]},
    )


def updated(
    expected: SnapshotAnswers, actual: SnapshotAnswers, known: Collection[str]
) -> SnapshotAnswers:
    """What is accepted from now on; `known` are the samples of the leaf, asked or not.

    1. Answers to samples that were not asked stay, if they answer the same question and the
       benchmark still has the sample.
    2. An answer that did not change stays as it was, with its margin, unless that has halved or
       doubled; and so does the tolerance. The difference between two versions of a file is what
       the model says otherwise, and no number that is held is off by more than a factor of two.
    3. If that leaves everything as it was, so does the name of the model.
    """
    before = expected.answers if expected.question == actual.question else {}
    unasked = (before.keys() & {*known}) - actual.answers.keys()
    answers = {sample: old for sample, old in before.items() if sample in unasked}
    for sample, answer in actual.answers.items():
        short = min(answer.margin, WIDEST) if math.isfinite(answer.margin) else math.inf
        new = replace(answer, margin=_two_digits(round(short, DECIMALS)))
        old = before.get(sample, new)
        is_same = (old.mark, old.answer, old.partial) == (new.mark, new.answer, new.partial)
        answers[sample] = old if is_same and _within_factor(old.margin, new.margin) else new
    tolerance = max(actual.tolerance, expected.tolerance) if unasked else actual.tolerance
    if before and _within_factor(expected.tolerance, tolerance):
        tolerance = expected.tolerance
    else:
        tolerance = _two_digits(tolerance)
    accepted = replace(actual, answers=answers, tolerance=tolerance)
    named = replace(accepted, model=expected.model)
    return named if named == expected else accepted


def _scored_answer(row: SampleResult) -> ScoredAnswer:
    weighed = margin(row.option_logprobs)
    return ScoredAnswer(
        sample=row.sample,
        mark=row.mark,
        answer=_one_line(row.answer),
        # Options that are all impossible have no margin: no noise turns what was not weighed.
        margin=weighed if math.isfinite(weighed) else math.inf,
        partial=row.partial,
    )


def _one_line(answer: str) -> str:
    """An answer in one line; of a text only its beginning, and a digest that tells it apart."""
    # Data can hold half a surrogate pair, which no file in UTF-8 can.
    line = " ".join(answer.encode("utf-8", "replace").decode().split())
    if len(line) <= LONGEST:
        return line
    return f"{line[:BEGINNING]}... {hashlib.sha256(line.encode()).hexdigest()[:8]}"


def _two_digits(value: float) -> float:
    return float(f"{value:.2g}")


def _within_factor(old: float, new: float) -> bool:
    return old <= KEPT * new and new <= KEPT * old


FOLDER: Final = "mm_snapshots"
"""Of the rootdir."""
SCHEMA: Final = 2
"""Of a file; grows when a field is renamed, removed, or means something else."""
_SCHEMA = re.compile(r'\A\{\s*"schema":\s*(\d+)')
_Nats = Annotated[float, msgspec.Meta(ge=0)]


class _Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    answer: str
    correctness: Mark
    partial: Fraction = NOTHING


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: int
    dimension: str
    identity: str
    method_and_scoring: str
    model: str
    tolerance: _Nats
    answers: dict[str, _Answer]
    margins: dict[str, _Nats]
    decision: str = ""


class _Answer1(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"answer": "chosen"}
):
    answer: str
    mark: Literal["right", "wrong", "unreadable"]
    margin: _Nats = math.inf


class _File1(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename=SNAPSHOT_NAMES):
    schema: int
    dimension: str
    identity: str
    method_and_scoring: str
    model: str
    tolerance: _Nats
    answers: dict[str, _Answer1]


def folder(rootdir: Path, benchmark: str) -> Path:
    """Where the accepted answers to a benchmark lie."""
    return rootdir / FOLDER / benchmark


def path(rootdir: Path, leaf: str) -> Path:
    """The file of a leaf."""
    return folder(rootdir, leaf.partition(".")[0]) / f"{leaf}.json"


def obsolete(rootdir: Path, benchmark: str, leaves: Collection[str]) -> list[Path]:
    """The files of leaves that a benchmark does not have."""
    paths = folder(rootdir, benchmark).glob("*.json")
    return sorted(path for path in paths if path.stem not in leaves)


def encode(accepted: SnapshotAnswers) -> str:
    """The text of a file: samples by the length of their ids, then by their letters.

    All margins share the last line. They move with every retraining, and nobody reads them: so a
    commit that changes an answer shows this answer, and one line beside it.
    """
    head = {
        "schema": SCHEMA,
        "dimension": accepted.dimension,
        "identity": accepted.identity,
        "method_and_scoring": accepted.method_and_scoring,
        "model": accepted.model,
        "tolerance": accepted.tolerance,
        **({"decision": accepted.decision} if accepted.decision else {}),
    }
    fields = [f"  {_json(name)}: {_json(value)}," for name, value in head.items()]
    answers, margins = [], {}
    for sample in sorted(accepted.answers, key=lambda sample: (len(sample), sample)):
        answer = accepted.answers[sample]
        if math.isfinite(answer.margin):
            margins[sample] = answer.margin
        line = {"answer": answer.answer, "correctness": answer.mark.value}
        if answer.partial:
            line["partial"] = str(answer.partial)
        answers.append(f"    {_json(sample)}: {_json(line)}")
    lines = ['  "answers": {', ",\n".join(answers), "  },", f'  "margins": {_json(margins)}']
    return "\n".join(["{", *fields, *lines, "}", ""])


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def decode(text: str, *, dimension: str) -> SnapshotAnswers:
    """The accepted answers that a text holds; a `ValueError` if it is about anything else."""

    def refuse_constant(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is no margin")

    # The standard library's reader is slower, and says in which line a hand has slipped.
    content = json.loads(
        text, object_pairs_hook=files.unique_object, parse_constant=refuse_constant
    )
    old = isinstance(content, dict) and content.get("schema") == 1
    try:
        file = (
            _from_schema_1(content)
            if old
            else msgspec.convert(content, type=_File, dec_hook=read_credit)
        )
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    if (file.schema, file.dimension) != (SCHEMA, dimension):
        raise ValueError(f"it holds answers to {file.dimension}, in schema {file.schema}")
    if strangers := file.margins.keys() - file.answers.keys():
        raise ValueError(f"it has a margin of {min(strangers)!r}, and no answer")
    return SnapshotAnswers(
        dimension=file.dimension,
        identity=file.identity,
        method_and_scoring=file.method_and_scoring,
        model=file.model,
        tolerance=file.tolerance,
        answers={
            id: ScoredAnswer(
                sample=id,
                mark=row.correctness,
                answer=row.answer,
                margin=file.margins.get(id, math.inf),
                partial=row.partial,
            )
            for id, row in file.answers.items()
        },
        decision=file.decision,
    )


def _from_schema_1(content: object) -> _File:
    """A file of the first version, in which every answer had its margin beside it."""
    file = msgspec.convert(content, type=_File1)
    rows = file.answers
    return _File(
        schema=SCHEMA,
        dimension=file.dimension,
        identity=file.identity,
        method_and_scoring=file.method_and_scoring,
        model=file.model,
        tolerance=file.tolerance,
        answers={
            id: _Answer(answer=row.answer, correctness=SCHEMA_1_MARKS[row.mark])
            for id, row in rows.items()
        },
        margins={id: row.margin for id, row in rows.items() if math.isfinite(row.margin)},
    )


def read(path: Path, *, dimension: str) -> SnapshotAnswers:
    """The accepted answers of a file.

    Raises:
        DataError: it cannot be read, or a hand or a merge has damaged it.
        SettingsError: a later pytest-mmbench wrote it.
    """
    try:
        text = files.read_regular(path).decode().replace("\r\n", "\n")
        if named := _SCHEMA.search(text):
            files.check_schema(path, int(named[1]), known=SCHEMA, error=SettingsError)
        return decode(text, dimension=dimension)
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"{path} does not hold a snapshot of {dimension}.",
            reason=getattr(error, "strerror", None) or str(error),
            what_to_do="restore it, or replace it with --snapshot-update and without a limit",
        ) from error


def write(path: Path, text: str) -> None:
    """Writes a file, whole or not at all."""
    files.replace_file(path, text.encode("utf-8"))


PENDING: Final = ".pending"
"""Ends the name of a file that is accepted or dropped when its run has been decided."""


def write_pending(path: Path, text: str) -> None:
    """Writes what a file is to become, beside it."""
    write(path.with_name(path.name + PENDING), text)


def drop_pending(rootdir: Path) -> int:
    """Drops what no file has become, and says how many there were."""
    pending = [*(rootdir / FOLDER).glob(f"*/*.json{PENDING}")]
    for path in pending:
        path.unlink(missing_ok=True)
        # The folder of a benchmark that has no snapshot after all would look like one.
        for folder in (path.parent, rootdir / FOLDER):
            if not any(folder.iterdir()):
                folder.rmdir()
    return len(pending)


def accept_pending(rootdir: Path, *, decision: str = "") -> None:
    """Makes files of what is pending; each says the `decision` of its run, if one is given."""
    for pending in sorted((rootdir / FOLDER).glob(f"*/*.json{PENDING}")):
        path = pending.with_name(pending.name.removesuffix(PENDING))
        if decision:
            accepted = decode(pending.read_text(encoding="utf-8"), dimension=path.stem)
            write(pending, encode(replace(accepted, decision=decision)))
        pending.replace(path)
