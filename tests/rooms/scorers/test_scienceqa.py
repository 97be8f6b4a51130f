import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.scorers.scienceqa import read_bare_letter, read_llava


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "B"),
        (" B ", "B"),
        ("B. three", "B"),
        ("B.three", ""),
        (" B. three", ""),
        ("B\nthree", "B"),
        ("I think. The answer is C", "C"),
        ("The answer is C. Or the answer is B.", "C"),
        ("Because\nThe answer is B\n", "B"),
        ("the answer is B", ""),
        ("The answer is (B)", ""),
        ("The answer is E.", ""),
        ("", ""),
        ("AB", ""),
    ],
)
def test_llava_knows_three_forms(text: str, letter: str) -> None:
    """A bare letter, one with a full stop and a space at the beginning, and a sentence."""
    assert read_llava(text, 4) == letter


@given(st.text() | st.text("ABCDE abcde.\n"), st.integers(2, 5))
def test_lmms_eval_knows_the_bare_letter(text: str, options: int) -> None:
    """White space around it and its case do not matter, anything else does."""
    letters = "ABCDE"[:options]
    expected = [letter for letter in letters if text.strip().lower() == letter.lower()]

    assert read_bare_letter(text, options) == "".join(expected)
