"""Pairs of sets that have most of their members in common, without comparing all with all."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from fractions import Fraction


def shingles(content: Iterable[str]) -> frozenset[str]:
    """Parts of three letters of words, whatever their order; a word begins and ends with _."""
    marked = (f"_{word}_" for word in content)
    return frozenset(word[at : at + 3] for word in marked for at in range(len(word) - 2))


def similar_pairs(sets: Sequence[AbstractSet[str]], least: Fraction) -> Iterator[tuple[int, int]]:
    """Places of each two sets whose Jaccard similarity, shared over all members, is `least`.

    Two such sets have at least ceil(least * size) members in common, so that they share one of the
    first size - ceil(least * size) + 1 of each, in any order that is the same for all. The rarest
    come first, and only sets that share one of these are compared. That finds every pair.
    Source: R. J. Bayardo, Y. Ma and R. Srikant, "Scaling up all pairs similarity search", WWW 2007.
    An empty set is similar to none.
    """
    frequency = Counter(member for members in sets for member in members)
    by_size = sorted(
        (place for place in range(len(sets)) if sets[place]), key=lambda at: len(sets[at])
    )
    seen: dict[str, list[int]] = {}
    for place in by_size:
        members = sets[place]
        size = len(members)
        shortest = math.ceil(least * size)
        ordered = sorted(members, key=lambda member: (frequency[member], member))
        candidates: set[int] = set()
        for member in ordered[: size - shortest + 1]:
            places = seen.setdefault(member, [])
            candidates.update(other for other in places if len(sets[other]) >= shortest)
            places.append(place)
        for other in sorted(candidates):
            shared = len(members & sets[other])
            if shared >= least * (size + len(sets[other]) - shared):
                yield (other, place) if other < place else (place, other)


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
