"""From what every gate says to one decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pytest_mmbench.records import CapabilityVerdict, Outcome
from pytest_mmbench.report.document import (
    Change,
    Decision,
    Reason,
    ReasonGate,
    ReleaseDecision,
    Sight,
    Snapshot,
)
from pytest_mmbench.report.tree import ancestors

BY_SEVERITY: Final = (
    Outcome.INVALID,
    Outcome.FAIL,
    Outcome.INCONCLUSIVE,
    Outcome.PASS,
    Outcome.NOT_GATED,
)


FAILING: Final = (Outcome.INVALID, Outcome.FAIL)


def decide(
    *,
    verdicts: Sequence[CapabilityVerdict],
    changes: Sequence[Change] = (),
    sights: Sequence[Sight] = (),
    snapshots: Sequence[Snapshot] = (),
    strict: bool = False,
    unfinished: str = "",
) -> Decision:
    """The decision that the gates of a run add up to.

    1. A gate that failed, or that could not be judged for unreadable answers: do not ship.
    2. One that is inconclusive: inconclusive; under `strict`, do not ship.
    3. No gate at all: nothing gated. A dimension without a threshold is no gate.
    4. Else: ship.

    A run that ended early says why in `unfinished`, and is inconclusive at best.

    The reasons are the findings that decided: the gravest first, and of these the ones about the
    most. Of a decision to ship, where all of them decided, they are those about the nodes that have
    no other gated node above them.
    """
    found = list(_gated(verdicts, changes, sights, snapshots))
    passed = sum(each.outcome is Outcome.PASS for each in found)
    told = [*found, *_unfinished(unfinished)]
    decision = _release_decision({each.outcome for each in told}, strict=strict)
    chosen = _topmost(told) if decision is ReleaseDecision.SHIP else _inconclusive(told)
    reasons = tuple(sorted(chosen, key=_weight))
    return Decision(decision=decision, reasons=reasons, gates=len(found), passed=passed)


def _weight(finding: Reason) -> tuple[int, int]:
    return BY_SEVERITY.index(finding.outcome), finding.dimension.count(".")


def _release_decision(outcomes: set[Outcome], *, strict: bool) -> ReleaseDecision:
    if outcomes & {*FAILING}:
        return ReleaseDecision.STOP
    if Outcome.INCONCLUSIVE in outcomes:
        return ReleaseDecision.STOP if strict else ReleaseDecision.INCONCLUSIVE
    return ReleaseDecision.SHIP if outcomes else ReleaseDecision.NOTHING


def _gated(
    verdicts: Sequence[CapabilityVerdict],
    changes: Sequence[Change],
    sights: Sequence[Sight],
    snapshots: Sequence[Snapshot],
) -> Iterator[Reason]:
    for verdict in verdicts:
        if verdict.threshold:
            yield _finding(ReasonGate.CAPABILITY, verdict.tally.dimension, verdict)
    for gate, judged in (
        (ReasonGate.REGRESSION, changes),
        (ReasonGate.VISION, sights),
        (ReasonGate.ANSWERS, snapshots),
    ):
        for each in judged:
            if each.outcome is not Outcome.NOT_GATED:
                yield _finding(gate, each.dimension, each)


def _finding(
    gate: ReasonGate, dimension: str, judged: CapabilityVerdict | Change | Sight | Snapshot
) -> Reason:
    why = judged.explanation if isinstance(judged, CapabilityVerdict) else judged.because
    return Reason(gate=gate, dimension=dimension, outcome=judged.outcome, because=why)


def _unfinished(unfinished: str) -> Iterator[Reason]:
    if unfinished:
        yield Reason(
            gate=ReasonGate.RUN, dimension="", outcome=Outcome.INCONCLUSIVE, because=unfinished
        )


def _inconclusive(findings: Sequence[Reason]) -> list[Reason]:
    return [each for each in findings if each.outcome is not Outcome.PASS]


def _topmost(findings: Sequence[Reason]) -> list[Reason]:
    """Those with none of the same kind above them."""
    named = {(each.gate, each.dimension) for each in findings}
    return [
        each
        for each in findings
        if not any((each.gate, above) in named for above in ancestors(each.dimension))
    ]
