"""Which samples a limit leaves: the same share of each leaf, and the same ones in every run."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

from pytest_mmbench.protocols import Benchmark, view_units
from pytest_mmbench.records import Dimension, Unit


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


def limited_ids(
    benchmark: Benchmark, nodes: Sequence[Dimension], *, limit: int, seed: int
) -> dict[str, Sequence[str]]:
    """The samples that a limit leaves of every leaf, and of views as far as they are among those.

    Samples that count together are drawn together, and count once against the limit: a question
    is easier to get right in two of its passes than in four. So it is with samples that only a view
    joins, by the first view that does. Samples are looked up only there.
    `nodes` are the whole tree of the benchmark.
    """
    ids_by_leaf = {leaf: benchmark.ids(leaf) for node in nodes for leaf in node.leaves}
    if not limit:
        return ids_by_leaf
    joined = {node.path for node in nodes if node.unit is not Unit.SAMPLE}
    joined_in_view = next(iter(view_units(benchmark).values()), {})
    ids_by_unit: dict[str, dict[str, list[str]]] = {}
    for leaf in nodes[0].leaves if joined_in_view else joined.intersection(nodes[0].leaves):
        units = ids_by_unit.setdefault(leaf, {})
        for id in ids_by_leaf[leaf]:
            unit = benchmark.sample(id).unit if leaf in joined else joined_in_view.get(id, "")
            units.setdefault(unit or id, []).append(id)
    countable = {
        leaf: list(ids_by_unit.get(leaf, ())) or ids_by_leaf[leaf] for leaf in nodes[0].leaves
    }
    drawn: dict[str, Sequence[str]] = {}
    for leaf, units_or_ids in stratified(countable, limit, seed).items():
        units = ids_by_unit.get(leaf, {})
        drawn[leaf] = [id for unit in units_or_ids for id in units.get(unit, [unit])]
    drawn_ids = {id for ids in drawn.values() for id in ids}
    views = {leaf: ids for leaf, ids in ids_by_leaf.items() if leaf not in drawn}
    for view, known in view_units(benchmark).items():
        # Of a unit that is asked in part nothing can be said.
        broken = {known[id] for id in views[view] if id not in drawn_ids}
        views[view] = [id for id in views[view] if known[id] not in broken]
    return drawn | {view: [id for id in ids if id in drawn_ids] for view, ids in views.items()}
