import itertools
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stat_vectors import vectors
from statsmodels.stats.multitest import multipletests  # type: ignore[import-untyped]

from pytest_mmbench.gates.stats import multiplicity

levels = st.sampled_from([0.001, 0.01, 0.025, 0.05, 0.1, 0.2])


@pytest.mark.parametrize(("inputs", "expected"), vectors("adjust_pvalues", "vectors.json"))
def test_holm_agrees_with_the_vectors(
    inputs: dict[str, Any], expected: dict[str, list[float]]
) -> None:
    """Adjusted p-values agree with published examples."""
    assert multiplicity.holm(inputs["p"]) == pytest.approx(expected["holm"], abs=1e-9)


@settings(max_examples=5)  # the oracle takes its time
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_agrees_with_statsmodels(p_values: list[float]) -> None:
    """Adjusted p-values agree with an independent implementation, in the given order."""
    expected = multipletests(p_values, method="holm")[1]

    assert multiplicity.holm(p_values) == pytest.approx(list(expected), abs=1e-12)


@given(
    st.lists(st.sampled_from([0.0, 0.001, 0.004, 0.013, 0.017, 0.03, 0.2, 1.0]), min_size=1), levels
)
def test_the_level_beside_the_others_is_holms_decision(p_values: list[float], alpha: float) -> None:
    """A p-value is at most its own level exactly if Holm's procedure rejects it."""
    adjusted = multiplicity.holm(p_values)

    for place, p_value in enumerate(p_values):
        level = multiplicity.holm_threshold(p_values[:place] + p_values[place + 1 :], alpha)
        assert (p_value <= level) == (adjusted[place] <= alpha)


def closed(p_values: list[float], weights: list[Fraction], alpha: float) -> list[bool]:
    """What is rejected if every intersection of hypotheses is, by its weighted Bonferroni test."""
    places = range(len(p_values))
    rejected = {
        chosen
        for size in range(1, len(p_values) + 1)
        for chosen in itertools.combinations(places, size)
        if any(
            p_values[at] * sum(weights[other] for other in chosen) <= alpha * weights[at]
            for at in chosen
        )
    }
    return [
        all(
            chosen in rejected
            for size in range(1, len(p_values) + 1)
            for chosen in itertools.combinations(places, size)
            if place in chosen
        )
        for place in places
    ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 0.001, 0.004, 0.013, 0.017, 0.03, 0.2, 1.0]),
            st.sampled_from([Fraction(1, 6), Fraction(1, 2), Fraction(1), Fraction(3)]),
        ),
        min_size=1,
        max_size=6,
    ),
    levels,
)
def test_weights_are_shares_of_alpha(found: list[tuple[float, Fraction]], alpha: float) -> None:
    """It is the closed test of weighted Bonferroni tests, which keeps alpha by its construction."""
    p_values, weights = [p for p, _ in found], [weight for _, weight in found]

    adjusted = multiplicity.weighted_holm(p_values, weights)

    assert [each <= alpha + 1e-12 for each in adjusted] == closed(p_values, weights, alpha + 1e-12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(1, 9))
def test_equal_weights_are_holms_procedure(p_values: list[float], weight: int) -> None:
    """Whatever the weight that all have."""
    weighted = multiplicity.weighted_holm(p_values, [Fraction(weight, 7)] * len(p_values))

    assert weighted == pytest.approx(multiplicity.holm(p_values), abs=1e-12)


def test_nothing_is_adjusted_in_a_family_of_none_or_one() -> None:
    """A single test keeps its p-value and the whole level."""
    assert multiplicity.holm([]) == []
    assert multiplicity.holm([0.03]) == [0.03]
    assert multiplicity.holm_threshold([], 0.05) == 0.05
