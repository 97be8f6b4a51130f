"""The pictures that travel inside an HTML report, up to a budget."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from pytest_mmbench.errors import MMBenchError

BUDGET: Final = 20_000_000
"""Bytes of a report that pictures may take, as they are encoded in it."""


BLOCK: Final = 48
"""Pictures that are parsed together when one of them is looked at: two pages of cards."""


MISSING: Final = -1
"""Number of a picture that its sample does not have, or that cannot be read."""


class Pictures(Protocol):
    """Gives the small picture of a sample; `thumbnails.Thumbnails` is one.

    Pictures of your own:

        def pictures(benchmark, sample):
            return (FOLDER / benchmark / f"{sample}.webp").read_bytes()
    """

    def __call__(self, benchmark: str, sample: str) -> bytes:
        """The encoded picture (WebP, PNG, JPEG or GIF), at most 256 pixels or so; empty for none.

        Raises:
            MMBenchError: it cannot be read. The report then does without.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A sample of a benchmark."""

    benchmark: str
    sample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """What was embedded."""

    blocks: tuple[tuple[str, ...], ...]
    """Data URIs."""
    numbers: dict[Name, int]
    """Where each picture is, counted through all blocks; `MISSING` if there is none."""
    left_out: int
    """How many samples found no room, and have no number."""


def embed_pictures(names: Iterable[Name], pictures: Pictures, *, budget: int = BUDGET) -> Gallery:
    """Embeds pictures in the given order, until the budget is spent.

    A picture is made only if there may be room for it, and once for every sample.
    """
    wanted, numbers, found = list(dict.fromkeys(names)), dict[Name, int](), list[str]()
    spent = 0
    for name in wanted:
        uri = _uri(name, pictures)
        spent += len(uri)
        if spent > budget:
            break
        numbers[name] = len(found) if uri else MISSING
        found += [uri] if uri else []
    blocks = (tuple(found[at : at + BLOCK]) for at in range(0, len(found), BLOCK))
    return Gallery(blocks=tuple(blocks), numbers=numbers, left_out=len(wanted) - len(numbers))


def _uri(name: Name, pictures: Pictures) -> str:
    try:
        encoded = pictures(name.benchmark, name.sample)
    except MMBenchError:
        return ""
    return f"data:{_kind(encoded)};base64,{b64encode(encoded).decode()}" if encoded else ""


def _kind(encoded: bytes) -> str:
    for start, kind in (
        (b"\x89PNG", "image/png"),
        (b"\xff\xd8", "image/jpeg"),
        (b"GIF8", "image/gif"),
    ):
        if encoded.startswith(start):
            return kind
    return "image/webp"
