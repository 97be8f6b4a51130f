"""Scores of a saved run, and the thresholds that lie a margin below them."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from pytest_mmbench.cli.rejudge import scored_dimensions
from pytest_mmbench.config.settings import Settings
from pytest_mmbench.gates import capability
from pytest_mmbench.gates.stats import chance
from pytest_mmbench.records import Dimension, Outcome, Rule, Tally, Threshold, Unit
from pytest_mmbench.results.rows import IMAGE, aggregate, results_in
from pytest_mmbench.results.run_file import SavedRun

HUNDREDTHS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What a run scored in one dimension."""

    node: Dimension
    tally: Tally
    samples: int
    """How many were asked."""
    guessed: Fraction
    """What guessing gets; 0 where that is not so simple."""

    @property
    def path(self) -> str:
        """Of the dimension."""
        return self.node.path

    @property
    def whole(self) -> bool:
        """Whether all of its samples were asked."""
        return self.samples >= self.node.size

    @property
    def describe(self) -> str:
        """The score, and of how many samples it is."""
        of = f"{self.samples:,} of the {self.node.size:,} samples were asked"
        return f"{self.tally.accuracy:.3f} of {self.tally.total:,}{'' if self.whole else f'; {of}'}"


def scores(run: SavedRun) -> Iterator[Scored]:
    """The dimensions whose score a run knows, each node before the nodes below it."""
    for node in scored_dimensions(run):
        name = node.path.partition(".")[0]
        tree, rows = run.trees[name], run.results(name, IMAGE)
        below = results_in(node, tree, rows)
        tally = aggregate(node, tree, rows)
        simple = node.unit is Unit.SAMPLE and not tally.strata
        yield Scored(
            node=node,
            tally=tally,
            samples=len(below),
            guessed=chance.mean(Counter(row.options for row in below)) if simple else Fraction(0),
        )


def readable(found: Scored, settings: Settings) -> bool:
    """Whether few enough answers are unreadable to judge the dimension."""
    return found.tally.unparseable <= Fraction(str(settings.unparseable_limit)) * found.tally.total


def below(found: Scored, margin: Fraction) -> Fraction:
    """The score less the margin, rounded down to two decimals, and no less than 0."""
    return max(Fraction(0), Fraction((found.tally.score - margin) * HUNDREDTHS // 1, HUNDREDTHS))


def reached(found: Scored, rule: Rule, margin: Fraction, settings: Settings) -> Fraction:
    """The highest such threshold that this very score passes by a rule; 0 if none.

    `strong` asks for evidence, so that a margin that is less than the noise is not enough.
    """
    highest = below(found, margin)
    steps = range(int(highest * HUNDREDTHS), 0, -1)
    limits = (Fraction(step, HUNDREDTHS) for step in steps)
    return next((each for each in limits if _passes(found, each, rule, settings)), Fraction(0))


def _passes(found: Scored, limit: Fraction, rule: Rule, settings: Settings) -> bool:
    wanted: Mapping[str, Threshold] = {found.path: Threshold(at_least=digits(limit), rule=rule)}
    (verdict,) = capability.judge_capability(
        [found.tally],
        wanted,
        alpha=settings.alpha,
        unparseable_limit=settings.unparseable_limit,
    )
    return verdict.outcome is Outcome.PASS


def digits(limit: Fraction) -> str:
    """Two decimals, as they stand in a settings file."""
    return f"{Decimal(limit.numerator) / Decimal(limit.denominator):.2f}"


def margin(typed: str) -> Fraction:
    """A type of argparse: a fraction from 0 to below 1."""
    try:
        found = Decimal(typed)
    except InvalidOperation:
        found = Decimal(-1)
    if found.is_nan() or not 0 <= found < 1:
        raise argparse.ArgumentTypeError(
            f"{typed!r} is not a fraction below 1: write five points as 0.05"
        )
    return Fraction(found)
