"""Scores against thresholds.

Integers decide: a threshold of 0.6 on 40 samples requires 24 correct answers. The interval beside a
score is for people and never decides.

Where a benchmark's own aggregate weighs its samples, the exact score is compared with the
threshold; significance is about that of as many equal samples (`tally.effective_counts`). So it is
where samples share pictures: the score stays what it is, and its evidence is that of fewer samples
(`stats.design_effect`). Where answers are right in part, `credits` judges their mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import NamedTuple

from pytest_mmbench.errors import DataError, SettingsError
from pytest_mmbench.gates.credits import CreditCheck, Family, judge_credits
from pytest_mmbench.gates.decimals import allowed, format_beside_limit
from pytest_mmbench.gates.stats import binomial, gaffke
from pytest_mmbench.gates.stats.design_effect import effective_samples
from pytest_mmbench.gates.verdicts import CapabilityVerdict
from pytest_mmbench.records import Interval, Outcome, Rule, Tally, Threshold
from pytest_mmbench.results.tally import Counts, effective_counts


def judge_capability(
    tallies: Sequence[Tally],
    thresholds: Mapping[str, Threshold],
    *,
    alpha: float,
    unparseable_limit: float,
    cut_short_limit: float = 1,
) -> list[CapabilityVerdict]:
    """One verdict per tally of a family of dimensions, in the given order.

    1. More unparseable answers than `unparseable_limit` (a fraction of all), or more that were cut
       short than `cut_short_limit`: invalid.
    2. No threshold: not gated.
    3. `point`: passes with `binomial.min_correct` correct answers; on a fixed benchmark that claim
       is exact.
    4. `strong`: passes with `binomial.min_correct_significant`, where the exact lower bound reaches
       the threshold.
    5. `three-way`: passes as `point`; fails if significantly below, by exact binomial tails under
       Holm's procedure over the parseable three-way tallies of the family; else inconclusive.

    `alpha` is the one-sided level of 4 and 5, and of the evidence that the sentences speak of.
    Where samples share pictures, tails are those of `evidence`, and the score of 3 is as it was;
    where answers are right in part, 3 to 5 compare the mean credit, by `stats.gaffke`.
    """
    check_alpha(alpha)
    for tally in tallies:
        if tally.total < 1 or not all(stratum.units for stratum in tally.strata):
            missing = "no samples in a part that its mean needs" if tally.total else "no samples"
            raise DataError(
                f"dimension {tally.dimension!r} has {missing}, so that it has no score.",
                what_to_do="leave the dimension out, or mend the benchmark's data",
            )
    limits = _Limits(Fraction(str(unparseable_limit)), Fraction(str(cut_short_limit)))
    checks = {
        tally.dimension: _check(tally, thresholds[tally.dimension], alpha)
        for tally in tallies
        if tally.dimension in thresholds and not limits.objection(tally)
    }
    tails = tuple(check.tail for check in checks.values() if check.rule is Rule.THREE_WAY)
    family = Family(alpha=alpha, tails=tails)
    verdicts = []
    for tally in tallies:
        if tally.dimension in checks:
            outcome, explanation = _judge(checks[tally.dimension], family)
        else:
            objection = limits.objection(tally)
            outcome = Outcome.INVALID if objection else Outcome.NOT_GATED
            explanation = f"{tally.dimension} cannot be judged: {objection}"
            if not objection:
                score = _score(tally, evidence(tally).correct, Fraction(0))
                explanation = f"{score} has no threshold"
        threshold = thresholds.get(tally.dimension)
        verdicts.append(
            CapabilityVerdict(
                dimension=tally.dimension,
                outcome=outcome,
                explanation=explanation,
                accuracy=tally.accuracy,
                correct=tally.correct,
                total=tally.total,
                unparseable=tally.unparseable,
                scale=tally.scale,
                interval=_interval(tally),
                threshold=threshold.at_least if threshold else "",
                rule=threshold.rule.value if threshold else "",
                cut_short=tally.cut_short,
                repeats=(tally.repeats,) if tally.repeats else (),
            )
        )
    return verdicts


def evidence(tally: Tally, *, up: bool = False) -> Counts:
    """As many independent equal samples as are as sure of the score as a tally is.

    The number of right ones is rounded down, or up if that is asked for.
    """
    counts = effective_counts(tally, up=up)
    if tally.clusters is None:
        return counts
    total = min(counts.total, effective_samples(tally.score, tally.clusters))
    correct = tally.score * total
    return Counts(math.ceil(correct) if up else int(correct), total)


def threshold_text(at_least: str) -> str:
    """A threshold for people: as it was written, with at least two decimals."""
    number = _decimal(at_least)
    return f"{number:.{max(2, -int(number.as_tuple().exponent))}f}"


def _check(tally: Tally, threshold: Threshold, alpha: float) -> _ThresholdCheck | CreditCheck:
    tau = Fraction(_decimal(threshold.at_least))
    if tally.shares:
        return CreditCheck(
            tally=tally,
            rule=threshold.rule,
            at_least=threshold_text(threshold.at_least),
            tau=tau,
            alpha=alpha,
        )
    return _ThresholdCheck(
        tally=tally, rule=threshold.rule, at_least=threshold.at_least, tau=tau, alpha=alpha
    )


def _interval(tally: Tally) -> Interval:
    """Of the score, at 95 %: Wilson's, or one for any credits where answers are right in part."""
    return gaffke.interval(tally.shares) if tally.shares else binomial.wilson(*evidence(tally))


@dataclass(frozen=True, slots=True, kw_only=True)
class _ThresholdCheck:
    """Whether a tally reaches a threshold, and the integers that decide it."""

    tally: Tally
    rule: Rule
    at_least: str
    tau: Fraction
    alpha: float

    @property
    def passes(self) -> bool:
        return self.tally.score >= self.tau

    @property
    def correct(self) -> int:
        """Rounded towards the threshold, which makes evidence weaker, and never beyond it."""
        if self.passes:
            return max(evidence(self.tally).correct, self.min_correct)
        return min(evidence(self.tally, up=True).correct, self.min_correct - 1)

    @property
    def total(self) -> int:
        return evidence(self.tally).total

    @property
    def required(self) -> int:
        """Units that have to be correct, or effective ones where these are not the score."""
        total = self.total if self.tally.strata else self.tally.total
        return binomial.min_correct(total, self.tau)

    @property
    def out_of(self) -> str:
        """What follows an integer that is not a number of units as they were asked."""
        is_fewer = self.tally.clusters is not None and not self.tally.strata
        return f" of effective {self.total}" if is_fewer else ""

    @property
    def min_correct(self) -> int:
        return binomial.min_correct(self.total, self.tau)

    @property
    def min_correct_strong(self) -> int:
        return binomial.min_correct_significant(self.total, self.tau, self.alpha)

    @property
    def tail(self) -> float:
        """Probability of so low a score for a model at the threshold."""
        return binomial.lower_tail(self.correct, self.total, self.tau)

    def max_correct_significant(self, level: float) -> int:
        return binomial.max_correct_significant(self.total, self.tau, level)


class _Limits(NamedTuple):
    """Fractions of a dimension's answers above which nothing can be said of it."""

    unparseable: Fraction
    cut_short: Fraction

    def objection(self, tally: Tally) -> str:
        """What is wrong with the answers; empty if they can be judged."""
        answers = tally.answers
        cut_short = f"{tally.cut_short} of {answers} answers were cut short"
        if tally.unparseable > self.unparseable * answers:
            counts = f"{tally.unparseable} of {answers} answers are unparseable"
            objection = f"{counts}, {allowed(self.unparseable, answers)}"
            return f"{objection}; {cut_short}" if tally.cut_short else objection
        if tally.cut_short > self.cut_short * answers:
            return f"{cut_short}, {allowed(self.cut_short, answers)}"
        return ""


def _judge(check: _ThresholdCheck | CreditCheck, family: Family) -> tuple[Outcome, str]:
    if isinstance(check, CreditCheck):
        outcome, sentence = judge_credits(check, family)
        return outcome, f"{_score(check.tally, 0, check.tau)} {sentence}"
    match check.rule:
        case Rule.POINT:
            outcome, sentence = _judge_point(check)
        case Rule.STRONG:
            outcome, sentence = _judge_strong(check)
        case Rule.THREE_WAY:
            outcome, sentence = _judge_three_way(check, family)
    return outcome, f"{_score(check.tally, check.correct, check.tau)} {sentence}"


def _judge_point(check: _ThresholdCheck) -> tuple[Outcome, str]:
    if check.passes:
        return Outcome.PASS, _reaches(check)
    most = check.max_correct_significant(check.alpha)
    if check.correct <= most:
        note = f"significantly below (at most {most}{check.out_of})"
    elif most < 0:
        note = "too few samples to be significantly below"
    else:
        note = f"at most {most}{check.out_of} would be significantly below"
    limit = threshold_text(check.at_least)
    return Outcome.FAIL, f"is below {limit}: {check.required} required; {note}"


def _judge_strong(check: _ThresholdCheck) -> tuple[Outcome, str]:
    limit, total = threshold_text(check.at_least), check.total
    if check.correct >= check.min_correct_strong:
        required = f"{check.min_correct_strong}{check.out_of} required"
        return Outcome.PASS, f"reaches {limit} with strong evidence: {required}"
    if check.min_correct_strong <= total:
        note = f"{check.min_correct_strong}{check.out_of} required by the rule strong"
    elif check.tau == 1:
        note = f"no score is strong evidence of {limit}"
    else:
        enough = binomial.samples_for_strong(check.tau, check.alpha)
        few = f"effective {total}" if check.out_of else total
        note = f"no score of {few} is strong, {enough} of {enough} would be"
    where = f"reaches {limit} without strong evidence" if check.passes else f"is below {limit}"
    return Outcome.FAIL, f"{where}: {note}"


def _judge_three_way(check: _ThresholdCheck, family: Family) -> tuple[Outcome, str]:
    if check.passes:
        return Outcome.PASS, _reaches(check)
    limit = threshold_text(check.at_least)
    most = check.max_correct_significant(family.level(check.tail))
    if family.rejects(check.tail):
        outcome, where = Outcome.FAIL, f"is significantly below {limit}"
        note = f"at most {most}{check.out_of} fail"
    else:
        outcome, where = Outcome.INCONCLUSIVE, f"is below {limit}, but not significantly"
        few = "too few samples to fail"
        note = few if most < 0 else f"at most {most}{check.out_of} would fail"
    level = family.describe_level(check.tail)
    return outcome, f"{where}: {check.required} required; {note} at {level}"


def _reaches(check: _ThresholdCheck) -> str:
    total, least = check.total, check.min_correct_strong
    enough = f"at least {least}" if least < total else f"all {total}"
    if least > total:
        few = f"effective {total}" if check.out_of else total
        note = f"no score of {few} would be strong evidence"
    elif check.correct >= least:
        note = f"strong evidence ({enough}{check.out_of})"
    else:
        note = f"{enough}{check.out_of} would be strong evidence"
    return f"reaches {threshold_text(check.at_least)}: {check.required} required; {note}"


def _score(tally: Tally, correct: int, tau: Fraction) -> str:
    """The score with its counts and interval; what counts weigh where they are not the score."""
    interval = _interval(tally)
    if not tally.strata:
        weight = f"{tally.correct}/{tally.total}"
    else:
        weight = f"effective {correct} of {evidence(tally).total}"
        if tally.shares:
            weight = f"credit of {tally.total}, {tally.correct} in full"
        if len(tally.strata) > 1:
            weight = f"mean of {len(tally.strata)}, {weight}"
        if tally.scale > 1:
            points = format_beside_limit(tally.score * tally.scale, tau * tally.scale, places=2)
            weight = f"{points} of {tally.scale}, {weight}"
    if tally.clusters is not None:
        weight += f" from {tally.clusters.number} pictures"
    span = f"95% {interval.low:.2f}-{interval.high:.2f}"
    return f"{tally.dimension} {format_beside_limit(tally.score, tau)} ({weight}, {span})"


def _decimal(at_least: str) -> Decimal:
    try:
        number = Decimal(at_least)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or not 0 <= number <= 1:
        raise SettingsError(
            f"the threshold {at_least!r} is not a fraction between 0 and 1.",
            what_to_do="write sixty percent as 0.6",
        )
    return number


def check_alpha(alpha: float) -> None:
    """Refuses what is no one-sided level of significance."""
    if not 0 < alpha < 0.5:  # noqa: PLR2004 - at one half, a score above tau could be "below" it
        raise SettingsError(
            f"alpha is {alpha}, which is not a level of significance.",
            what_to_do="choose one between 0 and 0.5; 0.05 is customary",
        )
