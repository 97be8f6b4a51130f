"""Reading the chosen option out of a generated text, strictly.

A text that names no option, or several and settles on none, is unreadable. Nothing is guessed:
a model cannot gain by talking around the question. The first rule that gives one option wins:

1. The whole text is a letter, an option's text, or both joined (`B`, `(b)`, `three`, `B: three`).
2. It says what the answer is (`the answer is C`, `Answer: three`); the last such statement counts.
3. It opens with a letter and a delimiter, and with no other one later (`B. Because ...`).
4. Exactly one letter stands in brackets.
5. Exactly one option's text occurs as whole words.

An `a` before a word is an article, not an option, whatever its case.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pytest_mmbench.prompts import LETTERS
from pytest_mmbench.records import Answer, Mark, Sample, Score

_WRAPPING = " \t\r\n.,:;!?*_`'\"()[]{}<>#"
_OPENING = re.compile(r"[\s(\[*_`'\"]*([a-z])\s*[.:)\]*](?=\s|\*|$)")
_BRACKETED = re.compile(r"[(\[{]\s*([a-z])\s*[)\]}]")
_STATEMENT = re.compile(
    r"(?:\b(?:answer|choice)\b(?:\s+(?:is|would be|should be))?"
    r"|\bi(?:'ll| will)? (?:choose|pick|select))"
    r"\s*[:=]?\s*(?:the\s+)?(?:(?:option|letter|choice)\s+)?"
)
_NAMED = re.compile(
    r"[(\[{*_`'\"]*(?:([b-hj-z])(?![\w'])|([ai])(?![\w'])(?!\s+(?!because|since|as\b|and\b)\w))"
)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _bare(text: str) -> str:
    return _plain(text).strip(_WRAPPING)


def _only(found: Iterable[str]) -> str:
    distinct = set(found)
    return distinct.pop() if len(distinct) == 1 else ""


def _whole(text: str, options: Sequence[str], letters: str) -> str:
    said = _bare(text)
    if len(said) == 1 and said in letters and said not in map(_bare, options):
        return said
    return _only(_same(said, options, letters) + _joined(said, options, letters)[:1])


def _same(said: str, options: Sequence[str], letters: str) -> list[str]:
    return [at for at, option in zip(letters, options, strict=True) if said == _bare(option)]


def _joined(said: str, options: Sequence[str], letters: str) -> list[str]:
    """The letter of `b: three`, then the letters that its text stands for; empty if not so."""
    parts = re.fullmatch(r"([a-z])\s*[.:)\]]+\s*(.+)", said)
    twins = _same(parts[2], options, letters) if parts else []
    return [parts[1], *twins] if parts and twins and parts[1] in letters else []


def _contradicts(text: str, options: Sequence[str], letters: str) -> bool:
    letter, *twins = _joined(_bare(text), options, letters) or [""]
    return bool(letter) and letter not in twins


def _stated(text: str, options: Sequence[str], letters: str) -> str:
    plain = _plain(text)
    said = [plain[found.end() :] for found in _STATEMENT.finditer(plain)]
    readings = [_after_statement(rest, options, letters) for rest in said]
    return next((reading for reading in reversed(readings) if reading), "")


def _after_statement(rest: str, options: Sequence[str], letters: str) -> str:
    named = _NAMED.match(rest)
    letter = (named[1] or named[2]) if named else ""
    if letter and letter in letters:
        return letter
    sentence = re.split(r"[.;!?](?:\s|$)", rest, maxsplit=1)[0]
    return _mentioned(sentence, options, letters)


def _opening(text: str, letters: str) -> str:
    plain = _plain(text)
    first = _OPENING.match(plain)
    if not first or first[1] not in letters:
        return ""
    later = re.findall(r"(?<![\w'])([a-z])\s*[.:)\]](?=\s|$)", plain[first.end() :])
    return first[1] if all(letter not in letters for letter in later) else ""


def _bracketed(text: str, letters: str) -> str:
    return _only(letter for letter in _BRACKETED.findall(_plain(text)) if letter in letters)


def _mentioned(text: str, options: Sequence[str], letters: str) -> str:
    plain = _plain(text)
    found = [
        at
        for at, option in zip(letters, options, strict=True)
        if _bare(option) and re.search(rf"(?<!\w){re.escape(_bare(option))}(?!\w)", plain)
    ]
    return _only(found)


def read_choice(text: str, options: Sequence[str]) -> str:
    """The letter of the option that the text settles on, or an empty string.

    Case, white space and Unicode width change nothing.
    """
    letters = LETTERS[: len(options)].lower()
    if _contradicts(text, options, letters):
        return ""
    found = (
        _whole(text, options, letters)
        or _stated(text, options, letters)
        or _opening(text, letters)
        or _bracketed(text, letters)
        or _mentioned(text, options, letters)
    )
    return found.upper()


@dataclass(frozen=True, slots=True)
class StrictChoice:
    """Scores a generated answer; what cannot be read is unreadable, not wrong."""

    rule: ClassVar[str] = "strict"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Right if the text settles on the target."""
        chosen = read_choice(answer.text, sample.options)
        right = Mark.RIGHT if chosen == sample.target else Mark.WRONG
        return Score(sample=sample.id, mark=right if chosen else Mark.UNREADABLE, chosen=chosen)
