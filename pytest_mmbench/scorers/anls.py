"""ANLS, the measure of DocVQA and InfoVQA: how few characters a text is away from a reference."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from rapidfuzz.distance import Levenshtein

from pytest_mmbench.records import NOTHING

LEAST: Final = Fraction(1, 2)
"""What earns less has read something else, and earns nothing."""


def anls(text: str, golds: Sequence[str]) -> Fraction:
    """1 less the share of characters that are wrong, beside the nearest reference.

    Biten et al., *Scene Text Visual Question Answering* (2019), as the evaluation of DocVQA has it:
    the distance is Levenshtein's between texts in small letters with single blanks, the share is of
    the longer text as it was written, and what is less than half is nothing.
    """
    return max((_similarity(text, gold) for gold in golds), default=NOTHING)


def _similarity(text: str, gold: str) -> Fraction:
    length = max(len(text.upper()), len(gold.upper()))
    if not length:
        return Fraction(1)
    one, other = (" ".join(each.lower().split()) for each in (text, gold))
    # Beyond this distance nothing is earned: a long text takes no long time.
    most = length // 2
    distance = Levenshtein.distance(one, other, score_cutoff=most)
    return 1 - Fraction(distance, length) if distance <= most else NOTHING
