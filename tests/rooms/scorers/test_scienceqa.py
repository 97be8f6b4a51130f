import pytest

from pytest_mmbench.scorers.choice_scorer import read_llava


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
    assert read_llava(text, ("two", "three", "four", "five")) == letter
