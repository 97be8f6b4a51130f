"""The gate of a model's answers against the snapshot: the answers that people have accepted.

It is for the same weights under another engine, dtype or server, where nothing should
change; two trained checkpoints differ in some answers always, and `regression` compares these.
Answers are compared sample by sample, by `comparison` and its rule of near ties:

1. An answer that rounding decides, before and now, is listed and never counted.
2. Any other changed answer counts, also one that is correct now, unless only those that regressed
   are to count. More of them than are allowed fail; by default none is.
3. A sample that the snapshot does not have fails, as nobody has looked at its answer yet.
4. A snapshot of other questions is not compared at all: other data, wording, method or scoring.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter
from typing import Final

from pytest_mmbench.config.tables import SnapshotSettings
from pytest_mmbench.errors import DataError
from pytest_mmbench.gates.comparison import Flip, compare_answers
from pytest_mmbench.gates.decimals import count_of
from pytest_mmbench.gates.verdicts import FlipKind, SnapshotAnswer, SnapshotChange, SnapshotVerdict
from pytest_mmbench.records import CountedChanges, Outcome, benchmark_of
from pytest_mmbench.results.rows import ScoredAnswer
from pytest_mmbench.results.snapshots import SnapshotAnswers

MOST_SHOWN: Final = 12
"""Changed answers that are listed one by one."""
EXACT: Final = SnapshotSettings(allow={}, count=CountedChanges.ALL)
"""No answer may change."""


def judge_snapshot(
    expected: SnapshotAnswers,
    actual: SnapshotAnswers,
    *,
    settings: SnapshotSettings = EXACT,
    updated: bool = False,
) -> SnapshotVerdict:
    """What became of the answers of one leaf, as far as they were asked for again.

    `expected` is without answers if there is no snapshot yet. If the answers are accepted in this
    run (`updated`), nothing is gated. A near tie is one by the wider of both models' tolerances. A
    share that is allowed is one of the answers that were compared, rounded down.
    """
    total = len(actual.answers)
    if not total:
        raise DataError(f"no sample of {actual.dimension} could be asked.")
    other_question = bool(expected.answers) and expected.question != actual.question
    samples = [] if other_question else [id for id in actual.answers if id in expected.answers]
    flips: tuple[Flip, ...] = ()
    if samples:
        baseline, candidate = ([one.answers[id] for id in samples] for one in (expected, actual))
        tolerance = max(expected.tolerance, actual.tolerance)
        flips = compare_answers(actual.dimension, baseline, candidate, tolerance=tolerance).flips
    changed = [flip for flip in flips if not flip.near_tie]
    regressed = sum(flip.is_regressed for flip in changed)
    fixed = sum(flip.is_fixed for flip in changed)
    counted = regressed if settings.count is CountedChanges.REGRESSED else len(changed)
    allowed = settings.allowed(actual.dimension, len(samples))
    missing = 0 if other_question else total - len(samples)
    if updated:
        outcome = Outcome.NOT_GATED
    elif other_question:
        outcome = Outcome.INVALID
    else:
        outcome = Outcome.FAIL if counted > allowed or missing else Outcome.PASS
    verdict = SnapshotVerdict(
        dimension=actual.dimension,
        outcome=outcome,
        explanation="",
        total=total,
        missing=missing,
        regressed=regressed,
        fixed=fixed,
        other=len(changed) - regressed - fixed,
        near_ties=len(flips) - len(changed),
        allowed=allowed,
        count=settings.count,
        changes=tuple(map(_change, sorted(flips, key=attrgetter("near_tie")))),
    )
    if updated:
        explanation = _updated(verdict, other_question=other_question)
    elif other_question:
        explanation = (
            f"{actual.dimension} cannot be compared: the snapshot answers {expected.question},"
            f" and {actual.question} is asked now"
        )
    else:
        explanation = f"{actual.dimension} {'; '.join(_parts(verdict))}"
    return replace(verdict, explanation=explanation)


def details(verdict: SnapshotVerdict, *, baseline: str = "") -> str:
    """The sentence, the changed answers with their margins, and what to do: 20 lines at most.

    `baseline` is what the run compares with besides: its report lists what changed since that.
    """
    lines = [verdict.explanation]
    shown = [
        (
            "near tie, not counted" if change.near_tie else change.kind.value,
            change.sample,
            _text(change.expected),
            _text(change.actual),
        )
        for change in verdict.changes[:MOST_SHOWN]
    ]
    widths = [max((len(row[column]) for row in shown), default=0) for column in range(3)]
    for kind, sample, expected, actual in shown:
        columns = f"{kind:<{widths[0]}}   {sample:<{widths[1]}}   {expected:<{widths[2]}}"
        lines.append(f"  {columns} -> {actual}")
    if len(verdict.changes) > MOST_SHOWN:
        lines.append(f"  and {len(verdict.changes) - MOST_SHOWN} more")
    if verdict.changes:
        first = f"{benchmark_of(verdict.dimension)} {verdict.changes[0].sample}"
        without = ", and name no baseline" if baseline else ""
        lines.append(f"  see one       mmbench show {first}")
        lines.append(f"  see all       add --mm-html=FILE{without}")
    if verdict.outcome is not Outcome.PASS:
        lines.append("  accept them   add --snapshot-update")
    if verdict.outcome is Outcome.FAIL and verdict.changes and not baseline:
        lines.append("  two releases  compare other weights with --mm-baseline, not a snapshot")
    return "\n".join(lines)


def _change(flip: Flip) -> SnapshotChange:
    return SnapshotChange(
        sample=flip.sample,
        kind=flip.kind,
        near_tie=flip.near_tie,
        expected=_answer(flip.baseline),
        actual=_answer(flip.candidate),
    )


def _answer(scored: ScoredAnswer) -> SnapshotAnswer:
    margin = scored.margin if math.isfinite(scored.margin) else None
    return SnapshotAnswer(
        answer=scored.answer,
        correctness=scored.mark,
        margin=margin,
        partial=float(scored.partial),
    )


def _updated(verdict: SnapshotVerdict, *, other_question: bool) -> str:
    news = [f"{len(verdict.changes)} of them changed"] if verdict.changes else []
    news += [f"{verdict.missing} of them new"] if 0 < verdict.missing < verdict.total else []
    if other_question:
        news = ["to another question than before"]
    elif not news:
        news = ["for the first time" if verdict.missing else "as before"]
    return f"{verdict.dimension}: {count_of(verdict.total, 'answer')} accepted, {', '.join(news)}"


def _parts(verdict: SnapshotVerdict) -> Iterator[str]:
    compared = verdict.total - verdict.missing
    kinds = Counter(each.kind for each in verdict.changes if not each.near_tie)
    if not compared:
        yield f"has no answer to {count_of(verdict.missing, 'sample')} in the snapshot"
    elif kinds:
        counts = ", ".join(
            f"{kinds[kind]} {kind.replace(', now', ' and now')}"
            for kind in FlipKind
            if kind in kinds
        )
        changed = f"{sum(kinds.values())} of {count_of(compared, 'answer')}"
        yield f"changed {changed} in the snapshot: {counts}"
        if verdict.count is CountedChanges.REGRESSED:
            yield f"{verdict.regressed} regressed, {verdict.allowed} allowed"
        elif verdict.allowed:
            yield f"{verdict.allowed} allowed"
    else:
        yield f"keeps {count_of(compared, 'answer')} of the snapshot"
    if verdict.near_ties:
        yield f"{count_of(verdict.near_ties, 'near tie')} not counted"
    if compared and verdict.missing:
        yield f"{verdict.missing} of {verdict.total} samples are not in the snapshot"


def _text(answer: SnapshotAnswer) -> str:
    margin = "" if answer.margin is None else f" (by {answer.margin:.2g} nats)"
    part = f" (credit {answer.partial:.2f})" if answer.partial else ""
    return f"{answer.answer or 'unparseable'}{margin}{part}"
