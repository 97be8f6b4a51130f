from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.scorers.mathvista import edit_distance

SHORT = st.text("ab c", max_size=7)


@cache
def textbook(one: str, other: str) -> int:
    """Levenshtein's recurrence as it is taught."""
    if not one or not other:
        return len(one) + len(other)
    kept = textbook(one[1:], other[1:]) + (one[0] != other[0])
    return min(kept, 1 + textbook(one[1:], other), 1 + textbook(one, other[1:]))


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("E", "97", 2)],
)
def test_known_distances(one: str, other: str, edits: int) -> None:
    """The usual examples."""
    assert edit_distance(one, other) == edits


@given(SHORT, SHORT)
def test_it_is_levenshteins(one: str, other: str) -> None:
    """For all short texts it agrees with the recurrence, in both directions."""
    assert edit_distance(one, other) == edit_distance(other, one) == textbook(one, other)


@given(st.text("abc", max_size=5), st.integers(0, 10**4))
def test_a_long_text_is_as_far_as_what_it_has_more(short: str, more: int) -> None:
    """Characters that the short text does not have each cost one."""
    assert edit_distance(short, short + "x" * more) == more
