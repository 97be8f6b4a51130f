"""Answers that are several items: all of them, or the share that is right.

A list is what follows the last statement of an answer, or the whole text. It is written as JSON or
in brackets, a line each with or without marks, or between semicolons, or else commas and a last
`and`. Items are the same if their numbers are, or their words in small letters.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from rapidfuzz.distance import LCSseq

from pytest_mmbench.records import NOTHING, Answer, Mark, Sample, Score
from pytest_mmbench.scorers.number_answer import read_number
from pytest_mmbench.scorers.open_answer import WORDS, is_number
from pytest_mmbench.scorers.phrases import answer_lines, bare, braced, end_of_sentence, stated
from pytest_mmbench.scorers.text_scorer import graded

MOST_ITEMS: Final = 200
"""Of a list; what has more copies the picture, and answers nothing."""
LONGEST: Final = 20_000
"""Characters of a list."""
_BRACKETS = re.compile(r"[\[({](?P<inside>[^\[\](){}]*)[\])}]")
_MARK = re.compile(r"^\s*(?:[-*\u2022]|\d{1,3}[.)])\s+")
_GROUP = re.compile(r"(?<=\d),(?=\d{3}(?:\D|\Z))")
_LAST_AND = re.compile(r",?\s+(?:and|&)\s+(?=[^,;]*\Z)")


def read_items(text: str) -> tuple[str, ...]:
    """The items that a text gives as its answer, as they are compared; none if it gives no list."""
    lines = answer_lines(text)
    whole = end_of_sentence(lines) or lines
    rest = next((rest for rest in stated(lines) if bare(rest)), whole)
    if rest is not whole and lines[: len(lines) - len(rest)].rstrip().endswith("{"):
        rest, _ = braced(rest)
    parts = _split(rest.strip()) if len(rest) <= LONGEST else ()
    items = [item_value(part) for part in parts[: MOST_ITEMS + 1]]
    is_list = 0 < len(items) <= MOST_ITEMS and all(items)
    return tuple(items) if is_list and max(len(item.split()) for item in items) <= WORDS else ()


def _split(text: str) -> Sequence[str]:
    with suppress(ValueError, RecursionError):
        parsed = json.loads(text)
        if isinstance(parsed, list):
            return [item if isinstance(item, str) else json.dumps(item) for item in parsed]
    lines = text.splitlines()
    if len(lines) > 1:
        marked = [line for line in lines if _MARK.match(line)]
        return [_MARK.sub("", line) for line in marked or lines]
    inside = _BRACKETS.search(text)
    text = inside["inside"] if inside else text.rstrip(".")
    if ";" in text:
        return text.split(";")
    # The comma of 1,200 parts no items, where others are followed by a blank.
    text = _GROUP.sub("", text) if ", " in text else text
    return _LAST_AND.sub(",", text).split(",")


def item_value(item: str) -> str:
    """A number as its value, anything else as its words."""
    if is_number(item):
        return str(Fraction(read_number(item)))
    return re.sub(r"^(?:the|an?) ", "", bare(item))


def share(items: Sequence[str], golds: Sequence[str], *, ordered: bool) -> Fraction:
    """F1 of two lists: twice the items that both have, over all items of both.

    In order those count that both have one after the other, as the longest common subsequence.
    """
    if ordered:
        common = LCSseq.similarity(list(items), list(golds))
    else:
        common = (Counter(items) & Counter(golds)).total()
    return Fraction(2 * common, len(items) + len(golds)) if items and golds else NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class ListScorer:
    """Scores a list beside that of the target; a text that gives none is unparseable."""

    is_graded: bool
    """Whether some of the items earn a part; else they earn nothing."""
    ordered: bool
    """Whether their order counts."""

    @property
    def rule(self) -> str:
        """What reports call it."""
        words = ("strict", "list" * self.is_graded, "ordered" * self.ordered)
        return " ".join(filter(None, words))

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct if no item is missing and none too much."""
        items = read_items(answer.text)
        if not items:
            return Score(sample=sample.id, mark=Mark.UNPARSEABLE, answer="")
        golds = (sample.target, *sample.accepted)
        credit = max(share(items, read_items(gold), ordered=self.ordered) for gold in golds)
        is_whole = credit == 1 or self.is_graded
        return graded(sample, "; ".join(items), credit if is_whole else NOTHING)
