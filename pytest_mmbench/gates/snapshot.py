"""What became of the accepted answers of one leaf."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pytest_mmbench.errors import DataError
from pytest_mmbench.gates.flips import Flip, FlipKind
from pytest_mmbench.gates.paired import compare_answers
from pytest_mmbench.records import Outcome
from pytest_mmbench.results.rows import ScoredAnswer
from pytest_mmbench.results.snapshots import SnapshotAnswers


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotVerdict:
    """A model's answers beside those that were accepted."""

    dimension: str
    total: int
    """Samples that the model was asked."""
    missing: int = 0
    """Those among them that have no accepted answer."""
    flips: tuple[Flip, ...] = ()
    """The others whose answer changed, near ties too: right answers that were lost come first."""
    incompatible_with: str = ""
    """What the accepted answers were given to, if not to what is asked now; empty if they were."""
    question: str = ""
    """What is asked now."""
    updated: bool = False
    """Whether the answers are accepted in this run."""

    @property
    def outcome(self) -> Outcome:
        """Whether the model says what was accepted; measured if it is accepted now."""
        if self.updated:
            return Outcome.NOT_GATED
        if self.incompatible_with:
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
    def regressed(self) -> int:
        """Accepted as right, and not right now."""
        return sum(flip.is_regressed for flip in self.changed)

    @property
    def fixed(self) -> int:
        """Not accepted as right, and right now."""
        return sum(flip.is_fixed for flip in self.changed)

    @property
    def other(self) -> int:
        """Changed, and neither lost nor gained."""
        return len(self.changed) - self.regressed - self.fixed


def judge_snapshot(expected: SnapshotAnswers, actual: SnapshotAnswers) -> SnapshotVerdict:
    """What became of accepted answers, as far as they were asked for again.

    A near tie is one by the wider of both models' tolerances.

    Raises:
        DataError: nothing was asked.
    """
    asked = len(actual.answers)
    if not asked:
        raise DataError(f"no sample of {actual.dimension} could be asked.")
    if expected.answers and expected.question != actual.question:
        return SnapshotVerdict(
            dimension=actual.dimension,
            total=asked,
            incompatible_with=expected.question,
            question=actual.question,
        )
    known = [sample for sample in actual.answers if sample in expected.answers]
    return SnapshotVerdict(
        dimension=actual.dimension,
        total=asked,
        missing=asked - len(known),
        flips=_flips(expected, actual, known) if known else (),
        question=actual.question,
    )


def _flips(held: SnapshotAnswers, now: SnapshotAnswers, samples: list[str]) -> tuple[Flip, ...]:
    old, new = ([each.answers[sample] for sample in samples] for each in (held, now))
    tolerance = max(held.tolerance, now.tolerance)
    return compare_answers(now.dimension, old, new, tolerance=tolerance).flips


SHOWN: Final = 12
"""Changed answers that are told one by one."""


NEAR_TIE: Final = "near tie, not counted"


def explanation(verdict: SnapshotVerdict) -> str:
    """One sentence with the integers that decided."""
    if verdict.updated:
        return f"{verdict.dimension}: {_accepted(verdict)}"
    if verdict.incompatible_with:
        return (
            f"{verdict.dimension} cannot be compared: accepted were answers to"
            f" {verdict.incompatible_with}, and {verdict.question} is asked now"
        )
    return f"{verdict.dimension} {'; '.join(_parts(verdict))}"


def _accepted(found: SnapshotVerdict) -> str:
    news = [f"{len(found.flips)} of them changed"] if found.flips else []
    news += [f"{found.missing} of them new"] if 0 < found.missing < found.total else []
    if found.incompatible_with:
        news = ["to another question than before"]
    elif not news:
        news = ["for the first time" if found.missing else "as before"]
    return f"{_count(found.total, 'answer')} accepted, {', '.join(news)}"


def _parts(found: SnapshotVerdict) -> Iterator[str]:
    compared = found.total - found.missing
    kinds = Counter(flip.kind for flip in found.changed)
    if not compared:
        yield f"has no accepted answer to {_count(found.missing, 'sample')}"
    elif kinds:
        counts = ", ".join(f"{kinds[kind]} {_plain(kind)}" for kind in FlipKind if kind in kinds)
        yield f"changed {len(found.changed)} of {_count(compared, 'accepted answer')}: {counts}"
    else:
        yield f"keeps {_count(compared, 'accepted answer')}"
    if found.near_ties:
        yield f"{_count(len(found.near_ties), 'near tie')} not counted"
    if compared and found.missing:
        yield f"{found.missing} of {found.total} samples have none"


def details(verdict: SnapshotVerdict, *, baseline: str = "") -> str:
    """The sentence, the changed answers with their margins, and what to do: 20 lines at most.

    `baseline` is what the run compares with besides: its report lists what changed since that.
    """
    return "\n".join([explanation(verdict), *_listed(verdict), *_facts(verdict, baseline)])


def _listed(found: SnapshotVerdict) -> Iterator[str]:
    flips = [*found.changed, *found.near_ties]
    shown = [
        (_change_text(each), each.sample, _answer_text(each.baseline), _answer_text(each.candidate))
        for each in flips[:SHOWN]
    ]
    widths = [max((len(row[column]) for row in shown), default=0) for column in range(3)]
    for what, sample, old, new in shown:
        yield f"  {what:<{widths[0]}}   {sample:<{widths[1]}}   {old:<{widths[2]}} -> {new}"
    if len(flips) > SHOWN:
        yield f"  and {len(flips) - SHOWN} more"


def _facts(found: SnapshotVerdict, baseline: str) -> Iterator[str]:
    if found.flips:
        benchmark = found.dimension.partition(".")[0]
        first = (*found.changed, *found.near_ties)[0]
        yield f"  see one       mmbench show {benchmark} {first.sample}"
        without = ", and name no baseline" if baseline else ""
        yield f"  see all       add --mm-html=FILE{without}"
    if found.outcome is not Outcome.PASS:
        yield "  accept them   add --snapshot-update"


def _change_text(flip: Flip) -> str:
    return NEAR_TIE if flip.near_tie else flip.kind


def _answer_text(judged: ScoredAnswer) -> str:
    weighed = f" (by {judged.margin:.2g} nats)" if math.isfinite(judged.margin) else ""
    return f"{judged.answer or 'unreadable'}{weighed}"


def _plain(kind: FlipKind) -> str:
    return kind.replace(", now", " and now")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
