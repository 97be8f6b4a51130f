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


def test_nothing_is_adjusted_in_a_family_of_none_or_one() -> None:
    """A single test keeps its p-value and the whole level."""
    assert multiplicity.holm([]) == []
    assert multiplicity.holm([0.03]) == [0.03]
    assert multiplicity.holm_threshold([], 0.05) == 0.05
