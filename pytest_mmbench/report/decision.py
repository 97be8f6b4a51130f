"""One decision from the verdicts of all gates."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_mmbench.gates.verdicts import (
    CapabilityVerdict,
    RegressionVerdict,
    SnapshotVerdict,
    Verdict,
    VisionVerdict,
)
from pytest_mmbench.records import Outcome
from pytest_mmbench.report.document import Decision, Reason, ReasonGate, Release
from pytest_mmbench.report.tree import ancestors

GATES = {
    CapabilityVerdict: ReasonGate.CAPABILITY,
    RegressionVerdict: ReasonGate.REGRESSION,
    VisionVerdict: ReasonGate.VISION,
    SnapshotVerdict: ReasonGate.SNAPSHOT,
}


def decide(verdicts: Sequence[Verdict], *, strict: bool = False, unfinished: str = "") -> Decision:
    """The decision that the verdicts of a run add up to.

    1. A gate that failed, or that is invalid: do not ship.
    2. One that is inconclusive: inconclusive; under `strict`, do not ship.
    3. No gate at all: nothing gated. A dimension without a threshold is no gate.
    4. Else: ship.

    The reasons are the verdicts that decided: the gravest first, and of these the ones about the
    most samples. Of a decision to ship, where all of them decided, they are those about the nodes
    that have no other gated node above them.

    Args:
        verdicts: of all gates, in the order of the trees.
        strict: whether inconclusive gates stop a release.
        unfinished: why not everything was judged, if so: the run is then inconclusive at best.
    """
    gated = [
        Reason(
            gate=GATES[type(each)],
            dimension=each.dimension,
            outcome=each.outcome,
            explanation=each.explanation,
        )
        for each in verdicts
        if each.outcome is not Outcome.NOT_GATED
        and (each.threshold if isinstance(each, CapabilityVerdict) else True)
    ]
    reasons = list(gated)
    if unfinished:
        reasons.append(
            Reason(
                gate=ReasonGate.RUN,
                dimension="",
                outcome=Outcome.INCONCLUSIVE,
                explanation=unfinished,
            )
        )
    release = _release([each.outcome for each in reasons], strict=strict)
    if release is Release.SHIP:
        gates = {(each.gate, each.dimension) for each in reasons}
        deciding = [
            each
            for each in reasons
            if not any((each.gate, above) in gates for above in ancestors(each.dimension))
        ]
    else:
        deciding = [each for each in reasons if each.outcome is not Outcome.PASS]
    deciding.sort(key=lambda each: (each.outcome.severity, each.dimension.count(".")))
    passed = sum(each.outcome is Outcome.PASS for each in gated)
    return Decision(release=release, reasons=tuple(deciding), gates=len(gated), passed=passed)


def _release(outcomes: Sequence[Outcome], *, strict: bool) -> Release:
    if any(outcome.fails(strict=strict) for outcome in outcomes):
        return Release.STOP
    if Outcome.INCONCLUSIVE in outcomes:
        return Release.INCONCLUSIVE
    return Release.SHIP if outcomes else Release.NOTHING_GATED
