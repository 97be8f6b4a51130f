"""What became of one answer, when another model was asked the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from pytest_mmbench.noise import margin, worths
from pytest_mmbench.records import Answer, Mark, Sample, Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What one model made of one sample."""

    sample: str
    mark: Mark
    chosen: str
    """The letter that was read out of the answer; empty if unreadable."""
    margin: float = math.inf
    """By how much the best option beat the second best (nats); infinite if none was weighed."""
    cluster: str = ""
    """Same for all samples that share a picture; empty if the sample shares none."""


def judged(sample: Sample, score: Score, answer: Answer, *, mean: bool = False) -> Judged:
    """What one model made of one sample, from its score and the answer that was scored.

    `mean` compares options by their likelihood per token, as the method `rank-mean` does. Samples
    that count together, such as the rotations of a question, succeed or fail together as well, and
    are taken for a cluster if they share no picture with others.
    """
    return Judged(
        sample=sample.id,
        mark=score.mark,
        chosen=score.chosen,
        margin=margin(worths(answer, mean=mean)),
        cluster=sample.cluster or sample.unit,
    )


class Kind(StrEnum):
    """What became of an answer that changed, the worst first."""

    REGRESSED = "right, now wrong"
    SILENCED = "right, now unreadable"
    BECAME_UNREADABLE = "wrong, now unreadable"
    STILL_WRONG = "wrong, now wrong otherwise"
    BECAME_READABLE = "unreadable, now wrong"
    STILL_RIGHT = "right, now right otherwise"
    FIXED = "now right"


_KINDS: Final[Mapping[tuple[Mark, Mark], Kind]] = MappingProxyType(
    {
        (Mark.RIGHT, Mark.WRONG): Kind.REGRESSED,
        (Mark.RIGHT, Mark.UNREADABLE): Kind.SILENCED,
        (Mark.RIGHT, Mark.RIGHT): Kind.STILL_RIGHT,
        (Mark.WRONG, Mark.WRONG): Kind.STILL_WRONG,
        (Mark.WRONG, Mark.UNREADABLE): Kind.BECAME_UNREADABLE,
        (Mark.WRONG, Mark.RIGHT): Kind.FIXED,
        (Mark.UNREADABLE, Mark.WRONG): Kind.BECAME_READABLE,
        (Mark.UNREADABLE, Mark.RIGHT): Kind.FIXED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """An answer that changed."""

    old: Judged
    new: Judged
    near_tie: bool
    """Whether both models found the two best options nearly equal."""

    @property
    def sample(self) -> str:
        """The sample that was answered otherwise."""
        return self.new.sample

    @property
    def kind(self) -> Kind:
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
