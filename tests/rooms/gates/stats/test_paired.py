import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, multinomial, norm
from stat_vectors import vectors
from statsmodels.stats.contingency_tables import mcnemar  # type: ignore[import-untyped]
from statsmodels.stats.proportion import (  # type: ignore[import-untyped]
    confint_proportions_2indep,
)

from pytest_mmbench.gates.stats import paired
from pytest_mmbench.gates.stats.paired import Pairs

counts = st.integers(0, 60)
tables = st.builds(
    Pairs, both_correct=counts, regressed=counts, fixed=counts, both_wrong=counts
).filter(lambda pairs: pairs.total > 0)
confidences = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.999])


def swapped(pairs: Pairs) -> Pairs:
    return Pairs(
        both_correct=pairs.both_correct,
        regressed=pairs.fixed,
        fixed=pairs.regressed,
        both_wrong=pairs.both_wrong,
    )


@pytest.mark.parametrize(("inputs", "expected"), vectors("mcnemar"))
def test_mcnemar_agrees_with_the_vectors(
    inputs: dict[str, int], expected: dict[str, float]
) -> None:
    """One side of both tests agrees with values from whole numbers and from R."""
    lost, gained = inputs["loss"], inputs["gain"]

    assert paired.mcnemar_worse(lost, gained) == pytest.approx(
        expected["midp_one_sided_worse"], abs=1e-12
    )
    assert paired.mcnemar_worse(lost, gained, exact=True) == pytest.approx(
        expected["exact_one_sided_worse"], abs=1e-12
    )


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_agrees_with_scipy(lost: int, gained: int) -> None:
    """The exact value is a binomial tail; mid-p has half of its first term less."""
    flips = lost + gained
    exact = binom.sf(lost - 1, flips, 0.5)
    half = binom.pmf(lost, flips, 0.5) / 2 if flips else 0

    assert paired.mcnemar_worse(lost, gained, exact=True) == pytest.approx(exact, rel=1e-9)
    assert paired.mcnemar_worse(lost, gained) == pytest.approx(exact - half, rel=1e-9)


@given(st.integers(0, 60), st.integers(0, 60))
def test_exact_mcnemar_agrees_with_statsmodels(lost: int, gained: int) -> None:
    """Twice the smaller exact value is an independent implementation's two-sided one."""
    expected = mcnemar([[1, lost], [gained, 1]], exact=True).pvalue
    smaller = paired.mcnemar_worse(max(lost, gained), min(lost, gained), exact=True)

    assert min(1, 2 * smaller) == pytest.approx(expected, rel=1e-9)


@given(st.integers(0, 200), st.integers(0, 200))
def test_what_was_lost_and_gained_may_be_swapped(lost: int, gained: int) -> None:
    """Mid-p values of both sides add up to 1."""
    both = paired.mcnemar_worse(lost, gained) + paired.mcnemar_worse(gained, lost)

    assert both == pytest.approx(1 if lost + gained else 2, abs=1e-15)


@given(st.integers(0, 200), st.integers(0, 200))
def test_probabilities_are_probabilities(lost: int, gained: int) -> None:
    """They lie in (0, 1], the mid-p value below the exact one, and fall with every loss."""
    middle, exact = (
        paired.mcnemar_worse(lost, gained),
        paired.mcnemar_worse(lost, gained, exact=True),
    )

    assert 0 < middle <= exact <= 1
    assert paired.mcnemar_worse(lost + 1, gained) <= middle
    assert paired.mcnemar_worse(lost + 1, gained) < middle or middle > 1 - 1e-12


def test_a_probability_too_small_for_a_float_is_0() -> None:
    """Five thousand losses without a gain overflow nothing."""
    assert paired.mcnemar_worse(5_000, 0) == 0


@pytest.mark.parametrize(("inputs", "expected"), vectors("paired_difference_ci"))
def test_newcombe_agrees_with_the_vectors(
    inputs: dict[str, Any], expected: dict[str, float]
) -> None:
    """Both ends agree at 95 and at 90 percent, two tables with published ones among them."""
    pairs = Pairs(
        both_correct=inputs["both"],
        regressed=inputs["second_only"],
        fixed=inputs["first_only"],
        both_wrong=inputs["neither"],
    )
    wide, narrow = paired.newcombe(pairs), paired.newcombe(pairs, 0.9)

    assert pairs.difference == pytest.approx(expected["diff"], abs=1e-12)
    assert (wide.low, wide.high, narrow.low, narrow.high) == pytest.approx(
        (
            expected["newcombe10_low"],
            expected["newcombe10_high"],
            expected["newcombe10_low_90"],
            expected["newcombe10_high_90"],
        ),
        abs=1e-9,
    )


@pytest.mark.parametrize(("inputs", "expected"), vectors("mg_ml_items"))
def test_what_a_picture_adds_agrees_with_the_vectors(
    inputs: dict[str, Any], expected: dict[str, float]
) -> None:
    """Forty questions asked without and with their picture, from the answers to the interval."""
    both = list(zip(inputs["without_image"], inputs["with_image"], strict=True))
    pairs = Pairs(
        both_correct=both.count((1, 1)),
        regressed=both.count((1, 0)),
        fixed=both.count((0, 1)),
        both_wrong=both.count((0, 0)),
    )
    interval = paired.newcombe(pairs)

    assert pairs.difference == pytest.approx(expected["MG"], abs=1e-12)
    assert (interval.low, interval.high) == pytest.approx(
        (expected["MG_newcombe10_low"], expected["MG_newcombe10_high"]), abs=1e-8
    )
    assert paired.mcnemar_worse(pairs.fixed, pairs.regressed) == pytest.approx(
        expected["mcnemar_midp_one_sided_image_helps"], abs=1e-12
    )


@given(tables, confidences)
def test_newcombe_without_correlation_agrees_with_statsmodels(
    pairs: Pairs, confidence: float
) -> None:
    """Where half a sample takes the correlation away, it is the interval of unpaired fractions."""
    excess = pairs.both_correct * pairs.both_wrong - pairs.regressed * pairs.fixed
    if not 0 <= excess <= pairs.total / 2:
        pairs = Pairs(
            both_correct=pairs.both_correct, regressed=pairs.both_wrong, fixed=0, both_wrong=0
        )
        if not pairs.total:
            return
    old, new = pairs.both_correct + pairs.regressed, pairs.both_correct + pairs.fixed
    expected = confint_proportions_2indep(
        new, pairs.total, old, pairs.total, method="newcomb", alpha=1 - confidence
    )

    interval = paired.newcombe(pairs, confidence)

    assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-12)


@given(tables, confidences)
def test_newcombe_contains_the_difference(pairs: Pairs, confidence: float) -> None:
    """The difference lies in it, it lies in [-1, 1], and it always has a width."""
    interval = paired.newcombe(pairs, confidence)

    assert -1 - 1e-12 <= interval.low <= pairs.difference <= interval.high <= 1 + 1e-12
    assert interval.low < interval.high


@given(tables, confidences)
def test_newcombe_is_mirrored_by_a_swap(pairs: Pairs, confidence: float) -> None:
    """The old model compared with the new one has the opposite interval."""
    one, other = paired.newcombe(pairs, confidence), paired.newcombe(swapped(pairs), confidence)

    assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=1e-12)


@pytest.mark.parametrize(
    ("accuracy", "flip_rate", "drop"), [(0.6, 0.1, 0.0), (0.6, 0.1, 0.02), (0.9, 0.1, 0.05)]
)
def test_the_ends_err_about_as_seldom_as_they_say(
    accuracy: float, flip_rate: float, drop: float
) -> None:
    """Each end of a 90 % interval misses the truth with a probability of 6 % at most."""
    lost, gained = (flip_rate + drop) / 2, (flip_rate - drop) / 2
    truth = multinomial(50, [accuracy - lost, lost, gained, 1 - accuracy - gained])
    tables = [
        (both, lost, gained, 50 - both - lost - gained)
        for lost, gained in itertools.product(range(20), repeat=2)
        for both in range(51 - lost - gained)
    ]
    chances = truth.pmf(np.array(tables))
    low = high = 0.0
    for (both, lost, gained, neither), chance in zip(tables, chances, strict=True):
        if chance > 1e-9:
            pairs = Pairs(both_correct=both, regressed=lost, fixed=gained, both_wrong=neither)
            interval = paired.newcombe(pairs, 0.9)
            low += chance * (interval.low > -drop)
            high += chance * (interval.high < -drop)

    assert math.isclose(sum(chances), 1, abs_tol=1e-6)
    assert low <= 0.06
    assert high <= 0.06


@pytest.mark.parametrize(("inputs", "expected"), vectors("n_miller"))
def test_the_resolution_inverts_a_published_number_of_samples(
    inputs: dict[str, float], expected: dict[str, float]
) -> None:
    """As many samples as Miller's example needs resolve the difference that it asks for."""
    level = inputs["alpha_two_sided"] / 2
    found = paired.smallest_provable_margin(
        inputs["omega2"], expected["n"], level=level, power=inputs["power"]
    )

    assert found == pytest.approx(inputs["delta"], rel=1e-9)


@pytest.mark.parametrize(("inputs", "expected"), vectors("n_paired_connor"))
def test_the_smallest_drop_agrees_with_connor(
    inputs: dict[str, float], expected: dict[str, float]
) -> None:
    """It is Connor's within the half percent that the term left out of it makes."""
    found = paired.detectable_drop(
        inputs["flip_rate"], expected["n"], level=inputs["alpha_one_sided"], power=inputs["power"]
    )

    assert found == pytest.approx(inputs["drop"], rel=0.005)


@pytest.mark.parametrize(("asked", "points"), [(83, 8.6), (250, 5.0), (1500, 2.0), (4000, 1.2)])
def test_ten_percent_of_flips_hide_so_much(asked: int, points: float) -> None:
    """The least margin in points, where one answer in ten flips."""
    assert round(100 * paired.smallest_provable_margin(0.1, asked), 1) == points


@given(st.floats(0.001, 1), st.floats(0.002, 0.5), st.sampled_from([0.5, 0.8, 0.95]))
def test_the_samples_that_decide_provide_the_margin(
    flip_rate: float, margin: float, power: float
) -> None:
    """With as many the least margin is that one, and with one sample less it is wider."""
    needed = paired.samples_to_decide(flip_rate, margin, power=power)
    margins = [
        paired.smallest_provable_margin(flip_rate, total, power=power)
        for total in (needed, needed - 1)
        if total
    ]

    assert margins[0] <= margin * (1 + 1e-9)
    assert all(wider > margin * (1 - 1e-9) for wider in margins[1:])


@given(st.floats(0, 1), st.integers(1, 5_000), st.sampled_from([0.5, 0.8, 0.95]))
def test_a_drop_needs_as_many_flips(flip_rate: float, asked: int, power: float) -> None:
    """It is at most 1, and where few flips were seen it takes those of the drop itself."""
    drop = paired.detectable_drop(flip_rate, asked, power=power)
    reach = norm.ppf(0.95) + norm.ppf(power)

    assert 0 < drop <= 1
    assert drop == pytest.approx(
        min(1, reach * math.sqrt(max(flip_rate, reach**2 / asked) / asked)), rel=1e-9
    )
