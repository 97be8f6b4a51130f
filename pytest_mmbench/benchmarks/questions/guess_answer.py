"""Which type of answers a file most likely has, and by which rule they are best scored."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pytest_mmbench.benchmarks.questions.targets import YES_NO_WORDS
from pytest_mmbench.scorers.latex_value import latex_value
from pytest_mmbench.scorers.open_answer import is_number, read_phrase

VOTES: Final = 10
"""Answers to each question of TextVQA, by as many people."""
SIDES: Final = 4
"""Numbers of a box."""
FEW_NUMBERS: Final = 0.2
"""Share of targets that are numbers, from which on a file of words is one about charts."""
_LATEX: Final = re.compile(r"\\[a-z]+|\$.*\$|\^")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessedAnswer:
    """The words for `answer` and `scoring`, and why."""

    answer: str
    reason: str
    scoring: str = ""
    """Empty where the default is the only rule that comes to mind."""
    scoring_reason: str = ""
    open_answer: str = ""
    """The word for `open-answer`, if some questions have options and others have none."""


def guess_answer(targets: Sequence[Sequence[str]]) -> GuessedAnswer:
    """From the correct answers of each question that has no options."""
    texts = [text for row in targets for text in row]
    if texts and all(len(row) >= VOTES for row in targets):
        reason = f"{VOTES} answers or more to each question"
        return GuessedAnswer(
            answer="text", reason=reason, scoring="vqa", scoring_reason="what people agree on"
        )
    if texts and all(len(row) == SIDES and all(map(is_number, row)) for row in targets):
        reason = "every target is four numbers; nothing says in which unit they count"
        return GuessedAnswer(answer="box", reason=reason)
    words = {text.lower() for text in texts}
    if words and words <= {word for word in YES_NO_WORDS if word.isalpha()}:
        reason = f"every target is one of {', '.join(sorted(words))}"
        return GuessedAnswer(answer="yes-no", reason=reason)
    numbers = [text for text in texts if is_number(text)]
    if numbers and len(numbers) == len(texts):
        scoring, why = "strict", "to two decimals, or those of the target"
        if all(text.isdecimal() for text in texts):
            scoring, why = "whole", "every target is a whole number"
        reason = "every target is a number"
        return GuessedAnswer(answer="number", reason=reason, scoring=scoring, scoring_reason=why)
    marked = [text for text in texts if _LATEX.search(text)]
    if marked and all(latex_value(text) is not None for text in texts):
        reason = f"{len(marked)} of {len(texts)} targets are LaTeX"
        return GuessedAnswer(
            answer="latex", reason=reason, scoring="strict", scoring_reason="the same value"
        )
    scoring, why = "strict", "the same words"
    if not all(map(read_phrase, texts)):
        scoring, why = "strict-anls", "some targets are longer than a phrase"
    elif len(numbers) >= FEW_NUMBERS * len(texts) > 0:
        scoring, why = "strict-relaxed", f"{len(numbers)} of {len(texts)} targets are numbers"
    reason = "there are no options, and targets are words"
    if any(len(row) > 1 for row in targets):
        reason += '; of several, one is enough: answer = "list" if all are asked for'
    return GuessedAnswer(answer="text", reason=reason, scoring=scoring, scoring_reason=why)
