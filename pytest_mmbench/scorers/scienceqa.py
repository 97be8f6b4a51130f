"""Two published rules for ScienceQA's generated answers.

LLaVA's (haotian-liu/LLaVA, `llava/eval/eval_science_qa.py`, commit 5200b75) counts as the official
one: the numbers of vision-language models on the image subset are computed by it, and it draws
nothing. The authors' own script reads `The answer is X.` out of a prompt for GPT-3, and draws an
option where that does not stand exactly once.

LLaVA's quirks: line breaks become full stops, so that a letter on a line of its own opens the text;
only capitals count; `The answer is DNA` answers D; the first `The answer is X.` wins, and one with
a full stop wins over an earlier one without; a letter beyond the options is wrong.

lmms-eval's (`lmms_eval/tasks/scienceqa/utils.py`) knows the bare letter alone, in either case. It
goes on to look for `B. two`, but for a capital after everything was put into small letters, which
never succeeds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from pytest_mmbench.records import LETTERS, Answer, Mark, Sample, Score

FIVE: Final = tuple(LETTERS[:5])
"""ScienceQA has at most five options."""


_OPENING = re.compile(r"([A-E])\. ")


_STATEMENTS = (re.compile(r"The answer is ([A-E])\."), re.compile(r"The answer is ([A-E])"))


def read_llava(text: str, options: int) -> str:
    """The letter that LLaVA's rule takes an answer for, among so many; empty if none."""
    said = text.replace("\n", ". ")
    found = said.strip() if said.strip() in FIVE else _announced(said)
    return found if found in FIVE[:options] else ""


def _announced(said: str) -> str:
    matches = (_OPENING.match(said), *(each.search(said) for each in _STATEMENTS))
    return next((found[1] for found in matches if found), "")


def read_bare_letter(text: str, options: int) -> str:
    """The letter that is the whole text; empty if it is anything else."""
    said = text.strip().upper()
    return said if said in tuple(LETTERS[:options]) else ""


@dataclass(frozen=True, slots=True)
class LlavaChoice:
    """Scores an answer to ScienceQA as LLaVA's authors do."""

    rule: ClassVar[str] = "official"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Right if the target is read; anything else is wrong."""
        chosen = read_llava(answer.text, len(sample.options))
        mark = Mark.CORRECT if chosen == sample.target else Mark.INCORRECT
        return Score(sample=sample.id, mark=mark, answer=chosen)


@dataclass(frozen=True, slots=True)
class BareLetter:
    """Scores an answer to ScienceQA as lmms-eval does."""

    rule: ClassVar[str] = "lmms-eval"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Right if the text is the target's letter; anything else is wrong."""
        chosen = read_bare_letter(answer.text, len(sample.options))
        mark = Mark.CORRECT if chosen == sample.target else Mark.INCORRECT
        return Score(sample=sample.id, mark=mark, answer=chosen)
