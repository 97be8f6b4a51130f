"""Samples that are answered without looking: candidates for a reader, one by one.

A candidate was right where no picture could have helped. Some of them are luck; how many of those
to expect is told beside each list.

MMStar, arXiv 2403.20330v2, kept what at most 2 of 8 text models knew, and called it abnormal if 6
or more did. Eight that guess among four options would know a third of all samples by the first
rule, and one in 237 by the second.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from pytest_mmbench.gates.stats import binomial, chance
from pytest_mmbench.records import Mark

LUCKY: Final = Fraction(1, 20)
"""Of the samples that are surely known, so many may be there by luck."""


DROPPED: Final = 3
"""Of MMStar's eight text models, so many knew each sample that was dropped."""


ABNORMAL: Final = 6
"""Of MMStar's eight text models, so many knew each sample that was called abnormal."""


class ShortcutRule(StrEnum):
    """What makes a sample a candidate."""

    KNOWN = "surely known without the picture"
    ROTATIONS = "right without the picture under every rotation"
    CONDITIONS = "right under every ablation"
    TEXT_MODELS = "known to text models"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindOutcome:
    """What one sample got where no picture could have helped. What was not asked is left out."""

    sample: str
    options: int
    """How many there are to choose from; 0 if the question is open."""
    rotations: tuple[Mark, ...] = ()
    """Without the picture, under each rotation of the options."""
    same_option: bool = False
    """Whether the same option was chosen, right or wrong, wherever it stood."""
    margin: float = math.inf
    """The smallest margin under any rotation (nats); infinite if none was weighed."""
    conditions: tuple[Mark, ...] = ()
    """Under each ablation."""
    text_models: tuple[Mark, ...] = ()
    """By each text model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortcutList:
    """Samples that one rule found."""

    rule: ShortcutRule
    samples: tuple[str, ...]
    """Their ids, in the given order."""
    total: int
    """Of so many samples that the rule can speak of."""
    expected_by_chance: float
    """How many independent guesses would make candidates."""
    expected_by_fixed_option: float = 0.0
    """How many whoever holds to one option, knowing nothing, would make; 0 if nobody is asked
    twice."""


def under_every_rotation(samples: Iterable[BlindOutcome]) -> ShortcutList:
    """Samples that are right without the picture wherever the right option stands.

    The sharpest of the rules: independent guesses meet it once in m ** m times, 1 in 256 for four
    options. Whoever prefers one text to the others meets it once in m times, which is no luck: the
    text gives itself away. A sample that was not asked under all its rotations is not judged.
    """
    return _candidates(
        ShortcutRule.ROTATIONS,
        (each for each in samples if each.options and _turned(each)),
        found=lambda each: _all_right(each.rotations),
        luck=lambda each: chance.guess_every_rotation(each.options),
        asked_again=True,
    )


def surely_known(samples: Iterable[BlindOutcome], share: Fraction = LUCKY) -> ShortcutList:
    """Samples that are right without the picture under every rotation, and hardly any by luck.

    A model that has an opinion holds it wherever the option stands, and of m opinions one is right
    by luck. But luck is as often wrong m - 1 times over: wrong opinions tell how many of the right
    ones are lucky. So candidates are taken in the order of their margins, the surest first, for as
    long as that number is at most `share` of them.

    Source: decoys that count false discoveries, J. E. Elias and S. P. Gygi, "Target-decoy search
    strategy", Nature Methods 4 (2007); the estimate starts from one false discovery, as that of
    R. F. Barber and E. J. Candes, Annals of Statistics 43 (2015), so that a short list is not
    trusted.
    """
    judged = [each for each in samples if each.options > 1 and _turned(each)]
    opinions = sorted((each for each in judged if each.same_option), key=_surest)
    lucky, right, kept, expected = Fraction(1), 0, 0, 0.0
    for at, each in enumerate(opinions, start=1):
        if _all_right(each.rotations):
            right += 1
        else:
            lucky += Fraction(1, each.options - 1)
        # Samples that are as sure as each other stay together.
        last = at == len(opinions) or opinions[at].margin < each.margin
        if last and right and lucky <= share * right:
            kept, expected = at, float(lucky)
    found = {each.sample for each in opinions[:kept] if _all_right(each.rotations)}
    return ShortcutList(
        rule=ShortcutRule.KNOWN,
        samples=tuple(each.sample for each in judged if each.sample in found),
        total=len(judged),
        expected_by_chance=expected,
    )


def _surest(sample: BlindOutcome) -> float:
    return -sample.margin


def _turned(sample: BlindOutcome) -> bool:
    return len(sample.rotations) == sample.options


def under_every_condition(samples: Iterable[BlindOutcome]) -> ShortcutList:
    """Samples that are right whatever was taken from the picture.

    Independent guesses meet it once in m ** v times for v ablations. But a model that sees the same
    words v times does not guess v times, so the number by luck is a least one, and once in m times
    the most.
    """
    return _candidates(
        ShortcutRule.CONDITIONS,
        (each for each in samples if each.conditions),
        found=lambda each: _all_right(each.conditions),
        luck=lambda each: chance.guess(each.options) ** len(each.conditions),
        asked_again=True,
    )


def known_to_text_models(samples: Iterable[BlindOutcome], least: int = DROPPED) -> ShortcutList:
    """Samples that at least so many text models answer without the picture, as MMStar filters.

    A sample that fewer models were asked is not judged.
    """
    return _candidates(
        ShortcutRule.TEXT_MODELS,
        (each for each in samples if len(each.text_models) >= least),
        found=lambda each: each.text_models.count(Mark.CORRECT) >= least,
        luck=lambda each: binomial.upper_tail(
            least, len(each.text_models), chance.guess(each.options)
        ),
    )


def _candidates(
    rule: ShortcutRule,
    judged: Iterable[BlindOutcome],
    *,
    found: Callable[[BlindOutcome], bool],
    luck: Callable[[BlindOutcome], Fraction | float],
    asked_again: bool = False,
) -> ShortcutList:
    samples = list(judged)
    held = float(sum(chance.guess(each.options) for each in samples)) if asked_again else 0.0
    return ShortcutList(
        rule=rule,
        samples=tuple(each.sample for each in samples if found(each)),
        total=len(samples),
        expected_by_chance=float(sum(map(luck, samples))),
        expected_by_fixed_option=held,
    )


def _all_right(marks: tuple[Mark, ...]) -> bool:
    return set(marks) == {Mark.CORRECT}
