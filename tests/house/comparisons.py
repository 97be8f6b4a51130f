"""Comparisons that are made of counts, and judged with the defaults of the settings."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_mmbench.gates.comparison import Comparison
from pytest_mmbench.gates.regression import judge_regression
from pytest_mmbench.gates.stats.clusters import Cluster
from pytest_mmbench.gates.stats.paired import Pairs
from pytest_mmbench.gates.verdicts import RegressionVerdict


def comparison(
    dimension: str,
    *,
    regressed: int,
    fixed: int,
    total: int,
    both: int = 0,
    clusters: tuple[Cluster, ...] = (),
    unparseable: int = 0,
) -> Comparison:
    """So many samples regressed and fixed of all, `both` correct twice, and the others never."""
    neither = total - both - regressed - fixed
    return Comparison(
        dimension=dimension,
        pairs=Pairs(both_correct=both, regressed=regressed, fixed=fixed, both_wrong=neither),
        clusters=clusters,
        baseline_unparseable=unparseable,
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
