"""Reading the chosen option out of a generated text, strictly.

A text that names no option, or several and settles on none, is unreadable. Nothing is guessed:
a model cannot gain by talking around the question. The first rule that gives one option wins:

1. The whole text is a letter, an option's text, or both joined (`B`, `(b)`, `three`, `B: three`).
2. It says what the answer is (`the answer is C`, `**Answer:** three`, a box); the last such
   statement that says anything counts, and one that names two letters settles on none.
3. Exactly one letter is called correct (`Option B is correct.`).
4. It opens with a letter and a delimiter, and with no other one later (`B. Because ...`).
5. Exactly one letter stands in brackets.
6. Exactly one option's text occurs as whole words, and not right after a `not`.

An `a` before a word is an article, not an option, whatever its case. Options may be letters
themselves, as those of diagrams are: where the wording asks for the letter of an option, a letter
is that, and never the text of another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pytest_mmbench.prompts import LETTERS
from pytest_mmbench.records import Answer, Mark, Sample, Score
from pytest_mmbench.scoring.statements import bare, plain, sentence, stated

_OPENING = re.compile(r"[\s(\[*_`'\"]*+([a-z])\s*[.:)\]*](?=\s|\*|$)")
_BRACKETED = re.compile(r"[(\[{]\s*([a-z])\s*[)\]}]")
_NAMED = re.compile(
    r"[(\[{*_`'\"]*+(?:([b-hj-z])(?![\w'])|([ai])(?![\w'])(?!\s+(?!because|since|as\b|and\b|or\b)\w))"
)
_FURTHER = re.compile(r"[)\]}*_`'\"]*\s*(?:/|,|&|or\b|and\b)\s*(?:or\s+)?(?:option\s+)?")
_CALLED_CORRECT = re.compile(
    r"(?<![\w'])([a-z])[)\]}*_`'\"]*\s+is\s+(?:the\s+)?(?:correct|right)"
    r"(?:\s+(?:answer|option|choice))?(?=\s*(?:[.;!*]|$))"
)


def _only(found: Iterable[str]) -> str:
    distinct = set(found)
    return distinct.pop() if len(distinct) == 1 else ""


def _whole(said: str, options: Sequence[str], letters: str) -> str:
    if len(said) == 1 and said in letters and said not in options:
        return said
    return _only(_same(said, options, letters) + _joined(said, options, letters)[:1])


def _same(said: str, options: Sequence[str], letters: str) -> list[str]:
    return [at for at, option in zip(letters, options, strict=True) if said == option]


def _joined(said: str, options: Sequence[str], letters: str) -> list[str]:
    """The letter of `b: three`, then the letters that its text stands for; empty if not so."""
    parts = re.fullmatch(r"([a-z])\s*[.:)\]]+\s*(.+)", said)
    twins = _same(parts[2], options, letters) if parts else []
    return [parts[1], *twins] if parts and twins and parts[1] in letters else []


def _contradicts(said: str, options: Sequence[str], letters: str) -> bool:
    letter, *twins = _joined(said, options, letters) or [""]
    return bool(letter) and letter not in twins


def _stated(text: str, options: Sequence[str], letters: str) -> str:
    readings = (_after_statement(rest, options, letters) for rest in stated(text))
    return next((reading for reading in readings if reading), "")


def _after_statement(rest: str, options: Sequence[str], letters: str) -> str:
    named = _NAMED.match(rest)
    letter = _letter(named, letters)
    if not named or not letter:
        return _mentioned(sentence(rest), options, letters)
    further = _FURTHER.match(rest, named.end())
    other = _letter(_NAMED.match(rest, further.end()), letters) if further else ""
    return letter if other == letter else letter + other


def _letter(named: re.Match[str] | None, letters: str) -> str:
    letter = (named[1] or named[2]) if named else ""
    return letter if letter in letters else ""


def _called_correct(text: str, letters: str) -> str:
    return _only(letter for letter in _CALLED_CORRECT.findall(text) if letter in letters)


def _opening(text: str, letters: str) -> str:
    first = _OPENING.match(text)
    if not first or first[1] not in letters:
        return ""
    later = re.findall(r"(?<![\w'])([a-z])\s*[.:)\]](?=\s|$)", text[first.end() :])
    return first[1] if all(letter not in letters for letter in later) else ""


def _bracketed(text: str, letters: str) -> str:
    return _only(letter for letter in _BRACKETED.findall(text) if letter in letters)


def _mentioned(text: str, options: Sequence[str], letters: str) -> str:
    return _only(
        at for at, option in zip(letters, options, strict=True) if option and _names(text, option)
    )


def _names(text: str, option: str) -> bool:
    # Most options are in no text: finding that out is much quicker than the search.
    whole_words = rf"(?<!\w)(?<!not )(?<!n't ){re.escape(option)}(?!\w)"
    return option in text and re.search(whole_words, text) is not None


def read_choice(text: str, options: Sequence[str], *, lettered: bool = False) -> str:
    """The letter of the option that the text settles on, or an empty string.

    Case, white space and Unicode width change nothing.

    Args:
        text: what was said.
        options: their texts.
        lettered: whether a letter was asked for.
    """
    letters = LETTERS[: len(options)].lower()
    texts = [bare(plain(option)) for option in options]
    if lettered:
        texts = ["" if each in tuple(letters) else each for each in texts]
    said = plain(text)
    if _contradicts(bare(said), texts, letters):
        return ""
    found = (
        _whole(bare(said), texts, letters)
        or _stated(said, texts, letters)
        or _called_correct(said, letters)
        or _opening(said, letters)
        or _bracketed(said, letters)
        or _mentioned(said, texts, letters)
    )
    return found.upper() if len(found) == 1 else ""


@dataclass(frozen=True, slots=True)
class StrictChoice:
    """Scores a generated answer; what cannot be read is unreadable, not wrong."""

    rule: ClassVar[str] = "strict"
    lettered: bool = False
    """Whether the wording asks for a letter."""

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Right if the text settles on the target."""
        chosen = read_choice(answer.text, sample.options, lettered=self.lettered)
        right = Mark.RIGHT if chosen == sample.target else Mark.WRONG
        return Score(sample=sample.id, mark=right if chosen else Mark.UNREADABLE, chosen=chosen)
