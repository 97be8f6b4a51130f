"""Measures of one dimension: multi-modal gain, leakage, and sensitivity to a swapped picture.

    multi-modal gain     MG = with_image - without_image
    multi-modal leakage  ML = max(0, without_image - llm_text)

as MMStar defines them (equations 1 and 2 of arXiv 2403.20330v2), and beside them the same with
every text-only score raised to chance first. A model that refuses to answer without a picture
scores below chance there, and the raw numbers take its refusals for gain, or its base LLM's for
leakage: the largest leakage on MMStar in that paper, 17.6 points, is an answer at chance less a
base LLM that refuses.

Numbers are micro averages: every sample counts the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pytest_mmbench.errors import DataError
from pytest_mmbench.gates.vision.contrast import (
    Contrast,
    NotMeasured,
    contrast,
    is_correct,
    outcomes_in,
)
from pytest_mmbench.gates.vision.outcomes import OutcomeCounts, View, ViewState
from pytest_mmbench.records import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Unparseable:
    """Answers in one view from which nothing could be read."""

    view: View
    answers: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """Samples that were asked with their own picture and with another sample's.

    No cut-off is published for any of these numbers: they compare a model with its former self.
    """

    total: int
    parseable: int
    """Of these, those whose two answers could be read."""
    same: int
    """Of the parseable ones, those with twice the same answer."""
    correct: int
    """Correct with their own picture, of all that were asked."""
    still_correct: int
    """Of these, those that are correct with the other picture too."""

    @property
    def insensitivity(self) -> float | NotMeasured:
        """Share of the parseable samples with the same answer whatever the picture."""
        return self.same / self.parseable if self.parseable else NotMeasured.UNPARSEABLE

    @property
    def still_correct_share(self) -> float | NotMeasured:
        """Share of what was correct with its own picture that the other one leaves correct."""
        return self.still_correct / self.correct if self.correct else NotMeasured.NONE_CORRECT


def swap(outcomes: OutcomeCounts) -> Swap | NotMeasured:
    """What a mismatched picture changed, over the samples that were asked with both."""
    total = parseable = same = correct = still_correct = 0
    for outcome, samples in outcomes_in(outcomes, View.WITH_IMAGE, View.MISMATCHED):
        total += samples
        if ViewState.UNPARSEABLE not in (outcome.with_image.state, outcome.mismatched.state):
            parseable += samples
            same += samples * (outcome.with_image.answer == outcome.mismatched.answer)
        if is_correct(outcome, View.WITH_IMAGE):
            correct += samples
            still_correct += samples * is_correct(outcome, View.MISMATCHED)
    if not total:
        return NotMeasured.NOT_ASKED
    return Swap(
        total=total,
        parseable=parseable,
        same=same,
        correct=correct,
        still_correct=still_correct,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Vision:
    """The measures of one dimension. Accuracies and gains are fractions."""

    dimension: str
    gain_contrast: Contrast
    """Without the picture, and with it."""
    leakage_contrast: Contrast | NotMeasured
    """The base LLM, and the model without the picture, on the samples that both were asked."""
    swap: Swap | NotMeasured
    unparseable: tuple[Unparseable, ...]
    """For each view in which anything was asked."""

    @property
    def chance(self) -> float:
        """Mean chance of guessing; open questions count 0."""
        return float(self.gain_contrast.chance)

    @property
    def with_image(self) -> float:
        """Accuracy with the picture."""
        return float(self.gain_contrast.after)

    @property
    def without_image(self) -> float:
        """Accuracy without it."""
        return float(self.gain_contrast.before)

    @property
    def llm_text(self) -> float | NotMeasured:
        """Accuracy of the base LLM."""
        return _value(self.leakage_contrast, lambda leakage: leakage.before)

    @property
    def gain(self) -> float:
        """MMStar's multi-modal gain; negative where the picture does harm."""
        return float(self.gain_contrast.difference)

    @property
    def gain_above_chance(self) -> float:
        """The gain over the accuracy without the picture or over chance, whichever is higher."""
        return float(self.gain_contrast.after - self.gain_contrast.above_chance_before)

    @property
    def leakage(self) -> float | NotMeasured:
        """MMStar's multi-modal leakage."""
        return _value(self.leakage_contrast, lambda leakage: max(Fraction(0), leakage.difference))

    def leakage_bounds(self, alpha: float) -> Interval | NotMeasured:
        """Two one-sided bounds of `leakage`, each at level `alpha`, cut at 0 as it is itself."""
        if isinstance(self.leakage_contrast, NotMeasured):
            return self.leakage_contrast
        signed = self.leakage_contrast.bounds(alpha)
        return Interval(low=max(0.0, signed.low), high=max(0.0, signed.high))

    @property
    def leakage_above_chance(self) -> float | NotMeasured:
        """The leakage between accuracies that are raised to chance first."""
        return _value(
            self.leakage_contrast,
            lambda leakage: max(
                Fraction(0), leakage.above_chance_after - leakage.above_chance_before
            ),
        )

    @property
    def share(self) -> float | NotMeasured:
        """Vision share: how much of all that is better than guessing the picture adds; at most 1.

        Source: the ratio is this project's own. Where the accuracy without the picture is not below
        chance, one minus it is the share that the model keeps without a picture.
        """
        if self.gain_contrast.after <= self.gain_contrast.chance:
            return NotMeasured.NOT_ABOVE_CHANCE
        added = self.gain_contrast.after - self.gain_contrast.above_chance_before
        return float(added / (self.gain_contrast.after - self.gain_contrast.chance))


def _value(
    contrast: Contrast | NotMeasured, value: Callable[[Contrast], Fraction]
) -> float | NotMeasured:
    return contrast if isinstance(contrast, NotMeasured) else float(value(contrast))


def measure(
    dimension: str, outcomes: OutcomeCounts, shared: Sequence[OutcomeCounts] = ()
) -> Vision:
    """Measures one dimension. Each contrast takes the samples that were asked both ways.

    `shared` are those of `outcomes` whose samples share pictures, for each picture.

    Raises:
        DataError: No sample was asked both with its picture and without it.
    """
    gain = contrast(outcomes, View.WITHOUT_IMAGE, View.WITH_IMAGE, shared)
    if isinstance(gain, NotMeasured):
        raise DataError(
            f"no sample of {dimension!r} was asked both with its picture and without it.",
            what_to_do="ask it under the condition no-image too, or leave the dimension out",
        )
    unparseable = []
    for view in View:
        states: Counter[ViewState] = Counter()
        for outcome, samples in outcomes_in(outcomes, view):
            states[outcome.in_view(view).state] += samples
        if states:
            answers = states[ViewState.UNPARSEABLE]
            unparseable.append(Unparseable(view=view, answers=answers, total=states.total()))
    return Vision(
        dimension=dimension,
        gain_contrast=gain,
        leakage_contrast=contrast(outcomes, View.LLM_TEXT, View.WITHOUT_IMAGE, shared),
        swap=swap(outcomes),
        unparseable=tuple(unparseable),
    )
