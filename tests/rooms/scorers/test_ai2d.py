import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.scorers.choice_scorer import read_filtered

OPTIONS = ("two", "three", "four", "five")


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "B"),
        ("b", "B"),
        ("\n B. three", "B"),
        ("B.three", "B"),
        ("**B**", "B"),
        ("B)", "B"),
        ("b. three", ""),
        ("B three", ""),
        ("three", ""),
        ("E.", ""),
        ("", ""),
        ("\u212a", ""),
    ],
)
def test_the_filter_and_the_exact_match(text: str, letter: str) -> None:
    """A capital with a full stop opens the answer, else all of it is the letter."""
    assert read_filtered(text, OPTIONS) == letter


@given(st.sampled_from("ABCD"), st.text(string.punctuation), st.text(string.punctuation))
def test_punctuation_around_a_letter_does_not_count(letter: str, before: str, after: str) -> None:
    """The answer is right in whatever marks it is wrapped."""
    assert read_filtered(f" {before}{letter.lower()}{after}\n", OPTIONS) == letter
