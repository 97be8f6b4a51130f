"""One run as one document: what every report is made of, and what a JSON report holds.

A `Document` is filled once, when everything has been judged. Nothing in it is computed by a
report: a number that people see in one of them stands here, and a program that reads the JSON form
needs nothing else. What is absent is an empty text or an empty list, never null.

`schema.json` beside this file describes the JSON form (JSON Schema 2020-12).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pytest_mmbench.records import Dimension, Mark
from pytest_mmbench.report.judgements import Change, Ruling, Sight, Snapshot, Standing

SCHEMA = 1
"""Version of the JSON form: it grows when a field is renamed, removed, or means something else."""


class Role(StrEnum):
    """Why a checkpoint stands in the document."""

    CANDIDATE = "candidate"
    BASELINE = "baseline"
    OTHER = "other"


class Kind(StrEnum):
    """What a changed answer means, the gravest first."""

    REGRESSED = "regressed"
    """Right before, wrong now."""
    UNREADABLE = "unreadable"
    """Readable before, and not now."""
    BOTH_WRONG = "both wrong"
    """Another wrong answer than before."""
    FIXED = "fixed"
    """Right now, and not before."""
    BOTH_RIGHT = "both right"
    """Another right answer than the one that was accepted."""
    NEAR_TIE = "near tie"
    """Two options are so close that the noise of the arithmetic decides: not a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A model and how it scored. A report puts checkpoints side by side."""

    name: str
    role: Role
    standings: tuple[Standing, ...]
    """In the order of the tree, each node before the nodes below it; `standing` makes one of a
    verdict."""
    fingerprint: str = ""
    dtype: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a model answered to one question."""

    chosen: str
    """The letter that was read; empty if none could be."""
    mark: Mark
    logs: tuple[float, ...] = ()
    """Logarithms of the options' probabilities (nats), as they were compared; empty if text was
    generated."""
    text: str = ""
    """What was generated, in full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """An answer that changed between the baseline, or what was accepted, and the candidate."""

    sample: str
    """Unique in its benchmark."""
    dimension: str
    question: str
    options: tuple[str, ...]
    target: str
    """The letter of the right option."""
    old: Said
    new: Said
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A sample that was answered rightly without looking at its picture."""

    sample: str
    dimension: str
    question: str
    options: tuple[str, ...]
    target: str
    rules: tuple[str, ...]
    """What makes it a candidate, such as `right under every ablation`."""
    because: str = ""
    """How many each rule found, and how many would be luck; sentences, parted by `; `."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A benchmark, and how it was asked."""

    benchmark: str
    revision: str
    """Of its data."""
    method: str
    scoring: str = ""
    """The rule by which answers are read; empty if the method says it all."""
    samples: int
    """How many were asked."""
    size: int
    """How many it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What the run was, and what it takes to do it again."""

    started: str
    """Date and time with its zone (ISO 8601)."""
    seconds: float
    """Of asking."""
    answers: int
    """Asked for in this run."""
    kept: int
    """Found in the store."""
    seed: int
    command: str
    """The command line, quoted for a shell."""
    commit: str = ""
    """Of the repository that the run stood in; empty if it is not known."""
    versions: dict[str, str] = field(default_factory=dict)
    """Of Python and of what decides about an answer, by name."""
    machine: str = ""

    @property
    def rate(self) -> float:
        """Answers per second; 0 if nothing was asked."""
        return self.answers / self.seconds if self.seconds > 0 else 0.0

    @property
    def again(self) -> tuple[str, ...]:
        """The commands that repeat it, one a line."""
        return (*((f"git checkout {self.commit}",) if self.commit else ()), self.command)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Everything that is known after a run."""

    ruling: Ruling
    checkpoints: tuple[Checkpoint, ...]
    """The candidate first."""
    run: RunFacts
    asked: tuple[Asked, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    """The trees, each node before the nodes below it; if empty, dotted paths tell."""
    changes: tuple[Change, ...] = ()
    """In the order of the tree, as all that follows by dimension."""
    sights: tuple[Sight, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    flips: tuple[Flip, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader has to know before trusting the numbers, a sentence each."""
    schema: int = SCHEMA

    @property
    def candidate(self) -> Checkpoint:
        """The checkpoint that is judged."""
        return self.checkpoints[0]
