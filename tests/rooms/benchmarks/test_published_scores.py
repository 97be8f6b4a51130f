"""Aggregates of published results, through this project's own counting."""

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.benchmarks import mathvista, mmmu
from pytest_mmbench.benchmarks.dimensions import dimensions
from pytest_mmbench.records import Dimension, Tally
from pytest_mmbench.results.tally import combined

PUBLISHED = Path(__file__).parents[3] / "fixtures" / "published"
ROUNDED = Fraction(6, 100)
"""Percent by which a number with one decimal may differ from the fraction that it stands for; a
few of them were cut off instead of rounded."""

VENDORS = {"Claude 3 Opus", "Claude 3 Sonnet", "HPT Pro", "Adept Fuyu-Heavy", "HPT Air"}
"""Rows of MMMU's leaderboard, reported by vendors, that are not the micro average of their own
disciplines."""
TEST_VALUES = {"Frequent Choice"}
"""VLMEvalKit's row of that name has the values of the test split."""
NO_MODELS = {"Human (High School)", "Random Chance"}
"""Averages over people and over chance: their tasks do not make their whole."""
OLD_LABELS = {"LLaVA (LLaMA-2-13B)", *NO_MODELS}
"""Rows whose skills are no fractions of today's counts."""
DISCIPLINES = (
    "art-and-design",
    "business",
    "science",
    "health-and-medicine",
    "humanities-and-social-science",
    "tech-and-engineering",
)
TASKS = ("FQA", "GPS", "MWP", "TQA", "VQA")
SKILLS = ("ALG", "ARI", "GEO", "LOG", "NUM", "SCI", "STA")


def tables(benchmark: str) -> list[dict[str, Any]]:
    path = PUBLISHED / benchmark / "numbers.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def count(percent: float, size: int) -> int:
    """How many of so many samples a published percentage stands for."""
    return round(Fraction(str(percent)) * size / 100)


def close(score: Fraction, percent: float) -> bool:
    return abs(100 * score - Fraction(str(percent))) <= ROUNDED


def spread(right: int, leaves: Sequence[str], sizes: Mapping[str, int]) -> dict[str, Tally]:
    """That many right answers, somewhere below a node.

    How they lie is not published, and does not matter to a micro average.
    """
    found = {}
    for leaf in leaves:
        here = min(right, sizes[leaf])
        found[leaf] = Tally(dimension=leaf, correct=here, total=sizes[leaf])
        right -= here
    return found


def scores(nodes: Sequence[Dimension], percents: Mapping[str, float]) -> dict[str, Fraction]:
    """The score of every node, from the published ones of those just below the root."""
    sizes = {node.path: node.size for node in nodes}
    leaves: dict[str, Tally] = {}
    for node in nodes:
        if node.path in percents:
            leaves |= spread(count(percents[node.path], node.size), node.leaves, sizes)
    return {node.path: combined(node, leaves).score for node in nodes}


MMMU = dimensions("mmmu", mmmu.DISCIPLINES, dict.fromkeys(mmmu.LEAVES.values(), 30))
MMMU_ROWS = [(table["id"], row) for table in tables("mmmu") for row in table["rows"]]


@pytest.mark.parametrize(("table", "row"), MMMU_ROWS, ids=lambda each: each[0])
def test_mmmus_overall_is_the_micro_average(table: str, row: Sequence[Any]) -> None:
    """On validation, from the six disciplines of 120 to 210 samples; but for the known rows."""
    model, overall, *percents = row
    paths = [f"mmmu.{name}" for name in DISCIPLINES]

    found = scores(MMMU, dict(zip(paths, percents, strict=True)))["mmmu"]

    known = VENDORS if table == "mmmu_leaderboard" else TEST_VALUES
    assert close(found, overall) is (model not in known)


def test_mmmus_disciplines_do_not_count_the_same() -> None:
    """Published rows tell the micro average from the mean of disciplines, which differ in size."""
    by_mean = [close(Fraction(str(sum(row[2:]))) / 600, row[1]) for _, row in MMMU_ROWS]

    assert by_mean.count(False) > len(by_mean) / 2


MATHVISTA = dimensions("mathvista", dict.fromkeys(mathvista.TASKS, ()), mathvista.COUNTS)
MATHVISTA_ROWS = [(table["id"], row) for table in tables("mathvista") for row in table["rows"]]


@pytest.mark.parametrize(("table", "row"), MATHVISTA_ROWS, ids=lambda each: each[0])
def test_mathvistas_all_is_the_micro_average(table: str, row: Sequence[Any]) -> None:
    """Over its five tasks of 158 to 269 samples; people and chance are no such average."""
    model, overall, *percents = row
    paths = [node.path for node in MATHVISTA[1:]]

    found = scores(MATHVISTA, dict(zip(paths, percents[:5], strict=True)))["mathvista"]

    assert close(found, overall) is (model not in NO_MODELS)


@pytest.mark.parametrize(("table", "row"), MATHVISTA_ROWS, ids=lambda each: each[0])
def test_mathvistas_skills_are_fractions_of_their_counts(table: str, row: Sequence[Any]) -> None:
    """Each published percentage is a whole number of right answers among the skill's samples."""
    sizes = mathvista.LABELS["skills"].values()
    percents = row[-7:]

    whole = [
        close(Fraction(count(percent, size), size), percent)
        for percent, size in zip(percents, sizes, strict=True)
    ]

    assert all(whole) is (row[0] not in OLD_LABELS)
