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

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar, Final

from pytest_mmbench.records import Answer, Mark, Sample, Score, letters

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


def random_letter(id: str, options: Sequence[str]) -> str:
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
        chosen = found or random_letter(sample.id, sample.options)
        mark = Mark.CORRECT if chosen == sample.target else Mark.INCORRECT
        return Score(sample=sample.id, mark=mark, answer=chosen)


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
"""What follows the last of one of these in a line may be the answer."""


TRIVIAL: Final = frozenset(":,.!?;'")
"""No answers, if they are all that follows."""


# Look-aheads, guards and possessive counts change no match: without them the time for a long row of
# digits would grow with the square of its length.
_GROUPED = re.compile(r"(?=[-\d])-?\b\d{1,3}(?:,\d{3})+\b")


_SCIENTIFIC = re.compile(r"(?=[-\d])-?(?<!\d)\d++(?:\.\d++)?[eE][+-]?\d++")


_SIMPLE = re.compile(r"(?=[-.\d])-?(?:(?<!\d)\d++(?:\.\d++|\b)|\.\d++)(?![eE][+-]?\d)(?![,\d])")


def read_open(text: str) -> list[str | float]:
    """Every text and number that an answer may stand for, each once, in the order of finding."""
    texts = _ends(text)
    found = [number for each in texts for number in _numbers(each)]
    return list(dict.fromkeys(_normal([*texts, *found])))


def matches(found: Iterable[str | float], golds: Sequence[str]) -> bool:
    """Whether one of the readings is one of the golds, or is a text that holds one."""
    wanted = _normal(golds)
    texts = [gold for gold in wanted if isinstance(gold, str)]
    return any(
        any(gold in each for gold in texts) if isinstance(each, str) else each in wanted
        for each in found
    )


def _ends(text: str) -> list[str]:
    said = text.strip().strip(".").lower()
    *earlier, last = said.split("\n")
    ends = [*(_end(line, ANNOUNCING) for line in earlier), _end(last, (*ANNOUNCING, "="))]
    return [end for end in ends if end and end not in TRIVIAL] or [said]


def _end(line: str, announcing: Sequence[str]) -> str:
    """The shortest of what follows the last of each word; an empty one counts only if last."""
    shortest = ""
    for word in announcing:
        end = line.rpartition(word)[2].strip() if word in line else shortest
        shortest = end if not shortest or len(end) < len(shortest) else shortest
    return shortest


def _numbers(text: str) -> Iterator[str]:
    for pattern in (_GROUPED, _SCIENTIFIC, _SIMPLE) if re.search(r"\d", text) else ():
        yield from pattern.findall(text)


def _normal(values: Iterable[str]) -> list[str | float]:
    return [form for value in values for form in _forms(value.strip())]


def _forms(value: str) -> list[str | float]:
    try:
        return [round(float(value.replace(",", "")), 2)]
    except ValueError:
        said = value.lower()
    return [f" {said}", f"{said} "] if len(said) == 1 else [said]


@dataclass(frozen=True, slots=True)
class MMMUOpen:
    """Scores an open answer as MMMU's authors do."""

    rule: ClassVar[str] = "official"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Right if a number or text in it is the target or another accepted answer."""
        found = read_open(answer.text)
        right = matches(found, (sample.target, *sample.accepted))
        mark = Mark.CORRECT if right else Mark.INCORRECT
        return Score(sample=sample.id, mark=mark, answer=str(found[0]))
