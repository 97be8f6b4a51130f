"""The outcome of each sample in every view, and counts of samples with equal outcomes.

A dimension of 24,000 samples has some hundred different outcomes, so that everything beyond this
file is arithmetic on a few counts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from pytest_mmbench.records import EVERYTHING, NOTHING, Mark, Unit
from pytest_mmbench.results.repeats import unit_score
from pytest_mmbench.results.rows import SampleResult, group_by_unit


class View(StrEnum):
    """Which picture was shown, and to which model.

    The papers' symbols clash: MMStar's S_wv is the score without the picture in arXiv 2403.20330v2,
    and the score with it in the text of NeurIPS 2024.
    """

    WITH_IMAGE = "with_image"
    WITHOUT_IMAGE = "without_image"
    MISMATCHED = "mismatched"
    """With the picture of another sample."""
    LLM_TEXT = "llm_text"
    """Without a picture, of the base LLM that the model was built on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewOutcome:
    """The mark and the answer of a sample in one view."""

    mark: Mark | None = None
    """None if it was not asked, which is not incorrect."""
    answer: str = ""
    """The letter, or the open answer in the form in which answers are compared; may be empty."""
    partial: Fraction = NOTHING
    """`Score.partial`."""
    unparseable: Fraction | None = None
    """The share of its answers that nothing could be read of; None if the mark says it all."""

    @property
    def unparseable_share(self) -> Fraction:
        """That share, whoever says it."""
        if self.unparseable is None:
            return Fraction(self.mark is Mark.UNPARSEABLE)
        return self.unparseable

    @property
    def credit(self) -> Fraction:
        """`Score.credit`; nothing if it was not asked."""
        return EVERYTHING if self.mark is Mark.CORRECT else self.partial


NOT_ASKED = ViewOutcome()


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewOutcomes:
    """The outcomes of a sample in every view."""

    options: int
    """How many there were to choose from; 0 if the question was open."""
    target: str
    """The letter of the correct option; empty if the question was open."""
    with_image: ViewOutcome = NOT_ASKED
    without_image: ViewOutcome = NOT_ASKED
    mismatched: ViewOutcome = NOT_ASKED
    llm_text: ViewOutcome = NOT_ASKED

    def in_view(self, view: View) -> ViewOutcome:
        """The outcome in one view."""
        outcome: ViewOutcome = getattr(self, view)
        return outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleViews:
    """One sample in all views."""

    sample: str
    """Its id."""
    outcomes: ViewOutcomes
    cluster: str = ""
    """The same for samples that share a picture; empty if it shares none."""


OutcomeCounts = Mapping[ViewOutcomes, int]
"""How many samples (the values) have the same outcomes (the keys)."""


def count_outcomes(samples: Iterable[SampleViews]) -> Counter[ViewOutcomes]:
    """The samples of a dimension, counted by their outcomes."""
    return Counter(sample.outcomes for sample in samples)


def outcomes_in(outcomes: OutcomeCounts, *views: View) -> Iterator[tuple[ViewOutcomes, int]]:
    """The samples that were asked in all of the views."""
    for outcome, samples in outcomes.items():
        if all(outcome.in_view(view).mark is not None for view in views):
            yield outcome, samples


def shared_pictures(samples: Iterable[SampleViews]) -> list[OutcomeCounts]:
    """For each picture that several of the samples show, the outcomes of these."""
    pictures: dict[str, Counter[ViewOutcomes]] = {}
    for sample in samples:
        if sample.cluster:
            pictures.setdefault(sample.cluster, Counter())[sample.outcomes] += 1
    return [outcomes for outcomes in pictures.values() if outcomes.total() > 1]


def join_views(
    results: Mapping[View, Iterable[SampleResult]], unit: Unit = Unit.SAMPLE
) -> list[SampleViews]:
    """All that was asked with its picture, in that order, with its outcome in every view.

    With `Unit.ALL_CORRECT` the samples of one unit, such as the rotations of one question, count as
    one sample: correct if all of them are, and guessed like one of as many options as there are
    sequences of answers, 256 for four rotations of four. `Unit.PAIR` gives credit in halves, by
    which views cannot be compared; its samples count each for itself.

    A view in which a sample, or a part of its unit, was not asked has no outcome for it.
    """
    joined = unit is Unit.ALL_CORRECT
    views = {view: group_by_unit(rows, joined=joined) for view, rows in results.items()}
    return [
        SampleViews(
            sample=key,
            outcomes=_unit_outcomes(
                {view: units.get(key, ()) for view, units in views.items()}, joined=joined
            ),
            cluster=rows[0].cluster,
        )
        for key, rows in views.get(View.WITH_IMAGE, {}).items()
    ]


def _unit_outcomes(results: Mapping[View, Sequence[SampleResult]], *, joined: bool) -> ViewOutcomes:
    with_image = results[View.WITH_IMAGE]
    outcomes: dict[View, ViewOutcome] = {}
    for view, rows in results.items():
        if len(rows) == len(with_image):
            score = unit_score(rows, settled=joined)
            in_part = 0 < score.unparseable < 1
            outcomes[view] = ViewOutcome(
                mark=score.mark,
                answer=" ".join(row.answer for row in rows),
                partial=score.partial,
                unparseable=score.unparseable if in_part else None,
            )
    return ViewOutcomes(
        options=math.prod(row.options for row in with_image),
        target=" ".join(row.target for row in with_image),
        with_image=outcomes[View.WITH_IMAGE],
        without_image=outcomes.get(View.WITHOUT_IMAGE, NOT_ASKED),
        mismatched=outcomes.get(View.MISMATCHED, NOT_ASKED),
        llm_text=outcomes.get(View.LLM_TEXT, NOT_ASKED),
    )
