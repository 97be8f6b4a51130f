"""The published rule for ScienceQA's generated answers.

LLaVA's (haotian-liu/LLaVA, `llava/eval/eval_science_qa.py`, commit 5200b75) counts as the official
one: the numbers of vision-language models on the image subset are computed by it, and it draws
nothing. The authors' own script reads `The answer is X.` out of a prompt for GPT-3, and draws an
option where that does not stand exactly once.

LLaVA's quirks: line breaks become full stops, so that a letter on a line of its own opens the text;
only capitals count; `The answer is DNA` answers D; the first `The answer is X.` wins, and one with
a full stop wins over an earlier one without; a letter beyond the options is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pytest_mmbench.records import LETTERS
from pytest_mmbench.scorers.choice_scorer import ChoiceScorer

FIVE: Final = tuple(LETTERS[:5])
"""ScienceQA has at most five options."""
_OPENING = re.compile(r"([A-E])\. ")
_STATEMENTS = (re.compile(r"The answer is ([A-E])\."), re.compile(r"The answer is ([A-E])"))


def read_llava(text: str, options: Sequence[str]) -> str:
    """The letter that LLaVA's rule takes an answer for; empty if none."""
    text = text.replace("\n", ". ")
    letter = text.strip()
    if letter not in FIVE:
        matches = (_OPENING.match(text), *(pattern.search(text) for pattern in _STATEMENTS))
        letter = next((match[1] for match in matches if match), "")
    return letter if letter in FIVE[: len(options)] else ""


LLAVA_CHOICE: Final = ChoiceScorer(rule="official", read=read_llava)
"""Scores an answer to ScienceQA as LLaVA's authors do."""
