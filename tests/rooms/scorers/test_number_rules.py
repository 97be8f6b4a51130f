"""Numbers that may differ from their reference."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Answer, Mark, Sample
from pytest_mmbench.scorers.number_rules import NumberScorer, NumberTolerance

SHARE = NumberTolerance(size=Fraction(1, 100), is_relative=True)
SIZE = NumberTolerance(size=Fraction("0.01"))


def mark(tolerance: NumberTolerance, text: str, *golds: str) -> Mark:
    """What becomes of an answer."""
    target, *accepted = golds
    sample = Sample(
        id="1", dimension="d", question="", options=(), target=target, accepted=tuple(accepted)
    )
    return NumberScorer(rule="strict", tolerance=tolerance)(
        sample, Answer(sample="1", text=text)
    ).mark


@pytest.mark.parametrize(
    ("tolerance", "text", "gold", "expected"),
    [
        (SHARE, "The answer is 101.", "100", Mark.CORRECT),
        (SHARE, "101.01", "100", Mark.INCORRECT),
        (SHARE, "-99", "-100", Mark.CORRECT),
        (SHARE, "0", "0", Mark.CORRECT),
        (SHARE, "0.001", "0", Mark.INCORRECT),
        (SIZE, "0.34", "1/3", Mark.CORRECT),
        (SIZE, "0.35", "1/3", Mark.INCORRECT),
        (SIZE, "between 1 and 2", "1", Mark.UNPARSEABLE),
        (NumberTolerance(), "4.0", "4", Mark.CORRECT),
        (NumberTolerance(), "4.001", "4", Mark.INCORRECT),
        (NumberTolerance(), "four", "4", Mark.CORRECT),
    ],
)
def test_near_enough(tolerance: NumberTolerance, text: str, gold: str, expected: Mark) -> None:
    """A bound is within, a share of 0 is 0, and what is no one number is unparseable."""
    assert mark(tolerance, text, gold) is expected


def test_one_of_several() -> None:
    """A number that is near to any accepted one is right."""
    assert mark(SHARE, "50.2", "10", "50") is Mark.CORRECT


@given(gold=st.decimals(-1000, 1000, places=3), off=st.decimals("-0.05", "0.05", places=3))
def test_exact_arithmetic(gold: Fraction, off: Fraction) -> None:
    """The digits decide, and no rounding of a float does."""
    number = gold + off
    expected = Mark.CORRECT if abs(Fraction(off)) <= Fraction("0.01") else Mark.INCORRECT

    assert mark(SIZE, f"{number:f}", f"{gold:f}") is expected
