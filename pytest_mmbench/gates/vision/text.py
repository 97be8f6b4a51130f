"""What a look at the picture shows, told with the numbers that decided."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from pytest_mmbench.gates import capability
from pytest_mmbench.gates.decimals import beside, rounded
from pytest_mmbench.gates.vision.contrast import Contrast
from pytest_mmbench.gates.vision.measures import Unparseable, Vision
from pytest_mmbench.gates.vision.outcomes import View
from pytest_mmbench.records import Outcome

_WHOSE: Final = MappingProxyType(
    {
        View.WITH_IMAGE: "answers with the picture",
        View.WITHOUT_IMAGE: "answers without the picture",
        View.MISMATCHED: "answers with another picture",
        View.LLM_TEXT: "answers of the base model",
    }
)


def gain(vision: Vision, head: str, *, min_gain: str, min_share: str, alpha: float) -> str:
    """What the picture adds."""
    known, least = vision.gain_contrast, capability.shown(min_gain)
    share = capability.shown(min_share)
    needed = f"at least {least}" + (f" and a vision share of {share}" if float(share) else "")
    facts = (
        f"gain {beside(known.difference, Fraction(least))}",
        _span(known, alpha, Fraction(least)),
        *_over_chance(known.after - known.chance, apart=known.before < known.chance),
    )
    return (
        f"{vision.dimension}: {head}: {rounded(known.after)} with it, {rounded(known.before)}"
        f" without ({', '.join(facts)}; {needed} needed)"
    )


def leakage(dimension: str, known: Contrast, head: str, *, max_leakage: str, alpha: float) -> str:
    """What the model knows without the picture, and its base model did not.

    The leakage is the one that is tested: it has a sign, where MMStar's is cut at 0.
    """
    most, floored = (
        capability.shown(max_leakage),
        known.above_chance_after - known.above_chance_before,
    )
    facts = (
        f"leakage {beside(known.difference, Fraction(most), above=True)}",
        _span(known, alpha, Fraction(most)),
        *_over_chance(floored, apart=floored != known.difference),
    )
    return (
        f"{dimension}: {head}: {rounded(known.after)} without the picture,"
        f" {rounded(known.before)} by the base model ({', '.join(facts)}; at most {most}"
        " allowed)"
    )


def unseen(right: int, known: Contrast) -> str:
    """What is known without the picture, beside what guessing gets."""
    return f"{right} of {known.total} right without the picture, {_odds(known)}"


def more(times: int, outcome: Outcome) -> str:
    """What so many times the samples would show, if they fared alike."""
    return f"; {times} times as many alike would {outcome}"


def unreadable(dimension: str, silent: Sequence[Unparseable], limit: float) -> str:
    """Why nothing can be said: in which views too many answers cannot be read."""
    parts = (
        f"{each.answers} of {each.total} {_WHOSE[each.view]} are unreadable, at most"
        f" {math.floor(Fraction(str(limit)) * each.total)} ({limit:g}) are allowed"
        for each in silent
    )
    return f"{dimension} cannot be judged: {'; '.join(parts)}"


def partly_asked(dimension: str, asked: int, every: int, view: View) -> str:
    """That a verdict on some of the samples could pass by leaving out."""
    return (
        f"{dimension} cannot be judged: of {every} samples only {asked} have {_WHOSE[view]},"
        " readable or not"
    )


def unasked(dimension: str) -> str:
    """That a leakage which nobody measured is not 0."""
    return f"{dimension} cannot be judged: no base model was asked, so that its leakage is unknown"


def _odds(known: Contrast) -> str:
    """The chance of guessing, and what open questions do to it."""
    if known.open == known.total:
        return "chance 0 (open questions)"
    aside = f" ({known.open} open questions count 0)" if known.open else ""
    return f"chance {float(known.chance):.3g}{aside}"


def _over_chance(value: Fraction, *, apart: bool) -> Sequence[str]:
    return (f"{rounded(value)} over chance",) if apart else ()


def _span(known: Contrast, alpha: float, limit: Fraction) -> str:
    bounds = known.bounds(alpha)
    low, high = (beside(each, limit) for each in (bounds.low, bounds.high))
    pictures = f" from {len(known.clusters)} pictures" if known.clusters else ""
    return f"{100 * (1 - 2 * alpha):g}% {low} to {high}{pictures}"
