"""Tallies judged against thresholds.

Integers decide: a threshold of 0.6 on 40 samples needs 24 right answers. The interval beside a
score is there to be looked at and never decides.

Where a benchmark's own aggregate weighs its samples or gives partial credit, the exact score is
compared with the threshold; significance is about that of as many samples (`tally.equivalent`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

from pytest_mmbench.errors import DataError, SettingsError
from pytest_mmbench.gates.decimals import beside
from pytest_mmbench.gates.stats import binomial, multiplicity
from pytest_mmbench.records import CapabilityVerdict, Outcome, Rule, Tally, Threshold
from pytest_mmbench.results.tally import effective_counts

NOTHING: Final = Fraction(0)
"""What a dimension without a threshold has to reach."""


def judge_capability(
    tallies: Sequence[Tally],
    thresholds: Mapping[str, Threshold],
    *,
    alpha: float,
    unparseable_limit: float,
) -> list[CapabilityVerdict]:
    """One verdict per tally of a family of dimensions, in the given order.

    1. More unreadable answers than `unreadable_limit` (a fraction of those asked): invalid.
    2. No threshold: measured.
    3. `point`: passes with `stats.k_point` right answers; on a fixed benchmark that claim is exact.
    4. `strong`: passes with `stats.k_pass_min`, where the exact lower bound reaches the threshold.
    5. `three-way`: passes as `point`; fails if significantly below, by exact binomial tails under
       Holm's procedure over the readable three-way tallies of the family; else is inconclusive.

    `alpha` is the one-sided level of 4 and 5, and of the evidence that the sentences speak of.

    Raises:
        DataError: A tally has no samples, or a stratum of it has none.
        SettingsError: A threshold is not a fraction in [0, 1], or alpha does not lie in (0, 0.5).
    """
    _check(tallies, alpha)
    limit = Fraction(str(unparseable_limit))
    together = [
        _claim(tally, thresholds[tally.dimension], alpha)
        for tally in tallies
        if tally.dimension in thresholds and _readable(tally, limit)
    ]
    tails = tuple(claim.tail for claim in together if claim.rule is Rule.THREE_WAY)
    family = _Family(alpha=alpha, tails=tails)
    return [_verdict(each, thresholds.get(each.dimension), family, limit) for each in tallies]


def shown(at_least: str) -> str:
    """A threshold for people: as it was written, with at least two decimals."""
    written = _written(at_least)
    return f"{written:.{max(2, -int(written.as_tuple().exponent))}f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """That a tally reaches a threshold, and the integers that decide it."""

    tally: Tally
    rule: Rule
    at_least: str
    tau: Fraction
    alpha: float

    @property
    def reached(self) -> bool:
        return self.tally.score >= self.tau

    @property
    def right(self) -> int:
        """Rounded towards the threshold, which makes evidence weaker, and never beyond it."""
        if self.reached:
            return max(effective_counts(self.tally).correct, self.point)
        return min(effective_counts(self.tally, up=True).correct, self.point - 1)

    @property
    def asked(self) -> int:
        return effective_counts(self.tally).total

    @property
    def point(self) -> int:
        return binomial.min_correct(self.asked, self.tau)

    @property
    def strong(self) -> int:
        return binomial.min_correct_significant(self.asked, self.tau, self.alpha)

    @property
    def tail(self) -> float:
        """How probable so low a score is for a model at the threshold."""
        return binomial.lower_tail(self.right, self.asked, self.tau)

    def significant(self, level: float) -> int:
        return binomial.max_correct_significant(self.asked, self.tau, level)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    """The tails of the three-way claims that are judged together."""

    alpha: float
    tails: tuple[float, ...]

    def rejects(self, tail: float) -> bool:
        return multiplicity.holm(self.tails)[self.tails.index(tail)] <= self.alpha

    def level(self, tail: float) -> float:
        own = self.tails.index(tail)
        return multiplicity.holm_threshold(self.tails[:own] + self.tails[own + 1 :], self.alpha)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decision:
    outcome: Outcome
    because: str


def _verdict(
    tally: Tally, threshold: Threshold | None, family: _Family, limit: Fraction
) -> CapabilityVerdict:
    if not _readable(tally, limit):
        decision = _unreadable(tally, limit)
    elif threshold is None:
        because = f"{_observed(tally, effective_counts(tally).correct)} has no threshold"
        decision = _Decision(outcome=Outcome.NOT_GATED, because=because)
    else:
        decision = _gated(_claim(tally, threshold, family.alpha), family)
    return CapabilityVerdict(
        tally=tally,
        interval=binomial.wilson(*effective_counts(tally)),
        outcome=decision.outcome,
        threshold=threshold.at_least if threshold else "",
        rule=threshold.rule if threshold else "",
        explanation=decision.because,
    )


def _readable(tally: Tally, limit: Fraction) -> bool:
    return tally.unparseable <= limit * tally.total


def _unreadable(tally: Tally, limit: Fraction) -> _Decision:
    because = (
        f"{tally.dimension} cannot be judged: {tally.unparseable} of {tally.total} answers are"
        f" unreadable, at most {math.floor(limit * tally.total)} ({float(limit):g}) are allowed"
    )
    return _Decision(outcome=Outcome.INVALID, because=because)


def _gated(claim: _Claim, family: _Family) -> _Decision:
    match claim.rule:
        case Rule.POINT:
            decision = _by_point(claim)
        case Rule.STRONG:
            decision = _by_strong(claim)
        case Rule.THREE_WAY:
            decision = _three_ways(claim, family)
    because = f"{_observed(claim.tally, claim.right, claim.tau)} {decision.because}"
    return _Decision(outcome=decision.outcome, because=because)


def _by_point(claim: _Claim) -> _Decision:
    if claim.reached:
        return _Decision(outcome=Outcome.PASS, because=_reached(claim))
    most = claim.significant(claim.alpha)
    if claim.right <= most:
        note = f"significantly below, as {_or_fewer(most)} {'are' if most else 'is'}"
    elif most < 0:
        note = "even 0 would not be significantly below"
    else:
        note = f"{_or_fewer(most)} would be significantly below"
    because = f"is below {shown(claim.at_least)}: {claim.point} needed; {note}"
    return _Decision(outcome=Outcome.FAIL, because=because)


def _by_strong(claim: _Claim) -> _Decision:
    limit = shown(claim.at_least)
    if claim.right >= claim.strong:
        because = f"reaches {limit} with strong evidence: {claim.strong} needed"
        return _Decision(outcome=Outcome.PASS, because=because)
    where = f"reaches {limit} without strong evidence" if claim.reached else f"is below {limit}"
    return _Decision(outcome=Outcome.FAIL, because=f"{where}: {_strong_needs(claim)}")


def _three_ways(claim: _Claim, family: _Family) -> _Decision:
    if claim.reached:
        return _Decision(outcome=Outcome.PASS, because=_reached(claim))
    limit, level = shown(claim.at_least), family.level(claim.tail)
    most = claim.significant(level)
    if family.rejects(claim.tail):
        outcome, where = Outcome.FAIL, f"is significantly below {limit}"
        note = f"{_or_fewer(most)} {'fail' if most else 'fails'}"
    else:
        outcome, where = Outcome.INCONCLUSIVE, f"is below {limit}, but not significantly"
        note = "even 0 would not fail" if most < 0 else f"{_or_fewer(most)} would fail"
    size = len(family.tails)
    holm = f" ({family.alpha:.3g} by Holm among {size})" if size > 1 else ""
    because = f"{where}: {claim.point} needed; {note} at level {level:.3g}{holm}"
    return _Decision(outcome=outcome, because=because)


def _reached(claim: _Claim) -> str:
    asked, least = claim.asked, claim.strong
    if least > asked:
        note = f"no score of {asked} would be strong evidence"
    elif claim.right >= least:
        note = f"strong evidence, as {_or_more(least, asked)} are"
    else:
        note = f"{_or_more(least, asked)} would be strong evidence"
    return f"reaches {shown(claim.at_least)}: {claim.point} needed; {note}"


def _strong_needs(claim: _Claim) -> str:
    asked = claim.asked
    if claim.strong <= asked:
        return f"{claim.strong} needed by the rule strong"
    if claim.tau == 1:
        return f"no score is strong evidence of {shown(claim.at_least)}"
    enough = binomial.samples_for_strong(claim.tau, claim.alpha)
    return f"no score of {asked} is strong, {enough} of {enough} would be"


def _or_fewer(right: int) -> str:
    return f"{right} or fewer" if right > 0 else "0"


def _or_more(right: int, asked: int) -> str:
    return f"{right} or more" if right < asked else f"all {asked}"


def _observed(tally: Tally, right: int, tau: Fraction = NOTHING) -> str:
    interval = binomial.wilson(*effective_counts(tally))
    span = f"95% {interval.low:.2f}-{interval.high:.2f}"
    return f"{tally.dimension} {beside(tally.score, tau)} ({_counted(tally, right, tau)}, {span})"


def _counted(tally: Tally, right: int, tau: Fraction) -> str:
    """The counts; where they are not the score, what they weigh and how it is published."""
    if not tally.strata:
        return f"{tally.correct}/{tally.total}"
    scale = tally.scale
    published = f"{beside(tally.score * scale, tau * scale, places=2)} of {scale}, " * (scale > 1)
    mean = f"mean of {len(tally.strata)}, " * (len(tally.strata) > 1)
    return f"{published}{mean}as sure as {right}/{effective_counts(tally).total}"


def _claim(tally: Tally, threshold: Threshold, alpha: float) -> _Claim:
    return _Claim(
        tally=tally,
        rule=threshold.rule,
        at_least=threshold.at_least,
        tau=Fraction(_written(threshold.at_least)),
        alpha=alpha,
    )


def _written(at_least: str) -> Decimal:
    try:
        written = Decimal(at_least)
    except InvalidOperation:
        written = Decimal("nan")
    if not written.is_finite() or not 0 <= written <= 1:
        raise SettingsError(
            f"the threshold {at_least!r} is not a fraction between 0 and 1.",
            what_to_do="write sixty percent as 0.6",
        )
    return written


def _check(tallies: Sequence[Tally], alpha: float) -> None:
    if not 0 < alpha < 0.5:  # noqa: PLR2004 - at one half, a score above tau could be "below" it
        raise SettingsError(
            f"alpha is {alpha}, which is not a level of significance.",
            what_to_do="choose one between 0 and 0.5; 0.05 is customary",
        )
    for tally in tallies:
        if tally.total < 1 or not all(stratum.units for stratum in tally.strata):
            missing = "no samples in a part that its mean needs" if tally.total else "no samples"
            raise DataError(
                f"dimension {tally.dimension!r} has {missing}, so that nothing can be said of it.",
                what_to_do="leave the dimension out, or mend the benchmark's data",
            )
