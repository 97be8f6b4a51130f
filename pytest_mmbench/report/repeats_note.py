"""What asking each question several times has shown of a score, and what more would, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_mmbench.records import Dimension, Tally
from pytest_mmbench.records.repeats import RepeatStats
from pytest_mmbench.report import text
from pytest_mmbench.results.repeats import MORE_QUESTIONS
from pytest_mmbench.results.rows import DimensionTree, TaskResults, aggregate, condition_suffix

FEWEST: Final = 10
"""Questions whose answers are all alike, before that is strange."""


def repeats_notes(task: TaskResults, tree: DimensionTree) -> Iterator[str]:
    """A sentence on the widest dimensions that were asked in full; none without repeats."""
    if task.spec.decoding.repeats == 1:
        return
    subject = condition_suffix(task)
    for node in _widest(tree, {*task.rows, *tree.views}):
        tally = aggregate(node, tree, task.rows)
        if tally.repeats is not None:
            yield f"{node.path}{subject}: {_sentence(tally, tally.repeats)}"


def _widest(tree: DimensionTree, asked: set[str]) -> list[Dimension]:
    """The nodes all of whose leaves were asked and none of whose leaves a wider one has."""
    widest: list[Dimension] = []
    covered: set[str] = set()
    for node in tree.nodes:
        if asked.issuperset(node.leaves) and not covered.intersection(node.leaves):
            widest.append(node)
            covered.update(node.leaves)
    return widest


def _sentence(tally: Tally, stats: RepeatStats) -> str:
    number = stats.number
    asked = f"{text.count_of(tally.total, 'question')} asked {number} times each"
    scores = (
        f"mean {text.fraction(tally.accuracy)}, commonest answer {text.fraction(stats.majority)},"
        f" correct at least once {text.fraction(stats.pass_at[-1])}"
    )
    if not stats.within and tally.total >= FEWEST:
        alike = "each gave the same answer every time: does the model draw as it is asked to?"
        return f"{asked}: mean {text.fraction(tally.accuracy)}; {alike}"
    spread = (
        f"variance {text.fraction(stats.within)} within questions and"
        f" {text.fraction(stats.between)} between them"
    )
    more = (
        f"asking once more would make it {stats.standard_errors[number]:.4f},"
        f" {MORE_QUESTIONS} more questions {stats.more_questions:.4f}"
    )
    return f"{asked}: {scores}; {spread}; standard error {stats.standard_error:.4f}, {more}"
