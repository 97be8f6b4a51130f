"""What a page says about a question: its lines in order, and the one that the question names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadText:
    """A text that was read, and where it stands, in pixels."""

    text: str
    top: float
    bottom: float
    left: float


def lines(texts: Sequence[ReadText]) -> Iterator[str]:
    """Texts at one height as one line, from left to right; lines from top to bottom."""
    rest = sorted(texts, key=lambda each: each.top)
    while rest:
        middle = (rest[0].top + rest[0].bottom) / 2
        line = [each for each in rest if each.top <= middle <= each.bottom]
        rest = [each for each in rest if each not in line]
        yield " ".join(each.text for each in sorted(line, key=lambda each: each.left))


def passage(page: Sequence[str], question: str) -> str:
    """The line that shares most words with the question; the whole page if none shares any.

    A line that has no word besides is a label: then the line below it belongs to it.
    """
    words = _words(question)
    shared = [len(_words(line) & words) for line in page]
    if not any(shared):
        return " ".join(page)
    at = shared.index(max(shared))
    is_label = _words(page[at]) <= words
    return " ".join(page[at : at + 2] if is_label else page[at : at + 1])


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
