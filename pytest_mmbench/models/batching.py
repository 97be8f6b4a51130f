"""Which requests go to the model together, and in which order."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, groupby
from operator import itemgetter
from typing import Final, NamedTuple, TypeVar

from pytest_mmbench.records import Request, RequestType

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

    type: RequestType
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


def cost(request: Request) -> Cost:
    """A request's place in the order of batches; reads no picture."""
    pictures = request.prompt.pictures
    characters = request.prompt.length + sum(map(len, request.options))
    group = next((picture.group for picture in pictures if picture.group), 0)
    size = characters + PICTURE * len(pictures)
    return Cost(
        type=request.type,
        new_tokens=-request.new_tokens,
        pictures=-len(pictures),
        size=-rough_size(size) if group else -size,
        group=group,
        characters=-characters,
        sample=request.sample,
        shown=tuple(picture.shown_as or picture.name for picture in pictures),
    )


def rough_size(size: int) -> int:
    """The largest number of three binary digits and zeros that is not above a size."""
    dropped = max(size.bit_length() - DIGITS, 0)
    return size >> dropped << dropped


def cut_batches(priced: Iterable[tuple[Cost, Item]], size: int) -> list[tuple[Item, ...]]:
    """Requests, or what stands for them, in batches of `size`: all full but the last of each type.

    Requests of like cost lie together, so that little is padded, but for those that show the same
    pictures, and the costly come first, so that a device which is too small is known at once.
    Pictures that lie in groups are read group by group for as long as requests cost about the same.
    The order of the input does not matter.
    """
    batches: list[tuple[Item, ...]] = []
    for _, of_type in groupby(in_order(priced), key=lambda pair: pair[0].type):
        items = tuple(item for _, item in of_type)
        batches += (items[start : start + size] for start in range(0, len(items), size))
    return batches


def in_order(priced: Iterable[tuple[Cost, Item]]) -> list[tuple[Cost, Item]]:
    """What has a cost, in the order in which batches are filled."""
    # What shows the same pictures in the same way moves up to the costliest of it.
    together: dict[tuple[object, ...], list[tuple[Cost, Item]]] = {}
    for pair in sorted(priced, key=itemgetter(0)):
        price = pair[0]
        together.setdefault((price.type, price.new_tokens, price.shown), []).append(pair)
    return list(chain.from_iterable(together.values()))
