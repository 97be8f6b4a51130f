"""The cards and pictures that travel inside an HTML report, as far as they have room."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, takewhile
from typing import Any, Final, Protocol, TypeVar

from pytest_mmbench.errors import MMBenchError
from pytest_mmbench.records import benchmark_of
from pytest_mmbench.report.document import ChangedAnswer, Report, Shortcut
from pytest_mmbench.report.html import cards
from pytest_mmbench.report.text import one_line

PICTURE_BYTES: Final = 20_000_000
"""Bytes of a report that pictures may take, as they are encoded in it."""
TEXT_BYTES: Final = 6_000_000
"""Bytes of a report that changed answers may take, and half as much shortcut candidates."""
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
class SampleKey:
    """A sample of a benchmark."""

    benchmark: str
    sample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """Embedded pictures."""

    blocks: tuple[tuple[str, ...], ...]
    """Data URIs."""
    numbers: dict[SampleKey, int]
    """Where each picture is, counted through all blocks; `MISSING` if there is none."""
    left_out: int
    """How many samples had no room, and have no number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """The cards that have room, and their pictures."""

    leaves: Mapping[str, int]
    """The dimensions of the cards, numbered."""
    changed: Sequence[ChangedAnswer]
    shortcuts: Sequence[Shortcut]
    gallery: Gallery

    def data(self, report: Report) -> dict[str, Any]:
        """What the script of the page reads."""
        return {
            "block": BLOCK,
            "kinds": cards.CATEGORIES,
            "leaves": [one_line(leaf) for leaf in self.leaves],
            "choices": cards.choices(report, self.leaves),
            "changed": [self._card(each) for each in self.changed],
            "shortcuts": [self._card(each) for each in self.shortcuts],
        }

    def _card(self, item: ChangedAnswer | Shortcut) -> cards.Card:
        card, number = cards.card(item, self.leaves), self.gallery.numbers.get(_name(item))
        return card if number is None else card | {"picture": number}


Item = TypeVar("Item", ChangedAnswer, Shortcut)


def embed(report: Report, pictures: Pictures, *, picture_bytes: int, text_bytes: int) -> Embedded:
    """The gravest changes first, each with its picture as long as the budgets last."""
    leaves = cards.numbered([*report.changed_answers, *report.shortcuts])
    changed = _fitting(cards.in_order(report.changed_answers), leaves, text_bytes)
    shortcuts = _fitting(report.shortcuts, leaves, text_bytes // 2)
    # What each list shows first is looked at first.
    firsts = chain[ChangedAnswer | Shortcut](changed[:BLOCK], shortcuts[:BLOCK])
    names = [_name(each) for each in chain(firsts, changed, shortcuts)]
    return Embedded(
        leaves=leaves,
        changed=changed,
        shortcuts=shortcuts,
        gallery=embed_pictures(names, pictures, budget=picture_bytes),
    )


def embed_pictures(
    names: Iterable[SampleKey], pictures: Pictures, *, budget: int = PICTURE_BYTES
) -> Gallery:
    """Embeds pictures in the given order, until the budget is spent.

    A picture is made only if there may be room for it, and once for every sample.
    """
    samples, numbers, uris = list(dict.fromkeys(names)), dict[SampleKey, int](), list[str]()
    spent = 0
    for name in samples:
        uri = _uri(name, pictures)
        spent += len(uri)
        if spent > budget:
            break
        numbers[name] = len(uris) if uri else MISSING
        uris += [uri] if uri else []
    blocks = (tuple(uris[at : at + BLOCK]) for at in range(0, len(uris), BLOCK))
    return Gallery(blocks=tuple(blocks), numbers=numbers, left_out=len(samples) - len(numbers))


def script_safe_json(data: object) -> str:
    """JSON that cannot end the block in which it lies, whatever stands in its texts."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _fitting(items: Sequence[Item], leaves: Mapping[str, int], room: int) -> list[Item]:
    sizes = (len(script_safe_json(cards.card(item, leaves)).encode()) for item in items)
    return [item for item, _ in zip(items, takewhile(room.__ge__, accumulate(sizes)), strict=False)]


def _name(item: ChangedAnswer | Shortcut) -> SampleKey:
    return SampleKey(benchmark=benchmark_of(item.dimension), sample=item.sample)


def _uri(name: SampleKey, pictures: Pictures) -> str:
    try:
        encoded = pictures(name.benchmark, name.sample)
    except MMBenchError:
        return ""
    signatures = {b"\x89PNG": "png", b"\xff\xd8": "jpeg", b"GIF8": "gif"}
    kind = next((kind for start, kind in signatures.items() if encoded.startswith(start)), "webp")
    return f"data:image/{kind};base64,{b64encode(encoded).decode()}" if encoded else ""
