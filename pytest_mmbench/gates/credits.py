"""Mean credits against thresholds, where some answers are right in part.

No integer decides here: `stats.gaffke` bounds the mean of anything that lies between 0 and 1, at
any number of samples. Where no answer is right in part it says what `capability` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pytest_mmbench.gates.decimals import format_beside_limit
from pytest_mmbench.gates.stats import binomial, gaffke
from pytest_mmbench.gates.stats.multiplicity import holm, holm_threshold
from pytest_mmbench.records import Outcome, Rule, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The tails of the three-way checks that are judged together."""

    alpha: float
    tails: tuple[float, ...]

    def rejects(self, tail: float) -> bool:
        """Whether one of the tails is significant by Holm's procedure over all of them."""
        return holm(self.tails)[self.tails.index(tail)] <= self.alpha

    def level(self, tail: float) -> float:
        """How small one of the tails has to be, the others being what they are."""
        own = self.tails.index(tail)
        return holm_threshold(self.tails[:own] + self.tails[own + 1 :], self.alpha)

    def describe_level(self, tail: float) -> str:
        """That level for people, and what it is a part of."""
        size = len(self.tails)
        holm = f" ({self.alpha:.3g} after Holm, {size} tests)" if size > 1 else ""
        return f"level {self.level(tail):.3g}{holm}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditCheck:
    """Whether a mean credit reaches a threshold."""

    tally: Tally
    rule: Rule
    at_least: str
    """For people: with two decimals at least."""
    tau: Fraction
    alpha: float

    @property
    def passes(self) -> bool:
        """Whether the mean itself reaches it."""
        return self.tally.score >= self.tau

    @property
    def is_strong(self) -> bool:
        """Whether so high a mean is rare, at `alpha`, for a model below the threshold."""
        return gaffke.p_above(self.tally.shares, self.tau) <= self.alpha

    @property
    def tail(self) -> float:
        """Probability of so low a mean for a model at the threshold."""
        return gaffke.p_below(self.tally.shares, self.tau)


def judge_credits(check: CreditCheck, family: Family) -> tuple[Outcome, str]:
    """The outcome by the rule of the threshold, and what a sentence about the score ends with."""
    if check.rule is Rule.STRONG:
        return _judge_strong(check)
    if check.passes:
        return Outcome.PASS, f"reaches {check.at_least}: {_strength(check)}"
    tail = check.tail
    if check.rule is Rule.POINT:
        note = "significantly" if tail <= check.alpha else "not significantly"
        return Outcome.FAIL, f"is below {check.at_least}: {note} (p {tail:.2g})"
    level = f"p {tail:.2g}, {family.describe_level(tail)}"
    if family.rejects(tail):
        return Outcome.FAIL, f"is significantly below {check.at_least}: {level}"
    return Outcome.INCONCLUSIVE, f"is below {check.at_least}, but not significantly: {level}"


def _judge_strong(check: CreditCheck) -> tuple[Outcome, str]:
    if check.is_strong:
        return Outcome.PASS, f"reaches {check.at_least} with strong evidence"
    where = f"reaches {check.at_least} without strong evidence"
    where = where if check.passes else f"is below {check.at_least}"
    return Outcome.FAIL, f"{where}: {_strength(check)}"


def _strength(check: CreditCheck) -> str:
    """Of what threshold the score is strong evidence."""
    if check.is_strong:
        return "strong evidence"
    perfect = Fraction(sum(check.tally.shares.values()))
    if check.tau < 1 and check.tau**perfect > check.alpha:
        enough = binomial.samples_for_strong(check.tau, check.alpha)
        return f"no score of {perfect} is strong evidence, {enough} of {enough} would be"
    low = gaffke.lower_bound(check.tally.shares, check.alpha)
    return f"strong evidence of {format_beside_limit(low, check.tau)}"
