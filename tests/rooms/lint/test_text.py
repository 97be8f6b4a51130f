import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.lint import text
from pytest_mmbench.lint.text import fold, fold_option, target_text
from pytest_mmbench.records import Sample


def test_examples() -> None:
    """The examples of the docstrings are true."""
    assert doctest.testmod(text).failed == 0


@given(st.text("aB\u00c9e\u0301 .;,\n1", max_size=12))
def test_folding_twice_changes_nothing(written: str) -> None:
    """What is folded stays as it is."""
    assert fold_option(fold_option(written)) == fold_option(written)
    assert fold(fold(written)) == fold(written)


@pytest.mark.parametrize(
    ("one", "other"),
    [("XAXa", "XAXA"), ("pH", "PH"), ("-5", "5"), ("x\u00b2", "x2"), ("1.5", "15"), (".", "")],
)
def test_options_that_differ(one: str, other: str) -> None:
    """Genotypes, quantities, signs and powers are not the same."""
    assert fold_option(one) != fold_option(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Red panda", "red  Panda."), ("Yes.", "Yes"), ("caf\u00e9", "cafe\u0301")]
)
def test_options_that_are_the_same(one: str, other: str) -> None:
    """Capitals that begin words, blanks, full stops and ways of writing accents say nothing."""
    assert fold_option(one) == fold_option(other)


def test_the_text_of_the_target() -> None:
    """That of the correct option, an open answer, or nothing where no option is correct."""
    choice = Sample(id="1", dimension="a", question="?", options=("x", "y"), target="B")
    open_question = Sample(id="1", dimension="a", question="?", options=(), target="12")
    lost = Sample(id="1", dimension="a", question="?", options=("x", "y"), target="C")

    assert [target_text(each) for each in (choice, open_question, lost)] == ["y", "12", ""]
