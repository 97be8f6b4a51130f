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
    quotas = shares(sizes, limit) if 0 < limit < sum(sizes.values()) else sizes
    return {
        leaf: tuple(ids[at] for at in _drawn(sizes[leaf], quotas[leaf], f"{seed} {leaf}"))
        for leaf, ids in ids_by_leaf.items()
    }


def shares(sizes: Mapping[str, int], limit: int) -> dict[str, int]:
    """How many of `limit` fall to each leaf: largest remainder, with a minimum of one if it fits.

    `limit` must not exceed the sum of the sizes. Ties go to the leaf whose path sorts first.
    """
    open_leaves = {leaf: size for leaf, size in sizes.items() if size}
    single = _below_one(open_leaves, limit) if limit >= len(open_leaves) else set()
    ample = {leaf: size for leaf, size in open_leaves.items() if leaf not in single}
    whole = _largest_remainder(ample, limit - len(single))
    return {leaf: 1 if leaf in single else whole.get(leaf, 0) for leaf in sizes}


def _below_one(sizes: Mapping[str, int], limit: int) -> set[str]:
    """Leaves whose proportional share is less than one sample, once those have been given one."""
    single: set[str] = set()
    while True:
        rest = {leaf: size for leaf, size in sizes.items() if leaf not in single}
        total = sum(rest.values())
        small = {leaf for leaf, size in rest.items() if size * (limit - len(single)) < total}
        if not small:
            return single
        single |= small


def _largest_remainder(sizes: Mapping[str, int], total: int) -> dict[str, int]:
    total = sum(sizes.values())
    if not total:
        return {}
    exact = {leaf: divmod(size * total, total) for leaf, size in sizes.items()}
    left = total - sum(whole for whole, _ in exact.values())
    first = sorted(exact, key=lambda leaf: (-exact[leaf][1], leaf))[:left]
    return {leaf: whole + (leaf in first) for leaf, (whole, _) in exact.items()}


def _drawn(size: int, count: int, seed: str) -> Iterable[int]:
    """`count` of the numbers below `size`, sorted.

    The head of a Fisher-Yates shuffle (Durstenfeld 1964) that remembers only what was moved.
    """
    if count == size:
        return range(size)
    dice = random.Random(seed)
    moved: dict[int, int] = {}
    drawn = []
    for at in range(count):
        pick = dice.randrange(at, size)
        drawn.append(moved.get(pick, pick))
        moved[pick] = moved.get(at, at)
    return sorted(drawn)
