from fractions import Fraction
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.lint.similarity import groups, similar_pairs

SETS = st.lists(st.frozensets(st.sampled_from("abcdefgh")), max_size=12)


@given(SETS, st.fractions(min_value=Fraction(1, 2), max_value=1))
def test_every_similar_pair_is_found_and_no_other(
    sets: list[frozenset[str]], least: Fraction
) -> None:
    """As comparing all with all finds them."""
    expected = {
        (one, other)
        for one, other in combinations(range(len(sets)), 2)
        if sets[one]
        and sets[other]
        and Fraction(len(sets[one] & sets[other]), len(sets[one] | sets[other])) >= least
    }

    pairs = list(similar_pairs(sets, least))

    assert len(pairs) == len({*pairs})
    assert {*pairs} == expected


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
