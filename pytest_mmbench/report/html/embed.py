"""What of a report's changed answers and pictures an HTML file has room for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, TypeVar

from pytest_mmbench.records import benchmark_of
from pytest_mmbench.report.document import ChangedAnswer, Report, Shortcut
from pytest_mmbench.report.html import cards
from pytest_mmbench.report.html.gallery import BLOCK, Gallery, Name, Pictures, embed_pictures
from pytest_mmbench.report.text import one_line

TEXTS: Final = 6_000_000
"""Bytes of a file that changed answers may take, and half as much shortcut candidates."""


Shown = TypeVar("Shown", ChangedAnswer, Shortcut)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """The cards that found room, and their pictures."""

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

    def _card(self, shown: ChangedAnswer | Shortcut) -> cards.Card:
        name = _name(shown)
        numbers = self.gallery.numbers
        found = {"picture": numbers[name]} if name in numbers else {}
        return cards.card(shown, self.leaves) | found


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


def script_safe_json(data: object) -> str:
    """JSON that cannot end the block in which it lies, whatever stands in its texts."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _fitting(wanted: Sequence[Shown], leaves: Mapping[str, int], room: int) -> list[Shown]:
    """As many of the first as have room."""
    fitting: list[Shown] = []
    for each in wanted:
        room -= len(script_safe_json(cards.card(each, leaves)).encode())
        if room < 0:
            break
        fitting.append(each)
    return fitting


def _name(shown: ChangedAnswer | Shortcut) -> Name:
    return Name(benchmark=benchmark_of(shown.dimension), sample=shown.sample)
