"""Scores of a saved run, and the thresholds that lie a margin below them."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

from pytest_mmbench.cli.command import ANY_RUN
from pytest_mmbench.cli.rejudge import scored_dimensions
from pytest_mmbench.config.settings import Settings
from pytest_mmbench.gates import capability
from pytest_mmbench.gates.stats import chance
from pytest_mmbench.records import Dimension, Outcome, Rule, Tally, Threshold, Unit
from pytest_mmbench.results.rows import IMAGE, aggregate, results_in
from pytest_mmbench.results.run_file import SavedRun

_HUNDREDTHS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionScore:
    """What a run scored in one dimension."""

    node: Dimension
    tally: Tally
    samples: int
    """Samples that were asked."""
    guess_rate: Fraction
    """The expected score of guessing; 0 where that is not so simple."""

    @property
    def is_complete(self) -> bool:
        """Whether all of its samples were asked."""
        return self.samples >= self.node.size

    def describe(self) -> str:
        """The score, and of how many samples it is."""
        text = f"{self.tally.accuracy:.3f} of {self.tally.total:,}"
        if self.is_complete:
            return text
        return f"{text}; {self.samples:,} of the {self.node.size:,} samples were asked"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declares which run is meant, and how far below its scores thresholds lie."""
    parser.add_argument("--run", dest="run_file", metavar="RUN", default="", help=ANY_RUN)
    parser.add_argument(
        "--margin",
        type=margin,
        default="0.05",
        metavar="FRACTION",
        help="how far below a score its threshold lies; default: 0.05",
    )


def scores(run: SavedRun) -> Iterator[DimensionScore]:
    """The dimensions whose score a run knows, each node before the nodes below it."""
    for node in scored_dimensions(run):
        tree, results = run.trees[node.benchmark], run.results(node.benchmark, IMAGE)
        below = results_in(node, tree, results)
        tally = aggregate(node, tree, results)
        is_simple = node.unit is Unit.SAMPLE and not tally.strata
        options = Counter(result.options for result in below)
        yield DimensionScore(
            node=node,
            tally=tally,
            samples=len(below),
            guess_rate=chance.mean(options) if is_simple else Fraction(0),
        )


def is_parseable(score: DimensionScore, settings: Settings) -> bool:
    """Whether few enough answers are unparseable to judge the dimension."""
    most = Fraction(str(settings.unparseable_limit)) * score.tally.total
    return score.tally.unparseable <= most


def threshold_below(score: DimensionScore, margin: Fraction) -> Fraction:
    """The score less the margin, rounded down to two decimals, and no less than 0."""
    return max(Fraction(0), Fraction((score.tally.score - margin) * _HUNDREDTHS // 1, _HUNDREDTHS))


def highest_threshold(
    score: DimensionScore, rule: Rule, margin: Fraction, settings: Settings
) -> Fraction:
    """The highest threshold a margin below a score that this very score passes; 0 if none."""
    # `strong` asks for evidence: a margin that is less than the noise is not enough.
    for step in range(int(threshold_below(score, margin) * _HUNDREDTHS), 0, -1):
        limit = Fraction(step, _HUNDREDTHS)
        (verdict,) = capability.judge_capability(
            [score.tally],
            {score.node.path: Threshold(at_least=two_decimals(limit), rule=rule)},
            alpha=settings.alpha,
            unparseable_limit=settings.unparseable_limit,
        )
        if verdict.outcome is Outcome.PASS:
            return limit
    return Fraction(0)


def two_decimals(limit: Fraction) -> str:
    """A threshold as it stands in a settings file."""
    return f"{Decimal(limit.numerator) / Decimal(limit.denominator):.2f}"


def margin(typed: str) -> Fraction:
    """A type of argparse: a fraction from 0 to below 1."""
    try:
        value = Decimal(typed)
    except InvalidOperation:
        value = Decimal(-1)
    if value.is_nan() or not 0 <= value < 1:
        raise argparse.ArgumentTypeError(
            f"{typed!r} is not a fraction below 1: write five points as 0.05"
        )
    return Fraction(value)
