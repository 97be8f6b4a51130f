"""Sets of words of which one holds nearly the other, without comparing all with all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from fractions import Fraction
from typing import Final

FEWEST_LETTERS: Final = 6
"""Of a word that may be mistyped: horse and house are two words."""


def nearly_contained(
    sets: Sequence[AbstractSet[str]], least: Fraction
) -> Iterator[tuple[int, int]]:
    """Places of each two sets of which the larger holds all words of the other, or all but one.

    That one has to be a slip of a word of the larger set; the smaller one has at least the share
    `least` of the larger one's size. Of two of one size the first is the smaller. The rarest word
    of the smaller set, or a slip of it, is in the larger one: only sets with such a word are
    compared, so that every pair is found. An empty set is in none.
    """
    frequency = Counter(word for members in sets for word in members)
    places: dict[str, list[int]] = {}
    for place, members in enumerate(sets):
        for word in members:
            places.setdefault(word, []).append(place)
    variants: dict[str, list[str]] = {}
    for word in frequency:
        for variant in _shortened(word):
            variants.setdefault(variant, []).append(word)
    for place, members in enumerate(sets):
        if not members:
            continue
        rarest = min(members, key=lambda word: (frequency[word], word))
        slips = {word for variant in _shortened(rarest) for word in variants[variant]}
        for other in sorted({at for word in slips | {rarest} for at in places[word]}):
            larger = sets[other]
            is_larger = (len(members), place) < (len(larger), other)
            if is_larger and least * len(larger) <= len(members) and _holds(larger, members):
                yield place, other


def _holds(larger: AbstractSet[str], members: AbstractSet[str]) -> bool:
    missing = members - larger
    if len(missing) > 1:
        return False
    rest = larger - members
    return all(any(is_slip(word, other) for other in rest) for word in missing)


def _shortened(word: str) -> Iterable[str]:
    """The word and what is left of it without one of its letters: a slip shares one of these."""
    if len(word) < FEWEST_LETTERS - 1:
        return ()
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def is_slip(one: str, other: str) -> bool:
    """Whether one letter is missing, too many, another one, or has changed places with the next.

    >>> is_slip("harbour", "harbor"), is_slip("horse", "house")
    (True, False)
    """
    if min(len(one), len(other)) < FEWEST_LETTERS or abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at in range(len(one)) if one[at] != other[at : at + 1]), len(one))
    first, second = one[start:], other[start:]
    is_swapped = len(first) > 1 and first[:2] == second[1::-1] and first[2:] == second[2:]
    return is_swapped or first[1:] in (second, second[1:]) or first == second[1:]


def groups(size: int, pairs: Iterator[tuple[int, int]]) -> list[list[int]]:
    """The places 0 to size - 1 in groups that pairs join, directly or through others.

    Groups, and the places in each, are in their order; a place that no pair has is one by itself.
    """
    parent = list(range(size))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    for one, other in pairs:
        first, second = sorted((root(one), root(other)))
        parent[second] = first
    joined: dict[int, list[int]] = {}
    for place in range(size):
        joined.setdefault(root(place), []).append(place)
    return list(joined.values())
