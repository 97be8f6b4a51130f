"""MME's published scores, through this project's own counting."""

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.benchmarks.dimensions import dimensions
from pytest_mmbench.benchmarks.mme import COUNTS, FULL, PUBLISHED
from pytest_mmbench.records import Average, Dimension, Mark, Score, Tally, Unit
from pytest_mmbench.results.tally import combined, tally

NUMBERS = Path(__file__).parents[3] / "fixtures" / "published" / "mme" / "numbers.json"
ROUNDED = Fraction(6, 1000)
"""By which a score with two decimals may differ from the one that it stands for; a few were cut."""
SUMMED = Fraction(12, 1000)
"""The same for a total, which some have summed up of rounded scores."""
MISPRINTED = {("360VL|LLaMA3-70B", "Count"), ("Bunny-4B|Phi-3-Mini-4K-Instruct", "Count")}
"""Two scores that no counts give: 160.8 and 165.8, where their rows' totals want 160 and 165."""
OTHER_LANDMARKS = {
    ("MMICL|FlanT5xxl", "Landmark"),
    ("LLaMA-Adapter V2|LLaMA-Adapter-v2.1-7B", "Landmark"),
    ("Cheetor|Vicuna-7B", "Landmark"),
}
"""Scores that no counts of 200 pictures give, but that their rows' totals hold as they are."""

NODES = dimensions(
    "mme",
    {ability: tuple(subtasks) for ability, subtasks in PUBLISHED.items()},
    COUNTS,
    average=Average.MACRO,
    unit=Unit.PAIR,
    scale=FULL,
)
ROOT, PERCEPTION, COGNITION = (
    node for node in NODES if node.path in ("mme", "mme.perception", "mme.cognition")
)
LEAVES = {node.path: node for node in NODES if node.leaves == (node.path,)}
ROWS = [
    (table["columns"], row)
    for table in json.loads(NUMBERS.read_text(encoding="utf-8"))
    for row in table["rows"]
]


def judged(leaf: Dimension, score: float) -> Tally:
    """A leaf with the score that comes nearest to a published one.

    A pair that is right earns 4 quarters of 200 points, and one right answer of two earns 1.
    """
    pairs = leaf.size // 2
    whole, halves = divmod(round(Fraction(str(score)) * 4 * pairs / FULL), 4)
    right, wrong = (
        Score(sample="s", mark=mark, answer="") for mark in (Mark.CORRECT, Mark.INCORRECT)
    )
    scores = [[right, right]] * whole + [[right, wrong]] * halves
    return tally(leaf, scores + [[wrong, wrong]] * (pairs - len(scores)))


def points(node: Dimension, leaves: dict[str, Tally]) -> Fraction:
    found = combined(node, leaves)
    return found.score * found.scale


def off(score: Fraction, printed: float) -> Fraction:
    return abs(score - Fraction(str(printed)))


def read(row: Sequence[Any]) -> dict[str, Tally]:
    """The tallies of a row's subtasks."""
    return {
        path: judged(leaf, score)
        for (path, leaf), score in zip(LEAVES.items(), row[3:], strict=True)
    }


@pytest.mark.parametrize(("columns", "row"), ROWS, ids=lambda each: each[0])
def test_scores_of_subtasks_stand_for_whole_answers(
    columns: Sequence[str], row: Sequence[Any]
) -> None:
    """Some number of right answers gives each published score; but for five known ones."""
    found = read(row)

    for (path, leaf), name, score in zip(LEAVES.items(), columns[3:], row[3:], strict=True):
        assert found[path].total == leaf.size // 2
        right = off(points(leaf, found), score) <= ROUNDED
        assert right is ((row[0], name) not in MISPRINTED | OTHER_LANDMARKS), name


@pytest.mark.parametrize(("columns", "row"), ROWS, ids=lambda each: each[0])
def test_perception_and_cognition_are_sums(columns: Sequence[str], row: Sequence[Any]) -> None:
    """Of the scores of their subtasks: of those that are printed, or that must be meant."""
    found = read(row)
    printed = {name: Fraction(str(score)) for name, score in zip(columns[1:], row[1:], strict=True)}
    stray = {name: printed[name] for model, name in OTHER_LANDMARKS if model == row[0]}
    moved = sum(stray.values()) - sum(
        points(LEAVES["mme.perception.landmark"], found) for _ in stray
    )

    assert off(points(PERCEPTION, found) + moved, row[1]) <= SUMMED
    assert off(points(COGNITION, found), row[2]) <= SUMMED
    assert points(ROOT, found) == points(PERCEPTION, found) + points(COGNITION, found)


@pytest.mark.parametrize(("model", "name"), sorted(MISPRINTED))
def test_two_rows_contradict_themselves(model: str, name: str) -> None:
    """Their printed scores are 0.80 more than their total; counted ones make it."""
    ((columns, row),) = [(columns, row) for columns, row in ROWS if row[0] == model]
    scores = [Fraction(str(score)) for score in row[3:13]]

    assert columns[3:13][scores.index(Fraction(str(row[columns.index(name)])))] == name
    assert off(sum(scores, start=Fraction(0)), row[1]) == Fraction(8, 10)
    assert off(points(PERCEPTION, read(row)), row[1]) <= SUMMED


def test_the_authors_own_example() -> None:
    """LaVIN's files, which their tool ships and scores: 963.61 as counted, 963.60 in the README."""
    ((_, row),) = [(columns, row) for columns, row in ROWS if row[0] == "LaVIN"]
    found = read(row)

    assert round(float(points(PERCEPTION, found)), 2) == 963.61
    assert round(float(points(COGNITION, found)), 2) == 249.64
