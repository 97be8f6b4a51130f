"""The law of the benchmark: the text alone says nothing about the answer."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pytest

from pytest_mmbench.benchmarks.draws import LETTERS
from pytest_mmbench.benchmarks.shapes.questions import CAPABILITY_OF, make_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_mmbench.benchmarks.shapes.questions import ShapesRecord

AXES = tuple(CAPABILITY_OF)
STUDIED = 2000
HELD_OUT = 1000
SIGMAS = 4.5
"""Allowed distance from chance; a fair axis exceeds it once in some 150,000 tries."""


def _draw(axis: str, seed: int, count: int) -> list[ShapesRecord]:
    return [make_record(seed, axis, number) for number in range(count)]


def _clues(record: ShapesRecord, place: int) -> Iterator[tuple[object, ...]]:
    word = record.options[place]
    yield "word", word
    yield "place", place
    yield "rank", sorted(record.options).index(word)
    yield "word at place", word, place
    yield "stem and word", record.question, word
    yield "stem and rank", record.question, sorted(record.options).index(word)
    yield "company", word, tuple(sorted(record.options))


class Guesser:
    """A naive Bayes guesser that reads question and options, and never the picture."""

    def __init__(self, studied: Sequence[ShapesRecord]) -> None:
        self._right: dict[tuple[object, ...], int] = defaultdict(int)
        self._seen: dict[tuple[object, ...], int] = defaultdict(int)
        for record in studied:
            for place, letter in enumerate(LETTERS):
                for clue in _clues(record, place):
                    self._seen[clue] += 1
                    self._right[clue] += letter == record.answer

    def _belief(self, record: ShapesRecord, place: int) -> float:
        return sum(
            math.log((self._right[clue] + 1) / (self._seen[clue] + 4))
            for clue in _clues(record, place)
        )

    def guess(self, record: ShapesRecord) -> str:
        """Give the letter that the text makes most likely."""
        return LETTERS[max(range(4), key=lambda place: self._belief(record, place))]


def _above_chance(right: int, count: int) -> float:
    return (right - count / 4) / math.sqrt(count * 3 / 16)


@pytest.mark.parametrize("axis", AXES)
def test_a_guesser_that_reads_only_text_stays_at_chance(axis: str) -> None:
    """What 2,000 samples teach about the text is worth nothing on other samples."""
    guesser = Guesser(_draw(axis, 31, STUDIED))
    held_out = _draw(axis, 32, HELD_OUT)
    right = sum(guesser.guess(record) == record.answer for record in held_out)
    assert abs(_above_chance(right, HELD_OUT)) < SIGMAS


def test_the_guesser_finds_a_leak_where_there_is_one() -> None:
    """The guesser would notice text that gives answers away."""
    leaking = [
        record
        for record in _draw("counting", 31, 4 * STUDIED)
        if record.answer_text == min(record.options)
    ]
    guesser = Guesser(leaking[: STUDIED // 2])
    later = leaking[STUDIED // 2 :]
    right = sum(guesser.guess(record) == record.answer for record in later)
    assert _above_chance(right, len(later)) > 3 * SIGMAS


@pytest.mark.parametrize("axis", AXES)
def test_every_word_is_right_as_often_as_it_is_offered(axis: str) -> None:
    """Each option word is the answer in a quarter of the samples that offer it."""
    records = _draw(axis, 33, STUDIED)
    offered = Counter(word for record in records for word in record.options)
    right = Counter(record.answer_text for record in records)
    for word, count in offered.items():
        assert abs(_above_chance(right[word], count)) < SIGMAS, word


@pytest.mark.parametrize("axis", AXES)
def test_letters_are_balanced_whatever_is_asked(axis: str) -> None:
    """Within each wording of an axis, every letter is right about a quarter of the time."""
    asked: dict[str, Counter[str]] = defaultdict(Counter)
    for record in _draw(axis, 34, STUDIED):
        asked[record.question][record.answer] += 1
    for stem, letters in asked.items():
        for letter in LETTERS:
            assert abs(_above_chance(letters[letter], letters.total())) < SIGMAS, stem
