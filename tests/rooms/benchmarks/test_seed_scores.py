"""Averages that SEED-Bench's authors published, through this project's own counting."""

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.benchmarks import seed_bench, seed_bench_2
from pytest_mmbench.benchmarks.dimensions import dimensions
from pytest_mmbench.records import Dimension, Tally
from pytest_mmbench.results.tally import combined

PUBLISHED = Path(__file__).parents[3] / "fixtures" / "published"
ROUNDED = Fraction(5, 100)
"""Percent by which a number with one decimal differs at most from what it stands for."""
GROUPS = ("image", "video")


def rows(benchmark: str, table: str) -> list[Any]:
    tables = json.loads((PUBLISHED / benchmark / "numbers.json").read_text(encoding="utf-8"))
    found: list[Any] = next(each["rows"] for each in tables if each["id"] == table)
    return found


def tallies(percents: Sequence[float], sizes: Mapping[str, int]) -> dict[str, Tally]:
    """The whole numbers of right answers that published percentages stand for."""
    return {
        leaf: Tally(dimension=leaf, correct=round(Fraction(str(percent)) * size / 100), total=size)
        for percent, (leaf, size) in zip(percents, sizes.items(), strict=False)
    }


def percent(node: Dimension, leaves: Mapping[str, Tally]) -> Fraction:
    return 100 * combined(node, leaves).score


def near(found: Fraction, published: float, leaves: Mapping[str, Tally]) -> bool:
    """Within the rounding of the average, and of the dimensions of which it is made.

    Each of these differs by a rounding, and by half an answer where it stands for several counts.
    """
    halves = Fraction(50 * len(leaves), sum(each.total for each in leaves.values()))
    return abs(found - Fraction(str(published))) <= 2 * ROUNDED + halves


def first(file: str) -> tuple[dict[str, Dimension], dict[str, int]]:
    """SEED-Bench's nodes and sizes, as one of its published files has them."""
    sizes = dict(zip(seed_bench.LEAVES, seed_bench.PUBLISHED[file], strict=True))
    nodes = dimensions(seed_bench.NAME, seed_bench.DIMENSIONS, sizes)
    return {node.path: node for node in nodes}, sizes


def averages(percents: Sequence[float], file: str = "original") -> list[Fraction]:
    """Avg. Img, Avg. Video and Avg. All."""
    nodes, sizes = first(file)
    leaves = tallies(percents, sizes)
    paths = ("seed-bench.image", "seed-bench.video", "seed-bench")
    return [
        percent(nodes[path], leaves) for path in paths if leaves.keys() >= {*nodes[path].leaves}
    ]


LEADERBOARD = [
    *rows("seed-bench", "seedbench_v1_leaderboard_initial"),
    *rows("seed-bench", "seedbench_v1_leaderboard_later"),
]
CONTRADICTED = {("Flan-T5-XL", 0), ("SEED-LLaMA-13B", 1), ("SEED-LLaMA-13B", 2)}
"""Model and average that do not follow from the dimensions beside them."""


@pytest.mark.parametrize("row", LEADERBOARD, ids=lambda row: row[0])
def test_averages_are_micro_by_the_original_counts(row: Sequence[Any]) -> None:
    """Avg. Img, Avg. Video and Avg. All of the leaderboard, but for three that it contradicts."""
    model, *published, percents = row
    leaves = tallies(percents, first("original")[1])

    for at, found in enumerate(averages(percents)):
        assert near(found, published[at], leaves) is ((model, at) not in CONTRADICTED)


@pytest.mark.parametrize("row", rows("seed-bench", "seedbench_v1_figure_overall"))
def test_the_overall_average_to_two_decimals(row: Sequence[Any]) -> None:
    """The first leaderboard's figure is finer than its table: micro fits, and macro does not."""
    model, published = row
    percents = next(each[-1] for each in LEADERBOARD if each[0] == model)

    assert abs(averages(percents)[2] - Fraction(str(published))) <= ROUNDED
    assert abs(Fraction(str(sum(percents))) / 12 - Fraction(str(published))) > ROUNDED


def test_one_row_mixes_two_files() -> None:
    """SEED-LLaMA's videos are averaged after the screening, its whole by the original counts."""
    row = next(each for each in LEADERBOARD if each[0] == "SEED-LLaMA-13B")
    image, video, overall = (Fraction(str(each)) for each in row[1:4])
    original, screened = averages(row[-1]), averages(row[-1], "screened")
    pictures, films = 14_233, 5_009

    assert abs(screened[1] - video) <= ROUNDED < abs(original[1] - video)
    assert abs((pictures * image + films * video) / (pictures + films) - overall) <= ROUNDED


def test_a_recount_of_published_answers() -> None:
    """GPT-4V's answers to all but one of the 17,990 questions: the whole is micro."""
    nodes, _ = first("screened")
    groups = {
        f"seed-bench.{group}": Tally(dimension=group, correct=right, total=asked)
        for group, right, asked, _ in rows("seed-bench", "seedbench_v1_gpt4v_recount")[:2]
    }
    whole = Dimension(path="seed-bench", leaves=tuple(groups), size=nodes["seed-bench"].size)

    assert combined(whole, groups).total == nodes["seed-bench"].size - 1
    assert round(100 * combined(whole, groups).accuracy, 2) == 67.28


def second(level: str = "L3") -> dict[str, Dimension]:
    """SEED-Bench-2's nodes."""
    return {node.path: node for node in seed_bench_2.tree(level, seed_bench_2.COUNTS)}


@pytest.mark.parametrize("row", rows("seed-bench-2", "seedbench2_leaderboard"))
def test_parts_are_macro(row: Sequence[Any]) -> None:
    """P1 is the mean of 22 dimensions, and P2 of two, however large they are."""
    _, p1, p2, percents = row
    nodes, leaves = second(), tallies(percents, seed_bench_2.COUNTS)

    assert near(percent(nodes["seed-bench-2.l1"], leaves), p1, leaves)
    assert near(percent(nodes["seed-bench-2.interleaved-image"], leaves), p2, leaves)
    micro = Fraction(sum(each.correct for each in leaves.values()) * 100)
    assert not near(micro / sum(each.total for each in leaves.values()), p1, leaves)


def parts(p1: float, p2: float, p3: float) -> dict[str, Tally]:
    """Leaves of which each has the mean of its part, in thousandths."""
    means = [p1] * 22 + [p2] * 2 + [p3] * 3
    return tallies(means, dict.fromkeys(seed_bench_2.LEAVES, 1000))


@pytest.mark.parametrize("row", rows("seed-bench-2", "seedbench2_paper_table2"))
def test_levels_weigh_parts_by_their_dimensions(row: Sequence[Any]) -> None:
    """L2 is the mean of 24 dimensions and L3 of 27, of which each part has 22, two and three."""
    _, p1, p2, p3, l2, l3 = row
    leaves = parts(p1, p2, p3 or 0)

    for level, published in (("L2", l2), ("L3", l3)):
        for path in ("seed-bench-2", f"seed-bench-2.{level.lower()}"):
            node = second(level)[path]
            if published is not None:
                assert abs(percent(node, leaves) - Fraction(str(published))) <= 2 * ROUNDED


def test_levels_hold_each_other() -> None:
    """L1 lies in L2, and that in L3, which is the whole."""
    nodes = second()
    sizes = [nodes[f"seed-bench-2.{level}"].size for level in ("l1", "l2", "l3")]
    leaves = [set(nodes[f"seed-bench-2.{level}"].leaves) for level in ("l1", "l2", "l3")]

    assert sizes == [23_034, 23_203, 24_371]
    assert leaves[0] < leaves[1] < leaves[2] == set(nodes["seed-bench-2"].leaves)


def test_three_files_of_the_first_are_published() -> None:
    """The original, what the screening of videos left, and the image questions alone."""
    assert {name: sum(counts) for name, counts in seed_bench.PUBLISHED.items()} == {
        "original": 19_242,
        "screened": 17_990,
        "images": 14_233,
    }


def test_the_screened_videos_are_those_of_the_second() -> None:
    """SEED-Bench-2 took three dimensions over after the screening."""
    counts = [seed_bench_2.COUNTS[path] for path in seed_bench_2.LEAVES[19:22]]

    assert tuple(counts) == tuple(seed_bench.PUBLISHED["screened"][9:])
