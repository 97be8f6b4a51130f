"""Everything that is known after a run, in one record that all forms of the report show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pytest_mmbench.gates.verdicts import (
    CapabilityVerdict,
    FlipKind,
    RegressionVerdict,
    SnapshotVerdict,
    Verdict,
    VisionVerdict,
)
from pytest_mmbench.records import Dimension, Mark, Outcome, Role

SCHEMA: Final = 2
"""Version of the JSON form: it grows when a field is renamed, removed, or means something else."""


class Release(StrEnum):
    """What a release engineer reads first."""

    SHIP = "ship"
    STOP = "do not ship"
    UNDECIDED = "undecided"
    """Nothing failed, and something could not be decided, or was not judged."""
    NOTHING_GATED = "nothing gated"
    """There were no gates: numbers were taken, and none of them may look like a pass."""

    @classmethod
    def _missing_(cls, value: object) -> Release | None:
        """Reports of earlier versions call it as gates call their outcome."""
        return cls.UNDECIDED if value == "inconclusive" else None

    @property
    def shown(self) -> str:
        """As every form of the report shows it: `DO NOT SHIP`."""
        return self.value.upper()


class ReasonGate(StrEnum):
    """What a reason is about: one of the gates, or the run itself."""

    CAPABILITY = "capability"
    REGRESSION = "regression"
    SNAPSHOT = "snapshot"
    VISION = "vision"
    RUN = "run"
    """Was everything judged that was to be judged?"""


GATES: Final[Mapping[type[Verdict], ReasonGate]] = {
    CapabilityVerdict: ReasonGate.CAPABILITY,
    RegressionVerdict: ReasonGate.REGRESSION,
    VisionVerdict: ReasonGate.VISION,
    SnapshotVerdict: ReasonGate.SNAPSHOT,
}
"""The gate that gives a verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What one gate says, in a sentence."""

    gate: ReasonGate
    dimension: str
    """Empty if it is about the run."""
    outcome: Outcome
    explanation: str
    explained_by: str = ""
    """Dimension of the reason that explains this one, at or below it; empty if none does. Forms for
    people show that one alone, and name this one beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The decision and its reasons; `build.decide` makes it."""

    release: Release
    reasons: tuple[Reason, ...]
    """What decided, the gravest first."""
    gates: int
    """How many gates were set, judged or not."""
    passed: int
    """How many of them passed."""
    unjudged: tuple[str, ...] = ()
    """Those without a verdict of this run: `shapes.math (capability)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScores:
    """A model and its scores."""

    name: str
    role: Role
    scores: tuple[CapabilityVerdict, ...]
    """In the order of the tree, each node before the nodes below it."""
    fingerprint: str = ""
    dtype: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """What a model answered to one question."""

    answer: str
    """The letter that was read; empty if none could be."""
    correctness: Mark
    option_logprobs: tuple[float, ...] = ()
    """Log-probability of each option (nats), as they were compared; empty if text was generated."""
    text: str = ""
    """What was generated, in full."""
    partial: float = 0.0
    """What an answer earned that is right in part, below 1."""
    repeats: tuple[str, ...] = ()
    """What was read of each answer, where the question was asked several times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedAnswer:
    """An answer that changed between the baseline, or the snapshot, and the candidate."""

    sample: str
    """Unique in its benchmark."""
    dimension: str
    question: str
    options: tuple[str, ...]
    target: str
    """The letter of the correct option."""
    baseline: ModelAnswer
    candidate: ModelAnswer
    kind: FlipKind
    near_tie: bool
    """Whether two options are so close that rounding decides: such a change never counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A sample that is answered correctly without its picture."""

    sample: str
    dimension: str
    question: str
    options: tuple[str, ...]
    target: str
    rules: tuple[str, ...]
    """What lists it, such as `correct under every condition`."""
    explanations: tuple[str, ...] = ()
    """How many samples each rule lists, and how many are expected by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkInfo:
    """A benchmark, and how it was asked."""

    benchmark: str
    revision: str
    """Everything that the questions depend on: the data's revision, the method, the condition."""
    method: str
    scoring: str = ""
    """The rule by which answers are read; empty if the method says it all."""
    decoding: str = ""
    """What of it is set other than the benchmark's own: `max-new-tokens=512, thinking=true`."""
    total: int
    """Samples that were asked."""
    published_total: int
    """Samples that it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """What the run was, and what it takes to reproduce it."""

    started: str
    """Date and time with its zone (ISO 8601)."""
    seconds: float
    """Of inference."""
    new_answers: int
    """Asked for in this run."""
    cached_answers: int
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
    def reproduce(self) -> tuple[str, ...]:
        """The commands that repeat it, one a line."""
        return (*((f"git checkout {self.commit}",) if self.commit else ()), self.command)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that is known after a run."""

    decision: Decision
    models: tuple[ModelScores, ...]
    """The candidate first."""
    run: RunInfo
    benchmarks: tuple[BenchmarkInfo, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    """The trees, each node before the nodes below it; if empty, dotted paths tell."""
    regression: tuple[RegressionVerdict, ...] = ()
    """In the order of the tree, as all that follows by dimension."""
    vision: tuple[VisionVerdict, ...] = ()
    snapshots: tuple[SnapshotVerdict, ...] = ()
    changed_answers: tuple[ChangedAnswer, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader has to know before trusting the numbers, a sentence each."""
    schema: int = SCHEMA

    @property
    def candidate(self) -> ModelScores:
        """The model that is judged."""
        return self.models[0]
