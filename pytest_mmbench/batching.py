"""Which requests go to the model together, and which samples stand for the rest."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby
from typing import Final, NamedTuple, TypeVar

from pytest_mmbench.records import Ask, Request

Item = TypeVar("Item")


PICTURE: Final = 512
"""Characters that a picture counts as, where texts are compared roughly: few models make fewer than
a hundred tokens of one."""
DIGITS: Final = 3
"""Leading binary digits that count in a rough comparison: what agrees in three of them differs by a
quarter at most."""


class Cost(NamedTuple):
    """What a request takes, in the order in which batches are filled: the costly first.

    The numbers are negative so that an ordinary sort puts the largest in front.
    """

    ask: Ask
    new_tokens: int
    pictures: int
    size: int
    """Characters of the prompt, of its options, and what its pictures count as; only roughly if its
    pictures lie in a group."""
    group: int
    """Of its pictures. Those of one group are asked together: a group is slow to reach."""
    characters: int
    """Of the prompt and of its options."""
    sample: str
    """Settles ties, so that the order of the input does not matter."""
    shown: tuple[str, ...]
    """Names of the pictures. Requests that show the same ones are asked together, where the
    costliest of them is: a model may read the pictures once for all of them."""

    @property
    def company(self) -> tuple[object, ...]:
        """What requests that are asked together have in common."""
        return self.ask, self.new_tokens, self.shown


def cost(request: Request) -> Cost:
    """A request's place in the order of batches; reads no picture."""
    pictures = request.prompt.pictures
    characters = request.prompt.length + sum(map(len, request.options))
    group = next((picture.group for picture in pictures if picture.group), 0)
    size = characters + PICTURE * len(pictures)
    return Cost(
        ask=request.ask,
        new_tokens=-request.new_tokens,
        pictures=-len(pictures),
        size=-roughly(size) if group else -size,
        group=group,
        characters=-characters,
        sample=request.sample,
        shown=tuple(picture.lent_by or picture.name for picture in pictures),
    )


def roughly(size: int) -> int:
    """The largest number of three binary digits and zeros that is not above a size."""
    dropped = max(size.bit_length() - DIGITS, 0)
    return size >> dropped << dropped


def batches(requests: Iterable[Request], size: int) -> list[tuple[Request, ...]]:
    """Requests cut into batches of `size`, all full but the last of each `Ask`.

    Requests of like cost lie together, so that little is padded, but for those that show the same
    pictures, and the costly come first, so that a device which is too small is known at once.
    Pictures that lie in groups are read group by group for as long as requests cost about the same.
    The order of the input does not matter.
    """
    return cut(((cost(request), request) for request in requests), size)


def cut(priced: Iterable[tuple[Cost, Item]], size: int) -> list[tuple[Item, ...]]:
    """The same for anything that has a cost: what is cut need not be the request itself."""
    return [
        tuple(item for _, item in of_one_kind[start : start + size])
        for _, group in groupby(in_order(priced), key=_ask)
        for of_one_kind in [list(group)]
        for start in range(0, len(of_one_kind), size)
    ]


def in_order(priced: Iterable[tuple[Cost, Item]]) -> list[tuple[Cost, Item]]:
    """What has a cost, in the order in which batches are filled."""
    companies: dict[tuple[object, ...], list[tuple[Cost, Item]]] = {}
    for each in sorted(priced, key=_price):
        companies.setdefault(each[0].company, []).append(each)
    return list(chain.from_iterable(companies.values()))


def _price(priced: tuple[Cost, Item]) -> Cost:
    return priced[0]


def _ask(priced: tuple[Cost, Item]) -> Ask:
    return priced[0].ask


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


def _largest_remainder(sizes: Mapping[str, int], seats: int) -> dict[str, int]:
    total = sum(sizes.values())
    if not total:
        return {}
    exact = {leaf: divmod(size * seats, total) for leaf, size in sizes.items()}
    left = seats - sum(whole for whole, _ in exact.values())
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
