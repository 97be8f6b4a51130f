"""What became of the accepted answers of one leaf."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_mmbench.acceptance.accepted import Accepted
from pytest_mmbench.compare import Flip, compare
from pytest_mmbench.errors import DataError
from pytest_mmbench.records import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A model's answers beside those that were accepted."""

    dimension: str
    asked: int
    """Samples that the model was asked."""
    missing: int = 0
    """Those among them that have no accepted answer."""
    flips: tuple[Flip, ...] = ()
    """The others whose answer changed, near ties too: right answers that were lost come first."""
    refused: str = ""
    """What the accepted answers were given to, if not to what is asked now; empty if they were."""
    question: str = ""
    """What is asked now."""
    updated: bool = False
    """Whether the answers are accepted in this run."""

    @property
    def outcome(self) -> Outcome:
        """Whether the model says what was accepted; measured if it is accepted now."""
        if self.updated:
            return Outcome.MEASURED
        if self.refused:
            return Outcome.INVALID
        return Outcome.FAIL if self.changed or self.missing else Outcome.PASS

    @property
    def changed(self) -> tuple[Flip, ...]:
        """Answers that changed, near ties left out."""
        return tuple(flip for flip in self.flips if not flip.near_tie)

    @property
    def near_ties(self) -> tuple[Flip, ...]:
        """Answers that changed within the noise."""
        return tuple(flip for flip in self.flips if flip.near_tie)

    @property
    def lost(self) -> int:
        """Accepted as right, and not right now."""
        return sum(flip.lost for flip in self.changed)

    @property
    def gained(self) -> int:
        """Not accepted as right, and right now."""
        return sum(flip.gained for flip in self.changed)

    @property
    def other(self) -> int:
        """Changed, and neither lost nor gained."""
        return len(self.changed) - self.lost - self.gained


def judge(held: Accepted, now: Accepted) -> Acceptance:
    """What became of accepted answers, as far as they were asked for again.

    A near tie is one by the wider of both models' tolerances.

    Raises:
        DataError: nothing was asked.
    """
    asked = len(now.answers)
    if not asked:
        raise DataError(f"no sample of {now.dimension} could be asked.")
    if held.answers and held.question != now.question:
        return Acceptance(
            dimension=now.dimension, asked=asked, refused=held.question, question=now.question
        )
    known = [sample for sample in now.answers if sample in held.answers]
    return Acceptance(
        dimension=now.dimension,
        asked=asked,
        missing=asked - len(known),
        flips=_flips(held, now, known) if known else (),
        question=now.question,
    )


def _flips(held: Accepted, now: Accepted, samples: list[str]) -> tuple[Flip, ...]:
    old, new = ([each.answers[sample] for sample in samples] for each in (held, now))
    tolerance = max(held.tolerance, now.tolerance)
    return compare(now.dimension, old, new, tolerance=tolerance).flips
