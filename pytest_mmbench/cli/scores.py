"""Scores of saved runs, and the thresholds that lie below them.

A threshold leaves room for the margin that is wanted, and for the noise of the measurement: the
same model, asked as many fresh samples, has to pass it.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

from pytest_mmbench.cli.command import ANY_RUN
from pytest_mmbench.cli.rejudge import scored_dimensions
from pytest_mmbench.config.settings import Settings
from pytest_mmbench.errors import DataError
from pytest_mmbench.gates import capability
from pytest_mmbench.gates.stats import chance
from pytest_mmbench.gates.stats.prediction import least_expected
from pytest_mmbench.records import Dimension, Outcome, Rule, Tally, Threshold, Unit
from pytest_mmbench.results.rows import (
    IMAGE,
    DimensionTree,
    SampleResult,
    aggregate,
    results_in,
    results_of_leaf,
)
from pytest_mmbench.results.run_file import SavedRun

_HUNDREDTHS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionScore:
    """What a run scored in one dimension, or several runs together."""

    node: Dimension
    tally: Tally
    samples: int
    """Samples that were asked; of several runs, by the one that asked fewest."""
    size: int
    """As many independent equal samples as one run is worth: see `capability.evidence`."""
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


def add_flags(parser: argparse.ArgumentParser, *, several: bool = False) -> None:
    """Declares which run is meant, or which runs, and how far below scores thresholds lie."""
    if several:
        text = f"{ANY_RUN}; may be given several times: the runs are pooled"
        parser.add_argument(
            "--run", dest="run_files", metavar="RUN", action="append", default=[], help=text
        )
    else:
        parser.add_argument("--run", dest="run_file", metavar="RUN", default="", help=ANY_RUN)
    parser.add_argument(
        "--margin",
        type=margin,
        default="0.05",
        metavar="FRACTION",
        help="how far below a score its threshold lies at least; default: 0.05",
    )
    parser.add_argument(
        "--error",
        type=error,
        default="0.05",
        metavar="PROBABILITY",
        help="how often the same model may miss any of the thresholds by noise; default: 0.05",
    )


def scores(run: SavedRun) -> Iterator[DimensionScore]:
    """The dimensions whose score a run knows, each node before the nodes below it."""
    for node in scored_dimensions(run):
        tree, results = run.trees[node.benchmark], run.results(node.benchmark, IMAGE)
        yield _score(node, tree, results)


def pooled_scores(runs: Sequence[SavedRun]) -> list[DimensionScore]:
    """The scores of several runs together, of the dimensions that all of them know.

    A sample that several runs were asked is one observation, with its picture: runs of the same
    samples are not as many more samples. Runs may differ in the seed of their questions.

    Raises:
        DataError: a run was asked something else than the first one, beside the seed.
    """
    first, *others = runs
    for run in others:
        _check_poolable(first, run)
    known = [{node.path for node in scored_dimensions(run)} for run in others]
    found = []
    for score in scores(first):
        if not all(score.node.path in paths for paths in known):
            continue
        if others:
            pool, tree = _pool(runs, score.node)
            fewest = min(
                len(results_in(score.node, run.trees[score.node.benchmark], rows))
                for run in runs
                for rows in [run.results(score.node.benchmark, IMAGE)]
            )
            pooled = _score(score.node, tree, pool)
            score = replace(pooled, samples=fewest, size=score.size)  # noqa: PLW2901 - the same
        found.append(score)
    return found


def _check_poolable(first: SavedRun, run: SavedRun) -> None:
    for name in first.benchmarks:
        if name not in run.benchmarks:
            continue
        one, other = first.task(name, IMAGE).spec, run.task(name, IMAGE).spec
        if _without_seed(one.describe()) != _without_seed(other.describe()):
            raise DataError(
                f"the runs of {first.model} and {run.model} were not asked {name} alike.",
                the_first=one.describe(),
                the_other=other.describe(),
                what_to_do="pool runs of the same benchmark and method; their seeds may differ",
            )


def _without_seed(description: str) -> str:
    return re.sub(r"\bseed=\d+ ?", "", description)


def _pool(
    runs: Sequence[SavedRun], node: Dimension
) -> tuple[Mapping[str, tuple[SampleResult, ...]], DimensionTree]:
    """The results of all runs below a dimension, by leaf, as of one benchmark."""
    pool: dict[str, tuple[SampleResult, ...]] = {}
    for number, run in enumerate(runs):
        tree, by_leaf = run.trees[node.benchmark], run.results(node.benchmark, IMAGE)
        data = run.task(node.benchmark, IMAGE).spec.revision
        for leaf in node.leaves:
            pool[leaf] = pool.get(leaf, ()) + tuple(
                replace(
                    result,
                    sample=f"{number} {result.sample}",
                    unit=result.unit and f"{number} {result.unit}",
                    cluster=f"{data} {result.cluster or result.unit or result.sample}",
                )
                for result in results_of_leaf(leaf, tree, by_leaf)
            )
    return pool, replace(runs[0].trees[node.benchmark], views={}, units={})


def _score(
    node: Dimension, tree: DimensionTree, results: Mapping[str, tuple[SampleResult, ...]]
) -> DimensionScore:
    below = results_in(node, tree, results)
    tally = aggregate(node, tree, results)
    is_simple = node.unit is Unit.SAMPLE and not tally.strata
    options = Counter(result.options for result in below)
    return DimensionScore(
        node=node,
        tally=tally,
        samples=len(below),
        size=capability.evidence(tally).total,
        guess_rate=chance.mean(options) if is_simple else Fraction(0),
    )


def unreadable_answers(score: DimensionScore, settings: Settings) -> str:
    """How many answers are unparseable, or cut short, if too many are to judge the dimension."""
    tally = score.tally
    limits = (
        ("are unparseable", tally.unparseable, settings.unparseable_limit),
        ("were cut short", tally.cut_short, settings.cut_short_limit),
    )
    over = (
        f"{count} answers {fate}"
        for fate, count, limit in limits
        if count > Fraction(str(limit)) * tally.answers
    )
    return next(over, "")


def least_score(score: DimensionScore, error: float) -> Tally:
    """The lowest score of the same model in a fresh run but for a probability of `error`.

    Of as many samples as one run is worth, however many runs the score is of.
    """
    correct, total = capability.evidence(score.tally)
    least = least_expected(correct, total, size=score.size, error=error)
    return Tally(dimension=score.node.path, correct=least, total=score.size)


def threshold_below(score: DimensionScore, margin: Fraction, error: float) -> Fraction:
    """The score less the margin, or `least_score` if that is lower: in two decimals, rounded down.

    It is no less than 0.
    """
    limit = min(score.tally.score - margin, least_score(score, error).score)
    return max(Fraction(0), Fraction(limit * _HUNDREDTHS // 1, _HUNDREDTHS))


def highest_threshold(
    score: DimensionScore, rule: Rule, margin: Fraction, error: float, settings: Settings
) -> Fraction:
    """The highest threshold a margin below a score that `least_score` passes; 0 if none."""
    # `strong` asks for evidence, which the same model has to have in a fresh run, too.
    least = least_score(score, error)
    for step in range(int(threshold_below(score, margin, error) * _HUNDREDTHS), 0, -1):
        limit = Fraction(step, _HUNDREDTHS)
        (verdict,) = capability.judge_capability(
            [least],
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


def error(typed: str) -> float:
    """A type of argparse: a probability above 0 and below one half."""
    try:
        value = float(typed)
    except ValueError:
        value = 0.0
    if not 0 < value < 0.5:  # noqa: PLR2004 - from there on a threshold would be no lower bound
        raise argparse.ArgumentTypeError(
            f"{typed!r} is not a probability between 0 and 0.5: write five percent as 0.05"
        )
    return value
