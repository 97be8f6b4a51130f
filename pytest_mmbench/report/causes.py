"""Reasons that have one cause: the deepest is shown, with the others under it.

An axis that fell takes its capability, the whole benchmark and their thresholds with it. Each of
these is a reason in the JSON form; people read one of them, and where else it shows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from pytest_mmbench.gates.verdicts import (
    LEAKAGE,
    CapabilityVerdict,
    RegressionVerdict,
    Verdict,
    VisionVerdict,
)
from pytest_mmbench.records import Outcome
from pytest_mmbench.report.document import Decision, Reason, ReasonGate
from pytest_mmbench.report.tree import ancestors

_SCORES = (ReasonGate.REGRESSION, ReasonGate.CAPABILITY)
"""Gates of one family: both are about what was answered correctly. The first of them explains more,
as it says what changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A reason, and those that it explains."""

    reason: Reason
    also: tuple[Reason, ...] = ()
    """The nearest first."""

    @property
    def sentence(self) -> str:
        """What the reason says, and where else it shows: `...; also: shapes.math, shapes`."""
        return "; also: ".join(filter(None, [self.reason.explanation, self.others]))

    @property
    def others(self) -> str:
        """Where else it shows: `shapes.math, shapes (capability)`; empty if nowhere."""
        names = []
        for other in self.also:
            differs = [other.gate.value] if other.gate is not self.reason.gate else []
            differs += [other.outcome.value] if other.outcome is not self.reason.outcome else []
            names.append(
                f"{other.dimension} ({', '.join(differs)})" if differs else other.dimension
            )
        return ", ".join(names)


def causes(decision: Decision) -> list[Cause]:
    """What decided, each cause once: the gravest first, and of these the deepest."""
    shown = {
        (each.gate, each.dimension): each for each in decision.reasons if not each.explained_by
    }
    also: dict[tuple[ReasonGate, str], list[Reason]] = {}
    own = []
    for reason in decision.reasons:
        keys = [(gate, reason.explained_by) for gate in _family(reason.gate)]
        known = [key for key in keys if key in shown] if reason.explained_by else []
        if known:
            # Of two gates at one dimension, the graver one is what was found.
            key = min(known, key=lambda pair: shown[pair].outcome.severity)
            also.setdefault(key, []).append(reason)
        else:
            own.append(reason)
    own.sort(key=lambda reason: (reason.outcome.severity, -reason.dimension.count(".")))
    return [
        Cause(
            reason=reason,
            also=tuple(
                sorted(
                    also.pop((reason.gate, reason.dimension), ()),
                    key=lambda other: (
                        -other.dimension.count("."),
                        other.gate is not reason.gate,
                    ),
                )
            ),
        )
        for reason in own
    ]


def _family(gate: ReasonGate) -> Sequence[ReasonGate]:
    return _SCORES if gate in _SCORES else (gate,)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loss:
    """A reason that may be explained by others."""

    reason: Reason
    missing: float
    """Samples that it is short of; infinite if that cannot be said."""

    @property
    def dimension(self) -> str:
        return self.reason.dimension

    @property
    def order(self) -> tuple[int, int, bool]:
        """The deepest first, of these the gravest, and then what says what changed."""
        is_first = self.reason.gate is _SCORES[0]
        return -self.dimension.count("."), self.reason.outcome.severity, not is_first

    def may_explain(self, other: _Loss) -> bool:
        """Whether it is of the same family, at or below its dimension, and at least as grave."""
        return (
            self.reason.gate in _family(other.reason.gate)
            and self.reason.outcome.severity <= other.reason.outcome.severity
            and f"{self.dimension}.".startswith(f"{other.dimension}.")
        )


def explained(reasons: Iterable[tuple[Reason, Verdict]]) -> Iterator[Reason]:
    """The reasons in their order, each with the dimension of the one that explains it, if one does.

    A reason is explained by those at or below its dimension, of its gate's family and at least as
    grave, if more than half of the samples that it is short of are missing there. So a fall that is
    spread over all axes is told beside the one axis that fell enough to fail alone.
    """
    losses = [_Loss(reason=reason, missing=_missing(verdict)) for reason, verdict in reasons]
    failed = [each for each in losses if each.reason.outcome is not Outcome.PASS]
    leading: list[_Loss] = []
    explained_by: dict[Reason, str] = {}
    for each in sorted(failed, key=lambda loss: loss.order):
        below = _widest(one for one in leading if one.may_explain(each))
        missing = sum(one.missing for one in below)
        if each.missing > 0 and (2 * missing > each.missing or missing == math.inf):
            explained_by[each.reason] = max(below, key=lambda one: one.missing).dimension
        else:
            leading.append(each)
    for each in losses:
        yield replace(each.reason, explained_by=explained_by.get(each.reason, ""))


def _widest(losses: Iterable[_Loss]) -> list[_Loss]:
    """Those with no other one above them, one a dimension, so that no sample counts twice."""
    by_dimension: dict[str, _Loss] = {}
    for each in sorted(losses, key=lambda one: one.missing):
        by_dimension[each.dimension] = each
    return [
        each
        for path, each in by_dimension.items()
        if not any(above in by_dimension for above in ancestors(path))
    ]


def _missing(verdict: Verdict) -> float:
    """How many more samples would have had to be correct; at most 0 if it is no matter of these."""
    match verdict:
        case _ if verdict.outcome is Outcome.INVALID:
            return verdict.unparseable if isinstance(verdict, CapabilityVerdict) else math.inf
        case CapabilityVerdict():
            required = float(Fraction(verdict.threshold)) if verdict.threshold else 0.0
            return (required - verdict.accuracy) * verdict.total
        case RegressionVerdict():
            return verdict.regressed - verdict.fixed
        case VisionVerdict():
            limits = [
                (one.value - float(one.limit)) * (1 if one.name == LEAKAGE else -1)
                for one in verdict.measures
                if one.limit
            ]
            return max(limits, default=0.0) * verdict.conditions[0].total
    return 0.0
