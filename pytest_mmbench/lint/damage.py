"""Texts that were damaged on their way into the file, or are written unlike the rest."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from functools import cache
from typing import Final

from pytest_mmbench.lint.findings import LintFinding, QuestionSet, Severity, sample_findings

_TAG: Final = re.compile(
    r"</?(?:br|p|div|span|font|img|a|b|i|u|em|strong|sub|sup|ul|ol|li|table|tbody|thead|tr|td|th)"
    r"(?:\s[^<>]*)?/?>|&(?:nbsp|amp|lt|gt|quot|apos|#\d{2,6}|#x[0-9a-fA-F]{2,6});"
)
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]{2,}")
_NUMBER: Final = re.compile(r"[-+]?[\d.,]+%?")
_LOST: Final = "\ufffd"
"""What a decoder writes for bytes that it could not read."""
MOST_UNLIKE: Final = Fraction(1, 20)
"""Share of the samples up to which those that are written unlike the rest are named."""
_SCRIPTS: Final = {"HIRAGANA": "CJK", "KATAKANA": "CJK"}
"""Scripts that one language mixes."""


def damaged_texts(questions: QuestionSet) -> list[LintFinding]:
    """Texts in a wrong encoding, with remains of HTML, or with unseen characters."""
    return [
        *sample_findings(
            "mojibake",
            Severity.WARNING,
            _cases(questions, _mojibake),
            "a text was read in another encoding than it was written in",
            "read the file as UTF-8 where it comes from, and write it anew",
        ),
        *sample_findings(
            "html",
            Severity.WARNING,
            _cases(questions, lambda text: _first(_TAG, text)),
            "a text holds tags or entities of HTML",
            "write the characters themselves, and line breaks for <br>",
        ),
        *sample_findings(
            "control-characters",
            Severity.WARNING,
            _cases(questions, lambda text: _first(_UNSEEN, text)),
            "a text holds characters that nobody sees",
            "take them out: a model reads them as tokens",
        ),
    ]


def _cases(questions: QuestionSet, problem: Callable[[str], str]) -> dict[str, str]:
    """By id, what is wrong with the first text of a sample with which anything is."""
    cases = {}
    for sample in questions.samples:
        for text in (sample.question, *sample.options, sample.target, *sample.accepted):
            if what := problem(text):
                cases[sample.id] = what
                break
    return cases


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return ascii(match[0]) if match else ""


def _mojibake(text: str) -> str:
    """The first run of signs that are UTF-8 if their Latin bytes are read so: `Ã©` for `é`."""
    if _LOST in text:
        return ascii(_LOST)
    for run in _FOREIGN.findall(text):
        for encoding in ("cp1252", "latin-1"):
            with suppress(UnicodeError):
                return f"{run!r} for {run.encode(encoding).decode('utf-8')!r}"
    return ""


def unlike_the_rest(questions: QuestionSet) -> list[LintFinding]:
    """A few questions in another script than the rest, or a few answers of another kind."""
    scripts = {sample.id: script(sample.question) for sample in questions.samples}
    kinds: dict[str, dict[str, str]] = {}
    for sample in questions.samples:
        if not sample.options:
            kind = "a number" if _NUMBER.fullmatch(sample.target.strip()) else "a word"
            kinds.setdefault(sample.dimension, {})[sample.id] = kind
    few_kinds = {id: kind for leaf in kinds.values() for id, kind in _few(leaf).items()}
    return [
        *sample_findings(
            "mixed-scripts",
            Severity.NOTE,
            _few(scripts),
            "the question is written in another script than the rest",
            "give each language a capability or a set of its own: their scores mean two things",
        ),
        *sample_findings(
            "mixed-answers",
            Severity.NOTE,
            few_kinds,
            "the answer is a word where the rest of the leaf are numbers, or the other way round",
            "see whether the question belongs there: it is read by another rule than the rest",
        ),
    ]


def _few(labels: dict[str, str]) -> dict[str, str]:
    """Samples with a label that is rare among them."""
    counts = Counter(filter(None, labels.values()))
    most = MOST_UNLIKE * counts.total()
    return {id: label for id, label in labels.items() if label and counts[label] <= most}


def script(text: str) -> str:
    """The script of most letters of a text, such as LATIN or CJK; empty if it has no letters."""
    counts = Counter(script_of(sign) for sign in text if sign.isalpha())
    return counts.most_common(1)[0][0] if counts else ""


@cache
def script_of(sign: str) -> str:
    """The script of one letter, as its name in Unicode begins."""
    name = unicodedata.name(sign, "").partition(" ")[0]
    return _SCRIPTS.get(name, name)
