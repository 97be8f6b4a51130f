"""Options that their authors wrote into the question, read out of it.

Two layouts are published: `Options: A: one, B: two` (also one to a line), and `Choices:` followed
by `(A) one` and `(B) two`. An option may hold commas; what may not be there twice is the mark of
the next letter, because then nobody knows where an option ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pytest_mmbench.benchmarks.readers.rows import MOST_DIGITS, Row
from pytest_mmbench.records import LETTERS, letters

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
class InlineQuestion:
    """A question, and the options that stood in it."""

    stem: str
    """Without them; the whole text if they cannot be read."""
    options: tuple[str, ...]
    """Those that are not missing; empty if they cannot be read."""


def read_options(question: str) -> InlineQuestion:
    """The options at the end of a question.

    Missing options, which are published as `C: nan, D: nan`, are left out at the end only: one
    before others keeps its place, so that every letter stays with its text.
    """
    headings = list(_HEADING.finditer(question))
    if headings:
        stem, options_text = question[: headings[-1].start()], question[headings[-1].end() :]
        for mark in _MARKS:
            if options := _split_at(mark, options_text.strip()):
                return InlineQuestion(stem=stem.strip(), options=options)
    return InlineQuestion(stem=question.strip(), options=())


def has_heading(question: str) -> bool:
    """Whether a question says that options follow, in whatever layout."""
    return bool(_HEADING.search(question))


def _split_at(mark: str, text: str) -> tuple[str, ...]:
    """The texts after the marks of A, B ...; none if a mark is missing, doubled or out of order."""
    marks: list[re.Match[str]] = []
    for letter in LETTERS:
        matches = list(re.finditer(mark.format(letter), text))
        if not matches:
            break
        if len(matches) > 1:
            return ()
        marks.append(matches[0])
    ends = [match.start() for match in marks[1:]] + [len(text)]
    if not marks or marks[0].start() or ends != sorted(ends):
        return ()
    return drop_absent(
        [text[match.end() : end].strip() for match, end in zip(marks, ends, strict=True)]
    )


def drop_absent(options: list[str]) -> tuple[str, ...]:
    """Options up to the last that is there; none if fewer than two are, or one has no text."""
    count = max(
        (at for at, text in enumerate(options, 1) if text.lower() not in _ABSENT), default=0
    )
    return tuple(options[:count]) if count >= FEWEST and all(options[:count]) else ()


def options_of(row: Row, field: str, *, columns: Sequence[str]) -> tuple[str, ...]:
    """The options of a row, verbatim: a list, or columns of which the last ones may be absent.

    Raises:
        DataError: there are fewer than two, or one before others has no text.
    """
    if options := list_options(row, field):
        return options
    filled = filled_columns(row, columns)
    if not filled and columns[0] not in row.fields:
        row.texts(field)  # which says so if there is no such column either
        raise row.error(field, "() are no options.")
    if not filled:
        raise row.error(columns[0], "() are no options.")
    return tuple(row.verbatim(letter) for letter in filled)


def list_options(row: Row, field: str) -> tuple[str, ...]:
    """The options of a list, verbatim, of which the last ones may be absent; none if all are.

    An absent one before others would give each of those the letter of its neighbour.

    Raises:
        DataError: there is one alone, or one before others has no text.
    """
    texts = row.optional_texts(field)
    count = max((at for at, text in enumerate(texts, 1) if text.strip()), default=0)
    options = texts[:count]
    if options and (len(options) < FEWEST or not all(map(str.strip, options))):
        raise row.error(field, f"{texts} are no options.")
    return options


def filled_columns(row: Row, columns: Sequence[str]) -> list[str]:
    """The columns that hold the options of a row, of which the last ones may be empty.

    None if all of them are, as where options stand in the question.

    Raises:
        DataError: one alone is filled, or one before others is empty.
    """
    filled = [letter for letter in columns if row.optional(letter)]
    missing = [letter for letter in columns[: len(filled)] if letter not in filled]
    if missing:
        raise row.error(missing[0], f"is empty, and {filled[-1]} is not.")
    if len(filled) == 1:
        raise row.error(filled[0], f"{(row.verbatim(filled[0]),)} are no options.")
    return filled


def letter_of_four(row: Row) -> str:
    """The answer of a row, A to D, without the white space that some have around it.

    In the authors' results of GPT-4V it stands beside 19 right answers of SEED-Bench-2: compared as
    they are, its score in Chart Understanding is 45.27 % instead of 46.48 %.
    """
    answer = row.text("answer").upper()
    if answer not in tuple(LETTERS[:4]):
        raise row.error("answer", f"is {answer!r}, which is none of A, B, C and D.")
    return answer


def target_letter(row: Row, field: str, options: Sequence[str]) -> str:
    """The letter of the right option, whether a row has it or its index, counted from 0.

    Raises:
        DataError: it has neither, or there is no such option.
    """
    text = row.text(field)
    known = letters(options)
    by_index = text.isdecimal() and len(text) <= MOST_DIGITS and int(text) < len(known)
    letter = known[int(text)] if by_index else text.upper()
    if letter not in known:
        raise row.error(field, f"is {text!r}, and there are {len(known)} options.")
    return letter
