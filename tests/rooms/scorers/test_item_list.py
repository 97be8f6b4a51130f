"""Answers that are several items."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Answer, Mark, Sample, Score
from pytest_mmbench.scorers.item_list import ListScorer, read_items, share

ITEMS = st.lists(st.sampled_from(["cat", "dog", "red door", "7"]), min_size=1, max_size=5)


def scored(text: str, target: str, *, is_graded: bool = True, ordered: bool = False) -> Score:
    """The score of an answer to a question for a list."""
    sample = Sample(id="1", dimension="d", question="", options=(), target=target)
    scorer = ListScorer(is_graded=is_graded, ordered=ordered)
    return scorer(sample, Answer(sample="1", text=text))


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("cat; dog", ("cat", "dog")),
        ("Cat, the dog, and 3.50", ("cat", "dog", "7/2")),
        ('["a, b", "c"]', ("a, b", "c")),
        ("[1, 2, 3]", ("1", "2", "3")),
        ("The answer is: cat and dog.", ("cat", "dog")),
        ("The animals are:\n- cat\n- a dog", ("cat", "dog")),
        ("1. cat\n2. dog", ("cat", "dog")),
        ("1,200, 5", ("1200", "5")),
        ("cat", ("cat",)),
        ("\\boxed{cat, dog}", ("cat", "dog")),
        ("", ()),
        ("cat;; dog", ()),
        ("I cannot see which animals there are in this picture, sorry", ()),
    ],
)
def test_how_lists_are_written(text: str, items: tuple[str, ...]) -> None:
    """By semicolons, commas, lines or brackets; prose is no list."""
    assert read_items(text) == items


@pytest.mark.parametrize(
    ("text", "credit", "in_order"),
    [
        ("a; b; c", "1", "1"),
        ("c; b; a", "1", "1/3"),
        ("a; b", "4/5", "4/5"),
        ("a; b; c; d", "6/7", "6/7"),
        ("a; a; a", "1/3", "1/3"),
        ("x", "0", "0"),
    ],
)
def test_the_share_of_items(text: str, credit: str, in_order: str) -> None:
    """F1 of what both lists have, each as often as it stands there; in order if that counts."""
    assert scored(text, "a; b; c").credit == Fraction(credit)
    assert scored(text, "a; b; c", ordered=True).credit == Fraction(in_order)


def test_all_or_nothing() -> None:
    """Where no part counts, one item too much is wrong."""
    assert scored("b; a", "a; b", is_graded=False).mark is Mark.CORRECT
    assert scored("a; b; c", "a; b", is_graded=False).credit == 0
    assert scored("none of it can be seen in this dark picture", "a").mark is Mark.UNPARSEABLE
    names = [ListScorer(is_graded=part, ordered=part).rule for part in (True, False)]
    assert names == ["strict list ordered", "strict"]


@given(ITEMS, ITEMS)
def test_laws_of_the_share(one: list[str], other: list[str]) -> None:
    """It is symmetric, all only for equal lists, and order never earns more."""
    credit = share(one, other, ordered=False)

    assert credit == share(other, one, ordered=False)
    assert (credit == 1) == (sorted(one) == sorted(other))
    assert share(one, other, ordered=True) <= credit <= 1
    assert (share(one, other, ordered=True) == 1) == (one == other)
