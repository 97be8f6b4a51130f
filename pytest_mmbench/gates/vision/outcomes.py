"""What became of one sample in each view, and counting samples that fared alike.

A dimension of 24,000 samples has some hundred different fates, so that everything beyond this file
is arithmetic on a few counts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pytest_mmbench.records import Dimension, Mark, Unit
from pytest_mmbench.results.rows import SampleResult


class View(StrEnum):
    """What could be seen, and by whom.

    Names are spelled out because the papers' symbols clash: MMStar's S_wv is the score without the
    picture in arXiv 2403.20330v2, and the score with it in the text of NeurIPS 2024.
    """

    WITH_IMAGE = "with_image"
    WITHOUT_IMAGE = "without_image"
    MISMATCHED = "mismatched"
    """With the picture of another sample."""
    LLM_TEXT = "llm_text"
    """Without a picture, and of the text model that the model was built on."""


class ViewState(StrEnum):
    """What became of a sample in one view. Not asked is not wrong."""

    NOT_ASKED = "not asked"
    CORRECT = "correct"
    INCORRECT = "incorrect"
    UNPARSEABLE = "unparseable"


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewOutcome:
    """What a sample got in one view."""

    state: ViewState
    answer: str = ""
    """The letter, or the open answer in the form in which answers are compared; may be empty."""


NOT_ASKED = ViewOutcome(state=ViewState.NOT_ASKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewOutcomes:
    """What a sample got in every view: samples that fared alike have equal fates."""

    options: int
    """How many there were to choose from; 0 if the question was open."""
    target: str
    """The letter of the right option; empty if the question was open."""
    with_image: ViewOutcome = NOT_ASKED
    without_image: ViewOutcome = NOT_ASKED
    mismatched: ViewOutcome = NOT_ASKED
    llm_text: ViewOutcome = NOT_ASKED

    def in_view(self, view: View) -> ViewOutcome:
        """What it got in one of them."""
        found: ViewOutcome = getattr(self, view)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleViews:
    """One sample in all views."""

    sample: str
    """Its id."""
    outcomes: ViewOutcomes
    cluster: str = ""
    """The same for samples that share a picture; empty if it shares none."""


OutcomeCounts = Mapping[ViewOutcomes, int]
"""How many samples had each fate."""


def view_outcome(mark: Mark, answer: str) -> ViewOutcome:
    """What a sample got in a view in which it was asked."""
    return ViewOutcome(state=ViewState(mark.value), answer=answer)


def count_outcomes(looks: Iterable[SampleViews]) -> Counter[ViewOutcomes]:
    """The samples of one leaf, counted by their fates."""
    return Counter(look.outcomes for look in looks)


def shared_pictures(looks: Iterable[SampleViews]) -> list[OutcomeCounts]:
    """For each picture that several of the samples show, the fates of these."""
    pictures: dict[str, Counter[ViewOutcomes]] = {}
    for look in looks:
        if look.cluster:
            pictures.setdefault(look.cluster, Counter())[look.outcomes] += 1
    return [fates for fates in pictures.values() if fates.total() > 1]


def micro(dimension: Dimension, leaves: Mapping[str, OutcomeCounts]) -> Counter[ViewOutcomes]:
    """The fates of a node: every sample below it counts the same."""
    below: Counter[ViewOutcomes] = Counter()
    for leaf in dimension.leaves:
        below.update(leaves[leaf])
    return below


def join_views(
    rows: Mapping[View, Iterable[SampleResult]], unit: Unit = Unit.SAMPLE
) -> list[SampleViews]:
    """All that was asked with its picture, in that order, with what it got in every view.

    With `Unit.ALL` the samples of one unit are one look, such as the rotations of one question. It
    is right if all of them are, and guessed like one of as many options as there are series of
    answers: 256 for four rotations of four. `Unit.PAIR` gives credit in halves, which no pair of
    views can be compared by; its samples count each for itself.

    A view in which a sample, or a part of its unit, was not asked has no reply to it; rows of what
    was not asked with its picture are left out.
    """
    together = {view: _by_unit(told, unit) for view, told in rows.items()}
    return [
        SampleViews(
            sample=key,
            outcomes=_view_outcomes({view: told.get(key, ()) for view, told in together.items()}),
            cluster=own[0].cluster,
        )
        for key, own in together.get(View.WITH_IMAGE, {}).items()
    ]


def _by_unit(rows: Iterable[SampleResult], unit: Unit) -> Mapping[str, Sequence[SampleResult]]:
    found: dict[str, list[SampleResult]] = {}
    for row in rows:
        found.setdefault((row.unit if unit is Unit.ALL_CORRECT else "") or row.sample, []).append(
            row
        )
    return found


def _view_outcomes(told: Mapping[View, Sequence[SampleResult]]) -> ViewOutcomes:
    own = told[View.WITH_IMAGE]
    replies = {view: _unit_outcome(rows) for view, rows in told.items() if len(rows) == len(own)}
    return ViewOutcomes(
        options=math.prod(row.options for row in own),
        target=_series(row.target for row in own),
        with_image=replies[View.WITH_IMAGE],
        without_image=replies.get(View.WITHOUT_IMAGE, NOT_ASKED),
        mismatched=replies.get(View.MISMATCHED, NOT_ASKED),
        llm_text=replies.get(View.LLM_TEXT, NOT_ASKED),
    )


def _unit_outcome(rows: Sequence[SampleResult]) -> ViewOutcome:
    marks = {row.mark for row in rows}
    # One wrong answer settles a unit, whatever the others said.
    mark = next(each for each in (Mark.INCORRECT, Mark.UNPARSEABLE, Mark.CORRECT) if each in marks)
    return view_outcome(mark, _series(row.answer for row in rows))


def _series(letters: Iterable[str]) -> str:
    return " ".join(letters)
