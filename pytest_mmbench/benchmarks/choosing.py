"""Questions with options: what a row says of its options, and which of them is right.

Options stand in a list (`choices`) or in columns of their letters, the right one is a letter or an
index counted from 0: a harness turns one into the other, and the samples stay the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_mmbench.benchmarks.inlined import FEWEST
from pytest_mmbench.benchmarks.reading import Row
from pytest_mmbench.prompts import letters
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Method
from pytest_mmbench.scoring.likelihood import MostLikely


def listed(row: Row, field: str, *, columns: Sequence[str]) -> tuple[str, ...]:
    """The options of a row, verbatim.

    Args:
        row: of any layout.
        field: the list of options, where there is one.
        columns: else the letters under which they stand; those at the end may be absent.

    Raises:
        DataError: there are fewer than two, or one before others has no text.
    """
    found = row.texts(field)
    if not found:
        there = [letter for letter in columns if row.optional(letter)]
        missing = [each for each in columns[: len(there)] if each not in there]
        if missing:
            raise row.wrong(missing[0], f"is empty, and {there[-1]} is not.")
        found = tuple(row.verbatim(letter) for letter in there)
        field = columns[0]
    if len(found) < FEWEST or not all(map(str.strip, found)):
        raise row.wrong(field, f"{found} are no options.")
    return found


def right(row: Row, field: str, options: Sequence[str]) -> str:
    """The letter of the right option, whether a row has it or its index, counted from 0.

    Raises:
        DataError: it has neither, or there is no such option.
    """
    said = row.text(field)
    known = letters(options)
    found = known[int(said)] if said.isdecimal() and int(said) < len(known) else said.upper()
    if found not in known:
        raise row.wrong(field, f"is {said!r}, and there are {len(known)} options.")
    return found


def by_method(*, generated: Scorer) -> dict[Method, Scorer]:
    """Every way of asking such questions, to generate first, and how answers are read.

    Args:
        generated: reads a text; likelihoods need no reading.
    """
    return {
        Method.GENERATE: generated,
        Method.RANK_LETTER: MostLikely(),
        Method.RANK: MostLikely(),
        Method.RANK_MEAN: MostLikely(mean=True),
    }
