from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from pytest_mmbench.gates.stats import clusters, paired
from pytest_mmbench.gates.stats.clusters import Cluster
from pytest_mmbench.gates.stats.differences import (
    CreditCluster,
    credit_clusters,
    difference_interval,
    mean_square,
)

differences = st.lists(
    st.tuples(st.integers(0, 4), st.fractions(-1, 1, max_denominator=6)), min_size=2, max_size=15
)


def single(values: list[Fraction]) -> tuple[CreditCluster, ...]:
    return credit_clusters(enumerate(values))


def test_a_picture_adds_up_its_differences() -> None:
    """Two samples of one picture are one cluster; clusters come in an order of their own."""
    half = Fraction(1, 2)

    found = credit_clusters([("b", half), ("a", -half), ("b", Fraction(-1, 4))])

    assert found == (
        CreditCluster(size=1, change=-half, squares=Fraction(1, 4)),
        CreditCluster(size=2, change=Fraction(1, 4), squares=Fraction(5, 16)),
    )


@given(differences)
def test_the_order_of_samples_is_nothing(values: list[tuple[int, Fraction]]) -> None:
    """The same clusters, and so the same digits."""
    assert credit_clusters(values) == credit_clusters(reversed(values))


def test_right_or_wrong_is_counted_as_before() -> None:
    """Differences of -1, 0 and 1 have the p-value, flip rate and effective number of flips."""
    flips = (Cluster(size=3, regressed=2, fixed=0),) * 3 + (Cluster(size=2, regressed=0, fixed=1),)
    graded = tuple(
        CreditCluster(size=each.size, change=Fraction(each.change), squares=Fraction(each.squares))
        for each in flips
    )

    assert clusters.sign_flip_worse(graded) == clusters.sign_flip_worse(flips)
    assert mean_square(graded) == 7 / 11
    assert clusters.effective_size(graded) == clusters.effective_size(flips)
    assert difference_interval(graded) == difference_interval(flips)
    assert paired.detectable_drop(mean_square(graded), 40) == paired.detectable_drop(7 / 11, 40)


@pytest.mark.parametrize("size", [20, 300, 3_000])
def test_nothing_changed_is_no_proof(size: int) -> None:
    """By the rule of three, three of n may have fallen by 1."""
    found = difference_interval(single([Fraction(0)] * size), 0.9)

    assert found.low == pytest.approx(-(1 - 0.05 ** (1 / size)), rel=1e-6)
    assert found.high == pytest.approx(-found.low)


@settings(max_examples=12)  # some hundreds of integrals each
@given(st.lists(st.fractions(-1, 1, max_denominator=6), min_size=1, max_size=15))
def test_the_interval_holds_the_mean(values: list[Fraction]) -> None:
    """It is mirrored with the differences, and within what they can be."""
    found = difference_interval(single(values))
    mirrored = difference_interval(single([-value for value in values]))

    assert -1 <= found.low <= sum(values) / len(values) + 1e-9
    assert sum(values) / len(values) - 1e-9 <= found.high <= 1
    assert mirrored.low == pytest.approx(-found.high, abs=1e-7)


def test_a_picture_is_one_observation() -> None:
    """Where nothing changed on ten pictures of four samples, three of ten may have been lost."""
    still = credit_clusters((at // 4, Fraction(0)) for at in range(40))

    assert difference_interval(still, 0.9).low == pytest.approx(0.05 ** (1 / 10) - 1, rel=1e-6)


@pytest.mark.parametrize(("size", "most"), [(20, 0.9)])
def test_the_error_of_small_numbers_is_kept(size: int, most: float) -> None:
    """One sample in twenty falls by nearly all of its credit: each end errs in 5 % at most."""
    rng, runs, wrong = np.random.default_rng(size), 80, 0
    for _ in range(runs):
        fell = rng.random(size) < 0.05
        values = [Fraction(-most).limit_denominator(10) * int(each) for each in fell]
        wrong += difference_interval(single(values), 0.9).low > -0.05 * most

    assert wrong <= binom.isf(0.001, runs, 0.05)
