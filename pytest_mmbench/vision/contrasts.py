"""The same samples asked without something and with it: the picture, or multi-modal training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from pytest_mmbench import chance, stats
from pytest_mmbench.records import Interval
from pytest_mmbench.stats import Pairs
from pytest_mmbench.vision.replies import Fate, Fates, State, View


class Missing(StrEnum):
    """Why there is no number. It is neither 0 nor a failure."""

    NOT_ASKED = "not asked"
    NOT_ABOVE_CHANCE = "not above chance"
    """A share of what the model does better than guessing, of a model that does not."""
    NOT_READABLE = "not readable"
    """A share of the readable answers, of which there are none."""
    ONE_ANSWER = "always the same answer"
    """An agreement beyond chance, of answers that are all one and the same."""
    NONE_RIGHT = "none right"
    """A share of the right answers, of which there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Samples that were asked both ways. Shares are fractions in [0, 1]."""

    pairs: Pairs
    """Before: without it; after: with it. An unreadable answer is not right."""
    chance: Fraction
    """Mean chance of guessing these samples; open questions count 0."""
    open: int
    """How many of them are open questions."""

    @property
    def asked(self) -> int:
        """Samples that were asked both ways."""
        return self.pairs.asked

    @property
    def right_before(self) -> int:
        """Right without it."""
        return self.pairs.both + self.pairs.lost

    @property
    def right_after(self) -> int:
        """Right with it."""
        return self.pairs.both + self.pairs.gained

    @property
    def before(self) -> Fraction:
        """Share right without it."""
        return Fraction(self.right_before, self.asked)

    @property
    def after(self) -> Fraction:
        """Share right with it."""
        return Fraction(self.right_after, self.asked)

    @property
    def difference(self) -> Fraction:
        """What it adds."""
        return self.after - self.before

    @property
    def floored_before(self) -> Fraction:
        """The share without it, or chance if that is higher: below it a model refuses to guess."""
        return max(self.before, self.chance)

    @property
    def floored_after(self) -> Fraction:
        """The share with it, or chance if that is higher."""
        return max(self.after, self.chance)

    def times(self, factor: int) -> Contrast:
        """So many times the samples, faring alike."""
        pairs = Pairs(
            both=factor * self.pairs.both,
            lost=factor * self.pairs.lost,
            gained=factor * self.pairs.gained,
            neither=factor * self.pairs.neither,
        )
        return Contrast(pairs=pairs, chance=self.chance, open=factor * self.open)

    @property
    def p_value(self) -> float:
        """One-sided, that it adds nothing: mid-p McNemar, for display."""
        return stats.mcnemar_worse(lost=self.pairs.gained, gained=self.pairs.lost)

    def bounds(self, alpha: float) -> Interval:
        """Two one-sided bounds of what it adds, each at level `alpha`.

        They are the ends of Newcombe's interval with the confidence 1 - 2 alpha.
        """
        return stats.newcombe(self.pairs, 1 - 2 * alpha)


def contrast(fates: Fates, before: View, after: View) -> Contrast | Missing:
    """The samples that were asked in both views, by where they were right."""
    cells: Counter[tuple[bool, bool]] = Counter()
    options: Counter[int] = Counter()
    for fate, samples in asked(fates, before, after):
        cells[right(fate, before), right(fate, after)] += samples
        options[fate.options] += samples
    if not options.total():
        return Missing.NOT_ASKED
    pairs = Pairs(
        both=cells[True, True],
        lost=cells[True, False],
        gained=cells[False, True],
        neither=cells[False, False],
    )
    return Contrast(pairs=pairs, chance=chance.mean(options), open=options[0])


def asked(fates: Fates, *views: View) -> Iterator[tuple[Fate, int]]:
    """The samples that were asked in all of the views."""
    for fate, samples in fates.items():
        if State.NOT_ASKED not in [fate.seen(view).state for view in views]:
            yield fate, samples


def right(fate: Fate, view: View) -> bool:
    """Whether it was right, and so also readable."""
    return fate.seen(view).state is State.RIGHT
