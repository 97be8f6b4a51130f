"""Questions that give their answer away, or ask about a picture that is not there."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from pytest_mmbench.gates.stats import chance
from pytest_mmbench.lint.findings import LintFinding, QuestionSet, Severity, sample_findings
from pytest_mmbench.lint.text import fold, target_text, words

FEWEST_LETTERS: Final = 4
"""Of the longest word of an answer: shorter ones stand in a question by accident."""
ALPHA: Final = 0.05
"""From which the correct option is named no more often than chance has it: naming says nothing."""
MARK: Final = re.compile(r"<image ?(?P<number>[1-9][0-9]?)>")
"""Where a question shows one of its pictures."""
_REFERENCE: Final = re.compile(
    r"\b(?:the|this|these|that|each|first|second|given|following|attached)\s+"
    r"(?:[^\W\d_]+\s+)?(?:image|picture|photo|photograph|figure|diagram|chart|screenshot|drawing)s?\b"
    r"|\b(?:shown|pictured|depicted)\s+(?:above|below|here)\b"
)
"""Words that point to a picture, in English."""


def named_answers(questions: QuestionSet) -> list[LintFinding]:
    """Questions in which the correct option stands, and no other one does.

    Where questions name wrong options as often as chance has it, what they name is no hint, and
    nothing is said.
    """
    named: dict[str, str] = {}
    only_one: Counter[int] = Counter()
    for sample in questions.samples:
        asked = f" {' '.join(_words(sample.question))} "
        hits = [at for at, text in enumerate(sample.options) if stands_in(text, asked)]
        if len(sample.options) > 1 and len(hits) == 1:
            only_one[len(sample.options)] += 1
            if sample.options[hits[0]] == target_text(sample):
                named[sample.id] = f"{target_text(sample)!r} stands in the question"
    if named and chance.at_least(len(named), only_one) > ALPHA and only_one.total() > len(named):
        return []
    return sample_findings(
        "named-answer",
        Severity.WARNING,
        named,
        "the question names the correct option, and no other one",
        "ask in other words: the answer can be read off the question",
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", fold(text))


def stands_in(option: str, asked: str) -> bool:
    """Whether an option stands among words, one of its own being long enough to count."""
    longest = max(map(len, words(option)), default=0)
    return longest >= FEWEST_LETTERS and f" {' '.join(_words(option))} " in asked


def absent_pictures(questions: QuestionSet) -> list[LintFinding]:
    """Questions that point to a picture and have none, or to one more than they have."""
    marked: dict[str, str] = {}
    pointing: dict[str, str] = {}
    empty: dict[str, str] = {}
    for sample in questions.samples:
        most = max(map(int, MARK.findall("\n".join([sample.question, *sample.options]))), default=0)
        if most > len(sample.pictures):
            marked[sample.id] = f"picture {most} of {len(sample.pictures)}"
        elif not sample.pictures and (match := _REFERENCE.search(sample.question.lower())):
            pointing[sample.id] = f"it says {match[0]!r}"
        if not sample.pictures and not sample.question.strip():
            empty[sample.id] = "neither words nor a picture"
    return [
        *sample_findings(
            "empty-question",
            Severity.ERROR,
            empty,
            "nothing is asked",
            "write the question",
            excluded=True,
        ),
        *sample_findings(
            "marked-picture",
            Severity.WARNING,
            marked,
            "the question has a mark for a picture, and no such picture",
            "add the picture; or take the mark out, as where one picture shows all of them",
        ),
        *sample_findings(
            "no-picture",
            Severity.WARNING,
            pointing,
            "the question speaks of a picture, and has none",
            "add the picture, or say in words what it shows",
        ),
    ]
