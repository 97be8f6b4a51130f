"""Comparisons judged: the root by a margin, what lies below it by significance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from pytest_mmbench.errors import SettingsError
from pytest_mmbench.gates import regression_text
from pytest_mmbench.gates.comparison import Comparison
from pytest_mmbench.gates.stats import multiplicity, paired
from pytest_mmbench.records import Interval, Outcome

CLUSTERS: Final = 20
"""Fewest clusters on which an interval of the overall difference may rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionVerdict:
    """What the gate says of a candidate in one dimension, and why."""

    comparison: Comparison
    outcome: Outcome
    margin: str
    """The fall that is allowed, such as "0.02"; empty for all but a root."""
    interval: Interval
    """Of the difference; each side is wrong with probability alpha."""
    p_value: float
    """One-sided, of having become worse."""
    adjusted: float
    """The same by Holm's procedure within the family; unchanged where it is judged alone."""
    family: int
    """How many dimensions are judged together with it, itself included."""
    detectable_drop: float
    """Fall in accuracy that so many samples show four times in five."""
    reliable: bool
    """False for a root whose margin even an unchanged candidate, with as many flips, would be shown
    to keep less than four times in five."""
    near_ties_biased: bool
    """Whether near ties, which are not counted, lost significantly more than they gained: noise
    does not do that, and a tolerance that is too wide can."""
    explanation: str
    """One sentence with the integers that decided."""


def judge_regression(
    comparisons: Sequence[Comparison],
    *,
    margin: float,
    alpha: float,
    min_items: int,
    unparseable_limit: float,
) -> list[RegressionVerdict]:
    """One verdict per comparison, in the given order; a path without a dot is a benchmark's root.

    1. More unreadable answers of either model than `unreadable_limit` (a fraction): invalid.
    2. A root passes if the lower end of the two-sided interval at 1 - 2 alpha lies above -margin,
       fails if its upper end lies below -margin, and is inconclusive in between, or if it rests on
       fewer than `CLUSTERS` clusters.
    3. A dimension of fewer than `min_items` samples is measured; its samples count in its parent.
       So is one whose samples share so few pictures that the loss of everything could be chance.
    4. Any other dimension fails if it is significantly worse at alpha: one-sided mid-p McNemar
       test, or sign-flip test where samples share pictures, with Holm's procedure over all
       dimensions of the benchmark that this rule judges.
    5. Else it passes. That does not say that nothing was lost. To be worse by less than 0.02 can
       hardly be shown on the 83 samples of an axis, and a gate that asks for it would stop every
       release; so the sentence names the fall that would have been noticed.

    A dimension of 83 samples that loses 15 points and gains none fails in 19 of 20 runs beside 23
    others at alpha 0.05; churn makes that less, to 12 of 20 if it loses 17.5 and gains 2.5.

    Raises:
        SettingsError: margin is no fraction between 0 and 1, or alpha does not lie in (0, 0.5).
    """
    _check(margin, alpha)
    limit = Fraction(str(unparseable_limit))
    rules = _Rules(margin=margin, alpha=alpha, min_items=min_items, limit=limit)
    judged = {node.path: node for node in _together(comparisons, rules)}
    nodes = [judged.get(each.dimension) or _alone(each) for each in comparisons]
    return [_verdict(node, rules) for node in nodes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    margin: float
    alpha: float
    min_items: int
    limit: Fraction

    @property
    def confidence(self) -> float:
        """Of a two-sided interval, each side of which is wrong with probability alpha."""
        return 1 - 2 * self.alpha

    def readable(self, comparison: Comparison) -> bool:
        most = max(comparison.baseline_unparseable, comparison.candidate_unparseable)
        return most <= self.limit * comparison.total

    def tells(self, comparison: Comparison) -> bool:
        """Whether a dimension has enough samples, of enough pictures, to be judged by itself."""
        return comparison.total >= self.min_items and comparison.smallest_possible_p <= self.alpha


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    """A comparison, and the evidence of having become worse."""

    comparison: Comparison
    p_value: float
    adjusted: float
    family: int

    @property
    def path(self) -> str:
        return self.comparison.dimension


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decision:
    outcome: Outcome
    explanation: str


def _together(comparisons: Sequence[Comparison], rules: _Rules) -> list[_Node]:
    """All that is judged in families, which are the benchmarks."""
    members = [
        each
        for each in comparisons
        if not _is_root(each) and rules.tells(each) and rules.readable(each)
    ]
    benchmarks = dict.fromkeys(_benchmark(each) for each in members)
    return [
        node
        for benchmark in benchmarks
        for node in _family([each for each in members if _benchmark(each) == benchmark])
    ]


def _family(members: Sequence[Comparison]) -> list[_Node]:
    p_values = [each.p_worse for each in members]
    return [
        _Node(comparison=each, p_value=p_value, adjusted=adjusted, family=len(members))
        for each, p_value, adjusted in zip(
            members, p_values, multiplicity.holm(p_values), strict=True
        )
    ]


def _alone(comparison: Comparison) -> _Node:
    p_value = comparison.p_worse
    return _Node(comparison=comparison, p_value=p_value, adjusted=p_value, family=1)


def _is_root(comparison: Comparison) -> bool:
    return "." not in comparison.dimension


def _benchmark(comparison: Comparison) -> str:
    return comparison.dimension.partition(".")[0]


def _verdict(node: _Node, rules: _Rules) -> RegressionVerdict:
    comparison, root = node.comparison, _is_root(node.comparison)
    interval = comparison.interval(rules.confidence)
    level = rules.alpha / node.family
    drop = comparison.detectable_drop(level=level)
    decision = _decision(node, rules, interval, drop)
    return RegressionVerdict(
        comparison=comparison,
        outcome=decision.outcome,
        margin=f"{rules.margin:g}" if root else "",
        interval=interval,
        p_value=node.p_value,
        adjusted=node.adjusted,
        family=node.family,
        detectable_drop=drop,
        reliable=not root or _narrowest(comparison, rules) <= rules.margin,
        near_ties_biased=comparison.p_near <= level,
        explanation=f"{comparison.dimension} {decision.explanation}",
    )


def _decision(node: _Node, rules: _Rules, interval: Interval, drop: float) -> _Decision:
    comparison = node.comparison
    moved = regression_text.moved(comparison)
    if not rules.readable(comparison):
        told = regression_text.unreadable(comparison, rules.limit)
        return _Decision(outcome=Outcome.INVALID, explanation=told)
    if _is_root(comparison):
        decision = _overall(comparison, rules, interval)
        span = regression_text.span(comparison, interval, rules.confidence)
        return _Decision(
            outcome=decision.outcome, explanation=f"{moved}, {span}: {decision.explanation}"
        )
    if not rules.tells(comparison):
        told = regression_text.too_small(comparison, rules.min_items, rules.alpha)
        return _Decision(outcome=Outcome.NOT_GATED, explanation=f"{moved}: {told}")
    decision = _significance(node, rules, drop)
    chance = regression_text.chance(comparison, node.p_value, node.adjusted, node.family)
    return _Decision(
        outcome=decision.outcome, explanation=f"{moved}, {chance}: {decision.explanation}"
    )


def _overall(comparison: Comparison, rules: _Rules, interval: Interval) -> _Decision:
    significant = interval.high < 0
    if 0 < len(comparison.clusters) < CLUSTERS:
        told = regression_text.few_clusters(comparison, CLUSTERS)
        return _Decision(outcome=Outcome.INCONCLUSIVE, explanation=told)
    if interval.low > -rules.margin:
        told = regression_text.within(rules.margin, significant=significant)
        return _Decision(outcome=Outcome.PASS, explanation=told)
    if interval.high < -rules.margin:
        return _Decision(outcome=Outcome.FAIL, explanation=regression_text.beyond(rules.margin))
    told = regression_text.perhaps_beyond(comparison, rules.margin, significant=significant)
    narrowest = _narrowest(comparison, rules)
    if narrowest > rules.margin:
        told = f"{told}; {regression_text.unreliable(comparison, narrowest)}"
    return _Decision(outcome=Outcome.INCONCLUSIVE, explanation=told)


def _significance(node: _Node, rules: _Rules, drop: float) -> _Decision:
    level = rules.alpha / node.family
    if node.adjusted <= rules.alpha:
        return _Decision(outcome=Outcome.FAIL, explanation="significantly worse")
    told = f"not significantly worse; {regression_text.noticeable(node.comparison, drop, level)}"
    return _Decision(outcome=Outcome.PASS, explanation=told)


def _narrowest(comparison: Comparison, rules: _Rules) -> float:
    """Least margin that an unchanged candidate would keep four times in five."""
    return paired.smallest_provable_margin(
        comparison.flip_rate, comparison.effective, level=rules.alpha
    )


def _check(margin: float, alpha: float) -> None:
    if not 0 < margin < 1:
        raise SettingsError(
            f"the margin {margin:g} is not a fraction between 0 and 1.",
            what_to_do="write two points as 0.02; without any margin no candidate could pass",
        )
    if not 0 < alpha < 0.5:  # noqa: PLR2004 - at one half, the interval would have no width
        raise SettingsError(
            f"alpha is {alpha}, which is not a level of significance.",
            what_to_do="choose one between 0 and 0.5; 0.05 is customary",
        )
