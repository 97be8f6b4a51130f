"""Which samples stand for the rest when a run has a limit."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence


def stratified(
    ids_by_leaf: Mapping[str, Sequence[str]], limit: int, seed: int
) -> dict[str, tuple[str, ...]]:
    """At most `limit` samples, spread over the leaves in proportion to their sizes; 0 means all.

    1. Each leaf gets its share of `limit` by largest remainder (Hamilton's method), and at least
       one sample if `limit` allows one for every leaf that has any.
    2. Within a leaf they are drawn without replacement by a generator seeded from `seed` and the
       leaf's path alone, so that a leaf keeps its samples when other leaves come or go, and a
       larger share contains the smaller one.
    3. They keep the order of the data.

    Only the drawn ids are looked up: a leaf may be a lazy sequence of any length.
    """
    sizes = {leaf: len(ids) for leaf, ids in ids_by_leaf.items()}
    quotas = _allocate(sizes, limit) if 0 < limit < sum(sizes.values()) else sizes
    return {
        leaf: tuple(ids[index] for index in _draw(sizes[leaf], quotas[leaf], seed=f"{seed} {leaf}"))
        for leaf, ids in ids_by_leaf.items()
    }


def _allocate(sizes: Mapping[str, int], limit: int) -> dict[str, int]:
    """How many of `limit` fall to each leaf: largest remainder, with a minimum of one if it fits.

    `limit` must not exceed the sum of the sizes. Ties go to the leaf whose path sorts first.
    """
    filled = {leaf: size for leaf, size in sizes.items() if size}
    minimal = _shares_below_one(filled, limit) if limit >= len(filled) else set()
    others = {leaf: size for leaf, size in filled.items() if leaf not in minimal}
    remaining = limit - len(minimal)
    total = sum(others.values())

    # Hamilton's method: whole parts of the exact shares first, then the largest remainders.
    exact = {leaf: divmod(size * remaining, total) for leaf, size in others.items()}
    left = remaining - sum(quotient for quotient, _ in exact.values())
    rounded_up = sorted(exact, key=lambda leaf: (-exact[leaf][1], leaf))[:left]
    quotas = dict.fromkeys(sizes, 0) | dict.fromkeys(minimal, 1)
    for leaf, (quotient, _) in exact.items():
        quotas[leaf] = quotient + (leaf in rounded_up)
    return quotas


def _shares_below_one(sizes: Mapping[str, int], limit: int) -> set[str]:
    """Leaves whose proportional share is less than one sample, once those have been given one."""
    minimal: set[str] = set()
    while True:
        others = {leaf: size for leaf, size in sizes.items() if leaf not in minimal}
        total = sum(others.values())
        small = {leaf for leaf, size in others.items() if size * (limit - len(minimal)) < total}
        if not small:
            return minimal
        minimal |= small


def _draw(size: int, count: int, *, seed: str) -> Iterable[int]:
    """`count` of the numbers below `size`, sorted.

    The head of a Fisher-Yates shuffle (Durstenfeld 1964) that remembers only what was moved.
    """
    if count == size:
        return range(size)
    generator = random.Random(seed)
    moved: dict[int, int] = {}
    drawn = []
    for position in range(count):
        pick = generator.randrange(position, size)
        drawn.append(moved.get(pick, pick))
        moved[pick] = moved.get(position, position)
    return sorted(drawn)
