"""Two models' answers, matched by sample and counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pytest_mmbench.errors import DataError
from pytest_mmbench.gates.comparison import Comparison
from pytest_mmbench.gates.flips import Flip, FlipKind
from pytest_mmbench.gates.stats.clustered import Cluster
from pytest_mmbench.gates.stats.paired import Pairs
from pytest_mmbench.records import Average, Dimension, Mark, Unit
from pytest_mmbench.results.rows import SampleResult, ScoredAnswer
from pytest_mmbench.scorers.likelihood import margin

_ORDER: Final = tuple(FlipKind)


def compare_answers(
    dimension: str,
    baseline: Sequence[ScoredAnswer],
    candidate: Sequence[ScoredAnswer],
    *,
    tolerance: float,
) -> Comparison:
    """Two models on the same samples, in any order.

    Args:
        dimension: path of the node that the samples lie below.
        baseline: what the accepted model made of them.
        candidate: what the candidate made of them; samples share a picture if it says so here.
        tolerance: widest margin (nats) of a near tie, from `noise.tolerance` or `noise.fallback`.

    Raises:
        DataError: the samples differ, one occurs twice, or there are none.
    """
    before, after = _by_sample(baseline, "the old model"), _by_sample(candidate, "the new model")
    _check_same(dimension, before, after)
    changed = [
        Flip(baseline=was, candidate=now, near_tie=max(was.margin, now.margin) <= tolerance)
        for now in candidate
        if _differs(was := before[now.sample], now)
    ]
    return Comparison(
        dimension=dimension,
        pairs=_pairs(baseline, changed),
        clusters=_clusters(candidate, changed),
        flips=tuple(sorted(changed, key=_worst_first)),
        baseline_unparseable=sum(each.mark is Mark.UNPARSEABLE for each in baseline),
    )


def _differs(old: ScoredAnswer, new: ScoredAnswer) -> bool:
    readable = new.mark is not Mark.UNPARSEABLE
    return old.mark is not new.mark or (readable and old.answer != new.answer)


def _worst_first(flip: Flip) -> tuple[int, bool, str]:
    return _ORDER.index(flip.kind), flip.near_tie, flip.sample


def _pairs(old: Sequence[ScoredAnswer], changed: Sequence[Flip]) -> Pairs:
    right = sum(each.mark is Mark.CORRECT for each in old)
    lost = sum(flip.is_regressed for flip in changed if not flip.near_tie)
    gained = sum(flip.is_fixed for flip in changed if not flip.near_tie)
    return Pairs(
        both_correct=right - lost,
        regressed=lost,
        fixed=gained,
        both_wrong=len(old) - right - gained,
    )


def _clusters(new: Sequence[ScoredAnswer], changed: Sequence[Flip]) -> tuple[Cluster, ...]:
    sizes = Counter(map(_picture, new))
    if len(sizes) == len(new):
        return ()
    real = [flip for flip in changed if not flip.near_tie]
    lost = Counter(_picture(flip.candidate) for flip in real if flip.is_regressed)
    gained = Counter(_picture(flip.candidate) for flip in real if flip.is_fixed)
    found = (Cluster(size=sizes[at], regressed=lost[at], fixed=gained[at]) for at in sizes)
    # In an order of their own, so that sums of floats do not depend on the order of the samples.
    return tuple(sorted(found, key=lambda each: (each.size, each.regressed, each.fixed)))


def _picture(each: ScoredAnswer) -> tuple[str, str]:
    """What is the same for samples that share a picture, and only for them."""
    return (each.cluster, "") if each.cluster else ("", each.sample)


def _by_sample(judged: Sequence[ScoredAnswer], model: str) -> dict[str, ScoredAnswer]:
    found = {each.sample: each for each in judged}
    if len(found) < len(judged):
        twice = next(
            id for id, times in Counter(each.sample for each in judged).items() if times > 1
        )
        raise DataError(
            f"{model} was judged twice on sample {twice!r}.",
            what_to_do="give every sample an id that is unique in its benchmark",
        )
    return found


def _check_same(
    dimension: str, old: Mapping[str, ScoredAnswer], new: Mapping[str, ScoredAnswer]
) -> None:
    if old.keys() == new.keys() and new:
        return
    raise DataError(
        f"the models were not asked the same samples of {dimension!r}, or none at all.",
        asked=f"{len(old)} of the old model, {len(new)} of the new one",
        only_the_old=next((id for id in old if id not in new), ""),
        only_the_new=next((id for id in new if id not in old), ""),
        what_to_do="ask both models with the same data and the same limit",
    )


def compare_results(
    dimension: Dimension,
    baseline: Sequence[SampleResult],
    candidate: Sequence[SampleResult],
    *,
    tolerance: float,
) -> Comparison:
    """The changed answers of a dimension. The old model may have been asked more.

    Samples count the same, also where the benchmark's own score is a mean of dimensions or made of
    pairs; then the comparison says so.

    Where all answers of a unit have to be right, units are compared: one is known by the first
    sample whose answer changed, and its margin is the largest of the changed answers'. So a unit
    changed in a near tie if each of them did; that other answers are close excuses nothing.

    Raises:
        DataError: the old model was asked less. A comparison on what is left could pass by leaving
            out.
    """
    known = {row.sample: row for row in baseline}
    _check_total(
        [row.sample for row in candidate if row.sample not in known], len(candidate), dimension
    )
    units = [
        _PairedUnit(baseline=[known[row.sample] for row in rows], candidate=rows)
        for rows in _units(dimension, candidate)
    ]
    before = [_unit_answer(each.baseline, each.changed) for each in units]
    after = [_unit_answer(each.candidate, each.changed) for each in units]
    found = compare_answers(dimension.path, before, after, tolerance=tolerance)
    return replace(found, published=_published(dimension))


@dataclass(frozen=True, slots=True, kw_only=True)
class _PairedUnit:
    """What two models said to the samples of one unit, in the same order."""

    baseline: Sequence[SampleResult]
    candidate: Sequence[SampleResult]

    @property
    def changed(self) -> list[int]:
        """The places of the answers that differ."""
        both = enumerate(zip(self.baseline, self.candidate, strict=True))
        return [at for at, (was, now) in both if (was.mark, was.answer) != (now.mark, now.answer)]


def _check_total(missing: Sequence[str], asked: int, dimension: Dimension) -> None:
    if missing:
        raise DataError(
            f"the baseline has no answer to {len(missing)} of {asked} samples.",
            dimension=dimension.path,
            first_missing=min(missing),
            what_to_do="compare with a run of all of them, or limit this run as that one was",
        )


def _published(dimension: Dimension) -> str:
    """What else the benchmark's own score is than a share of what is compared."""
    if dimension.average is Average.MACRO and len(dimension.leaves) > 1:
        return f"a mean of {len(dimension.leaves)} dimensions"
    return "one of pairs" if dimension.unit is Unit.PAIR else ""


def _units(dimension: Dimension, rows: Sequence[SampleResult]) -> list[list[SampleResult]]:
    """The rows that count together: single ones, where not all of a unit have to be right."""
    together: dict[str, list[SampleResult]] = {}
    for row in rows:
        joined = dimension.unit is Unit.ALL_CORRECT and row.unit
        together.setdefault(joined or row.sample, []).append(row)
    return list(together.values())


def _unit_answer(rows: Sequence[SampleResult], changed: Sequence[int]) -> ScoredAnswer:
    marks = {row.mark for row in rows}
    # One wrong answer settles a unit, whatever the others said.
    mark = next(each for each in (Mark.INCORRECT, Mark.UNPARSEABLE, Mark.CORRECT) if each in marks)
    return ScoredAnswer(
        sample=rows[next(iter(changed), 0)].sample,
        mark=mark,
        answer=" ".join(row.answer for row in rows),
        margin=max((margin(rows[at].option_logprobs) for at in changed), default=math.inf),
        # A pair about a picture succeeds or fails together too.
        cluster=rows[0].cluster or (rows[0].unit if len(rows) == 1 else ""),
    )
