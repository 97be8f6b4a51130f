"""The same samples asked with their own picture and with another one: what does not change?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from pytest_mmbench.gates.vision.contrast import NotMeasured, is_correct, outcomes_in
from pytest_mmbench.gates.vision.outcomes import OutcomeCounts, View, ViewOutcomes, ViewState

OWN, OTHER = View.WITH_IMAGE, View.MISMATCHED


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """Samples that were asked with both pictures.

    No cut-off is published for any of these numbers: they compare a model with its former self.
    """

    total: int
    parseable: int
    """Of these, those whose two answers could be read."""
    same: int
    """Of the readable ones, those with twice the same answer."""
    agreement: Fraction
    """Share of the same answers if each were given as often as it was, but regardless of the
    sample; 0 if nothing was readable."""
    correct: int
    """Right with the real picture, of all that were asked."""
    still_correct: int
    """Of these, those that are right with the other picture too."""

    @property
    def insensitivity(self) -> float | NotMeasured:
        """Share of the readable samples with the same answer whatever the picture."""
        return self.same / self.parseable if self.parseable else NotMeasured.UNPARSEABLE

    @property
    def kappa(self) -> float | NotMeasured:
        """Insensitivity beyond chance, as Cohen's kappa: 0 for unrelated answers, 1 for equal ones.

        Source: J. Cohen, "A coefficient of agreement for nominal scales", Educ. Psychol. Meas. 20
        (1960).
        """
        if not self.parseable:
            return NotMeasured.UNPARSEABLE
        if self.agreement == 1:
            return NotMeasured.ONE_ANSWER
        share = Fraction(self.same, self.parseable)
        return float((share - self.agreement) / (1 - self.agreement))

    @property
    def still_correct_share(self) -> float | NotMeasured:
        """Share of what was right with the real picture that the other one leaves right."""
        return self.still_correct / self.correct if self.correct else NotMeasured.NONE_CORRECT


def swap(fates: OutcomeCounts) -> Swap | NotMeasured:
    """What a mismatched picture changed, over the samples that were asked with both."""
    both = list(outcomes_in(fates, OWN, OTHER))
    if not both:
        return NotMeasured.NOT_ASKED
    readable = [(fate, samples) for fate, samples in both if _readable(fate)]
    was_right = [(fate, samples) for fate, samples in both if is_correct(fate, OWN)]
    return Swap(
        total=sum(samples for _, samples in both),
        parseable=sum(samples for _, samples in readable),
        same=sum(n for fate, n in readable if fate.with_image.answer == fate.mismatched.answer),
        agreement=_agreement(readable),
        correct=sum(samples for _, samples in was_right),
        still_correct=sum(samples for fate, samples in was_right if is_correct(fate, OTHER)),
    )


def _readable(fate: ViewOutcomes) -> bool:
    return ViewState.UNPARSEABLE not in {fate.with_image.state, fate.mismatched.state}


def _agreement(readable: Iterable[tuple[ViewOutcomes, int]]) -> Fraction:
    own: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for fate, samples in readable:
        own[fate.with_image.answer] += samples
        other[fate.mismatched.answer] += samples
    alike = sum(own[answer] * other[answer] for answer in own)
    return Fraction(alike, max(1, own.total() ** 2))
