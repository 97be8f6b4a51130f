import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from stat_vectors import vectors
from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

from pytest_mmbench.gates.stats import binomial

INTEGERS = {
    5: "0/3/5 0/3/- 1/4/- 1/4/- 2/5/-",
    8: "1/4/7 2/5/8 2/6/- 3/7/- 5/8/-",
    10: "1/5/9 2/6/9 4/7/10 5/8/- 6/9/-",
    20: "5/10/15 7/12/17 10/14/18 12/16/20 15/18/-",
    30: "10/15/20 13/18/23 16/21/26 19/24/28 23/27/30",
    50: "18/25/32 23/30/37 29/35/41 34/40/45 40/45/49",
    83: "33/42/50 41/50/58 50/59/66 59/67/73 69/75/80",
    250: "111/125/139 136/150/164 162/175/188 188/200/211 216/225/234",
    1500: "717/750/783 868/900/932 1020/1050/1080 1173/1200/1226 1330/1350/1370",
}
"""Most that fail / fewest that reach / fewest that are strong evidence, for 0.5, 0.6 ... 0.9."""

shares = st.builds(
    lambda digits, places: Fraction(digits % (10**places + 1), 10**places),
    st.integers(0, 10**4),
    st.integers(1, 4),
)
levels = st.sampled_from([0.001, 0.01, 0.025, 0.05, 0.1, 0.2])
sizes = st.integers(1, 120)


@pytest.mark.parametrize(("inputs", "expected"), vectors("wilson", "vectors.json"))
def test_wilson_agrees_with_the_vectors(inputs: dict[str, Any], expected: dict[str, float]) -> None:
    """Both ends agree with values computed by statsmodels."""
    interval = binomial.wilson(inputs["k"], inputs["n"], inputs["conf"])

    assert (interval.low, interval.high) == pytest.approx(
        (expected["low"], expected["high"]), abs=1e-9
    )


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.999])
@pytest.mark.parametrize(("right", "asked"), [(0, 1), (1, 1), (3, 7), (99_999, 100_000)])
def test_wilson_agrees_with_statsmodels(right: int, asked: int, confidence: float) -> None:
    """Both ends agree with an independent implementation, also for 100,000 samples."""
    interval = binomial.wilson(right, asked, confidence)

    expected = proportion_confint(right, asked, alpha=1 - confidence, method="wilson")
    assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-12)


@given(sizes, st.data())
def test_wilson_contains_the_estimate(asked: int, data: st.DataObject) -> None:
    """The interval lies in [0, 1] and the observed fraction lies in the interval."""
    right = data.draw(st.integers(0, asked))

    interval = binomial.wilson(right, asked)

    assert 0 <= interval.low <= right / asked <= interval.high <= 1
    assert (interval.low == 0) == (right == 0)
    assert (interval.high == 1) == (right == asked)


@given(sizes, st.data())
def test_wilson_treats_right_and_wrong_alike(asked: int, data: st.DataObject) -> None:
    """Swapping right and wrong mirrors the interval."""
    right = data.draw(st.integers(0, asked))

    one, other = binomial.wilson(right, asked), binomial.wilson(asked - right, asked)

    assert one.low == pytest.approx(1 - other.high, abs=1e-12)


@pytest.mark.parametrize(("inputs", "expected"), vectors("binom_sf_ge", "vectors.json"))
def test_the_upper_tail_agrees_with_the_vectors(
    inputs: dict[str, Any], expected: dict[str, float]
) -> None:
    """P(X >= k) agrees with values computed by scipy."""
    tail = binomial.upper_tail(inputs["k"], inputs["n"], Fraction(str(inputs["p"])))

    assert tail == pytest.approx(expected["p_value"], abs=1e-9)


@given(sizes, shares, st.data())
def test_tails_agree_with_scipy(asked: int, chance: Fraction, data: st.DataObject) -> None:
    """Both tails agree with scipy's, also beyond the ends of the possible scores."""
    right = data.draw(st.integers(-1, asked + 1))

    lower = binomial.lower_tail(right, asked, chance)
    upper = binomial.upper_tail(right, asked, chance)

    assert lower == pytest.approx(binom.cdf(right, asked, float(chance)), rel=1e-9, abs=1e-300)
    assert upper == pytest.approx(binom.sf(right - 1, asked, float(chance)), rel=1e-9, abs=1e-300)


@given(sizes, shares, st.data())
def test_tails_add_up(asked: int, chance: Fraction, data: st.DataObject) -> None:
    """At most k and at least k + 1 together are certain."""
    right = data.draw(st.integers(-1, asked))

    total = binomial.lower_tail(right, asked, chance) + binomial.upper_tail(
        right + 1, asked, chance
    )

    assert total == pytest.approx(1, abs=1e-15)


@given(st.integers(1, 60), shares, st.data())
def test_tails_are_rounded_once(asked: int, chance: Fraction, data: st.DataObject) -> None:
    """A tail is the float nearest to the sum in exact fractions, to the last bit."""
    right = data.draw(st.integers(0, asked))

    exact = sum(
        math.comb(asked, k) * chance**k * (1 - chance) ** (asked - k) for k in range(right + 1)
    )

    assert binomial.lower_tail(right, asked, chance) == float(exact)


@pytest.mark.parametrize("chance", ["0.001", "0.25", "0.6", "0.999"])
def test_tails_of_a_large_benchmark_agree_with_scipy(chance: str) -> None:
    """With 100,000 samples the tail is right although its first terms fit no float."""
    right = round(float(chance) * 100_000) - 20

    tail = binomial.lower_tail(right, 100_000, Fraction(chance))

    assert tail == pytest.approx(binom.cdf(right, 100_000, float(chance)), rel=1e-8)


@pytest.mark.parametrize(("inputs", "expected"), vectors("gate_integers", "vectors.json"))
def test_integers_agree_with_the_vectors(
    inputs: dict[str, Any], expected: dict[str, int | None]
) -> None:
    """The three integers agree with exact rationals; where none exists it is one out of reach."""
    asked, tau = inputs["n"], Fraction(str(inputs["tau"]))

    strong = expected["k_pass_min"]
    assert binomial.min_correct(asked, tau) == expected["k_point"]
    assert binomial.max_correct_significant(asked, tau, inputs["alpha"]) == expected["k_fail_max"]
    assert binomial.min_correct_significant(asked, tau, inputs["alpha"]) == (
        asked + 1 if strong is None else strong
    )


@pytest.mark.parametrize("asked", INTEGERS)
@pytest.mark.parametrize("column", range(5))
def test_integers_agree_with_the_table(asked: int, column: int) -> None:
    """A table for five to 1,500 samples at five thresholds is reproduced."""
    tau = Fraction(5 + column, 10)

    found = (
        binomial.max_correct_significant(asked, tau, 0.05),
        binomial.min_correct(asked, tau),
        binomial.min_correct_significant(asked, tau, 0.05),
    )

    shown = "/".join("-" if each > asked else str(each) for each in found)
    assert shown == INTEGERS[asked].split()[column]


@given(sizes, shares, levels)
def test_the_fail_integer_is_the_last_significant_score(
    asked: int, tau: Fraction, alpha: float
) -> None:
    """Its tail is at most alpha, and the next score's is not."""
    most = binomial.max_correct_significant(asked, tau, alpha)

    assert (
        binomial.lower_tail(most, asked, tau) <= alpha < binomial.lower_tail(most + 1, asked, tau)
    )


@given(sizes, shares.filter(bool), levels)
def test_the_strong_integer_is_the_first_strong_score(
    asked: int, tau: Fraction, alpha: float
) -> None:
    """Its tail is at most alpha, and the score's before it is not."""
    least = binomial.min_correct_significant(asked, tau, alpha)

    assert (
        binomial.upper_tail(least, asked, tau) <= alpha < binomial.upper_tail(least - 1, asked, tau)
    )


@pytest.mark.parametrize(("inputs", "expected"), vectors("cp_lower_one_sided", "vectors.json"))
def test_the_integers_invert_the_exact_interval(
    inputs: dict[str, Any], expected: dict[str, float]
) -> None:
    """A score is strong evidence just below its exact lower bound, and not just above it."""
    right, asked, alpha = inputs["k"], inputs["n"], inputs["alpha"]
    low, high = Fraction(expected["low"]), Fraction(expected["high_one_sided"])
    step = Fraction(1, 10**7)

    assert right == 0 or binomial.min_correct_significant(asked, low - step, alpha) <= right
    assert binomial.min_correct_significant(asked, low + step, alpha) > right
    assert binomial.max_correct_significant(asked, high + step, alpha) >= right
    assert binomial.max_correct_significant(asked, high - step, alpha) < right


@given(sizes, shares, levels)
def test_integers_stand_in_order(asked: int, tau: Fraction, alpha: float) -> None:
    """What fails lies below what reaches, and what reaches is at most what is strong."""
    fail, point, strong = (
        binomial.max_correct_significant(asked, tau, alpha),
        binomial.min_correct(asked, tau),
        binomial.min_correct_significant(asked, tau, alpha),
    )

    assert -1 <= fail < point <= strong <= asked + 1


@given(sizes, shares, shares, levels)
def test_integers_grow_with_the_threshold(
    asked: int, one: Fraction, other: Fraction, alpha: float
) -> None:
    """A higher threshold never asks for less."""
    low, high = sorted([one, other])

    assert binomial.min_correct(asked, low) <= binomial.min_correct(asked, high)
    assert binomial.min_correct_significant(asked, low, alpha) <= binomial.min_correct_significant(
        asked, high, alpha
    )
    assert binomial.max_correct_significant(asked, low, alpha) <= binomial.max_correct_significant(
        asked, high, alpha
    )


@given(sizes, shares, levels)
def test_integers_grow_with_the_samples_and_the_level(
    asked: int, tau: Fraction, alpha: float
) -> None:
    """One sample more moves each integer by 0 or 1; a stricter level moves both outwards."""
    for k in (binomial.min_correct_significant, binomial.max_correct_significant):
        assert k(asked, tau, alpha) <= k(asked + 1, tau, alpha) <= k(asked, tau, alpha) + 1
    assert binomial.min_correct(asked, tau) <= binomial.min_correct(asked + 1, tau)
    assert binomial.min_correct_significant(
        asked, tau, alpha / 2
    ) >= binomial.min_correct_significant(asked, tau, alpha)
    assert binomial.max_correct_significant(
        asked, tau, alpha / 2
    ) <= binomial.max_correct_significant(asked, tau, alpha)


def test_the_digits_of_a_threshold_are_exact() -> None:
    """55 of 100 reach 0.55, although 0.55 * 100 is above 55 in floats."""
    assert math.ceil(0.55 * 100) == 56
    assert binomial.min_correct(100, Fraction("0.55")) == 55


def test_a_probability_that_equals_the_level_is_significant() -> None:
    """Two of two at 0.1 have probability 0.01; at 0.3 it is 0.09, whose float is a bit less."""
    assert binomial.min_correct_significant(2, Fraction("0.1"), 0.01) == 2
    assert binomial.max_correct_significant(2, Fraction("0.9"), 0.01) == 0
    assert Fraction(0.09) < Fraction("0.09")
    assert binomial.min_correct_significant(2, Fraction("0.3"), 0.09) == 2
    assert binomial.max_correct_significant(2, Fraction("0.7"), 0.09) == 0


def test_the_ends_of_the_scale_are_thresholds_too() -> None:
    """Every score is strong evidence of 0, none is of 1, and any wrong answer refutes 1."""
    nothing, everything = Fraction(0), Fraction(1)

    assert (
        binomial.max_correct_significant(9, nothing, 0.05),
        binomial.min_correct_significant(9, nothing, 0.05),
    ) == (-1, 0)
    assert (
        binomial.max_correct_significant(9, everything, 0.05),
        binomial.min_correct_significant(9, everything, 0.05),
    ) == (8, 10)


@pytest.mark.parametrize(
    ("tau", "alpha", "fewest"),
    [
        ("0.5", 0.05, 5),
        ("0.6", 0.05, 6),
        ("0.7", 0.05, 9),
        ("0.8", 0.05, 14),
        ("0.9", 0.05, 29),
        ("0.95", 0.05, 59),
        ("0.1", 0.01, 2),
        ("0.6", 0.05 / 18, 12),
        ("0.9", 0.05 / 18, 56),
    ],
)
def test_fewest_samples_for_strong_evidence(tau: str, alpha: float, fewest: int) -> None:
    """It is the first size at which a perfect score is strong evidence."""
    assert binomial.samples_for_strong(Fraction(tau), alpha) == fewest
    assert binomial.min_correct_significant(fewest, Fraction(tau), alpha) == fewest
    assert binomial.min_correct_significant(fewest - 1, Fraction(tau), alpha) == fewest
