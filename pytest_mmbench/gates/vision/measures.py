"""One dimension's numbers: what the picture adds, what leaked, and what a swapped picture changes.

    multi-modal gain     MG = with_image - without_image
    multi-modal leakage  ML = max(0, without_image - llm_text)

as MMStar defines them (equations 1 and 2 of arXiv 2403.20330v2), and beside them the same with
every text-only score raised to chance first. A model that refuses to answer unseen scores below
chance there, and the raw numbers take its refusals for gain, or its base model's for leakage: the
largest leakage on MMStar in that paper, 17.6 points, is an answer at chance less a base model that
refuses.

Numbers are micro averages: every sample counts the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pytest_mmbench.errors import DataError
from pytest_mmbench.gates.vision.contrast import Contrast, NotMeasured, contrast, outcomes_in
from pytest_mmbench.gates.vision.outcomes import OutcomeCounts, View, ViewState
from pytest_mmbench.gates.vision.swap import Swap, swap
from pytest_mmbench.records import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Unparseable:
    """Answers in one view that could not be read."""

    view: View
    answers: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Vision:
    """Whether a model looks at the pictures of one dimension. Scores and gains are fractions."""

    dimension: str
    gain_contrast: Contrast
    """Without the picture, and with it."""
    leakage_contrast: Contrast | NotMeasured
    """The base model, and the model without the picture, on the samples that both were asked."""
    swap: Swap | NotMeasured
    unparseable: tuple[Unparseable, ...]
    """For each view in which anything was asked."""

    @property
    def chance(self) -> float:
        """Mean chance of guessing; open questions count 0."""
        return float(self.gain_contrast.chance)

    @property
    def with_image(self) -> float:
        """Share right with the picture."""
        return float(self.gain_contrast.after)

    @property
    def without_image(self) -> float:
        """Share right without it."""
        return float(self.gain_contrast.before)

    @property
    def llm_text(self) -> float | NotMeasured:
        """Share that the base model gets right."""
        return _of(self.leakage_contrast, lambda known: known.before)

    @property
    def gain(self) -> float:
        """MMStar's multi-modal gain; negative where the picture does harm."""
        return float(self.gain_contrast.difference)

    @property
    def gain_above_chance(self) -> float:
        """The gain over the score without the picture or over chance, whichever is higher."""
        return float(self.gain_contrast.after - self.gain_contrast.above_chance_before)

    @property
    def leakage(self) -> float | NotMeasured:
        """MMStar's multi-modal leakage."""
        return _of(self.leakage_contrast, lambda known: max(Fraction(0), known.difference))

    def leakage_bounds(self, alpha: float) -> Interval | NotMeasured:
        """Two one-sided bounds of `ml`, each at level `alpha`, and cut at 0 as it is itself."""
        if isinstance(self.leakage_contrast, NotMeasured):
            return self.leakage_contrast
        signed = self.leakage_contrast.bounds(alpha)
        return Interval(low=max(0.0, signed.low), high=max(0.0, signed.high))

    @property
    def leakage_above_chance(self) -> float | NotMeasured:
        """The leakage between scores that are raised to chance first."""
        return _of(
            self.leakage_contrast,
            lambda known: max(Fraction(0), known.above_chance_after - known.above_chance_before),
        )

    @property
    def signed_leakage(self) -> float | NotMeasured:
        """The leakage before it is cut at 0, which lifts its mean even where nothing leaked."""
        return _of(self.leakage_contrast, lambda known: known.difference)

    @property
    def share(self) -> float | NotMeasured:
        """Vision share: how much of all that is better than guessing the picture adds; at most 1.

        Source: the ratio is this project's own. Where the score without the picture is not below
        chance, one minus it is the share that the model keeps unseen.
        """
        if self.gain_contrast.after <= self.gain_contrast.chance:
            return NotMeasured.NOT_ABOVE_CHANCE
        added = self.gain_contrast.after - self.gain_contrast.above_chance_before
        return float(added / (self.gain_contrast.after - self.gain_contrast.chance))

    @property
    def shortcut_solvable(self) -> int:
        """Right with the picture and without it."""
        return self.gain_contrast.pairs.both_correct

    @property
    def earned(self) -> int:
        """Right only with the picture."""
        return self.gain_contrast.pairs.fixed

    @property
    def hurt(self) -> int:
        """Right only without it. The gain hides them: it is (earned - hurt) / asked."""
        return self.gain_contrast.pairs.regressed

    @property
    def neither(self) -> int:
        """Right in neither way."""
        return self.gain_contrast.pairs.both_wrong


def measure(dimension: str, fates: OutcomeCounts, shared: Sequence[OutcomeCounts] = ()) -> Vision:
    """The numbers of one dimension. Each contrast takes the samples that were asked both ways.

    `shared` are those of `fates` whose samples share pictures, for each picture.

    Raises:
        DataError: No sample was asked both with its picture and without it.
    """
    gain = contrast(fates, View.WITHOUT_IMAGE, View.WITH_IMAGE, shared)
    if isinstance(gain, NotMeasured):
        raise DataError(
            f"no sample of {dimension!r} was asked both with its picture and without it.",
            what_to_do="ask it under the condition no-image too, or leave the dimension out",
        )
    return Vision(
        dimension=dimension,
        gain_contrast=gain,
        leakage_contrast=contrast(fates, View.LLM_TEXT, View.WITHOUT_IMAGE, shared),
        swap=swap(fates),
        unparseable=tuple(_unreadable(fates)),
    )


def _of(
    known: Contrast | NotMeasured, value: Callable[[Contrast], Fraction]
) -> float | NotMeasured:
    return known if isinstance(known, NotMeasured) else float(value(known))


def _unreadable(fates: OutcomeCounts) -> Iterator[Unparseable]:
    for view in View:
        states: Counter[ViewState] = Counter()
        for fate, samples in outcomes_in(fates, view):
            states[fate.in_view(view).state] += samples
        if states:
            yield Unparseable(
                view=view, answers=states[ViewState.UNPARSEABLE], total=states.total()
            )
