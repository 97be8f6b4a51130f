import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Interval
from pytest_mmbench.report import text
from pytest_mmbench.report.text import MINUS


@pytest.mark.parametrize(
    ("difference", "shown"),
    [(0.013, "+1.3"), (-0.2075, f"{MINUS}20.8"), (0.0, "0.0"), (-0.0004, "0.0"), (1.0, "+100.0")],
)
def test_points(difference: float, shown: str) -> None:
    """A sign always, a real minus, and no signed zero."""
    assert text.points(difference) == shown


@given(st.floats(-1, 1))
def test_points_are_read_back(difference: float) -> None:
    """What is written is the difference, to half of a tenth of a point."""
    written = float(text.points(difference).replace(MINUS, "-"))

    assert abs(written - 100 * difference) <= 0.05 + 1e-9


@pytest.mark.parametrize(
    ("value", "shown"), [(0.1, "+10"), (-0.05, f"{MINUS}5"), (0.0, "0"), (-0.0, "0")]
)
def test_ticks(value: float, shown: str) -> None:
    """Ticks have no decimals that they do not need."""
    assert text.tick(value) == shown


def test_spans() -> None:
    """Both ends, with the word between them that no minus can be mistaken for."""
    assert text.span(Interval(low=-0.011, high=0.5)) == f"{MINUS}0.01 to 0.50"
    assert text.points_span(Interval(low=-0.281, high=0.0)) == f"{MINUS}28.1 to 0.0"


@pytest.mark.parametrize(
    ("value", "shown"), [(1.0, "1.000"), (0.001, "0.001"), (0.00099, "< 0.001"), (0.0, "< 0.001")]
)
def test_probabilities(value: float, shown: str) -> None:
    """None is written as zero."""
    assert text.probability(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(8.21, "8.2 s"), (187, "3 min 07 s"), (7500, "2 h 05 min")]
)
def test_durations(seconds: float, shown: str) -> None:
    """Two units at most."""
    assert text.duration(seconds) == shown


def test_counts() -> None:
    """One is singular, thousands have their comma."""
    assert text.count_of(1, "answer") == "1 answer"
    assert text.count_of(0, "answer") == "0 answers"
    assert text.count_of(24_000, "answer") == "24,000 answers"
