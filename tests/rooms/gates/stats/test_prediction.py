import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom

from pytest_mmbench.gates.stats.prediction import fisher_worse, least_expected


@given(st.integers(1, 150), st.integers(1, 150), st.data())
def test_fishers_test_is_a_hypergeometric_tail(total: int, size: int, data: st.DataObject) -> None:
    """As scipy has it, for runs of different sizes."""
    correct = data.draw(st.integers(0, total))
    new = data.draw(st.integers(0, size))

    expected = hypergeom.cdf(new, total + size, correct + new, size)
    assert fisher_worse(correct, total, new, size) == pytest.approx(expected, rel=1e-8, abs=1e-12)


@given(st.integers(1, 80), st.integers(1, 80), st.data(), st.sampled_from([0.05, 0.007, 0.0001]))
def test_the_least_is_the_first_that_is_not_worse(
    total: int, size: int, data: st.DataObject, error: float
) -> None:
    """One fewer would be significantly worse, and no more than the same share is ever asked."""
    correct = data.draw(st.integers(0, total))
    least = least_expected(correct, total, size=size, error=error)

    assert 0 <= least <= math.ceil(size * correct / total)
    if least:
        assert fisher_worse(correct, total, least - 1, size) <= error


@pytest.mark.parametrize("accuracy", [0.3, 0.6, 0.8, 0.95, 0.99])
@pytest.mark.parametrize(
    ("total", "size", "error"), [(40, 40, 0.05), (120, 120, 0.007), (90, 30, 0.02)]
)
def test_an_equally_good_model_rarely_scores_less(
    accuracy: float, total: int, size: int, error: float
) -> None:
    """Exactly, over all pairs of runs: at most as often as is said."""
    first = binom.pmf(np.arange(total + 1), total, accuracy)
    least = [least_expected(right, total, size=size, error=error) for right in range(total + 1)]
    second = binom.cdf(np.array(least) - 1, size, accuracy)

    assert float(first @ second) <= error


def test_a_large_benchmark_takes_no_time() -> None:
    """24,000 samples at 0.75 may lose one point by noise."""
    assert least_expected(18_000, 24_000, size=24_000, error=0.007) == 17_765
