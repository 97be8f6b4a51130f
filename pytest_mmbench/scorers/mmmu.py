"""MMMU's published rules, for questions with options and for open ones.

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

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar, Final

from pytest_mmbench.records import Answer, Sample, Score, letters
from pytest_mmbench.scorers.choice_scorer import score

STRIPPED: Final = ",.!?;:'"
"""Taken off both ends of an answer, one after the other and each only once."""
WORDS: Final = 5
"""Options' texts are looked for in answers that have more words."""


def read_candidates(text: str, options: Sequence[str]) -> str:
    """The letter of the last candidate; empty if there is none."""
    for character in STRIPPED:
        text = text.strip(character)
    text = f" {text} "
    texts = dict(zip(letters(options), map(str.lower, options), strict=True))
    return (
        _last_letter(text, {letter: f"({letter})" for letter in texts})
        or _last_letter(text, {letter: f" {letter} " for letter in texts})
        or (_last_letter(text.lower(), texts) if len(text.split()) > WORDS else "")
    )


def random_letter(id: str, options: Sequence[str]) -> str:
    """The letter of a random option, always the same for a sample."""
    # Python promises to keep the numbers of `random` for a seed, and promises it of nothing else.
    return letters(options)[int(Random(id).random() * len(options))]


def _last_letter(text: str, marks: dict[str, str]) -> str:
    """The letter whose mark occurs last."""
    # Backwards, so that of two marks at one place the first option's stays.
    places = {text.rfind(mark): letter for letter, mark in reversed(marks.items())}
    last = max(places, default=-1)
    return places[last] if last >= 0 else ""


@dataclass(frozen=True, slots=True)
class MMMUChoice:
    """Scores an answer to a question with options as MMMU's authors do, but for the draw."""

    rule: ClassVar[str] = "official"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct if the last candidate is the target; without one an option is drawn."""
        letter = read_candidates(answer.text, sample.options)
        letter = letter or random_letter(sample.id, sample.options)
        return score(sample, letter, correct=letter == sample.target)


_LAST_ANSWER: Final = "Answer:"


def read_last_answer(text: str, options: Sequence[str]) -> str:
    """MMMU-Pro's rule, as far as it draws nothing: the letter after the last `Answer:`.

    The authors of MMMU-Pro ask for a last line `Answer: X`. Of what follows the last such word the
    only letter of an option counts, wherever it stands in it; where there is none or several, the
    candidates are MMMU's. The rule was written down from memory: of the authors' 1,730 readings of
    GPT-4o's published answers (`mmmu-pro/output`, chain of thought, pictures alone) it gives 1,677
    by the first step.

    Its quirks: `Answer: None` names N, if there are as many options; `Answer: I think B` names two.
    """
    _, mark, rest = text.rpartition(_LAST_ANSWER)
    named = [letter for letter in letters(options) if letter in rest] if mark else []
    if len(named) == 1:
        return named[0]
    # Options that only a picture shows have no texts that could be looked for.
    known = options if tuple(options) != letters(options) else [f"({each})" for each in options]
    return read_candidates(text, known)


@dataclass(frozen=True, slots=True)
class MMMUProChoice:
    """Scores an answer as MMMU-Pro's authors do, but for the draw."""

    rule: ClassVar[str] = "official"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct if the letter that was read is the target; without one an option is drawn."""
        letter = read_last_answer(answer.text, sample.options)
        letter = letter or random_letter(sample.id, sample.options)
        return score(sample, letter, correct=letter == sample.target)


ANNOUNCING: Final = (
    "could be ",
    "so ",
    "is ",
    "thus ",
    "therefore ",
    "final ",
    "answer ",
    "result ",
)
"""What follows the last of these in a line may be the answer."""
TRIVIAL: Final = frozenset(":,.!?;'")
"""No answers, if they are all that follows."""
# Look-aheads, guards and possessive counts change no match: without them the time for a long row of
# digits would grow with the square of its length.
_GROUPED = re.compile(r"(?=[-\d])-?\b\d{1,3}(?:,\d{3})+\b")
_SCIENTIFIC = re.compile(r"(?=[-\d])-?(?<!\d)\d++(?:\.\d++)?[eE][+-]?\d++")
_SIMPLE = re.compile(r"(?=[-.\d])-?(?:(?<!\d)\d++(?:\.\d++|\b)|\.\d++)(?![eE][+-]?\d)(?![,\d])")


def read_open(text: str) -> list[str | float]:
    """Every text and number that an answer may stand for, each once, in the order of finding."""
    text = text.strip().strip(".").lower()
    *earlier, last = text.split("\n")
    ends = [*(_line_end(line, ANNOUNCING) for line in earlier), _line_end(last, (*ANNOUNCING, "="))]
    texts = [end for end in ends if end and end not in TRIVIAL] or [text]
    numbers = [
        number
        for end in texts
        for pattern in (_GROUPED, _SCIENTIFIC, _SIMPLE)
        if re.search(r"\d", end)
        for number in pattern.findall(end)
    ]
    forms = [form for value in (*texts, *numbers) for form in _normal_forms(value)]
    return list(dict.fromkeys(forms))


def matches(readings: Iterable[str | float], golds: Sequence[str]) -> bool:
    """Whether one of the readings is one of the golds, or is a text that holds one."""
    forms = [form for gold in golds for form in _normal_forms(gold)]
    texts = [form for form in forms if isinstance(form, str)]
    return any(
        any(text in reading for text in texts) if isinstance(reading, str) else reading in forms
        for reading in readings
    )


def _line_end(line: str, announcing: Sequence[str]) -> str:
    """The shortest of what follows the last of each word; an empty one counts only if last."""
    shortest = ""
    for word in announcing:
        end = line.rpartition(word)[2].strip() if word in line else shortest
        shortest = end if not shortest or len(end) < len(shortest) else shortest
    return shortest


def _normal_forms(value: str) -> list[str | float]:
    """A number rounded to two decimals; a text in small letters, a single one with a blank."""
    value = value.strip()
    try:
        return [round(float(value.replace(",", "")), 2)]
    except ValueError:
        value = value.lower()
    return [f" {value}", f"{value} "] if len(value) == 1 else [value]


@dataclass(frozen=True, slots=True)
class MMMUOpen:
    """Scores an open answer as MMMU's authors do."""

    rule: ClassVar[str] = "official"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct if a number or text in it is the target or another accepted answer."""
        readings = read_open(answer.text)
        correct = matches(readings, (sample.target, *sample.accepted))
        return score(sample, str(readings[0]), correct=correct)
