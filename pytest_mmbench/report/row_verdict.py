"""The one verdict of a row: the gravest of all gates that judged its dimension."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pytest_mmbench.gates.verdicts import Verdict
from pytest_mmbench.records import Outcome
from pytest_mmbench.report.document import GATES, ReasonGate


@dataclass(frozen=True, slots=True, kw_only=True)
class RowVerdict:
    """What all gates say of one dimension."""

    verdicts: tuple[Verdict, ...]
    """The gravest first; of every gate at most one."""

    @property
    def outcome(self) -> Outcome:
        """The gravest."""
        return self.verdicts[0].outcome

    @property
    def gates(self) -> tuple[ReasonGate, ...]:
        """Those that say so."""
        gravest = (each for each in self.verdicts if each.outcome is self.outcome)
        return tuple(GATES[type(each)] for each in gravest)

    @property
    def source(self) -> str:
        """Whose it is: `(regression)`; empty if the gate of the score says so, or none does."""
        if self.outcome is Outcome.NOT_GATED or ReasonGate.CAPABILITY in self.gates:
            return ""
        return f"({', '.join(self.gates)})"

    @property
    def text(self) -> str:
        """The outcome, and whose it is: `fail (regression)`."""
        return f"{self.outcome} {self.source}".rstrip()

    @property
    def explanations(self) -> tuple[str, ...]:
        """What each gate says, the gravest first."""
        return tuple(each.explanation for each in self.verdicts if each.explanation)


def row_verdicts(verdicts: Iterable[Verdict]) -> dict[str, RowVerdict]:
    """The verdict of every dimension that was judged, by its path; each gate counts once."""
    by_path: dict[str, dict[ReasonGate, Verdict]] = {}
    for each in verdicts:
        by_path.setdefault(each.dimension, {}).setdefault(GATES[type(each)], each)
    return {
        path: RowVerdict(
            verdicts=tuple(sorted(by_gate.values(), key=lambda one: one.outcome.severity))
        )
        for path, by_gate in by_path.items()
    }
