"""Counting scores, and adding the counts of leaves up to the nodes above them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple, Protocol

from pytest_mmbench.records import (
    EVERYTHING,
    NOTHING,
    Average,
    ClusterStats,
    Dimension,
    Mark,
    Stratum,
    Tally,
    Unit,
)


class GradedAnswer(Protocol):
    """What is counted of an answer that was scored."""

    @property
    def mark(self) -> Mark:
        """What became of it."""

    @property
    def credit(self) -> Fraction:
        """What it earned, from 0 to 1: 1 where it is correct."""


class Counts(NamedTuple):
    """So many right of so many samples that count the same."""

    correct: int
    total: int


class ClusteredUnit(NamedTuple):
    """What one unit earned, and what it shares with others."""

    cluster: Hashable
    """The same for units that show the same picture."""
    leaf: int
    """Place of its leaf among those of the node."""
    credit: Fraction


def tally(leaf: Dimension, units: Iterable[Sequence[GradedAnswer]]) -> Tally:
    """The scores of one leaf, counted: `units` are those of the samples that count together."""
    return repeated_tally(leaf, ([scores] for scores in units))


def repeated_tally(leaf: Dimension, units: Iterable[Sequence[Sequence[GradedAnswer]]]) -> Tally:
    """The same, where each unit was asked several times: so many times it has scores.

    It earns the mean of its repeats. Unparseable are single answers.
    """
    judged = list(units)
    credits = [mean_credit(leaf.unit, repeats) for repeats in judged]
    settled = leaf.unit is Unit.ALL_CORRECT
    unparseable = sum(
        is_unparseable(scores, settled=settled) for repeats in judged for scores in repeats
    )
    if leaf.unit is Unit.PAIR or any(0 < each < 1 for each in credits):
        counted = graded(leaf, credits, unparseable=unparseable)
    else:
        counted = Tally(
            dimension=leaf.path,
            correct=sum(each == 1 for each in credits),
            total=len(judged),
            unparseable=unparseable,
            scale=leaf.scale,
        )
    return counted


def is_unparseable(scores: Sequence[GradedAnswer], *, settled: bool) -> bool:
    """Whether a unit counts as unparseable: an incorrect answer settles one of all or nothing."""
    marks = [score.mark for score in scores]
    return unit_mark(marks) is Mark.UNPARSEABLE if settled else Mark.UNPARSEABLE in marks


def mean_credit(unit: Unit, repeats: Sequence[Sequence[GradedAnswer]]) -> Fraction:
    """What a unit earns on average over the times that it was asked."""
    return sum((credit(unit, scores) for scores in repeats), NOTHING) / len(repeats)


def graded(leaf: Dimension, credits: Sequence[Fraction], *, unparseable: int = 0) -> Tally:
    """A leaf whose units may earn a part: a pair half, a text as much as a judge gives it.

    Credits lie between 0 and 1: a judge's 4 of 6 is 2/3. `unparseable` counts those that earned
    nothing because nothing could be read.
    """
    stratum = Stratum(weight=EVERYTHING, credits=Counter(credits))
    return Tally(
        dimension=leaf.path,
        correct=sum(each == 1 for each in credits),
        total=len(credits),
        unparseable=unparseable,
        strata=(stratum,) if credits else (),
        scale=leaf.scale,
    )


def credit(unit: Unit, scores: Sequence[GradedAnswer]) -> Fraction:
    """What one unit earns, between 0 and 1; `records.Unit` has the rules and their sources."""
    if unit is Unit.SAMPLE and len(scores) == 1:
        return scores[0].credit
    correct = sum(score.mark is Mark.CORRECT for score in scores)
    all_correct = Fraction(correct == len(scores))
    if unit is Unit.PAIR:
        return (Fraction(correct, len(scores)) + all_correct) / 2
    return all_correct


def unit_mark(marks: Iterable[Mark]) -> Mark:
    """What became of a unit that has to be all correct: one incorrect answer settles it."""
    present = {*marks}
    order = (Mark.INCORRECT, Mark.UNPARSEABLE, Mark.CORRECT)
    return next(mark for mark in order if mark in present)


def combined(dimension: Dimension, leaves: Mapping[str, Tally]) -> Tally:
    """The tally of a node, by the benchmark's own aggregate."""
    below = [leaves[leaf] for leaf in dimension.leaves]
    counted = Tally(
        dimension=dimension.path,
        correct=sum(part.correct for part in below),
        total=sum(part.total for part in below),
        unparseable=sum(part.unparseable for part in below),
        cut_short=sum(part.cut_short for part in below),
        scale=dimension.scale,
    )
    if dimension.average is Average.MACRO and len(below) > 1:
        share = Fraction(1, len(below))
        return replace(counted, strata=tuple(_pooled([part], weight=share) for part in below))
    partial = any(part.strata for part in below)
    return replace(counted, strata=(_pooled(below, weight=EVERYTHING),) if partial else ())


def with_clusters(counted: Tally, units: Iterable[ClusteredUnit]) -> Tally:
    """The tally of a node, with what its clusters say; as it is where no two units share one.

    Where units earned a part it has the `shares` of its clusters too.

    The variance is that of a weighted mean over clusters, linearised (L. Kish, *Survey Sampling*,
    1965, chapter 6): a cluster's units are one observation, in whatever strata they lie.
    """
    has_strata = len(counted.strata) > 1
    clusters: dict[Hashable, list[tuple[int, Fraction]]] = {}
    for unit in units:
        clusters.setdefault(unit.cluster, []).append((unit.leaf * has_strata, unit.credit))
    has_shared = any(len(cluster) > 1 for cluster in clusters.values())
    is_partial = any(credit.denominator > 1 for units in clusters.values() for _, credit in units)
    if not has_shared and not is_partial:
        return counted
    if counted.strata:
        parts = [(part.weight / part.units, part.credit / part.units) for part in counted.strata]
    else:
        parts = [(Fraction(1, counted.total), counted.score)]
    variance = concentration = Fraction(0)
    earning, missing = [Fraction(0)] * 2, [Fraction(0)] * 2
    # A benchmark of thousands of pictures has some dozens of kinds of them.
    kinds = Counter(tuple(sorted(cluster)) for cluster in clusters.values())
    shares: Counter[tuple[Fraction, Fraction]] = Counter()
    for kind, number in kinds.items():
        share = sum((parts[leaf][0] for leaf, _ in kind), Fraction(0))
        earned = sum((parts[leaf][0] * credit for leaf, credit in kind), Fraction(0))
        shares[share, earned] += number * is_partial
        distances = (parts[leaf][0] * (credit - parts[leaf][1]) for leaf, credit in kind)
        variance += number * sum(distances, Fraction(0)) ** 2
        concentration += number * share**2
        for sums, belongs in (
            (earning, any(credit for _, credit in kind)),
            (missing, any(credit < 1 for _, credit in kind)),
        ):
            sums[0] += number * share * belongs
            sums[1] += number * share**2 * belongs
    stats = ClusterStats(
        number=len(clusters),
        variance=variance,
        concentration=concentration,
        earning=earning[0] ** 2 / earning[1] if earning[1] else Fraction(0),
        missing=missing[0] ** 2 / missing[1] if missing[1] else Fraction(0),
    )
    counted = replace(counted, shares=+shares)
    return replace(counted, clusters=stats) if has_shared else counted


def _pooled(parts: Sequence[Tally], *, weight: Fraction) -> Stratum:
    """What leaves earned, with every unit of theirs counting the same."""
    credits: Counter[Fraction] = Counter()
    for part in parts:
        for stratum in part.strata:
            credits.update(stratum.credits)
        if not part.strata:
            credits.update({EVERYTHING: part.correct, NOTHING: part.total - part.correct})
    return Stratum(weight=weight, credits=+credits)


def effective_counts(counted: Tally, *, up: bool = False) -> Counts:
    """As many equal samples as are as sure of the score as this tally is, but for its clusters.

    Where there are no strata these are its own counts. Else the variance of the weighted mean,
    sum w^2 s^2 / n over strata, is that of a fraction of p (1 - p) / variance equal samples (Kish,
    *Survey Sampling*, 1965: the effective sample size). The spread of each stratum is taken with
    one unit more, which has that of the whole: three right ones of three do not show that all are.
    The number of right ones is rounded down, or up if that is asked for.
    """
    if not counted.strata:
        return Counts(counted.correct, counted.total)
    score = counted.score
    whole = score * (1 - score)
    variance = Fraction(0)
    for part in counted.strata:
        spread = part.credit_squares - part.credit**2 / part.units
        variance += part.weight**2 * (spread + whole) / part.units**2
    units = sum(part.units for part in counted.strata)
    total = max(1, int(whole / variance)) if whole and variance else units
    correct = score * total
    return Counts(math.ceil(correct) if up else int(correct), total)
