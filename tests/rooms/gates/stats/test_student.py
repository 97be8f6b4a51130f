import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, t

from pytest_mmbench.gates.stats import student


@given(st.floats(1e-3, 1 - 1e-6), st.integers(1, 500))
def test_quantiles_agree_with_scipy(confidence: float, freedom: int) -> None:
    """From one degree of freedom on, and far into the tails."""
    expected = t.ppf(0.5 + confidence / 2, freedom)

    assert student.t_quantile(confidence, freedom) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("freedom", [19, 7_999, 100_000])
def test_quantiles_of_many_clusters(freedom: int) -> None:
    """As many clusters as a benchmark has take the same way; in the end it is the normal's."""
    found = student.t_quantile(0.9, freedom)

    assert found == pytest.approx(t.ppf(0.95, freedom), rel=1e-10)
    assert found > norm.ppf(0.95)


@given(st.floats(0.01, 0.999), st.integers(1, 100))
def test_more_freedom_means_less_distance(confidence: float, freedom: int) -> None:
    """An interval of the same confidence narrows with every cluster, and widens with confidence."""
    here = student.t_quantile(confidence, freedom)

    assert here > student.t_quantile(confidence, freedom + 1)
    assert here < student.t_quantile((1 + confidence) / 2, freedom)
