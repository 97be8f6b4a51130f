from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.scorers.markup import compact, value, without_markup
from pytest_mmbench.scorers.phrases import BOX, END


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("\\frac{a}{b}", "a/b"),
        ("\\frac{\\sqrt{2}}{2}", "\u221a2/2"),
        ("\\dfrac{a+b}{2}", "(a+b)/2"),
        ("\\boxed{\\text{(b)}}", f"{BOX}(b){END}"),
        ("\\boxed{\\frac{1}{2}}", f"{BOX}1/2{END}"),
        ("\\boxed{3", f"{BOX}3"),
        ("**b**", "b"),
        ("72^{\\circ}", "72\u00b0"),
        ("72 degrees", "72\u00b0"),
        ("2 \\cdot 3", "2 \u00b7 3"),
        ("nothing to do", "nothing to do"),
    ],
)
def test_markup_becomes_plain(text: str, plain: str) -> None:
    """Fractions, roots, boxes, fonts and emphasis."""
    assert without_markup(text) == plain


@given(st.text(max_size=80) | st.text("\\\\frac{}sqrtboxed12 $()", max_size=80))
def test_any_text_is_taken(text: str) -> None:
    """Braces that do not match, and commands without arguments, are no reason to raise."""
    assert isinstance(compact(without_markup(text)), str)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("26.0", (Fraction(26), "")),
        ("-1/2", (Fraction(-1, 2), "")),
        ("54cm^2", (Fraction(54), "cm^2")),
        ("30%", (Fraction(30), "%")),
        ("2:3", None),
        ("1/0", None),
        ("2\u03c0r+1", None),
        ("b", None),
    ],
)
def test_a_value_is_one_number_with_its_unit(
    text: str, number: tuple[Fraction, str] | None
) -> None:
    """Ratios, sums and words are no values."""
    assert value(text) == number
