import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from pytest_mmbench.gates.stats import sign_flips
from pytest_mmbench.gates.stats.sign_flips import sign_flip_tail

several = st.lists(st.fractions(-1, 1, max_denominator=12), min_size=1, max_size=6)


def listed(changes: list[Fraction]) -> float:
    """The share of all patterns of signs whose sum is as low."""
    signs = itertools.product([-1, 1], repeat=len(changes))
    totals = [sum(map(Fraction.__mul__, map(Fraction, each), changes)) for each in signs]
    return sum(total <= sum(changes) for total in totals) / len(totals)


@given(several)
def test_fractions_agree_with_the_list_of_all_patterns(changes: list[Fraction]) -> None:
    """Thirds, quarters and sevenths are counted in their common unit."""
    assert sign_flip_tail(changes) == pytest.approx(listed(changes), abs=1e-12)


@pytest.fixture
def transformed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_flips, "PRODUCTS", -1)


@pytest.mark.usefixtures("transformed")
@pytest.mark.parametrize("seed", range(6))
def test_a_transform_agrees_with_the_list(seed: int) -> None:
    """So does the Fourier transform that large benchmarks are left to."""
    rng = np.random.default_rng(seed)
    changes = [Fraction(int(up), int(down)) for up, down in rng.integers((-6, 1), 7, (9, 2))]

    assert sign_flip_tail(changes) == pytest.approx(listed(changes), abs=1e-12)


def test_a_transform_agrees_with_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six hundred changes of up to four, far from the middle and near to it."""
    for seed, shift in ((1, -0.4), (2, 0.0), (3, 0.3)):
        changes = np.random.default_rng(seed).normal(shift, 2, 600).round().astype(int).tolist()
        counted = sign_flip_tail(changes)
        with monkeypatch.context() as patched:
            patched.setattr(sign_flips, "PRODUCTS", -1)
            assert sign_flip_tail(changes) == pytest.approx(max(counted, 1e-12), abs=1e-12)


def test_too_many_sizes_are_rounded_alike_on_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eleven changes without a common unit, rounded, have nearly the p-value of the list."""
    rng = np.random.default_rng(8)
    changes = [Fraction(int(up), 10_007) for up in rng.integers(-10_007, 4_000, 11)]
    monkeypatch.setattr(sign_flips, "PRODUCTS", -1)
    monkeypatch.setattr(sign_flips, "POINTS", 60_000)

    worse, better = sign_flip_tail(changes), sign_flip_tail([-change for change in changes])

    assert worse == pytest.approx(listed(changes), abs=0.01)
    assert worse + better >= 1


def test_a_large_benchmark_is_tested() -> None:
    """Eight hundred changes with denominators to 30, of a candidate that is slightly worse."""
    rng = np.random.default_rng(3)
    ups, downs = rng.integers(-9, 7, 800), rng.integers(10, 31, 800)
    changes = [Fraction(int(up), int(down)) for up, down in zip(ups, downs, strict=True)]
    spread = np.sqrt(sum(float(change) ** 2 for change in changes))

    assert sign_flip_tail(changes) == pytest.approx(
        norm.cdf(float(sum(changes)) / spread), rel=0.5, abs=1e-9
    )
    assert float(sum(changes)) / spread < -4


def test_equal_changes_are_mcnemars() -> None:
    """Of five changes by a half, four down: six of 32 patterns are as low."""
    assert sign_flip_tail([Fraction(-1, 2)] * 4 + [Fraction(1, 2)]) == 6 / 32
    assert sign_flip_tail([Fraction(0)] * 3) == 1
