"""What became of one answer, when another model was asked the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from pytest_mmbench.records import Mark
from pytest_mmbench.results.rows import ScoredAnswer


class FlipKind(StrEnum):
    """What became of an answer that changed, the worst first."""

    REGRESSED = "correct, now incorrect"
    CORRECT_TO_UNPARSEABLE = "correct, now unparseable"
    BECAME_UNPARSEABLE = "incorrect, now unparseable"
    STILL_WRONG = "incorrect, now incorrect otherwise"
    BECAME_PARSEABLE = "unparseable, now incorrect"
    STILL_CORRECT = "correct, now correct otherwise"
    FIXED = "now correct"

    @property
    def severity(self) -> int:
        """0 for the worst, for sorting."""
        return list(FlipKind).index(self)


_KINDS: Final[Mapping[tuple[Mark, Mark], FlipKind]] = MappingProxyType(
    {
        (Mark.CORRECT, Mark.INCORRECT): FlipKind.REGRESSED,
        (Mark.CORRECT, Mark.UNPARSEABLE): FlipKind.CORRECT_TO_UNPARSEABLE,
        (Mark.CORRECT, Mark.CORRECT): FlipKind.STILL_CORRECT,
        (Mark.INCORRECT, Mark.INCORRECT): FlipKind.STILL_WRONG,
        (Mark.INCORRECT, Mark.UNPARSEABLE): FlipKind.BECAME_UNPARSEABLE,
        (Mark.INCORRECT, Mark.CORRECT): FlipKind.FIXED,
        (Mark.UNPARSEABLE, Mark.INCORRECT): FlipKind.BECAME_PARSEABLE,
        (Mark.UNPARSEABLE, Mark.CORRECT): FlipKind.FIXED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """An answer that changed."""

    baseline: ScoredAnswer
    candidate: ScoredAnswer
    near_tie: bool
    """Whether both models found the two best options nearly equal."""

    @property
    def sample(self) -> str:
        """The sample that was answered otherwise."""
        return self.candidate.sample

    @property
    def kind(self) -> FlipKind:
        """What became of the answer."""
        return _KINDS[self.baseline.mark, self.candidate.mark]

    @property
    def is_regressed(self) -> bool:
        """Whether a right answer was lost."""
        return self.baseline.mark is Mark.CORRECT and self.candidate.mark is not Mark.CORRECT

    @property
    def is_fixed(self) -> bool:
        """Whether a right answer was gained."""
        return self.candidate.mark is Mark.CORRECT and self.baseline.mark is not Mark.CORRECT
