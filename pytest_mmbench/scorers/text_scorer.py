"""Scorers of short answers: a measure says how near a text is to the nearest reference.

A published rule measures the whole text, as its authors do. A strict one reads what the text gives
as its answer first, so that `The brand is Nikon.` is measured as `Nikon`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from pytest_mmbench.records import EVERYTHING, NOTHING, Answer, Mark, Sample, Score
from pytest_mmbench.scorers.number_answer import read_number
from pytest_mmbench.scorers.open_answer import WORDS, is_number
from pytest_mmbench.scorers.phrases import (
    answer_lines,
    bare,
    end_of_sentence,
    folded,
    sentence,
    stated,
)
from pytest_mmbench.scorers.response import without_end_tokens

Measure = Callable[[str, Sequence[str]], Fraction]
"""What a text earns beside the references, from 0 to 1."""
_ARTICLE: Final = re.compile(r"^(?:the|an?) ")


def graded(sample: Sample, answer: str, credit: Fraction) -> Score:
    """The score of an answer that earns so much: correct for all, else incorrect."""
    if credit >= EVERYTHING:
        return Score(sample=sample.id, mark=Mark.CORRECT, answer=answer)
    return Score(sample=sample.id, mark=Mark.INCORRECT, answer=answer, partial=credit)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedText:
    """Scores the whole text by a published measure; what it does not understand earns nothing."""

    rule: str
    """What the settings and reports call it."""
    measure: Measure

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Earns what the nearest reference gives."""
        text = without_end_tokens(answer.text)
        credit = self.measure(text, (sample.target, *sample.accepted))
        return graded(sample, text.strip(), credit if text.strip() else NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class StrictText:
    """Scores what a text gives as its answer; a text that settles on nothing is unparseable."""

    rule: str
    measure: Measure

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Earns what the better of two readings gives: of a sentence the whole, or its end."""
        golds = (sample.target, *sample.accepted)
        # Whoever says a reference and nothing else has answered, whatever it reads as.
        whole = folded(answer.text.strip())
        if whole and whole in {folded(gold.strip()) for gold in golds}:
            return graded(sample, whole, self.measure(whole, golds))
        readings = [*readings_of(answer.text, golds)]
        if not readings:
            return Score(sample=sample.id, mark=Mark.UNPARSEABLE, answer="")
        credits = {reading: self.measure(reading, golds) for reading in readings}
        best = max(credits, key=lambda reading: credits[reading])
        return graded(sample, best, credits[best])


def readings_of(text: str, golds: Sequence[str]) -> Iterator[str]:
    """What a text may mean by its answer, in small letters: the phrase, its end, or the number.

    A phrase has at most as many words as an open answer may have, or twice those of the longest
    reference.
    """
    most = max(WORDS, *(2 * len(gold.split()) for gold in golds))
    lines = answer_lines(text)
    statements = (bare(sentence(rest)) for rest in stated(lines))
    phrase = next(filter(None, statements), bare(lines))
    # A sentence may be longer than the answer that it ends with.
    end = end_of_sentence(phrase)
    for reading in dict.fromkeys((phrase, end, _ARTICLE.sub("", end))):
        if reading and "\n" not in reading and len(reading.split()) <= most:
            yield reading
    if any(map(is_number, golds)) and (number := read_number(text)):
        yield number
