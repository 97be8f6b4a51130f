from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.gates.decimals import format_beside_limit, format_decimal, places_for


@pytest.mark.parametrize(
    ("value", "limit", "shown"),
    [
        ("0.6", "0.6", "0.600"),
        ("0.5996", "0.6", "0.5996"),
        ("0.59999996", "0.6", "0.59999996"),
        ("0.6004", "0.6", "0.600"),
        ("0.6004", "0.6003", "0.6004"),
        ("0.2", "0", "0.200"),
    ],
)
def test_a_number_is_never_rounded_up_to_its_limit(value: str, limit: str, shown: str) -> None:
    """Three decimals, or as many more as it takes."""
    assert format_beside_limit(Fraction(value), Fraction(limit)) == shown


@pytest.mark.parametrize(("value", "shown"), [("0.0504", "0.0504"), ("0.0496", "0.050")])
def test_nor_down_to_one_that_it_exceeds(value: str, shown: str) -> None:
    """Where the limit is the most that is allowed."""
    assert format_beside_limit(Fraction(value), Fraction("0.05"), above=True) == shown


@given(
    right=st.integers(0, 24_000),
    asked=st.integers(1, 24_000),
    percent=st.integers(0, 100),
    above=st.booleans(),
)
def test_what_is_shown_lies_on_the_side_of_the_number(
    *, right: int, asked: int, percent: int, above: bool
) -> None:
    """Whatever the counts, and whatever is needed."""
    value, limit = Fraction(min(right, asked), asked), Fraction(percent, 100)

    shown = Fraction(format_beside_limit(value, limit, above=above))

    assert (shown > limit) == (value > limit) if above else (shown < limit) == (value < limit)


def test_zero_has_no_sign() -> None:
    """A small loss is none at three decimals."""
    assert format_decimal(-0.0001) == "0.000"


@pytest.mark.parametrize(("asked", "places"), [(0, 3), (720, 3), (1500, 4), (24_371, 5)])
def test_one_sample_can_be_seen(asked: int, places: int) -> None:
    """A change by one of them changes the last decimal."""
    assert places_for(asked) == places
