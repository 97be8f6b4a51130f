"""From what every gate says to one decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pytest_mmbench.records import Outcome, Verdict
from pytest_mmbench.report.judgements import (
    Change,
    Decision,
    Finding,
    Gate,
    Ruling,
    Sight,
    Snapshot,
)
from pytest_mmbench.report.tree import ancestors

GRAVEST: Final = (
    Outcome.INVALID,
    Outcome.FAIL,
    Outcome.INCONCLUSIVE,
    Outcome.PASS,
    Outcome.MEASURED,
)
STOPPING: Final = (Outcome.INVALID, Outcome.FAIL)


def rule(
    *,
    verdicts: Sequence[Verdict],
    changes: Sequence[Change] = (),
    sights: Sequence[Sight] = (),
    snapshots: Sequence[Snapshot] = (),
    strict: bool = False,
    unfinished: str = "",
) -> Ruling:
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
    told = [*found, *_early(unfinished)]
    decision = _decision({each.outcome for each in told}, strict=strict)
    chosen = _topmost(told) if decision is Decision.SHIP else _open(told)
    reasons = tuple(sorted(chosen, key=_weight))
    return Ruling(decision=decision, reasons=reasons, gates=len(found), passed=passed)


def _weight(finding: Finding) -> tuple[int, int]:
    return GRAVEST.index(finding.outcome), finding.dimension.count(".")


def _decision(outcomes: set[Outcome], *, strict: bool) -> Decision:
    if outcomes & {*STOPPING}:
        return Decision.STOP
    if Outcome.INCONCLUSIVE in outcomes:
        return Decision.STOP if strict else Decision.INCONCLUSIVE
    return Decision.SHIP if outcomes else Decision.NOTHING


def _gated(
    verdicts: Sequence[Verdict],
    changes: Sequence[Change],
    sights: Sequence[Sight],
    snapshots: Sequence[Snapshot],
) -> Iterator[Finding]:
    for verdict in verdicts:
        if verdict.threshold:
            yield _finding(Gate.CAPABILITY, verdict.tally.dimension, verdict)
    for gate, judged in (
        (Gate.REGRESSION, changes),
        (Gate.VISION, sights),
        (Gate.ANSWERS, snapshots),
    ):
        for each in judged:
            if each.outcome is not Outcome.MEASURED:
                yield _finding(gate, each.dimension, each)


def _finding(gate: Gate, dimension: str, judged: Verdict | Change | Sight | Snapshot) -> Finding:
    return Finding(gate=gate, dimension=dimension, outcome=judged.outcome, because=judged.because)


def _early(unfinished: str) -> Iterator[Finding]:
    if unfinished:
        yield Finding(gate=Gate.RUN, dimension="", outcome=Outcome.INCONCLUSIVE, because=unfinished)


def _open(findings: Sequence[Finding]) -> list[Finding]:
    return [each for each in findings if each.outcome is not Outcome.PASS]


def _topmost(findings: Sequence[Finding]) -> list[Finding]:
    """Those with none of the same kind above them."""
    named = {(each.gate, each.dimension) for each in findings}
    return [
        each
        for each in findings
        if not any((each.gate, above) in named for above in ancestors(each.dimension))
    ]
