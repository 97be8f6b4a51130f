"""What the samples of each picture earned and earn, as the benchmark's own score weighs them.

A share of correct answers needs none of this: there, flips are counted. It is for scores in which
an answer may be right in part, pairs earn halves, or each dimension weighs the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from pytest_mmbench.gates.stats.differences import CreditCluster, weighted_clusters
from pytest_mmbench.records import NOTHING, Average, Dimension, Unit
from pytest_mmbench.results.repeats import by_repeat
from pytest_mmbench.results.rows import SampleResult, group_by_unit
from pytest_mmbench.results.tally import mean_credit


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditChanges:
    """The same units under two models; the weights of all are their number."""

    before: Fraction
    """The baseline's score, from 0 to 1."""
    counted: Fraction
    """The candidate's, near ties being what they were before."""
    actual: Fraction
    """The candidate's, near ties being what they are."""
    clusters: tuple[CreditCluster, ...]
    """By picture, near ties being what they were before."""
    with_near_ties: tuple[CreditCluster, ...]
    """By picture, near ties being what they are."""
    near: tuple[CreditCluster, ...]
    """What near ties alone have changed, of pictures whose score they changed."""

    def counting_near_ties(self) -> CreditChanges:
        """The same, where a near tie counts as what it is."""
        return replace(self, clusters=self.with_near_ties, counted=self.actual)


class _UnitCredits(NamedTuple):
    """What one unit earned and earns, times its weight."""

    cluster: Hashable
    weight: Fraction
    before: Fraction
    counted: Fraction
    """Near ties being what they were before."""
    actual: Fraction


def credit_changes(
    dimension: Dimension,
    baseline: Mapping[str, SampleResult],
    candidate: Sequence[SampleResult],
    *,
    near: Collection[str],
    leaves: Mapping[str, str],
) -> CreditChanges | None:
    """The changes of a dimension whose score is no plain share of correct answers; else None.

    Args:
        dimension: says what counts once, and whether its leaves weigh the same.
        baseline: results by sample.
        candidate: results of the same samples.
        near: samples whose answers changed in near ties; of joined samples, any one of them.
        leaves: the leaf of each sample, where leaves weigh the same.
    """
    is_mean = dimension.average is Average.MACRO and len({*leaves.values()}) > 1
    rows = (*candidate, *(baseline[row.sample] for row in candidate))
    if dimension.unit is Unit.ALL_CORRECT:
        is_share = not any(row.repeats for row in rows)
    else:
        is_share = dimension.unit is Unit.SAMPLE and not any(row.partial for row in rows)
    if is_share and not is_mean:
        return None
    sizes = leaves if is_mean else {}
    units = [*_unit_credits(dimension, baseline, candidate, near, sizes)]
    near_changes = weighted_clusters(
        (unit.cluster, unit.weight, unit.actual - unit.counted) for unit in units
    )
    return CreditChanges(
        before=_mean(unit.before for unit in units),
        counted=_mean(unit.counted for unit in units),
        actual=_mean(unit.actual for unit in units),
        clusters=weighted_clusters(
            (unit.cluster, unit.weight, unit.counted - unit.before) for unit in units
        ),
        with_near_ties=weighted_clusters(
            (unit.cluster, unit.weight, unit.actual - unit.before) for unit in units
        ),
        near=tuple(cluster for cluster in near_changes if cluster.change),
    )


def _unit_credits(
    dimension: Dimension,
    baseline: Mapping[str, SampleResult],
    candidate: Sequence[SampleResult],
    near: Collection[str],
    leaves: Mapping[str, str],
) -> Iterator[_UnitCredits]:
    groups = group_by_unit(candidate, joined=dimension.unit is not Unit.SAMPLE)
    sizes = Counter(leaves.get(rows[0].sample, "") for rows in groups.values())
    for name, rows in groups.items():
        weight = Fraction(len(groups), len(sizes) * sizes[leaves.get(rows[0].sample, "")])
        before = [baseline[row.sample] for row in rows]
        is_near = [row.sample in near for row in rows]
        if dimension.unit is Unit.ALL_CORRECT:
            is_near = [any(is_near)] * len(rows)
        counted = [
            old if unchanged else new
            for old, new, unchanged in zip(before, rows, is_near, strict=True)
        ]
        earned = (
            weight * mean_credit(dimension.unit, by_repeat(each))
            for each in (before, counted, rows)
        )
        yield _UnitCredits(rows[0].cluster or ("", name), weight, *earned)


def _mean(credits: Iterator[Fraction]) -> Fraction:
    """Exactly; thousands of units earn some dozens of different credits."""
    kinds = Counter(credits)
    return sum((credit * number for credit, number in kinds.items()), NOTHING) / kinds.total()
