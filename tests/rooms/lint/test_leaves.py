from dataclasses import replace
from fractions import Fraction

import pytest
from clean_questions import clean
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.gates.stats.binomial import samples_for_strong
from pytest_mmbench.lint.findings import QuestionSet
from pytest_mmbench.lint.leaves import effective_size, small_leaves
from pytest_mmbench.lint.summary import summary


def clustered(sizes: list[int]) -> QuestionSet:
    """Samples in clusters of these sizes."""
    return QuestionSet(
        samples=tuple(
            replace(clean()[0], id=f"{name}-{at}", cluster=f"c{name}")
            for name, size in enumerate(sizes)
            for at in range(size)
        )
    )


@given(st.lists(st.integers(1, 6), min_size=1, max_size=8))
def test_the_effective_size_lies_between_one_and_the_clusters(sizes: list[int]) -> None:
    """All clusters alike are worth their number, and one cluster is worth one sample."""
    effective = effective_size(clustered(sizes))

    assert 1 <= effective <= len(sizes) + 1e-9
    if len({*sizes}) == 1:
        assert effective == pytest.approx(len(sizes))


@pytest.mark.parametrize("size", [5, 12, 29])
def test_what_a_small_leaf_can_show(size: int) -> None:
    """The threshold that it names can be passed by rule strong, and the next cent cannot."""
    (finding,) = small_leaves(clustered([1] * size))

    proven = finding.examples[0].text.split("threshold of ")[1].split()[0]
    assert samples_for_strong(Fraction(proven), 0.05) <= size
    assert samples_for_strong(Fraction(proven) + Fraction(1, 100), 0.05) > size


def test_the_summary_counts() -> None:
    """Samples, options, pictures and clusters; a cluster is one picture until they are read."""
    counts = summary(clustered([3, 1]))

    assert (counts.samples, counts.leaves, counts.options) == (4, 1, {"4": 4})
    assert (counts.pictures, counts.without_picture, counts.clusters) == (2, 0, 2)
    assert counts.effective_size == 1.6
