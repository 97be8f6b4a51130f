"""The arithmetic of the gates: shares against thresholds, and the same samples asked twice.

`binomial` holds intervals and exact tails of one share, `flips` tests and intervals of paired
answers, `clusters` the same for samples that share a picture, `student` the quantile that they
need, `families` what is done with several p-values. Nothing here needs scipy, which takes most of a
second to load.
"""

from pytest_mmbench.stats.binomial import (
    fewest_for_strong,
    k_fail_max,
    k_pass_min,
    k_point,
    lower_tail,
    upper_tail,
    wilson,
)
from pytest_mmbench.stats.clusters import (
    Cluster,
    clustered_error,
    clustered_interval,
    effective_size,
    sign_flip,
    sign_flip_worse,
)
from pytest_mmbench.stats.families import benjamini_hochberg, holm, holm_level
from pytest_mmbench.stats.flips import (
    Pairs,
    mcnemar,
    mcnemar_worse,
    newcombe,
    resolution,
    smallest_drop,
)
from pytest_mmbench.stats.student import student

__all__ = [
    "Cluster",
    "Pairs",
    "benjamini_hochberg",
    "clustered_error",
    "clustered_interval",
    "effective_size",
    "fewest_for_strong",
    "holm",
    "holm_level",
    "k_fail_max",
    "k_pass_min",
    "k_point",
    "lower_tail",
    "mcnemar",
    "mcnemar_worse",
    "newcombe",
    "resolution",
    "sign_flip",
    "sign_flip_worse",
    "smallest_drop",
    "student",
    "upper_tail",
    "wilson",
]
