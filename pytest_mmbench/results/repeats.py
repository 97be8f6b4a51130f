"""Questions that were asked several times: what counts of their answers, and what they show.

A question stays one observation, with the mean of what its answers earned: a score, its interval
and every comparison treat questions as they always do. What single answers add is told beside it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple, Protocol

from pytest_mmbench.records import EVERYTHING, NOTHING, Mark, Unit, check_partial
from pytest_mmbench.records.repeats import RepeatStats
from pytest_mmbench.results.tally import (
    GradedAnswer,
    credit,
    is_unparseable,
    mean_credit,
    unit_mark,
)

MORE_QUESTIONS: Final = 100
"""How many more questions are weighed against another repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedAnswer:
    """One of several answers to a question, scored."""

    mark: Mark
    answer: str
    """As in `Score`."""
    partial: Fraction = NOTHING
    """`Score.partial`."""
    cut_short: bool = False
    """`Answer.cut_short`."""
    text: str = ""
    """What it said, where nothing could be read of it; a question keeps the text of one answer."""

    def __post_init__(self) -> None:
        check_partial(self.mark, self.partial)

    @property
    def credit(self) -> Fraction:
        """`Score.credit`."""
        return EVERYTHING if self.mark is Mark.CORRECT else self.partial


def joined(repeats: Sequence[RepeatedAnswer]) -> RepeatedAnswer:
    """What the answers to one question come to: the commonest one, with the mean of all credits.

    It is correct if each of them is, and unparseable if each of them is.
    """
    marks = {repeat.mark for repeat in repeats}
    mark = marks.pop() if len(marks) == 1 else Mark.INCORRECT
    mean = sum((repeat.credit for repeat in repeats), NOTHING) / len(repeats)
    return RepeatedAnswer(
        mark=mark,
        answer=majority(repeats).answer,
        partial=mean if mean < EVERYTHING else NOTHING,
        cut_short=any(repeat.cut_short for repeat in repeats),
    )


def majority(repeats: Sequence[RepeatedAnswer]) -> RepeatedAnswer:
    """The commonest answer; what is unparseable has no voice, unless there is nothing else.

    Of answers that are equally common it is the first, with the mean of their credits, as a lot
    would have it.
    """
    said = [repeat for repeat in repeats if repeat.mark is not Mark.UNPARSEABLE] or repeats
    votes = Counter(repeat.answer for repeat in said)
    most = max(votes.values())
    first, *others = [
        [repeat for repeat in said if repeat.answer == answer]
        for answer, number in votes.items()
        if number == most
    ]
    # Readings that are alike may have earned otherwise, by a rule that sees more than the reading.
    alike = [*first, *(repeat for other in others for repeat in other)]
    mean = sum((repeat.credit for repeat in alike), NOTHING) / len(alike)
    if mean in (NOTHING, EVERYTHING):
        return first[0]
    return RepeatedAnswer(mark=Mark.INCORRECT, answer=first[0].answer, partial=mean)


def is_cut_short(scores: Sequence[Answered]) -> bool:
    """Whether any of the answers to the samples of a unit was cut."""
    return any(score.cut_short for score in scores)


class UnitScore(NamedTuple):
    """What became of samples that count once, over all the times that they were asked."""

    mark: Mark
    partial: Fraction
    unparseable: Fraction
    """The share of their answers that nothing could be read of."""


class Answered(GradedAnswer, Protocol):
    """A scored answer, of which it is known whether it was cut."""

    @property
    def cut_short(self) -> bool:
        """`Answer.cut_short`."""


class Repeated(Answered, Protocol):
    """A scored sample, which may have been asked several times."""

    @property
    def partial(self) -> Fraction:
        """`Score.partial`."""

    @property
    def repeats(self) -> Sequence[RepeatedAnswer]:
        """Its single answers; none if it was asked once."""


def by_repeat(rows: Sequence[Repeated]) -> list[Sequence[Answered]]:
    """The scores of samples that count together, once for each time that they were asked."""
    times = min(len(row.repeats) for row in rows)
    return [[row.repeats[time] for row in rows] for time in range(times)] or [rows]


def unit_score(rows: Sequence[Repeated], *, settled: bool) -> UnitScore:
    """The score of one sample, or of those that have to be correct together (`settled`)."""
    repeats = by_repeat(rows)
    unparseable = sum(is_unparseable(scores, settled=settled) for scores in repeats)
    partial = rows[0].partial
    if settled:
        mean = mean_credit(Unit.ALL_CORRECT, repeats)
        partial = mean if mean < EVERYTHING else NOTHING
    return UnitScore(
        mark=unit_mark(row.mark for row in rows),
        partial=partial,
        unparseable=Fraction(unparseable, len(repeats)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedUnit:
    """One observation of a score, asked several times."""

    cluster: Hashable
    """The same for units that show the same picture."""
    leaf: int
    """Place of its leaf among those whose means are averaged; 0 where all count together."""
    credits: tuple[float, ...]
    """What it earned each time."""
    majority: float
    """What the commonest answers earned."""

    @property
    def mean(self) -> float:
        """What it earned on average."""
        return math.fsum(self.credits) / len(self.credits)

    @property
    def variance(self) -> float:
        """Of what it earns when it is asked once; unbiased."""
        mean = self.mean
        return math.fsum((each - mean) ** 2 for each in self.credits) / (len(self.credits) - 1)

    def pass_at(self, draws: int) -> float:
        """The chance that one of so many of its answers, drawn without replacement, is correct."""
        total = len(self.credits)
        wrong = sum(each < 1 for each in self.credits)
        return 1 - math.comb(wrong, draws) / math.comb(total, draws)


def repeated_unit(
    unit: Unit, rows: Sequence[Repeated], *, cluster: Hashable, leaf: int
) -> RepeatedUnit:
    """What samples that count once earned each time that they were asked."""
    return RepeatedUnit(
        cluster=cluster,
        leaf=leaf,
        credits=tuple(float(credit(unit, scores)) for scores in by_repeat(rows)),
        majority=float(credit(unit, [majority(row.repeats) for row in rows])),
    )


def repeat_stats(units: Sequence[RepeatedUnit]) -> RepeatStats:
    """What the repeats of a dimension's units show of its score.

    1. The variance of the score is that of a mean of clusters with replacement (Kish, *Survey
       Sampling*, 1965), with one degree of freedom less than there are clusters.
    2. Its part from within questions is the sum of w^2 s^2 / k over units of weight w, of whose k
       answers s^2 is the variance. That part alone shrinks with more answers, as 1 / k.
    3. Both shrink with more questions, as 1 / n.
    """
    times = len(units[0].credits)
    sizes = Counter(unit.leaf for unit in units)
    weights = [1 / (len(sizes) * sizes[unit.leaf]) for unit in units]
    variances = [unit.variance for unit in units]

    def mean(values: Sequence[float]) -> float:
        return math.fsum(weight * each for weight, each in zip(weights, values, strict=True))

    sampled = mean([weight * each for weight, each in zip(weights, variances, strict=True)])
    between = max(0.0, _variance(units, weights) - sampled / times)
    effective = 1 / mean(weights)
    errors = [math.sqrt(between + sampled / each) for each in range(1, times + 2)]
    return RepeatStats(
        number=times,
        majority=mean([unit.majority for unit in units]),
        pass_at=tuple(
            mean([unit.pass_at(draws) for unit in units]) for draws in range(1, times + 1)
        ),
        within=mean(variances),
        between=between * effective,
        standard_errors=tuple(errors),
        more_questions=errors[times - 1] * math.sqrt(len(units) / (len(units) + MORE_QUESTIONS)),
    )


def _variance(units: Sequence[RepeatedUnit], weights: Sequence[float]) -> float:
    """Of the score, from how the means of clusters differ; 0 where there is one cluster."""
    by_leaf: defaultdict[int, list[float]] = defaultdict(list)
    for unit in units:
        by_leaf[unit.leaf].append(unit.mean)
    means = {leaf: math.fsum(each) / len(each) for leaf, each in by_leaf.items()}
    distances: dict[Hashable, float] = {}
    for unit, weight in zip(units, weights, strict=True):
        distance = weight * (unit.mean - means[unit.leaf])
        distances[unit.cluster] = distances.get(unit.cluster, 0.0) + distance
    clusters = len(distances)
    if clusters == 1:
        return 0.0
    return math.fsum(each**2 for each in distances.values()) * clusters / (clusters - 1)
