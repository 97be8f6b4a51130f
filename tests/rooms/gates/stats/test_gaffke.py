from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import beta, binom

from pytest_mmbench.gates.stats import binomial, gaffke

ONE = Fraction(1)
credits_ = st.fractions(0, 1, max_denominator=30)
several = st.lists(credits_, min_size=1, max_size=12)
thresholds = st.fractions(Fraction(1, 50), Fraction(49, 50), max_denominator=50)


def marks(correct: int, incorrect: int) -> Counter[tuple[Fraction, Fraction]]:
    return gaffke.equal_shares([ONE] * correct + [Fraction(0)] * incorrect)


def race(slopes: Sequence[float]) -> float:
    """P(sum of slope * E <= 0), as a race: whoever ends a stage first, by lack of memory."""
    rising = [slope for slope in slopes if slope > 0]
    falling = [-slope for slope in slopes if slope < 0]
    row = [1.0] * (len(falling) + 1)
    for up in rising:
        after = [0.0]
        for at, down in enumerate(falling):
            after.append((down * row[at + 1] + up * after[at]) / (up + down))
        row = after
    return row[-1]


@given(several, thresholds)
def test_p_values_agree_with_a_race(values: list[Fraction], tau: Fraction) -> None:
    """A recursion without integrals, of positive terms only, gives the same probability."""
    slopes = [float(value - tau) for value in values] + [float(-tau)]

    found = gaffke.p_above(gaffke.equal_shares(values), tau)

    assert found == pytest.approx(race(slopes), rel=1e-9, abs=1e-14)


@pytest.mark.parametrize("size", [60, 200])
def test_many_samples_agree_with_a_race(size: int) -> None:
    """Also where most credits are nearly alike and a few are not."""
    rng = np.random.default_rng(size)
    slopes = np.append(np.where(rng.random(size) < 0.03, 0.0, rng.uniform(0.98, 1, size)), 0) - 0.95

    found = gaffke.probability_negative(slopes, np.ones(size + 1))

    assert found == pytest.approx(race(slopes.tolist()), rel=1e-8)


def test_pieces_of_a_stick() -> None:
    """It is the chance of a low mean where random points break a stick into the weights."""
    values = [Fraction(0), Fraction(1, 3), Fraction(1, 3), Fraction(4, 5), ONE]
    pieces = np.random.default_rng(1).dirichlet(np.ones(6), 20_000)
    means = pieces @ np.array([0.0, *map(float, values)])

    found = gaffke.p_above(gaffke.equal_shares(values), Fraction(3, 10))

    assert found == pytest.approx(np.mean(means <= 0.3), abs=0.01)


@given(st.integers(0, 60), st.integers(0, 60), thresholds)
def test_right_or_wrong_is_binomial(correct: int, incorrect: int, tau: Fraction) -> None:
    """The same digits as the tests of counts, so that no verdict on them can move."""
    total = correct + incorrect
    if not total:
        return
    shares = marks(correct, incorrect)

    assert gaffke.p_above(shares, tau) == binomial.upper_tail(correct, total, tau)
    assert gaffke.p_below(shares, tau) == binomial.lower_tail(correct, total, tau)


@pytest.mark.parametrize(
    ("correct", "total"), [(0, 1), (1, 1), (3, 8), (20, 20), (0, 400), (399, 400)]
)
@pytest.mark.parametrize("alpha", [0.05, 0.0005])
def test_bounds_of_right_or_wrong_are_clopper_and_pearsons(
    correct: int, total: int, alpha: float
) -> None:
    """The quantiles of beta distributions that scipy has."""
    shares = marks(correct, total - correct)
    low = beta.ppf(alpha, correct, total - correct + 1) if correct else 0
    high = beta.isf(alpha, correct + 1, total - correct) if correct < total else 1

    assert gaffke.lower_bound(shares, alpha) == pytest.approx(low, abs=1e-9)
    assert gaffke.upper_bound(shares, alpha) == pytest.approx(high, abs=1e-9)


@settings(max_examples=12)  # some hundreds of integrals each
@given(several, st.sampled_from([0.01, 0.05, 0.2]))
def test_a_bound_is_where_the_test_turns(values: list[Fraction], alpha: float) -> None:
    """Below the lower bound every mean is rejected; the interval holds the mean."""
    shares = gaffke.equal_shares(values)
    low, high = gaffke.lower_bound(shares, alpha), gaffke.upper_bound(shares, alpha)
    mean = float(sum(values) / len(values))

    assert 0 <= low <= mean + 1e-9
    assert mean - 1e-9 <= high <= 1
    if low > 0.001:
        assert gaffke.p_above(shares, Fraction(low)) == pytest.approx(alpha, rel=1e-6)
        assert gaffke.interval(shares, 1 - 2 * alpha).low == pytest.approx(low)


@settings(max_examples=25)  # four integrals each
@given(several, thresholds, st.integers(1, 9))
def test_p_values_are_laws_unto_themselves(
    values: list[Fraction], tau: Fraction, scale: int
) -> None:
    """More credit is more evidence, a higher threshold less; the unit of weights is nothing."""
    shares = gaffke.equal_shares(values)
    better = gaffke.equal_shares([*values[1:], (values[0] + 1) / 2])
    scaled = {(scale * w, scale * c): number for (w, c), number in reversed(shares.items())}
    found = gaffke.p_above(shares, tau)

    assert 0 <= found <= 1 + 1e-12
    assert gaffke.p_above(better, tau) <= found + 1e-12
    assert gaffke.p_above(shares, (tau + 1) / 2) >= found - 1e-12
    assert gaffke.p_above(scaled, tau) == pytest.approx(found, rel=1e-9, abs=1e-15)


def test_less_spread_is_more_evidence() -> None:
    """Twenty answers of 0.7 show more of a mean of 0.6 than fourteen right of twenty."""
    even = gaffke.equal_shares([Fraction(7, 10)] * 20)

    assert gaffke.lower_bound(even, 0.05) > gaffke.lower_bound(marks(14, 6), 0.05) + 0.05
    assert (
        gaffke.p_above(even, Fraction(3, 5)) < 0.05 < gaffke.p_above(marks(14, 6), Fraction(3, 5))
    )


def test_a_picture_is_one_observation() -> None:
    """Ten pictures of four answers that share their fate are ten samples."""
    four = Fraction(4)
    shared = {(four, four): 7, (four, Fraction(0)): 3}

    assert gaffke.p_above(shared, Fraction(1, 2)) == binomial.upper_tail(7, 10, Fraction(1, 2))


def test_a_heavy_sample_is_no_evidence_of_light_ones() -> None:
    """Where half of a mean rests on five samples, two hundred others make it no surer than five."""
    heavy, light = Fraction(1, 10), Fraction(1, 400)
    shares = {(heavy, heavy): 5, (light, light): 200}

    assert 0.5 < gaffke.lower_bound(shares, 0.05) < 0.8


def test_a_large_benchmark_is_bounded() -> None:
    """Twenty-five thousand samples with two hundred different credits."""
    rng = np.random.default_rng(5)
    shares = gaffke.equal_shares(Fraction(int(each), 200) for each in rng.integers(0, 201, 25_000))

    found = gaffke.interval(shares, 0.9)

    assert found.high - found.low == pytest.approx(2 * 1.645 * np.sqrt(1 / 12 / 25_000), rel=0.02)


Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]
NASTY: dict[str, tuple[float, Draw]] = {
    "rarely 0, else 0.99": (0.95 * 0.99, lambda rng, n: np.where(rng.random(n) < 0.95, 0.99, 0.0)),
    "rarely 1, else 0.01": (0.0595, lambda rng, n: np.where(rng.random(n) < 0.05, 1, 0.01)),
    "beta of two peaks": (0.5, lambda rng, n: rng.beta(0.05, 0.05, n)),
    "thirds": (0.6, lambda rng, n: rng.choice([0, 1 / 3, 1], n, p=[0.2, 0.3, 0.5])),
}


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("size", [5, 40])
def test_the_error_is_kept(name: str, size: int) -> None:
    """On what deceives a t, at its true mean; more than counted here comes once in 1,000 times."""
    mean, draw = NASTY[name]
    rng, runs, wrong = np.random.default_rng(size), 150, [0, 0]
    for _ in range(runs):
        values = draw(rng, size)
        for side, (credit, tau) in enumerate(((values, mean), (1 - values, 1 - mean))):
            slopes = np.append(credit - tau, -tau)
            wrong[side] += gaffke.probability_negative(slopes, np.ones(size + 1)) <= 0.05

    assert max(wrong) <= binom.isf(0.001, runs, 0.05)
