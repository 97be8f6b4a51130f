"""The gate of a candidate against the baseline, on the same samples.

Two questions, because neither answers the other's. Overall: is the candidate worse by no more than
a margin, so that a fall which is spread over everything shows? Below: did one dimension fall, so
that a fall which the average hides shows?

How often it stops a candidate that is as good as the baseline: the dimensions below the root, of
all levels of a benchmark, form one family of Holm's procedure, so that one of them fails with
probability alpha at most, for each benchmark. A family for each level would spend alpha at each
level: with 18 axes of 83 samples and 6 capabilities, such gates failed up to 8 % of harmless
candidates in simulation at alpha 0.05, and one family up to 4.4 %. Halving alpha for each of two
levels would do as well, and detect less. The root's own failure comes on top, and is rare: it takes
a fall by the margin and by the noise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from pytest_mmbench.errors import SettingsError
from pytest_mmbench.gates.capability import check_alpha
from pytest_mmbench.gates.comparison import Comparison, PairedTest
from pytest_mmbench.gates.decimals import allowed, count_of, format_decimal, places_for
from pytest_mmbench.gates.stats import multiplicity, paired
from pytest_mmbench.gates.verdicts import RegressionVerdict, SignificanceTest
from pytest_mmbench.records import Interval, Outcome, benchmark_of, is_root

CLUSTERS: Final = 20
"""Fewest clusters on which an interval of the overall difference may rest."""


def judge_regression(
    comparisons: Sequence[Comparison],
    *,
    margin: float,
    alpha: float,
    min_items: int,
    unparseable_limit: float,
) -> list[RegressionVerdict]:
    """One verdict per comparison, in the given order; a path without a dot is a benchmark's root.

    1. More unparseable answers of either model than `unparseable_limit` (a fraction): invalid.
    2. A root passes if the lower end of the two-sided interval at 1 - 2 alpha lies above -margin,
       fails if its upper end lies below -margin, and is inconclusive in between, or if it rests on
       fewer than `CLUSTERS` clusters.
    3. A dimension of fewer than `min_items` samples is not gated; its samples count in its parent.
       So is one whose samples share so few pictures that the loss of everything could be chance.
    4. Any other dimension fails if it is significantly worse at alpha: one-sided mid-p McNemar
       test, or sign-flip test where samples share pictures, with Holm's procedure over all
       dimensions of the benchmark that this rule judges.
    5. Else it passes. That does not say that nothing was lost. To be worse by less than 0.02 can
       hardly be shown on the 83 samples of an axis, and a gate that asks for it would stop every
       release; so the sentence names the drop that would have been detected.

    A dimension of 83 samples that loses 15 points and gains none fails in 19 of 20 runs beside 23
    others at alpha 0.05; churn makes that less, to 12 of 20 if it loses 17.5 and gains 2.5.
    """
    if not 0 < margin < 1:
        raise SettingsError(
            f"the margin {margin:g} is not a fraction between 0 and 1.",
            what_to_do="write two points as 0.02; without any margin no candidate could pass",
        )
    check_alpha(alpha)
    limit = Fraction(str(unparseable_limit))
    rules = _Rules(margin=margin, alpha=alpha, min_items=min_items, limit=limit)
    verdicts = []
    for comparison, test in zip(comparisons, _tests(comparisons, rules), strict=True):
        interval = comparison.interval(1 - 2 * alpha)
        level = alpha / test.family
        drop = comparison.detectable_drop(level=level)
        outcome, explanation = _judge(comparison, test, rules, interval, drop)
        verdicts.append(
            RegressionVerdict(
                dimension=comparison.dimension,
                outcome=outcome,
                explanation=f"{comparison.dimension} {explanation}",
                total=comparison.total,
                baseline=comparison.pairs.before,
                candidate=comparison.candidate_accuracy,
                difference=comparison.pairs.difference,
                interval=interval,
                confidence=1 - 2 * alpha,
                regressed=comparison.regressed,
                fixed=comparison.fixed,
                near_ties=len(comparison.near_ties),
                test=test,
                margin=f"{margin:g}" if is_root(comparison.dimension) else "",
                detectable_drop=drop,
                near_ties_biased=comparison.p_near <= level,
            )
        )
    return verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    margin: float
    alpha: float
    min_items: int
    limit: Fraction

    def parseable(self, comparison: Comparison) -> bool:
        most = max(comparison.baseline_unparseable, comparison.candidate_unparseable)
        return most <= self.limit * comparison.total

    def large_enough(self, comparison: Comparison) -> bool:
        """Whether a dimension has enough samples, of enough pictures, to be judged by itself."""
        return comparison.total >= self.min_items and comparison.smallest_possible_p <= self.alpha


def _tests(comparisons: Sequence[Comparison], rules: _Rules) -> list[SignificanceTest]:
    """The test of each comparison, adjusted where it is judged with others of its benchmark."""
    families: dict[str, dict[str, float]] = {}
    for comparison in comparisons:
        name = comparison.dimension
        if not is_root(name) and rules.large_enough(comparison) and rules.parseable(comparison):
            families.setdefault(benchmark_of(name), {})[name] = comparison.p_worse
    adjusted: dict[str, float] = {}
    for family in families.values():
        adjusted |= dict(zip(family, multiplicity.holm(list(family.values())), strict=True))
    return [
        SignificanceTest(
            name=each.test.value,
            p_value=each.p_worse,
            adjusted=adjusted.get(each.dimension, each.p_worse),
            family=len(families[benchmark_of(each.dimension)]) if each.dimension in adjusted else 1,
        )
        for each in comparisons
    ]


def _judge(
    comparison: Comparison, test: SignificanceTest, rules: _Rules, interval: Interval, drop: float
) -> tuple[Outcome, str]:
    if not rules.parseable(comparison):
        return Outcome.INVALID, _unparseable(comparison, rules.limit)
    change = _change(comparison)
    if is_root(comparison.dimension):
        outcome, sentence = _judge_root(comparison, rules, interval)
        low, high = _fraction(comparison, interval.low), _fraction(comparison, interval.high)
        span = f"{100 * (1 - 2 * rules.alpha):g}% {low} to {high}"
        return outcome, f"{change}, {span}: {sentence}"
    if not rules.large_enough(comparison):
        return Outcome.NOT_GATED, f"{change}: {_too_small(comparison, rules)}"
    tested = f"{change}, {_p_value(comparison, test)}"
    if test.adjusted <= rules.alpha:
        return Outcome.FAIL, f"{tested}: significantly worse"
    if comparison.smallest_possible_p > rules.alpha / test.family:
        note = "too few samples after correction"
    else:
        note = f"detectable drop {drop:.3f} (power 0.8)"
    return Outcome.PASS, f"{tested}: not significantly worse; {note}"


def _judge_root(comparison: Comparison, rules: _Rules, interval: Interval) -> tuple[Outcome, str]:
    margin, significant = rules.margin, interval.high < 0
    if 0 < len(comparison.clusters) < CLUSTERS:
        few = f"its samples share {len(comparison.clusters)} pictures, and {CLUSTERS} are required"
        return Outcome.INCONCLUSIVE, few
    if interval.low > -margin:
        if significant:
            return Outcome.PASS, f"significantly worse, but by less than the margin {margin:g}"
        return Outcome.PASS, f"worse by less than the margin {margin:g}, if at all"
    if interval.high < -margin:
        return Outcome.FAIL, f"significantly worse, by more than the margin {margin:g}"
    if comparison.pairs.difference >= 0:
        unclear = f"too few samples to exclude a fall by more than the margin {margin:g}"
    else:
        worse = "significantly worse, perhaps" if significant else "perhaps worse"
        unclear = f"{worse} by more than the margin {margin:g}"
    # The least margin that an unchanged candidate would keep four times in five.
    narrowest = paired.smallest_provable_margin(
        comparison.flip_rate, comparison.effective, level=rules.alpha
    )
    if narrowest > margin:
        flips = f"{comparison.pairs.flips} flips among {count_of(comparison.total, 'sample')}"
        unclear += f"; with {flips} a margin below {narrowest:.3f} cannot be kept reliably"
    return Outcome.INCONCLUSIVE, unclear


def _change(comparison: Comparison) -> str:
    """By how much the accuracy changed, and the integers behind it."""
    pairs = comparison.pairs
    if pairs.regressed == pairs.fixed:
        change = "neither fell nor rose"
    else:
        verb = "fell" if pairs.regressed > pairs.fixed else "rose"
        change = f"{verb} by {_fraction(comparison, abs(pairs.difference))}"
    before, after = _fraction(comparison, pairs.before), _fraction(comparison, pairs.after)
    counts = f"{pairs.regressed} regressed, {pairs.fixed} fixed of {pairs.total}"
    if comparison.near_ties:
        near = count_of(len(comparison.near_ties), "near tie")
        counts += f"; {near} not counted, {comparison.near_regressed} regressed"
        counts += f" and {comparison.near_fixed} fixed"
    if comparison.became_unparseable:
        counts += f"; {comparison.became_unparseable} became unparseable"
    if comparison.published:
        counts += "; samples count the same here, and the published score is "
        counts += comparison.published
    return f"{change} ({before} to {after}; {counts})"


def _p_value(comparison: Comparison, test: SignificanceTest) -> str:
    name = test.name
    if comparison.test is PairedTest.SIGN_FLIP:
        name = f"{name} of {len(comparison.clusters)} clusters"
    holm = f", {_two_digits(test.adjusted)} by Holm among {test.family}" if test.family > 1 else ""
    return f"p = {_two_digits(test.p_value)} ({name}){holm}"


def _too_small(comparison: Comparison, rules: _Rules) -> str:
    parent = comparison.dimension.rpartition(".")[0]
    present, enough = count_of(comparison.total, "sample"), rules.min_items
    if comparison.total >= enough:
        enough = math.ceil(-math.log2(rules.alpha))
        if comparison.clusters:
            present = count_of(len(comparison.clusters), "picture")
        else:
            # A mid-p value counts what was seen by half, which is worth one sample.
            enough -= 1
    return f"{present} of {enough} that are required to judge it alone; counts in {parent}"


def _unparseable(comparison: Comparison, limit: Fraction) -> str:
    models = {
        "baseline": comparison.baseline_unparseable,
        "candidate": comparison.candidate_unparseable,
    }
    most = limit * comparison.total
    whose = " and ".join(f"{count} by the {role}" for role, count in models.items() if count > most)
    return (
        f"cannot be compared: of {comparison.total} answers {whose} are unparseable,"
        f" {allowed(limit, comparison.total)}"
    )


def _fraction(comparison: Comparison, value: float) -> str:
    """With as many decimals as it takes to see one sample, and at least three."""
    return format_decimal(value, places_for(comparison.total))


def _two_digits(p_value: float) -> str:
    """0.27, or 7.5e-9."""
    return f"{p_value:.2g}".replace("e-0", "e-")
