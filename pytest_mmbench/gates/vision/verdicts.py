"""Dimensions judged by what the picture adds, and by what was learned without it.

Both claims are about scores raised to chance, so that a refusal is neither gain nor leakage. A
score exceeds the higher of two others by a margin if and only if it exceeds both; so a gate tests
both, each at the whole level, and takes it for shown when both are shown (R. L. Berger,
"Multiparameter hypothesis testing and acceptance sampling", Technometrics 24, 1982).

Nothing is corrected for the number of dimensions. A release passes if all of them do, so that
judging one more makes a false pass rarer; and a blind model fails in the large nodes at any level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from pytest_mmbench.gates import capability
from pytest_mmbench.gates.vision import evidence, text
from pytest_mmbench.gates.vision.contrast import Contrast, NotMeasured
from pytest_mmbench.gates.vision.measures import Vision
from pytest_mmbench.gates.vision.outcomes import View
from pytest_mmbench.records import Outcome

SMALL: Final = 30
"""Samples below which a vision share fails nothing: one of them may move it by more than 0.03."""


ENOUGH: Final = 2000
"""Samples up to which a sentence says how many would have told."""


class VisionClaim(StrEnum):
    """What is judged."""

    GAIN = "gain"
    LEAKAGE = "leakage"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionVerdict:
    """What a gate says of one dimension, and why."""

    vision: Vision
    claim: VisionClaim
    outcome: Outcome
    statement: str
    """One sentence with the numbers that decided."""
    blind_counts: str = ""
    """What is known without the picture, the same for both claims; empty if nothing was judged."""

    @property
    def explanation(self) -> str:
        """All of it."""
        return explanation([self])


def explanation(verdicts: Sequence[VisionVerdict]) -> str:
    """Their sentences, and behind them, once, what is known without the picture."""
    unseen = dict.fromkeys(each.blind_counts for each in verdicts if each.blind_counts)
    return "; ".join([*(each.statement for each in verdicts), *unseen])


def judge_gain(
    vision: Vision, *, min_gain: str, min_share: str = "0", alpha: float, unparseable_limit: float
) -> VisionVerdict:
    """Whether the picture adds at least `min_gain` to what is known without it, and to chance.

    1. A sample was not asked without its picture, or more answers are unreadable than
       `unreadable_limit` (a fraction) with or without it: invalid.
    2. Passes if both gains surely reach `min_gain`, fails if either surely does not, and is else
       inconclusive; `evidence` says what is sure at the level `alpha`.
    3. What would pass fails if its vision share, as measured, is below `min_share`; with fewer than
       `SMALL` samples it is inconclusive.

    There is no least number of samples. If all are right in both ways and 0.05 is needed, 59 fail
    and 58 are inconclusive, because so few may hide a gain; fewer than 5 can never pass. Samples
    that share a picture count as one witness. Each counts the same, whatever the benchmark's own
    aggregate is.

    Both fractions are given as they were written.

    Raises:
        SettingsError: `min_gain` or `min_share` is not a fraction between 0 and 1.
    """
    rules = _Rules(least=_fraction(min_gain), share=_fraction(min_share), alpha=alpha)
    views = (View.WITH_IMAGE, View.WITHOUT_IMAGE)
    flaw = _flaw(vision, vision.gain_contrast, views, unparseable_limit)
    if flaw:
        return _verdict(vision, VisionClaim.GAIN, Outcome.INVALID, flaw)
    outcome, head = _helps(vision.gain_contrast, rules)
    told = text.gain(vision, head, min_gain=min_gain, min_share=min_share, alpha=alpha)
    more = _more(vision.gain_contrast, rules) if outcome is Outcome.INCONCLUSIVE else ""
    unseen = text.unseen(vision.gain_contrast.correct_before, vision.gain_contrast)
    return _verdict(vision, VisionClaim.GAIN, outcome, told + more, unseen)


def judge_leakage(
    vision: Vision, *, max_leakage: str, alpha: float, unparseable_limit: float
) -> VisionVerdict:
    """Whether the model knows more than `max_leakage` above its base model, and above chance.

    1. The base model was not asked, or not about every sample: invalid, as a leakage that nobody
       measured is not 0. So it is with more unreadable answers than `unreadable_limit` (a fraction)
       of the model without the picture, or of its base model.
    2. Passes if the leakage between scores raised to chance is at most `max_leakage` as measured;
       fails if it is surely more over the base model and over chance; else is inconclusive.

    The difference that is tested has a sign: cut at 0, as MMStar's is, it would be 0.01 on average
    in 250 samples where nothing leaked. `max_leakage` is a fraction, as it was written.

    Raises:
        SettingsError: `max_leakage` is not a fraction between 0 and 1.
    """
    most, known = _fraction(max_leakage), vision.leakage_contrast
    if isinstance(known, NotMeasured):
        return _verdict(
            vision, VisionClaim.LEAKAGE, Outcome.INVALID, text.unasked(vision.dimension)
        )
    views = (View.WITHOUT_IMAGE, View.LLM_TEXT)
    flaw = _flaw(vision, known, views, unparseable_limit)
    if flaw:
        return _verdict(vision, VisionClaim.LEAKAGE, Outcome.INVALID, flaw)
    outcome, head = _leaks(known, most, alpha)
    told = text.leakage(vision.dimension, known, head, max_leakage=max_leakage, alpha=alpha)
    unseen = text.unseen(known.correct_after, known)
    return _verdict(vision, VisionClaim.LEAKAGE, outcome, told, unseen)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """What the picture has to add."""

    least: Fraction
    share: Fraction
    alpha: float


def _helps(gain: Contrast, rules: _Rules) -> tuple[Outcome, str]:
    if evidence.short_of_chance(gain, rules.least, rules.alpha):
        return Outcome.FAIL, "answers with the picture are close to guesses"
    if evidence.adds_too_little(gain, rules.least, rules.alpha):
        return Outcome.FAIL, "answers do not need the picture"
    sure = evidence.adds(gain, rules.least, rules.alpha)
    if not sure or not evidence.beats_chance(gain, rules.least, rules.alpha):
        return Outcome.INCONCLUSIVE, "it cannot be told whether the picture helps"
    share = (gain.after - gain.above_chance_before) / (gain.after - gain.chance)
    if share >= rules.share:
        return Outcome.PASS, "the picture helps"
    outcome = Outcome.FAIL if gain.total >= SMALL else Outcome.INCONCLUSIVE
    return outcome, f"the picture adds too little, a vision share of {float(share):.3f}"


def _more(gain: Contrast, rules: _Rules) -> str:
    """How many times the samples would tell, if not too many; else nothing."""
    for times in range(2, ENOUGH // gain.total + 1):
        outcome, _ = _helps(gain.times(times), rules)
        if outcome is not Outcome.INCONCLUSIVE:
            return text.more(times, outcome)
    return ""


def _leaks(leakage: Contrast, most: Fraction, alpha: float) -> tuple[Outcome, str]:
    if leakage.above_chance_after - leakage.above_chance_before <= most:
        return Outcome.PASS, "little leaked"
    if evidence.adds(leakage, most, alpha) and evidence.beats_chance(leakage, most, alpha):
        return Outcome.FAIL, "answers leaked"
    return Outcome.INCONCLUSIVE, "it cannot be told whether answers leaked"


def _flaw(vision: Vision, known: Contrast, views: Sequence[View], limit: float) -> str:
    """What forbids a verdict: samples that were not asked, or answers that cannot be read."""
    needed = {each.view: each for each in vision.unparseable if each.view in views}
    every = needed[views[0]].total
    if known.total < every:
        return text.partly_asked(vision.dimension, known.total, every, views[1])
    exact = Fraction(str(limit))
    silent = [each for each in needed.values() if each.answers > exact * each.total]
    return text.unreadable(vision.dimension, silent, limit) if silent else ""


def _fraction(written: str) -> Fraction:
    return Fraction(capability.shown(written))


def _verdict(
    vision: Vision, claim: VisionClaim, outcome: Outcome, told: str, unseen: str = ""
) -> VisionVerdict:
    return VisionVerdict(
        vision=vision, claim=claim, outcome=outcome, statement=told, blind_counts=unseen
    )
