"""Which requests go to the model together, and in which order."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, groupby
from typing import Final, NamedTuple, TypeVar

from pytest_mmbench.records import Request, RequestType

Item = TypeVar("Item")
PICTURE_CHARACTERS: Final = 512
"""What a picture counts as beside a text: few models make fewer than a hundred tokens of one."""
_ROUGH_DIGITS: Final = 3
"""Leading binary digits that count in a rough comparison: sizes differ by a quarter at most."""


class Cost(NamedTuple):
    """What a request takes; its numbers are negative, so that a sort puts the costly first."""

    type: RequestType
    new_tokens: int
    pictures: int
    size: int
    """Characters, and what its pictures count as; by `rough_size` if they lie in a group."""
    group: int
    """Of its pictures, which is slow to reach: requests of one group are asked together."""
    characters: int
    """Of the prompt and of its options."""
    sample: str
    """Settles ties, so that the order of the input does not matter."""
    picture_names: tuple[str, ...]
    """A model may read pictures once for all requests that show them: these are asked together."""


def cost(request: Request) -> Cost:
    """A request's place in the order of batches; reads no picture."""
    pictures = request.prompt.pictures
    characters = request.prompt.length + sum(map(len, request.options))
    group = next((picture.group for picture in pictures if picture.group), 0)
    size = characters + PICTURE_CHARACTERS * len(pictures)
    return Cost(
        type=request.type,
        new_tokens=-request.new_tokens,
        pictures=-len(pictures),
        size=-rough_size(size) if group else -size,
        group=group,
        characters=-characters,
        sample=request.sample,
        picture_names=tuple(picture.shown_as or picture.name for picture in pictures),
    )


def rough_size(size: int) -> int:
    """The largest number of three binary digits and zeros that is not above a size."""
    dropped = max(size.bit_length() - _ROUGH_DIGITS, 0)
    return size >> dropped << dropped


def cut_batches(costed: Iterable[tuple[Cost, Item]], size: int) -> list[tuple[Item, ...]]:
    """What has a cost, cut into batches of `size`, all full but the last of each request type.

    Requests of like cost lie together, so that little is padded, and the costly come first, so that
    a device which is too small is known at once. The order of the input does not matter.
    """
    batches = []
    for _, group in groupby(sort_by_cost(costed), key=lambda pair: pair[0].type):
        items = [item for _, item in group]
        batches += [tuple(items[start : start + size]) for start in range(0, len(items), size)]
    return batches


def spread_by_cost(costed: Iterable[tuple[Cost, Item]], *, most: int) -> list[Item]:
    """At most so many of each request type and number of pictures, spread evenly over their sizes.

    The largest of each comes first. Of many, the others are none of the extremes.
    """
    items = []
    in_order = sorted(costed, key=lambda pair: (_kind(pair), pair[0].characters, pair[0].sample))
    for _, group in groupby(in_order, key=_kind):
        largest, *others = [item for _, item in group]
        count = min(most - 1, len(others))
        spread = [(2 * place + 1) * len(others) // (2 * count) for place in range(count)]
        items += [largest, *(others[place] for place in spread)]
    return items


def _kind(pair: tuple[Cost, object]) -> tuple[RequestType, int]:
    return (pair[0].type, pair[0].pictures)


def sort_by_cost(costed: Iterable[tuple[Cost, Item]]) -> list[tuple[Cost, Item]]:
    """What has a cost, in the order in which batches are filled."""
    with_same_pictures: dict[tuple[object, ...], list[tuple[Cost, Item]]] = {}
    for pair in sorted(costed, key=lambda pair: pair[0]):
        key = (pair[0].type, pair[0].new_tokens, pair[0].picture_names)
        with_same_pictures.setdefault(key, []).append(pair)
    return list(chain.from_iterable(with_same_pictures.values()))
