"""What a verdict says, in parts: integers first, and no more than they bear."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

from pytest_mmbench.gates.comparison import Comparison, PairedTest
from pytest_mmbench.gates.decimals import rounded, seeing
from pytest_mmbench.records import Interval

_NEEDED: Final = "that are needed to judge it alone; counts in"


def moved(comparison: Comparison) -> str:
    """By how much the accuracy changed, and the integers behind it; near ties are put back."""
    pairs = comparison.pairs
    size = _fraction(comparison, abs(pairs.difference))
    if pairs.regressed == pairs.fixed:
        what = "neither fell nor rose"
    else:
        what = f"{'fell' if pairs.regressed > pairs.fixed else 'rose'} by {size}"
    before, after = _fraction(comparison, pairs.before), _fraction(comparison, pairs.after)
    counts = f"{pairs.regressed} lost, {pairs.fixed} gained of {pairs.total}"
    return f"{what} ({before} to {after}; {counts}{_aside(comparison)})"


def _aside(comparison: Comparison) -> str:
    near, silent = len(comparison.near_ties), comparison.became_unparseable
    lost, gained = comparison.near_regressed, comparison.near_fixed
    ties = f"; {_count(near, 'near tie')} not counted, {lost} lost and {gained} gained"
    alike = f"; samples count the same here, and the published score is {comparison.published}"
    return (
        (ties if near else "")
        + (f"; {silent} became unreadable" if silent else "")
        + (alike if comparison.published else "")
    )


def span(comparison: Comparison, interval: Interval, confidence: float) -> str:
    """The interval of the difference: `90% -0.0315 to -0.0085`."""
    low, high = _fraction(comparison, interval.low), _fraction(comparison, interval.high)
    return f"{100 * confidence:g}% {low} to {high}"


def chance(comparison: Comparison, p_value: float, adjusted: float, family: int) -> str:
    """The p-value, the test that gave it, and what its family makes of it."""
    test: str = comparison.test
    if comparison.test is PairedTest.SIGN_FLIP:
        test = f"{test} of {len(comparison.clusters)} clusters"
    holm = f", {_short(adjusted)} by Holm among {family}" if family > 1 else ""
    return f"p = {_short(p_value)} ({test}){holm}"


def noticeable(comparison: Comparison, drop: float, level: float) -> str:
    """How small a fall the samples would have shown to a test at that level."""
    if comparison.smallest_possible_p > level:
        return "beside the others it could lose everything unnoticed"
    return f"a fall by {drop:.3f} would be noticed four times in five"


def too_small(comparison: Comparison, needed: int, alpha: float) -> str:
    """Why a dimension is not judged on its own, and where its samples count instead."""
    parent = comparison.dimension.rpartition(".")[0]
    there, witnesses = _count(comparison.total, "sample"), math.ceil(-math.log2(alpha))
    if comparison.total < needed:
        return f"{there} of {needed} {_NEEDED} {parent}"
    if comparison.clusters:
        there = _count(len(comparison.clusters), "picture")
        return f"{there} of {witnesses} {_NEEDED} {parent}"
    # A mid-p value counts what was seen by half, which is worth one sample.
    return f"{there} of {witnesses - 1} {_NEEDED} {parent}"


def within(margin: float, *, significant: bool) -> str:
    """That a margin is kept."""
    if significant:
        return f"significantly worse, but by less than the margin {margin:g}"
    return f"worse by less than the margin {margin:g}, if at all"


def beyond(margin: float) -> str:
    """That a margin is not kept."""
    return f"significantly worse, by more than the margin {margin:g}"


def perhaps_beyond(comparison: Comparison, margin: float, *, significant: bool) -> str:
    """That a margin may be kept or not."""
    if comparison.pairs.regressed <= comparison.pairs.fixed:
        return f"too few samples to exclude a fall by more than the margin {margin:g}"
    worse = "significantly worse, perhaps" if significant else "perhaps worse"
    return f"{worse} by more than the margin {margin:g}"


def unreliable(comparison: Comparison, narrowest: float) -> str:
    """That even an unchanged candidate would often not be shown to keep the margin."""
    flips = f"{comparison.pairs.flips} flips among {_count(comparison.total, 'sample')}"
    return f"with {flips} a margin below {narrowest:.3f} cannot be kept reliably"


def few_clusters(comparison: Comparison, needed: int) -> str:
    """That too few pictures are behind the samples for an interval."""
    return f"its samples share {len(comparison.clusters)} pictures, and {needed} are needed"


def unreadable(comparison: Comparison, limit: Fraction) -> str:
    """Why nothing can be said: whose answers cannot be read, and how many."""
    most = math.floor(limit * comparison.total)
    sides = {"old": comparison.baseline_unparseable, "new": comparison.candidate_unparseable}
    over = {side: count for side, count in sides.items() if count > most}
    whose = " and ".join(f"{count} by the {side} model" for side, count in over.items())
    allowed = f"at most {most} ({float(limit):g}) are allowed"
    return f"cannot be compared: of {comparison.total} answers {whose} are unreadable, {allowed}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _fraction(comparison: Comparison, value: float) -> str:
    """With as many decimals as it takes to see one sample, and at least three."""
    return rounded(value, seeing(comparison.total))


def _short(p_value: float) -> str:
    """Two digits: 0.27, or 7.5e-9."""
    return f"{p_value:.2g}".replace("e-0", "e-")
