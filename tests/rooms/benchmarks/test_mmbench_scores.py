"""Results on MMBench that were published by ability, through this project's own counting."""

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.benchmarks.dimensions import dimensions, kebab
from pytest_mmbench.benchmarks.mmbench import ABILITIES, COUNTS, LEAVES, NAME
from pytest_mmbench.records import Mark, Score, Tally, Unit
from pytest_mmbench.results.tally import combined, tally

NUMBERS = Path(__file__).parents[3] / "fixtures" / "published" / "mmbench" / "numbers.json"
ROUNDED = Fraction(1, 2000)
"""Percent by which a number with three decimals differs at most from what it stands for."""
PASSES = 3
SIZES = {path: PASSES * count for path, count in COUNTS.items()}
GROUPS = {ability: tuple(below) for ability, below in ABILITIES.items()}
NODES = {node.path: node for node in dimensions(NAME, GROUPS, SIZES, unit=Unit.ALL_CORRECT)}
ROWS = json.loads(NUMBERS.read_text(encoding="utf-8"))[0]["rows"]


def exact(percent: float) -> Fraction:
    return Fraction(str(percent))


def passes(right: int, questions: int) -> list[Sequence[Score]]:
    """The scores of every pass: a question that is not right fails in its last one alone."""
    every: Sequence[Score] = [Score(sample="s", mark=Mark.CORRECT, answer="")] * PASSES
    last = Score(sample="s", mark=Mark.INCORRECT, answer="")
    rest: Sequence[Score] = [*every[1:], last]
    return [every] * right + [rest] * (questions - right)


def tallies(row: Any) -> dict[str, Tally]:
    """The whole numbers of questions that the percentages of abilities stand for."""
    found = {LEAVES[kebab(name)]: exact(percent) for name, percent in row["abilities"].items()}
    return {
        path: tally(NODES[path], passes(round(percent * COUNTS[path] / 100), COUNTS[path]))
        for path, percent in found.items()
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["model"])
def test_abilities_are_fractions_of_their_counts(row: Any) -> None:
    """All twenty published percentages are whole numbers of questions, to their last digit."""
    leaves = tallies(row)

    assert set(leaves) == set(COUNTS)
    for name, percent in row["abilities"].items():
        score = leaves[LEAVES[kebab(name)]].score
        assert abs(100 * score - exact(percent)) <= ROUNDED


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["model"])
def test_the_whole_is_micro_over_questions(row: Any) -> None:
    """Published to fourteen digits: 869 and 971 of 1,164."""
    whole = combined(NODES[NAME], tallies(row))

    assert whole.total == 1164
    assert 100 * whole.accuracy == pytest.approx(row["overall"], rel=1e-14)


def test_groups_are_micro_too() -> None:
    """The six of the second level, which have 115 to 296 questions."""
    leaves = tallies(ROWS[0])

    for name, percent in ROWS[0]["groups"].items():
        score = combined(NODES[f"{NAME}.{kebab(name)}"], leaves).score
        assert abs(100 * score - exact(percent)) <= ROUNDED
    assert len(ROWS[0]["groups"]) == len(ABILITIES)
