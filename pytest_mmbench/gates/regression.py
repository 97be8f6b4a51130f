"""The gate of a candidate against the baseline, on the same samples.

Two questions, because neither answers the other's. Overall: is the candidate worse by no more than
a margin, so that a fall which is spread over everything shows? Below: did one dimension fall, so
that a fall which the average hides shows?

How often it stops a candidate that is as good as the baseline: with probability alpha at most, for
each benchmark. The whole, all dimensions below it and their near ties form one family of Holm's
procedure, in which one half of alpha belongs to the whole and the other to its parts. A family for
each level would spend alpha at each level: with 18 axes of 83 samples and 6 capabilities, such
gates failed up to 8 % of harmless candidates in simulation at alpha 0.05.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from pytest_mmbench.errors import SettingsError
from pytest_mmbench.gates.capability import check_alpha
from pytest_mmbench.gates.comparison import Comparison, PairedTest
from pytest_mmbench.gates.decimals import allowed, count_of, format_decimal, places_for
from pytest_mmbench.gates.stats import multiplicity, paired
from pytest_mmbench.gates.verdicts import RegressionFinding, RegressionVerdict, SignificanceTest
from pytest_mmbench.records import Interval, Outcome, benchmark_of, is_root

CLUSTERS: Final = 20
"""Fewest clusters on which an interval of the overall difference may rest."""
LARGE: Final = 1_000
"""Samples from which on a dimension below the root is held to the margin, not to zero: fewer could
rarely tell the two apart, and with more a fall that the whole is allowed would fail in a part."""

FLIP_RATE: Final = 0.1
"""Share of samples that are correct under one model only, as it is assumed before a run."""

_OUTCOMES: Final[Mapping[RegressionFinding, Outcome]] = {
    RegressionFinding.WITHIN_MARGIN: Outcome.PASS,
    RegressionFinding.WORSE_WITHIN_MARGIN: Outcome.PASS,
    RegressionFinding.WORSE_ABOUT_MARGIN: Outcome.PASS,
    RegressionFinding.WORSE: Outcome.FAIL,
    RegressionFinding.WORSE_THAN_MARGIN: Outcome.FAIL,
    RegressionFinding.NOT_WORSE: Outcome.PASS,
    RegressionFinding.SAME_CHECKPOINT: Outcome.PASS,
    RegressionFinding.UNDECIDED: Outcome.INCONCLUSIVE,
}


def judge_regression(
    comparisons: Sequence[Comparison],
    *,
    margin: float,
    alpha: float,
    min_items: int,
    unparseable_limit: float,
    same_checkpoint: bool = False,
) -> list[RegressionVerdict]:
    """One verdict per comparison, in the given order; a path without a dot is a benchmark's root.

    1. More unparseable answers of either model than `unparseable_limit` (a fraction): invalid.
    2. A dimension of fewer than `min_items` samples is not gated; its samples count in its parent.
       So is one whose samples share so few pictures that the loss of everything could be chance.
    3. *Significantly worse* means: at alpha, by Holm's procedure over the whole benchmark. The test
       is a one-sided mid-p McNemar test, or a sign-flip test where samples share pictures. Near
       ties, which these leave out, have the same test of their own in the same family. If they
       regressed significantly they are no rounding, and count in everything that follows.
    4. A root passes if the lower end of the two-sided interval at 1 - 2 alpha lies above -margin,
       also with near ties counted if more of them regressed than were fixed.
       Else it fails if it is significantly worse, or if the upper end lies below -margin too; what
       remains is inconclusive. An interval on fewer than `CLUSTERS` clusters shows nothing. If
       both are the `same_checkpoint`, what remains passes: no number of samples could show more.
    5. A dimension of at least `LARGE` samples fails if it is significantly worse and its interval
       lies below -margin.
    6. Any other dimension fails if it is significantly worse.
    7. Else it passes. That does not say that nothing was lost. To be worse by less than 0.02 can
       hardly be shown on the 83 samples of an axis, and a gate that asks for it would stop every
       release; so the sentence names the drop that would have been detected.

    `docs/statistics.md` says how often it errs and what it detects.
    """
    if not 0 < margin < 1:
        raise SettingsError(
            f"the margin {margin:g} is not a fraction between 0 and 1.",
            what_to_do="write two points as 0.02; without any margin no candidate could pass",
        )
    check_alpha(alpha)
    limit = Fraction(str(unparseable_limit))
    rules = _Rules(
        margin=margin,
        alpha=alpha,
        min_items=min_items,
        limit=limit,
        same_checkpoint=same_checkpoint,
    )
    tests = _tests(comparisons, rules)
    return [_judge(each, tests[each.dimension], rules) for each in comparisons]


def margin_note(benchmark: str, total: int, *, margin: float, alpha: float) -> str:
    """What margin so many samples can keep, before anything is asked.

    Samples that share pictures keep less; what a run has shown, its verdict says.
    """
    reachable = paired.smallest_provable_margin(FLIP_RATE, total, level=alpha)
    needed = paired.samples_to_decide(FLIP_RATE, margin, level=alpha)
    takes = f"margin {margin:g} takes about {needed} samples at {100 * FLIP_RATE:g} % flips"
    return f"{benchmark}: {takes}; {count_of(total, 'sample')} can decide {reachable:.3f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    margin: float
    alpha: float
    min_items: int
    limit: Fraction
    same_checkpoint: bool

    def parseable(self, comparison: Comparison) -> bool:
        return max(comparison.unparseable.values()) <= self.limit * comparison.total

    def large_enough(self, comparison: Comparison) -> bool:
        """Whether it has enough samples, of enough pictures, to be judged by itself."""
        if is_root(comparison.dimension):
            return True
        return comparison.total >= self.min_items and comparison.smallest_possible_p <= self.alpha

    def has_margin(self, comparison: Comparison) -> bool:
        """Whether a fall by less than the margin is allowed."""
        return is_root(comparison.dimension) or comparison.total >= LARGE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tests:
    """The tests of one comparison, adjusted where they are judged with others."""

    counted: SignificanceTest
    near: SignificanceTest | None
    level: float
    """The part of alpha that belongs to the first of them."""


def _tests(comparisons: Sequence[Comparison], rules: _Rules) -> dict[str, _Tests]:
    """By dimension. One half of alpha is for the root's tests, one for all tests below it."""
    families: dict[str, dict[tuple[str, bool], float]] = {}
    for comparison in comparisons:
        name = comparison.dimension
        if rules.large_enough(comparison) and rules.parseable(comparison):
            family = families.setdefault(benchmark_of(name), {})
            family[name, False] = comparison.p_worse
            # So few near ties that none of them could show anything would only cost the others.
            if comparison.smallest_possible_p_near <= rules.alpha:
                family[name, True] = comparison.p_near
    adjusted: dict[tuple[str, bool], float] = {}
    shares: dict[tuple[str, bool], Fraction] = {}
    for family in families.values():
        whole = sum(is_root(name) for name, _ in family)
        halves = 2 if 0 < whole < len(family) else 1
        for key in family:
            shares[key] = Fraction(1, halves * (whole if is_root(key[0]) else len(family) - whole))
        weights = [shares[key] for key in family]
        together = multiplicity.weighted_holm(list(family.values()), weights)
        adjusted |= dict(zip(family, together, strict=True))

    def test(comparison: Comparison, p_value: float, *, near: bool) -> SignificanceTest:
        key = comparison.dimension, near
        family = families.get(benchmark_of(comparison.dimension), {})
        return SignificanceTest(
            name=f"{comparison.test}{' of near ties' if near else ''}",
            p_value=p_value,
            adjusted=adjusted.get(key, p_value),
            family=len(family) if key in family else 1,
        )

    return {
        each.dimension: _Tests(
            counted=test(each, each.p_worse, near=False),
            near=test(each, each.p_near, near=True) if (each.dimension, True) in shares else None,
            level=rules.alpha * float(shares.get((each.dimension, False), 1)),
        )
        for each in comparisons
    }


def _judge(comparison: Comparison, tests: _Tests, rules: _Rules) -> RegressionVerdict:
    biased = tests.near is not None and tests.near.adjusted <= rules.alpha
    if biased:
        comparison = comparison.counting_near_ties()
    interval = comparison.interval(1 - 2 * rules.alpha)
    drop = comparison.detectable_drop(level=tests.level)
    finding = None
    if not rules.parseable(comparison):
        outcome, sentence = Outcome.INVALID, _unparseable(comparison, rules.limit)
    elif not rules.large_enough(comparison):
        outcome = Outcome.NOT_GATED
        sentence = f"{_change(comparison)}: {_too_small(comparison, rules)}"
    else:
        # Near ties that regressed are no fall where more was fixed for good.
        fell = biased and comparison.difference < 0
        worse = fell or tests.counted.adjusted <= rules.alpha
        finding = _finding(comparison, interval, rules, worse=worse)
        outcome = _OUTCOMES[finding]
        test = tests.near if fell and tests.near else tests.counted
        evidence = _evidence(comparison, interval, test, rules)
        remark = _remark(comparison, tests, rules, finding)
        sentence = f"{_change(comparison)}, {evidence}: {remark}"
    return RegressionVerdict(
        dimension=comparison.dimension,
        outcome=outcome,
        explanation=f"{comparison.dimension} {sentence}",
        total=comparison.total,
        baseline=comparison.before,
        candidate=comparison.candidate_accuracy,
        difference=comparison.difference,
        interval=interval,
        confidence=1 - 2 * rules.alpha,
        regressed=comparison.regressed,
        fixed=comparison.fixed,
        near_ties=len(comparison.near_ties),
        test=tests.counted,
        margin=f"{rules.margin:g}" if rules.has_margin(comparison) else "",
        detectable_drop=drop,
        finding=finding,
        near_ties_biased=biased,
        near_test=tests.near,
    )


def _finding(
    comparison: Comparison, interval: Interval, rules: _Rules, *, worse: bool
) -> RegressionFinding:
    """`worse`: significantly, after correction."""
    whole, margin = is_root(comparison.dimension), rules.margin
    few = 0 < comparison.pictures < CLUSTERS
    if rules.has_margin(comparison) and not few:
        # Near ties that regressed, but not significantly, are no proof of being rounding.
        leans = comparison.near_regressed > comparison.near_fixed
        near = comparison.counting_near_ties() if leans and not comparison.near_ties_count else None
        low = near.interval(1 - 2 * rules.alpha).low if near else interval.low
        within = min(low, interval.low) > -margin
        if within and (whole or worse):
            return (
                RegressionFinding.WORSE_WITHIN_MARGIN if worse else RegressionFinding.WITHIN_MARGIN
            )
        if interval.high < -margin and (whole or worse):
            return RegressionFinding.WORSE_THAN_MARGIN
        if worse and not whole:
            return RegressionFinding.WORSE_ABOUT_MARGIN
    if worse:
        return RegressionFinding.WORSE
    if not whole:
        return RegressionFinding.NOT_WORSE
    same = rules.same_checkpoint
    return RegressionFinding.SAME_CHECKPOINT if same else RegressionFinding.UNDECIDED


def _evidence(
    comparison: Comparison, interval: Interval, test: SignificanceTest, rules: _Rules
) -> str:
    """The interval of what is held to a margin, and the p-value of what decides."""
    name = test.name
    if name == PairedTest.SIGN_FLIP:
        name = f"{name} of {len(comparison.clusters)} clusters"
    holm = f", {_two_digits(test.adjusted)} after Holm, {test.family} tests"
    p_value = f"p = {_two_digits(test.p_value)} ({name}){holm if test.family > 1 else ''}"
    if not rules.has_margin(comparison):
        return p_value
    low, high = _fraction(comparison, interval.low), _fraction(comparison, interval.high)
    return f"{100 * (1 - 2 * rules.alpha):g}% {low} to {high}, {p_value}"


def _remark(
    comparison: Comparison, tests: _Tests, rules: _Rules, finding: RegressionFinding
) -> str:
    """What was found, and of what is not certain, what would be."""
    margin = f"the margin {rules.margin:g}"
    if finding is RegressionFinding.UNDECIDED:
        return _undecided(comparison, rules)
    if finding is RegressionFinding.NOT_WORSE:
        if comparison.smallest_possible_p > tests.level:
            return f"{finding}; too few samples after correction"
        drop = comparison.detectable_drop(level=tests.level)
        return f"{finding}; detectable drop {drop:.3f} (power 0.8)"
    if finding is RegressionFinding.WORSE:
        by = f", perhaps by more than {margin}" if rules.has_margin(comparison) else ""
        return f"{finding}{by}"
    return {
        RegressionFinding.SAME_CHECKPOINT: "not significantly worse; baseline and candidate are the"
        " same checkpoint",
        RegressionFinding.WITHIN_MARGIN: f"worse by less than {margin}, if at all",
        RegressionFinding.WORSE_WITHIN_MARGIN: f"significantly worse, but by less than {margin}",
        RegressionFinding.WORSE_ABOUT_MARGIN: "significantly worse, and perhaps by no more than"
        f" {margin}",
        RegressionFinding.WORSE_THAN_MARGIN: f"significantly worse, by more than {margin}",
    }[finding]


def _undecided(comparison: Comparison, rules: _Rules) -> str:
    """Why nothing could be decided, and with how many samples it could be."""
    if 0 < comparison.pictures < CLUSTERS:
        shared = f"its samples share {len(comparison.clusters)} pictures"
        if comparison.pictures < len(comparison.clusters):
            shared = f"{shared}, so unequally that they tell as much as {comparison.pictures}"
        return f"{shared}, and {CLUSTERS} are required"
    if comparison.interval(1 - 2 * rules.alpha).low > -rules.margin:
        comparison = comparison.counting_near_ties()
        near = f"counting its {count_of(len(comparison.near_ties), 'near tie')}, "
        return near + _undecided(comparison, rules)
    if comparison.difference >= 0:
        unclear = f"too few samples to exclude a fall by more than the margin {rules.margin:g}"
    else:
        unclear = f"perhaps worse by more than the margin {rules.margin:g}"
    # Where pictures are shared it takes more samples, as fewer of them tell something new.
    flips = max(1, comparison.regressed + comparison.fixed)
    rate = comparison.flip_rate or 1 / comparison.total
    independent = paired.samples_to_decide(rate, rules.margin, level=rules.alpha)
    needed = math.ceil(independent * comparison.total / comparison.effective)
    if needed <= comparison.total:
        # None of so many pictures is lost once in 1 / alpha times, if pictures lose the margin.
        pictures = math.ceil(math.log(rules.alpha) / math.log1p(-rules.margin))
        if 0 < comparison.pictures < pictures:
            shared = f"its samples share {count_of(len(comparison.clusters), 'picture')}, and where"
            return f"{unclear}; {shared} these are lost whole it takes {pictures} to exclude it"
        return f"{unclear}; an equal candidate passes in 4 of 5 runs with so many samples"
    flipped = f"with {count_of(flips, 'flip')} in {count_of(comparison.total, 'sample')}"
    return f"{unclear}; {flipped}, about {needed} samples would decide it (power 0.8)"


def _change(comparison: Comparison) -> str:
    """By how much the accuracy changed, and the integers behind it."""
    difference = comparison.difference
    if difference:
        verb = "fell" if difference < 0 else "rose"
        change = f"{verb} by {_fraction(comparison, abs(difference))}"
    else:
        change = "neither fell nor rose"
    before, after = (
        _fraction(comparison, comparison.before),
        _fraction(comparison, comparison.after),
    )
    regressed, fixed = comparison.regressed, comparison.fixed
    counts = plain = f"{regressed} regressed, {fixed} fixed of {comparison.total}"
    if any(flip.baseline.partial or flip.candidate.partial for flip in comparison.flips):
        counts = plain = f"less credit in {regressed}, more in {fixed} of {comparison.total}"
    if comparison.near_ties:
        near = count_of(len(comparison.near_ties), "near tie")
        turned = f"{comparison.near_regressed} regressed and {comparison.near_fixed} fixed"
        counts += f"; {near} not counted, {turned}"
        if comparison.near_ties_count:
            counts = f"{plain}, with {near}: {turned}, which rounding does not explain"
    if comparison.became_unparseable:
        counts += f"; {comparison.became_unparseable} became unparseable"
    if comparison.score:
        counts += f"; the score is {comparison.score}"
    return f"{change} ({before} to {after}; {counts})"


def _too_small(comparison: Comparison, rules: _Rules) -> str:
    parent = comparison.dimension.rpartition(".")[0]
    present, enough = count_of(comparison.total, "sample"), rules.min_items
    if comparison.total >= enough:
        enough = math.ceil(-math.log2(rules.alpha))
        if comparison.clusters:
            present = count_of(len(comparison.clusters), "picture")
        elif not comparison.credits:
            # A mid-p value counts what was seen by half, which is worth one sample.
            enough -= 1
    return f"{present} of {enough} that are required to judge it alone; counts in {parent}"


def _unparseable(comparison: Comparison, limit: Fraction) -> str:
    most, counts = limit * comparison.total, comparison.unparseable.items()
    whose = " and ".join(
        f"{float(count):g} by the {role}" for role, count in counts if count > most
    )
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
