"""lmms-eval's rule for generated answers to SEED-Bench and SEED-Bench-2: the first character.

After `seed_process_result` of EvolvingLMMs-Lab/lmms-eval (`lmms_eval/tasks/seedbench`, and
`seedbench_2`). The authors rank by likelihood (`likelihood.MostLikely`) and read no text.

Its quirks: `Bananas` answers B, `A photo` answers A, `(B)` and `b` answer nothing. There the gold
is compared as it is published, so that a letter with a space beside it is never right; here the
benchmark strips it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pytest_mmbench.records import Answer, Mark, Sample, Score, letters


@dataclass(frozen=True, slots=True)
class FirstCharacter:
    """Scores a generated answer to SEED-Bench as lmms-eval does."""

    rule: ClassVar[str] = "official"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Right if the text begins with the target's capital; anything else is wrong."""
        first = answer.text.strip()[:1]
        chosen = first if first in letters(sample.options) else ""
        mark = Mark.CORRECT if chosen == sample.target else Mark.INCORRECT
        return Score(sample=sample.id, mark=mark, answer=chosen)
