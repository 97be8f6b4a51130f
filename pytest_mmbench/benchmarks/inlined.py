"""Options that their authors wrote into the question, read out of it.

Two layouts are published: `Options: A: one, B: two` (also one to a line), and `Choices:` followed
by `(A) one` and `(B) two`. An option may hold commas; what may not be there twice is the mark of
the next letter, because then nobody knows where an option ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pytest_mmbench.prompts import LETTERS

FEWEST: Final = 2
_HEADING: Final = re.compile(r"(?:^|\s)(?:Options|Choices):\s*", re.IGNORECASE)
_MARKS: Final = (
    r"(?:^|,\s*|\s*\n\s*){}\s*:\s*",
    r"(?:^|\s*\n)\({}\)\s*",
    r"(?:^|\s+)\({}\)\s*",
    r"(?:^|\s*\n){}\.\s+",
)
"""`A: one`, `(A) one` and `A. one`, for one letter; those to a line before those on one line."""
_ABSENT: Final = ("", "nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inlined:
    """A question, and the options that stood in it."""

    stem: str
    """The question without them; the whole text if they cannot be read."""
    options: tuple[str, ...]
    """Those that are not missing; empty if they cannot be read."""


def read_options(question: str) -> Inlined:
    """The options that stand at the end of a question.

    Missing options, which are published as `C: nan, D: nan`, are left out at the end only: one
    before others keeps its place, so that every letter stays with its text.
    """
    nothing = Inlined(stem=question.strip(), options=())
    headings = list(_HEADING.finditer(question))
    if not headings:
        return nothing
    listed = question[headings[-1].end() :].strip()
    found = next((options for mark in _MARKS if (options := _split(listed, mark))), ())
    if not found:
        return nothing
    return Inlined(stem=question[: headings[-1].start()].strip(), options=found)


def _split(listed: str, mark: str) -> tuple[str, ...]:
    """The texts after the marks of A, B ...; none if a mark is missing, doubled or out of order."""
    marks = []
    for letter in LETTERS:
        found = list(re.finditer(mark.format(letter), listed))
        if not found:
            break
        if len(found) > 1:
            return ()
        marks.append(found[0])
    ends = [each.start() for each in marks[1:]] + [len(listed)]
    if not marks or marks[0].start() or ends != sorted(ends):
        return ()
    texts = [listed[each.end() : end].strip() for each, end in zip(marks, ends, strict=True)]
    return without_absent(texts)


def without_absent(texts: list[str]) -> tuple[str, ...]:
    """Options up to the last that is there; none if fewer than two are, or one has no text."""
    kept = list(texts)
    while kept and kept[-1].lower() in _ABSENT:
        kept.pop()
    return tuple(kept) if len(kept) >= FEWEST and all(kept) else ()
