"""lmms-eval's rule for generated answers to SEED-Bench and SEED-Bench-2: the first character.

After `seed_process_result` of EvolvingLMMs-Lab/lmms-eval (`lmms_eval/tasks/seedbench`, and
`seedbench_2`). The authors rank by likelihood (`likelihood.MostLikely`) and read no text.

Its quirks: `Bananas` answers B, `A photo` answers A, `(B)` and `b` answer nothing. There the gold
is compared as it is published, so that a letter with a space beside it is never right; here the
benchmark strips it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_mmbench.records import letters
from pytest_mmbench.scorers.choice_scorer import ChoiceScorer


def read_first_character(text: str, options: Sequence[str]) -> str:
    """The capital that a text begins with; empty if it is the letter of no option."""
    first = text.strip()[:1]
    return first if first in letters(options) else ""


FIRST_CHARACTER: Final = ChoiceScorer(rule="official", read=read_first_character)
"""Scores a generated answer to SEED-Bench as lmms-eval does."""
