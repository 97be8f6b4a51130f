"""Changed answers and shortcuts as the cards of the HTML report: the data for its script.

Everything is decided here (order, probabilities, what is cut), so that the script only filters and
draws. Texts are visible but not escaped: the script sets them as text, and never as markup.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pytest_mmbench.gates.verdicts import FlipKind
from pytest_mmbench.records import LETTERS
from pytest_mmbench.report.document import ChangedAnswer, ModelAnswer, Report, Shortcut
from pytest_mmbench.report.text import one_line, visible
from pytest_mmbench.report.tree import ancestors, places

_CATEGORIES: Final[Mapping[FlipKind, str]] = {
    FlipKind.REGRESSED: "regressed",
    FlipKind.CORRECT_TO_UNPARSEABLE: "unparseable",
    FlipKind.BECAME_UNPARSEABLE: "unparseable",
    FlipKind.STILL_WRONG: "both incorrect",
    FlipKind.BECAME_PARSEABLE: "both incorrect",
    FlipKind.FIXED: "fixed",
    FlipKind.STILL_CORRECT: "both correct",
}
_NEAR_TIE: Final = "near tie"
CATEGORIES: Final = (*dict.fromkeys(_CATEGORIES.values()), _NEAR_TIE)
"""By which changed answers are filtered, the gravest first."""
LONGEST_OPTION: Final = 300
"""Characters."""
_DIGITS: Final = 4
"""Decimals of a probability: less than half a pixel of a bar."""
Card = dict[str, Any]
"""One object of JSON; `page/cards.js` names its fields."""


def category(changed: ChangedAnswer) -> str:
    """The kind of change in a word or two; a near tie is a kind of its own."""
    return _NEAR_TIE if changed.near_tie else _CATEGORIES[changed.kind]


def in_order(changed: Iterable[ChangedAnswer]) -> list[ChangedAnswer]:
    """The gravest category first, and within it the answer that moved most.

    How far an answer moved is how much probability has left the option that was answered before.
    Changes of generated answers keep their order.
    """
    return sorted(changed, key=lambda each: (CATEGORIES.index(category(each)), -_moved(each)))


def _moved(changed: ChangedAnswer) -> float:
    at = place(changed.baseline.answer)
    before = probabilities(changed.baseline.option_logprobs)
    after = probabilities(changed.candidate.option_logprobs)
    if not 0 <= at < min(len(before), len(after)):
        return 0.0
    return before[at] - after[at]


def card(item: ChangedAnswer | Shortcut, leaves: Mapping[str, int]) -> Card:
    """One card; `leaves` numbers the dimensions that cards are filtered by."""
    question = {
        "id": one_line(item.sample, most=LONGEST_OPTION),
        "leaf": leaves[item.dimension],
        "question": visible(item.question),
        "options": [one_line(each, most=LONGEST_OPTION) for each in item.options],
        "correct": one_line(item.target, most=LONGEST_OPTION),
    }
    if isinstance(item, Shortcut):
        rules = [one_line(each, most=LONGEST_OPTION) for each in item.rules]
        return {**question, "rules": rules}
    return {
        **question,
        "kind": CATEGORIES.index(category(item)),
        "baseline": _answer(item.baseline),
        "candidate": _answer(item.candidate),
    }


def _answer(answer: ModelAnswer) -> Card:
    """Only what there is: an absent field takes no room in thousands of cards."""
    fields: Card = {
        "answer": one_line(answer.answer, most=LONGEST_OPTION),
        "correctness": answer.correctness.value,
    }
    if answer.option_logprobs:
        chances = probabilities(answer.option_logprobs)
        fields["p"] = [round(each, _DIGITS) for each in chances]
    if answer.text:
        fields["text"] = visible(answer.text)
    return fields


def numbered(cards: Iterable[ChangedAnswer | Shortcut]) -> dict[str, int]:
    """The dimensions that samples count for, numbered in the order of the alphabet."""
    return {path: at for at, path in enumerate(sorted({each.dimension for each in cards}))}


def choices(report: Report, leaves: Mapping[str, int]) -> list[Card]:
    """The nodes by which cards can be filtered: their names, depths, and numbers of their leaves.

    They are those of the report; or, if it names none, the leaves and all that is above them. Nodes
    without cards are left out.
    """
    named = {each.path: each.leaves for each in report.dimensions}
    unnamed = [path for path in leaves if path not in named]
    above = {each for path in unnamed for each in ancestors(path)}
    below = {
        path: [
            at
            for leaf, at in leaves.items()
            if leaf in named.get(path, ()) or leaf == path or leaf.startswith(f"{path}.")
        ]
        for path in (*named, *sorted({*unnamed, *above} - named.keys()))
    }
    return [
        {
            "path": one_line(place.path),
            "name": one_line(place.name, most=LONGEST_OPTION),
            "depth": place.depth,
            "leaves": below[place.path],
        }
        for place in places(path for path, numbers in below.items() if numbers)
    ]


def probabilities(logprobs: Sequence[float]) -> list[float]:
    """Among the options alone: exp of each logarithm, divided by their sum."""
    if not logprobs:
        return []
    highest = max(logprobs)
    weights = [math.exp(each - highest) for each in logprobs]
    return [weight / sum(weights) for weight in weights]


def place(letter: str) -> int:
    """Which option a letter names, from 0; -1 for anything but a letter."""
    return LETTERS.find(letter) if len(letter) == 1 else -1
