import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.gates.stats import multiplicity
from pytest_mmbench.gates.stats.step_down import LevelTest, weighted_holm


def family(p_values: list[float], weights: list[float] | None = None) -> list[LevelTest]:
    """Tests that have p-values after all."""
    return [
        LevelTest(weight=weight, rejects=lambda level, p=p: p <= level)  # type: ignore[misc]
        for p, weight in zip(p_values, weights or [1.0] * len(p_values), strict=True)
    ]


@given(st.lists(st.sampled_from([0.0001, 0.004, 0.011, 0.02, 0.03, 0.06, 0.5]), max_size=8))
def test_equal_weights_are_holms_procedure(p_values: list[float]) -> None:
    """What rejects at the level is what Holm's adjusted p-values reject."""
    level = weighted_holm(family(p_values), 0.05)

    adjusted = multiplicity.holm(p_values)
    assert [p <= level for p in p_values] == [each <= 0.05 for each in adjusted]


def test_a_weight_is_a_share_of_the_level() -> None:
    """Three quarters of 0.05 for one test, and a quarter for the other."""
    weights = [3.0, 1.0]
    level = weighted_holm(family([0.04, 0.013], weights), 0.05)
    assert (3 * level, level) == pytest.approx((0.0375, 0.0125))

    # The first is rejected, so that the second is compared with the whole.
    level = weighted_holm(family([0.03, 0.04], weights), 0.05)
    assert level == pytest.approx(0.05)


def test_no_tests_have_the_whole_level() -> None:
    """A family of none."""
    assert weighted_holm([], 0.05) == 0.05
