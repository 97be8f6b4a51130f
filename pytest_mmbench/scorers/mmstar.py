"""MMStar's published rule: an answer is right if it begins with the right letter.

After `eval/vlmeval/evaluate/mmstar.py` of MMStar-Benchmark/MMStar. It knows no word boundary, so
that `a photo of a dog` and `Answer: D` answer A and `because` answers B. It knows no unparseable
answer: what cannot be read is wrong. It serves to compare with published numbers; a gate is better
off with `choice.StrictChoice`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_mmbench.records import letters
from pytest_mmbench.scorers.choice_scorer import ChoiceScorer

OPENINGS: Final = ("", "(", "option ", "the answer is ")
"""What may stand before the letter."""


def read_prefix(text: str, options: Sequence[str]) -> str:
    """The letter that the rule takes an answer for; empty if none.

    Case, line breaks and white space around it change nothing.
    """
    text = text.lower().strip().replace("\n", " ")
    firsts = (text[len(each) :][:1].upper() for each in OPENINGS if text.startswith(each))
    return next((letter for letter in firsts if letter in letters(options)), "")


PREFIX_CHOICE: Final = ChoiceScorer(rule="official", read=read_prefix)
"""Scores a generated answer as MMStar's authors do."""
