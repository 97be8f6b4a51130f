"""Samples that are answered without their picture: candidates for a reader, one by one.

MMStar, arXiv 2403.20330v2, kept what at most 2 of 8 text models knew, and called it abnormal if 6
or more did. Eight that guess among four options would know a third of all samples by the first
rule, and one in 237 by the second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from pytest_mmbench.gates.stats import binomial, chance
from pytest_mmbench.records import Mark

MAX_SHARE_BY_CHANCE: Final = Fraction(1, 20)
"""Share of the samples that are surely known which may be there by chance."""
MMSTAR_MIN_MODELS: Final = 3
"""Of MMStar's eight text models, so many knew each sample that was dropped."""


class ShortcutRule(StrEnum):
    """What makes a sample a candidate."""

    KNOWN = "surely known without the picture"
    ROTATIONS = "correct without the picture under every rotation"
    CONDITIONS = "correct under every condition"
    TEXT_MODELS = "known to text models"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindOutcome:
    """One sample's marks where no picture could have helped. What was not asked is left out."""

    sample: str
    options: int
    """How many there are to choose from; 0 if the question is open."""
    rotations: tuple[Mark, ...] = ()
    """Without the picture, under each rotation of the options."""
    same_option: bool = False
    """Whether the same option was chosen, correct or not, wherever it stood."""
    margin: float = math.inf
    """The smallest margin under any rotation (nats); infinite if none was weighed."""
    conditions: tuple[Mark, ...] = ()
    """Under each condition."""
    text_models: tuple[Mark, ...] = ()
    """By each text model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortcutList:
    """The samples that meet one rule."""

    rule: ShortcutRule
    samples: tuple[str, ...]
    """Their ids, in the given order."""
    total: int
    """How many samples the rule was applied to."""
    expected_by_chance: float
    """How many would meet it by independent guesses."""
    expected_by_fixed_option: float = 0.0
    """How many would meet it by always choosing one option; 0 if nobody is asked twice."""


def under_every_rotation(samples: Iterable[BlindOutcome]) -> ShortcutList:
    """Samples that are correct without the picture wherever the correct option stands.

    Independent guesses meet it once in m ** m times, 1 in 256 for four options; a preference for
    one text once in m times. A sample that was not asked under all its rotations is left out.
    """
    candidates = [each for each in samples if each.options and _has_every_rotation(each)]
    return ShortcutList(
        rule=ShortcutRule.ROTATIONS,
        samples=tuple(each.sample for each in candidates if _all_correct(each.rotations)),
        total=len(candidates),
        expected_by_chance=float(
            sum(chance.guess_every_rotation(each.options) for each in candidates)
        ),
        expected_by_fixed_option=_expected_guesses(candidates),
    )


def surely_known(
    samples: Iterable[BlindOutcome], share: Fraction = MAX_SHARE_BY_CHANCE
) -> ShortcutList:
    """Samples that are correct without the picture under every rotation, and hardly any by luck.

    A model that has an opinion holds it wherever the option stands, and of m opinions one is
    correct by luck. But luck is as often wrong m - 1 times over: wrong opinions say how many of the
    correct ones are lucky. So candidates are taken in the order of their margins, the surest first,
    for as long as that number is at most `share` of them.

    Source: decoys that count false discoveries, J. E. Elias and S. P. Gygi, "Target-decoy search
    strategy", Nature Methods 4 (2007); the estimate starts from one false discovery, as that of
    R. F. Barber and E. J. Candes, Annals of Statistics 43 (2015), so that a short list is not
    trusted.
    """
    candidates = [each for each in samples if each.options > 1 and _has_every_rotation(each)]
    opinions = sorted(
        (each for each in candidates if each.same_option), key=lambda opinion: -opinion.margin
    )
    by_chance, correct, taken, expected = Fraction(1), 0, 0, 0.0
    for number, opinion in enumerate(opinions, start=1):
        if _all_correct(opinion.rotations):
            correct += 1
        else:
            by_chance += Fraction(1, opinion.options - 1)
        # Samples that are as sure as each other stay together.
        is_last = number == len(opinions) or opinions[number].margin < opinion.margin
        if is_last and correct and by_chance <= share * correct:
            taken, expected = number, float(by_chance)
    known = {each.sample for each in opinions[:taken] if _all_correct(each.rotations)}
    return ShortcutList(
        rule=ShortcutRule.KNOWN,
        samples=tuple(each.sample for each in candidates if each.sample in known),
        total=len(candidates),
        expected_by_chance=expected,
    )


def under_every_condition(samples: Iterable[BlindOutcome]) -> ShortcutList:
    """Samples that are correct whatever was taken from the picture.

    Independent guesses meet it once in m ** v times for v conditions; a model that gives the same
    words the same answer, once in m times.
    """
    candidates = [each for each in samples if each.conditions]
    return ShortcutList(
        rule=ShortcutRule.CONDITIONS,
        samples=tuple(each.sample for each in candidates if _all_correct(each.conditions)),
        total=len(candidates),
        expected_by_chance=float(
            sum(chance.guess(each.options) ** len(each.conditions) for each in candidates)
        ),
        expected_by_fixed_option=_expected_guesses(candidates),
    )


def known_to_text_models(
    samples: Iterable[BlindOutcome], min_models: int = MMSTAR_MIN_MODELS
) -> ShortcutList:
    """Samples that at least so many text models answer without the picture, as MMStar filters.

    A sample that fewer models were asked is left out.
    """
    candidates = [each for each in samples if len(each.text_models) >= min_models]
    return ShortcutList(
        rule=ShortcutRule.TEXT_MODELS,
        samples=tuple(
            each.sample for each in candidates if each.text_models.count(Mark.CORRECT) >= min_models
        ),
        total=len(candidates),
        expected_by_chance=float(
            sum(
                binomial.upper_tail(min_models, len(each.text_models), chance.guess(each.options))
                for each in candidates
            )
        ),
    )


def _has_every_rotation(sample: BlindOutcome) -> bool:
    return len(sample.rotations) == sample.options


def _all_correct(marks: tuple[Mark, ...]) -> bool:
    return set(marks) == {Mark.CORRECT}


def _expected_guesses(samples: Iterable[BlindOutcome]) -> float:
    return float(sum(chance.guess(each.options) for each in samples))
