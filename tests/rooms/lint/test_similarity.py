import doctest
from collections.abc import Set as AbstractSet
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.lint import similarity
from pytest_mmbench.lint.similarity import groups, is_slip, nearly_contained

WORDS = ["harbour", "harbor", "arbour", "harvour", "harbuor", "tower", "towers", "sea", "hill"]
SETS = st.lists(st.frozensets(st.sampled_from(WORDS)), max_size=9)


def holds(larger: AbstractSet[str], smaller: AbstractSet[str]) -> bool:
    missing = smaller - larger
    return len(missing) < 2 and all(
        any(is_slip(word, other) for other in larger - smaller) for word in missing
    )


@given(SETS, st.sampled_from([Fraction(1, 2), Fraction(3, 4), Fraction(1)]))
def test_every_pair_is_found_and_no_other(sets: list[frozenset[str]], least: Fraction) -> None:
    """As comparing all with all finds them."""
    expected = set()
    for pair in combinations(range(len(sets)), 2):
        one, other = sorted(pair, key=lambda at: (len(sets[at]), at))
        is_long_enough = len(sets[one]) >= least * len(sets[other])
        if sets[one] and is_long_enough and holds(sets[other], sets[one]):
            expected.add((one, other))

    pairs = list(nearly_contained(sets, least))

    assert len(pairs) == len({*pairs})
    assert {*pairs} == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("harbour", "harbor", True),
        ("harbour", "harbuor", True),
        ("harbour", "harvour", True),
        ("harbour", "arbour", True),
        ("harbour", "harbours", True),
        ("harbour", "harbour", True),
        ("harbour", "harpoon", False),
        ("harbour", "labour", False),
        ("west", "east", False),
        ("second", "seconds", True),
    ],
)
def test_slips_of_the_pen(one: str, other: str, *, expected: bool) -> None:
    """One letter in a long word, whichever of the two is the right one."""
    assert is_slip(one, other) is expected
    assert is_slip(other, one) is expected


def test_examples() -> None:
    """The examples of the docstrings are true."""
    assert doctest.testmod(similarity).failed == 0


@given(st.integers(0, 9), st.data())
def test_groups_join_what_pairs_join(size: int, data: st.DataObject) -> None:
    """Each place once, in order; the two of a pair together; as many groups as there must be."""
    places = st.integers(0, max(0, size - 1))
    pairs = data.draw(st.lists(st.tuples(places, places), max_size=9)) if size else []

    joined = groups(size, iter(pairs))

    assert sorted(place for group in joined for place in group) == list(range(size))
    assert joined == sorted(sorted(group) for group in joined)
    home = {place: at for at, group in enumerate(joined) for place in group}
    assert all(home[one] == home[other] for one, other in pairs)
    assert len(joined) >= size - len(pairs)
