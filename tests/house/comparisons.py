"""Comparisons that are made of counts, and judged with the defaults of the settings."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_mmbench.gates.comparison import Comparison
from pytest_mmbench.gates.regression import RegressionVerdict, judge_regression
from pytest_mmbench.gates.stats.clustered import Cluster
from pytest_mmbench.gates.stats.paired import Pairs


def comparison(
    dimension: str,
    *,
    lost: int,
    gained: int,
    asked: int,
    both: int = 0,
    clusters: tuple[Cluster, ...] = (),
    unreadable: int = 0,
) -> Comparison:
    """So many samples lost and gained of those that were asked, and none right otherwise."""
    neither = asked - both - lost - gained
    return Comparison(
        dimension=dimension,
        pairs=Pairs(both_correct=both, regressed=lost, fixed=gained, both_wrong=neither),
        clusters=clusters,
        baseline_unparseable=unreadable,
    )


def verdicts(
    comparisons: Sequence[Comparison],
    *,
    margin: float = 0.02,
    alpha: float = 0.05,
    min_items: int = 30,
) -> list[RegressionVerdict]:
    """What the gate says of them."""
    return judge_regression(
        comparisons, margin=margin, alpha=alpha, min_items=min_items, unparseable_limit=0.05
    )
