"""MMMU's published rule for questions with options.

After `get_multi_choice_prediction`, now `parse_multi_choice_response`, of MMMU-Benchmark/MMMU
(`mmmu/utils/eval_utils.py`). Candidates are the letters in brackets, else the capitals between two
spaces, else, in answers of more than five words, the options whose text occurs; of several the last
occurrence counts. Of two texts that end at one place the first option wins.

Its quirks: `A` as an article is a candidate, `B.` inside a sentence is none, a line break beside a
letter hides it, and a text without candidates is given a random option, so that silence scores at
chance. The authors draw from one generator that is seeded with 42 when their file is loaded, so
that a draw depends on all items before it. Here it depends on the sample's id alone: a score does
not change with the order or number of samples, and differs from theirs by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar, Final

from pytest_mmbench.prompts import letters
from pytest_mmbench.records import Answer, Mark, Sample, Score

STRIPPED: Final = ",.!?;:'"
"""Taken off both ends of an answer, one after the other and each only once."""
WORDS: Final = 5
"""Options' texts are looked for in answers that have more words."""


def read_candidates(text: str, options: Sequence[str]) -> str:
    """The letter of the last candidate; empty if there is none."""
    said = _padded(text)
    lowered = {
        letter: option.lower() for letter, option in zip(letters(options), options, strict=True)
    }
    return (
        _last(said, {letter: f"({letter})" for letter in lowered})
        or _last(said, {letter: f" {letter} " for letter in lowered})
        or (_last(said.lower(), lowered) if len(said.split()) > WORDS else "")
    )


def drawn(id: str, options: Sequence[str]) -> str:
    """The letter of a random option, always the same for a sample."""
    # Python promises to keep the numbers of `random` for a seed, and promises it of nothing else.
    return letters(options)[int(Random(id).random() * len(options))]


def _padded(text: str) -> str:
    for each in STRIPPED:
        text = text.strip(each)
    return f" {text} "


def _last(said: str, marks: dict[str, str]) -> str:
    # Backwards, so that of two marks at one place the first option's stays.
    places = {said.rfind(mark): letter for letter, mark in reversed(marks.items())}
    last = max(places, default=-1)
    return places[last] if last >= 0 else ""


@dataclass(frozen=True, slots=True)
class MMMUChoice:
    """Scores an answer to a question with options as MMMU's authors do, but for the draw."""

    rule: ClassVar[str] = "official"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Right if the last candidate is the target; without one an option is drawn."""
        found = read_candidates(answer.text, sample.options)
        chosen = found or drawn(sample.id, sample.options)
        mark = Mark.RIGHT if chosen == sample.target else Mark.WRONG
        return Score(sample=sample.id, mark=mark, chosen=chosen)
