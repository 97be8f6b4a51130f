"""Holm's procedure for tests that decide at a level, and have no p-value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelTest:
    """A test of a family, and its share of the family's level."""

    weight: float
    """Above 0; weights need not add up to 1."""
    rejects: Callable[[float], bool]
    """Whether it rejects at a level; then it does at any higher one too."""


def weighted_holm(tests: Sequence[LevelTest], alpha: float) -> float:
    """The level for each unit of weight at which Holm's procedure has nothing more to reject.

    Exactly the tests that reject at their weight times this level are those that the procedure
    rejects: it compares each with its share, by weight, of `alpha` among those not yet rejected,
    until no more are. The probability of any false rejection is at most `alpha`, however the tests
    depend on each other.
    Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6
    (1979), section 3 with weights.
    """
    left, level = list(tests), alpha
    while left:
        level = alpha / sum(test.weight for test in left)
        kept = [test for test in left if not test.rejects(test.weight * level)]
        if len(kept) == len(left):
            break
        left = kept
    return level
