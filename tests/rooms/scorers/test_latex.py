"""Numbers and expressions in LaTeX, by MathVision's rule and strictly."""

import math
from fractions import Fraction
from typing import Any

import pytest
import sympy  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Answer, Mark, Sample
from pytest_mmbench.scorers.latex import MathVisionScorer, StrictLatex, read_mathvision
from pytest_mmbench.scorers.latex_value import latex_value, same_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("\\frac{1}{2}", "1/2"),
        ("\\dfrac12", "1/2"),
        ("-\\frac{24}{25}", "-24/25"),
        ("\\frac{360}7", "360/7"),
        ("2\\frac{1}{2}", "5/2"),
        ("\u00bd", "1/2"),
        ("$45^2$", "2025"),
        ("3\u00b2", "9"),
        ("2^{-1}", "1/2"),
        ("5!", "120"),
        ("$\\boxed{\\frac{16}{7}}$", "16/7"),
        ("3--2+-1", "4"),
        ("\\sqrt{16}", "4"),
        ("\\sqrt[3]{27}", "3"),
        ("\\frac{7^3}{2^{12} 13^2}", "343/692224"),
        ("\\left(1+2\\right) \\times 3 \\div 2", "9/2"),
        ("\\frac{90}{23}^{\\circ}", "90/23"),
        ("69{degrees}", "69"),
        ("12\\text{ cm}", "12"),
    ],
)
def test_values(text: str, value: str) -> None:
    """Fractions, powers and roots are exact; degrees and units are left out."""
    assert latex_value(text) == Fraction(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("\\frac{3 \\sqrt{6}}{2}", 3.6742346141747673),
        ("4\\pi-2\\sqrt{3}", 9.102268999220597),
        ("2(\\sqrt{2}-1)", 0.8284271247461903),
        ("\u221a2\u03c0", 4.442882938158366),
    ],
)
def test_roots_and_pi(text: str, value: float) -> None:
    """What is no fraction is a float."""
    found = latex_value(text)

    assert found is not None
    assert same_value(found, value)


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "1.2.3", "2 3", "1/0", "0^{-1}", "\\sqrt{-1}", "(-1)^{0.5}", "((1)", "1)"),
        *("9^{9^{9}}", "(10^{999})!", "(" * 90, "1" * 300, "\\sin(1)"),
        *("\\frac{1}", "10^{999.5}"),
    ],
)
def test_what_has_no_value(text: str) -> None:
    """Variables, damage, and what would take a computer hours."""
    assert latex_value(text) is None


NUMBERS = st.integers(1, 30).map(str)
EXPRESSIONS = st.recursive(
    NUMBERS | st.just("\\pi"),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: "\\frac{{{}}}{{{}}}".format(*pair)),
        st.tuples(inner, st.sampled_from("+-"), inner).map(lambda parts: "({}{}{})".format(*parts)),
        st.tuples(inner, inner).map(lambda pair: "({}\\cdot {})".format(*pair)),
        inner.map(lambda text: f"\\sqrt{{({text})^2}}"),
    ),
    max_leaves=5,
)


@given(EXPRESSIONS)
def test_sympy_agrees(text: str) -> None:
    """A computer algebra gives the same value to what the grammar accepts."""
    python = text.replace("\\pi", "pi").replace("\\cdot", "*").replace("^", "**")
    python = python.replace("\\sqrt", "sqrt").replace("\\frac", "div").replace("}{", ",")
    python = python.translate(str.maketrans("{}", "()"))
    names: dict[str, Any] = {
        "div": lambda one, other: one / other,
        "sqrt": sympy.sqrt,
        "pi": sympy.pi,
    }
    expected = sympy.sympify(python, locals=names)
    value = latex_value(text)

    if expected.is_finite:
        assert value is not None
        assert abs(float(value) - float(expected)) <= 1e-9 * max(1, abs(float(expected)))


@given(st.text("0123456789+-*/^(){}[].!\\ fracsqtpi\u221a\u00b2", max_size=40))
def test_any_text_is_read_or_not(text: str) -> None:
    """No text raises, and a value is a fraction or a finite float."""
    value = latex_value(text)

    assert value is None or math.isfinite(value)


def marks(text: str, target: str, options: tuple[str, ...] = ()) -> list[Mark]:
    """By MathVision's rule, and strictly."""
    sample = Sample(id="1", dimension="d", question="", options=options, target=target)
    answer = Answer(sample="1", text=text)
    scorers: list[Scorer] = [MathVisionScorer()] if options else [MathVisionScorer(), StrictLatex()]
    return [scorer(sample, answer).mark for scorer in scorers]


@pytest.mark.parametrize(
    ("text", "target", "published", "strict"),
    [
        ("So the answer is \\boxed{\\frac{1}{2}}.", "0.5", "correct", "correct"),
        ("The answer is $\\frac{3}{4}$.", "\\frac{3}{4}", "correct", "correct"),
        ("x = 2\\sqrt{3}", "$2 \\sqrt{3}$", "correct", "correct"),
        ("\\boxed{0.33}", "\\frac{1}{3}", "correct", "incorrect"),
        ("\\boxed{90^\\circ}", "90", "correct", "correct"),
        ("\\boxed{(3, -4)}", "(3,-4)", "correct", "correct"),
        ("\\boxed{3} or \\boxed{4}", "4", "correct", "correct"),
        ("\\boxed{5}", "6", "incorrect", "incorrect"),
        ("I cannot say.\nThere is no solution.", "6", "incorrect", "unparseable"),
        ("12 cm", "12", "incorrect", "correct"),
        ("\\boxed{1:1}", "1", "correct", "incorrect"),
        ("\\boxed{2\\frac{1}{2}}", "2.5", "incorrect", "correct"),
        ("\\boxed{\\frac12}", "0.5", "incorrect", "correct"),
    ],
)
def test_answers(text: str, target: str, published: str, strict: str) -> None:
    """One line a form of answer, or a quirk."""
    assert marks(text, target) == [published, strict]


@pytest.mark.parametrize("text", ["\\boxed{B}", "So it must be B.", "\\boxed{\\text{(B)}}", "3.0"])
def test_a_letter_or_its_option(text: str) -> None:
    """A question with options may be answered by the option itself."""
    assert marks(text, "B", ("$\\frac{1}{2}$", "3", "4")) == [Mark.CORRECT]


def test_readings_of_the_authors() -> None:
    """Forms of their published answers, which were invented anew."""
    assert read_mathvision("Thus \\boxed{\\text{(E)}}.") == "e"
    assert read_mathvision("so x\\approx y = \\boxed{a = 12 \\text{ km}}") == "12"
    assert read_mathvision("The answer is: 7. Next") == "7"
