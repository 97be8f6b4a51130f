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

    REGRESSED = "right, now wrong"
    SILENCED = "right, now unreadable"
    BECAME_UNREADABLE = "wrong, now unreadable"
    STILL_WRONG = "wrong, now wrong otherwise"
    BECAME_READABLE = "unreadable, now wrong"
    STILL_RIGHT = "right, now right otherwise"
    FIXED = "now right"


_KINDS: Final[Mapping[tuple[Mark, Mark], FlipKind]] = MappingProxyType(
    {
        (Mark.RIGHT, Mark.WRONG): FlipKind.REGRESSED,
        (Mark.RIGHT, Mark.UNREADABLE): FlipKind.SILENCED,
        (Mark.RIGHT, Mark.RIGHT): FlipKind.STILL_RIGHT,
        (Mark.WRONG, Mark.WRONG): FlipKind.STILL_WRONG,
        (Mark.WRONG, Mark.UNREADABLE): FlipKind.BECAME_UNREADABLE,
        (Mark.WRONG, Mark.RIGHT): FlipKind.FIXED,
        (Mark.UNREADABLE, Mark.WRONG): FlipKind.BECAME_READABLE,
        (Mark.UNREADABLE, Mark.RIGHT): FlipKind.FIXED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """An answer that changed."""

    old: ScoredAnswer
    new: ScoredAnswer
    near_tie: bool
    """Whether both models found the two best options nearly equal."""

    @property
    def sample(self) -> str:
        """The sample that was answered otherwise."""
        return self.new.sample

    @property
    def kind(self) -> FlipKind:
        """What became of the answer."""
        return _KINDS[self.old.mark, self.new.mark]

    @property
    def lost(self) -> bool:
        """Whether a right answer was lost."""
        return self.old.mark is Mark.RIGHT and self.new.mark is not Mark.RIGHT

    @property
    def gained(self) -> bool:
        """Whether a right answer was gained."""
        return self.new.mark is Mark.RIGHT and self.old.mark is not Mark.RIGHT
