"""Answers as the cards of the HTML report: the data that its script draws them from.

Everything is decided here (order, probabilities, what is cut), so that the script only filters and
draws. Texts are legible but not escaped: the script sets them as text, and never as markup.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pytest_mmbench.records import LETTERS, Dimension
from pytest_mmbench.report.document import AnswerChange, Flip, ModelAnswer, Report, Shortcut
from pytest_mmbench.report.text import one_line, visible
from pytest_mmbench.report.tree import ancestors, places

KINDS: Final = tuple(AnswerChange)


LONGEST_OPTION: Final = 300
"""Characters."""


_DIGITS: Final = 4
"""Decimals of a probability: less than half a pixel of a bar."""


Card = dict[str, Any]
"""One object of JSON; `page/cards.js` names its fields."""


def in_order(flips: Iterable[Flip]) -> list[Flip]:
    """The gravest kind first, and within a kind the answer that moved most.

    How far an answer moved is how much probability has left the option that was chosen before.
    Flips of generated answers keep their order.
    """
    return sorted(flips, key=lambda each: (KINDS.index(each.kind), -_moved(each)))


def card(shown: Flip | Shortcut, leaves: Mapping[str, int]) -> Card:
    """One card; `leaves` numbers the dimensions that cards are filtered by."""
    return _flip(shown, leaves) if isinstance(shown, Flip) else _shortcut(shown, leaves)


def numbered(cards: Iterable[Flip | Shortcut]) -> dict[str, int]:
    """The dimensions that samples count for, numbered in the order of the alphabet."""
    return {path: at for at, path in enumerate(sorted({each.dimension for each in cards}))}


def choices(document: Report, leaves: Mapping[str, int]) -> list[Card]:
    """The nodes by which cards can be filtered: their names, depths, and numbers of their leaves.

    Nodes without cards are left out.
    """
    below = {path: _below(document.dimensions, path, leaves) for path in _nodes(document, leaves)}
    return [
        {
            "path": one_line(place.path),
            "name": one_line(place.name, most=LONGEST_OPTION),
            "depth": place.depth,
            "leaves": below[place.path],
        }
        for place in places(path for path, found in below.items() if found)
    ]


def probabilities(logs: Sequence[float]) -> list[float]:
    """Among the options alone: exp of each logarithm, divided by their sum."""
    if not logs:
        return []
    highest = max(logs)
    weights = [math.exp(log - highest) for log in logs]
    return [weight / sum(weights) for weight in weights]


def place(letter: str) -> int:
    """Which option a letter names, from 0; -1 for anything but a letter."""
    return LETTERS.find(letter) if len(letter) == 1 else -1


def _nodes(document: Report, leaves: Iterable[str]) -> list[str]:
    """The document's dimensions; or, if it names none, the leaves and all that is above them."""
    named = [each.path for each in document.dimensions]
    known = {*named}
    unnamed = [path for path in leaves if path not in known]
    above = {each for path in unnamed for each in ancestors(path)} - known
    return [*named, *sorted({*unnamed, *above})]


def _below(dimensions: Sequence[Dimension], path: str, leaves: Mapping[str, int]) -> list[int]:
    named = next((each.leaves for each in dimensions if each.path == path), ())
    return [
        at
        for leaf, at in leaves.items()
        if leaf in named or leaf == path or leaf.startswith(f"{path}.")
    ]


def _question(asked: Flip | Shortcut, leaves: Mapping[str, int]) -> Card:
    return {
        "id": one_line(asked.sample, most=LONGEST_OPTION),
        "leaf": leaves[asked.dimension],
        "question": visible(asked.question),
        "options": [one_line(each, most=LONGEST_OPTION) for each in asked.options],
        "right": one_line(asked.target, most=LONGEST_OPTION),
    }


def _flip(flip: Flip, leaves: Mapping[str, int]) -> Card:
    return {
        **_question(flip, leaves),
        "kind": KINDS.index(flip.kind),
        "old": _said(flip.old),
        "new": _said(flip.new),
    }


def _shortcut(shortcut: Shortcut, leaves: Mapping[str, int]) -> Card:
    return {
        **_question(shortcut, leaves),
        "rules": [one_line(each, most=LONGEST_OPTION) for each in shortcut.rules],
    }


def _said(said: ModelAnswer) -> Card:
    """Only what there is: an absent field takes no room in thousands of cards."""
    told: Card = {"chose": one_line(said.chosen, most=LONGEST_OPTION), "mark": said.mark.value}
    if said.logs:
        told["p"] = [round(each, _DIGITS) for each in probabilities(said.logs)]
    if said.text:
        told["text"] = visible(said.text)
    return told


def _moved(flip: Flip) -> float:
    was = place(flip.old.chosen)
    old, new = probabilities(flip.old.logs), probabilities(flip.new.logs)
    if not 0 <= was < min(len(old), len(new)):
        return 0.0
    return old[was] - new[was]
