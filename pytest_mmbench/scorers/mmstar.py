"""MMStar's published rule: an answer is right if it begins with the right letter.

After `eval/vlmeval/evaluate/mmstar.py` of MMStar-Benchmark/MMStar. It knows no word boundary, so
that `a photo of a dog` and `Answer: D` answer A and `because` answers B. It knows no unreadable
answer: what cannot be read is wrong. It serves to compare with published numbers; a gate is better
off with `multiple_choice.StrictChoice`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from pytest_mmbench.records import LETTERS, Answer, Mark, Sample, Score

OPENINGS: Final = ("", "(", "option ", "the answer is ")
"""What may stand before the letter."""


def read_prefix(text: str, options: int) -> str:
    """The letter that the rule takes an answer for, among so many; empty if none.

    Case, line breaks and white space around it change nothing.
    """
    said = text.lower().strip().replace("\n", " ")
    found = (said[len(each) :][:1].upper() for each in OPENINGS if said.startswith(each))
    known = set(LETTERS[:options])
    return next((letter for letter in found if letter in known), "")


@dataclass(frozen=True, slots=True)
class PrefixChoice:
    """Scores a generated answer as MMStar's authors do."""

    rule: ClassVar[str] = "official"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Right if the letter at the beginning is the target; anything else is wrong."""
        chosen = read_prefix(answer.text, len(sample.options))
        mark = Mark.CORRECT if chosen == sample.target else Mark.INCORRECT
        return Score(sample=sample.id, mark=mark, answer=chosen)
