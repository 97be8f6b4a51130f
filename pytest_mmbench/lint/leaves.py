"""Leaves with so few samples, or so few pictures, that hardly any score says anything."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Final

from pytest_mmbench.gates.stats import binomial
from pytest_mmbench.lint.findings import (
    MAX_EXAMPLES,
    Example,
    LintFinding,
    QuestionSet,
    Severity,
)

FEWEST: Final = 30
"""Samples of a leaf, below which `mmbench init` gates none and no regression of it is judged."""
ALPHA: Final = 0.05
LEAST_EFFECTIVE: Final = Fraction(1, 2)
"""Share of the samples that they have to be worth if all of a cluster are answered alike."""


def small_leaves(questions: QuestionSet) -> list[LintFinding]:
    """Leaves of fewer than 30 samples, and what a score of so many can show at most."""
    sizes = Counter(sample.dimension for sample in questions.samples)
    small = sorted((size, leaf) for leaf, size in sizes.items() if size < FEWEST)
    examples = [Example(place=leaf, text=_power(size)) for size, leaf in small[:MAX_EXAMPLES]]
    if not small:
        return []
    return [
        LintFinding(
            check="few-samples",
            severity=Severity.NOTE,
            count=len(small),
            unit="leaf",
            problem=f"a leaf has fewer than {FEWEST} samples",
            remedy="gate the capability above it, or add samples: see docs/thresholds.md",
            examples=tuple(examples),
        )
    ]


def _power(size: int) -> str:
    """What a leaf of so many samples can show."""
    # A perfect score of n samples is strong evidence for tau where tau ** n <= alpha.
    proven = int(ALPHA ** (1 / size) * 100) / 100
    interval = binomial.wilson(size // 2, size)
    return (
        f"{size} samples: rule strong is passed at a threshold of {proven:.2f} at most, by a"
        f" perfect score; {size // 2} correct is {interval.low:.2f} to {interval.high:.2f}"
    )


def effective_size(questions: QuestionSet) -> float:
    """How many samples those of a set are worth if all of a cluster are answered alike.

    Kish's effective number of clusters: the squared sum of their sizes over the sum of the squares.
    """
    sizes = cluster_sizes(questions)
    return sum(sizes.values()) ** 2 / sum(size * size for size in sizes.values()) if sizes else 0.0


def cluster_sizes(questions: QuestionSet) -> Counter[tuple[str, str]]:
    """Samples by cluster; one that shares nothing is a cluster of its own."""
    return Counter(
        (sample.cluster, "" if sample.cluster else sample.id) for sample in questions.samples
    )


def clusters(questions: QuestionSet) -> list[LintFinding]:
    """Whether samples share pictures so often that their number promises too much."""
    sizes, effective = cluster_sizes(questions), effective_size(questions)
    total = len(questions.samples)
    if effective >= LEAST_EFFECTIVE * total:
        return []
    (largest, _), most = sizes.most_common(1)[0]
    text = f"{total:,} samples in {len(sizes):,} clusters are worth {effective:,.0f} at least"
    return [
        LintFinding(
            check="clusters",
            severity=Severity.NOTE,
            count=sum(size > 1 for size in sizes.values()),
            unit="cluster",
            problem="samples share pictures, so that they are worth fewer",
            remedy="nothing, if they are meant to: intervals and tests count clusters; add "
            "pictures rather than questions",
            examples=(Example(place="", text=text), Example(place=largest, text=f"{most} samples")),
        )
    ]
