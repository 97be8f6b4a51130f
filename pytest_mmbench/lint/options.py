"""Options that cannot be chosen, or told apart; and targets that none of them holds."""

from __future__ import annotations

import re
from typing import Final

from pytest_mmbench.lint.findings import LintFinding, QuestionSet, Severity, sample_findings
from pytest_mmbench.lint.text import fold_option
from pytest_mmbench.records import LETTERS, Sample, letters

_OWN_LETTER: Final = re.compile(r"\(?(?P<letter>[A-Za-z])\s?[.):]\s")
"""How an option begins that repeats its letter: `A. `, `(A) `, `A: `."""


def targets(questions: QuestionSet) -> list[LintFinding]:
    """Targets that name no option, and options without text."""
    no_option: dict[str, str] = {}
    empty: dict[str, str] = {}
    for sample in questions.samples:
        if sample.options and sample.target not in letters(sample.options):
            no_option[sample.id] = f"{sample.target!r} of {len(sample.options)} options"
        elif not sample.target.strip():
            no_option[sample.id] = "the target is empty"
        blank = [
            at for at, option in zip(LETTERS, sample.options, strict=False) if not option.strip()
        ]
        if blank:
            empty[sample.id] = f"option {', '.join(blank)}"
    return [
        *sample_findings(
            "no-such-answer",
            Severity.ERROR,
            no_option,
            "the target is the letter of no option, or empty",
            "correct the key: nobody can be right",
            excluded=True,
        ),
        *sample_findings(
            "empty-option",
            Severity.ERROR,
            empty,
            "an option has no text",
            "write it, or take it out and correct the key",
            excluded=True,
        ),
    ]


def twin_options(questions: QuestionSet) -> list[LintFinding]:
    """Options that a reader takes for the same: two correct ones, or one wrong one twice."""
    correct: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for sample in questions.samples:
        twins = _twins(sample)
        if twins:
            text = "; ".join(f"{', '.join(each)} are {option!r}" for option, each in twins)
            has_target = any(sample.target in group for _, group in twins)
            (correct if has_target else wrong)[sample.id] = text
    return [
        *sample_findings(
            "two-correct",
            Severity.ERROR,
            correct,
            "another option has the same text as the correct one",
            "replace it: whoever chooses it is right, and is counted as wrong",
            excluded=True,
        ),
        *sample_findings(
            "twin-options",
            Severity.WARNING,
            wrong,
            "two wrong options have the same text",
            "replace one of them: who sees that they are the same rules both out",
        ),
    ]


def _twins(sample: Sample) -> list[tuple[str, list[str]]]:
    """Options that are the same, each with its letters."""
    places: dict[str, list[str]] = {}
    first: dict[str, str] = {}
    for letter, option in zip(LETTERS, sample.options, strict=False):
        if option.strip():
            folded = fold_option(option)
            places.setdefault(folded, []).append(letter)
            first.setdefault(folded, option)
    return [(first[folded], group) for folded, group in places.items() if len(group) > 1]


def lettered_options(questions: QuestionSet) -> list[LintFinding]:
    """Options that begin with their own letters, which a prompt puts before them once more."""
    repeating: dict[str, str] = {}
    for sample in questions.samples:
        starts = [_OWN_LETTER.match(option) for option in sample.options]
        own = [start["letter"].upper() if start else "" for start in starts]
        if len(own) > 1 and own == list(letters(sample.options)):
            repeating[sample.id] = repr(sample.options[0])
    return sample_findings(
        "lettered-options",
        Severity.WARNING,
        repeating,
        "the options begin with their letters",
        "take the letters off: a prompt that lists options writes them again",
    )
