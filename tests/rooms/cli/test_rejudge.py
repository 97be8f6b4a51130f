from collections.abc import Mapping
from dataclasses import replace

import pytest

from pytest_mmbench.cli.rejudge import scored_dimensions
from pytest_mmbench.records import Average, Dimension, Mark, Method
from pytest_mmbench.results.rows import DimensionTree, SampleResult, TaskResults, TaskSpec
from pytest_mmbench.results.run_file import SavedRun

LEAVES = ("b.x", "b.y")


def row(sample: str) -> SampleResult:
    return SampleResult(sample=sample, mark=Mark.CORRECT, answer="A", target="A", options=4)


def run(
    rows: Mapping[str, tuple[SampleResult, ...]],
    *,
    average: Average = Average.MICRO,
    skip: str = "",
    condition: str = "image",
) -> SavedRun:
    """A run of a benchmark with two leaves and a view of one sample of each."""
    nodes = (
        Dimension(path="b", leaves=LEAVES, size=4, average=average),
        Dimension(path="b.x", leaves=("b.x",), size=2),
        Dimension(path="b.y", leaves=("b.y",), size=2, skip_reason=skip),
        Dimension(path="b.view", leaves=("b.view",), size=2),
    )
    spec = TaskSpec(
        benchmark="b",
        revision="b-1",
        method=Method.RANK,
        scoring="",
        condition=condition,
        condition_used=condition,
    )
    return SavedRun(
        model="m",
        fingerprint="f",
        tolerance=0.0,
        created="",
        facts={},
        trees={"b": DimensionTree(nodes=nodes, views={"b.view": ("x1", "y1")})},
        tasks=(TaskResults(spec=spec, rows=rows),),
    )


WHOLE = {"b.x": (row("x1"), row("x2")), "b.y": (row("y1"), row("y2"))}
ONE = {"b.x": WHOLE["b.x"]}
LIMITED = {"b.x": WHOLE["b.x"], "b.y": ()}


@pytest.mark.parametrize(
    ("found", "known"),
    [
        (run(WHOLE), ["b", "b.x", "b.y", "b.view"]),
        # One leaf, as `-k` selects it: neither the whole nor the view.
        (run(ONE), ["b.x"]),
        # A limit left a leaf empty: a micro average is of what there is, a macro average is not.
        (run(LIMITED), ["b", "b.x"]),
        (run(LIMITED, average=Average.MACRO), ["b.x"]),
        (run(WHOLE, average=Average.MACRO), ["b", "b.x", "b.y", "b.view"]),
        # What cannot be asked has no score, and nothing above it has one.
        (run(WHOLE, skip="needs a judge"), ["b.x", "b.view"]),
        (run(WHOLE, condition="no-image"), []),
        (run({}), []),
    ],
)
def test_only_what_a_run_knows_is_judged(found: SavedRun, known: list[str]) -> None:
    """A score of a part must not stand for the score of the whole."""
    assert [node.path for node in scored_dimensions(found)] == known


def test_a_benchmark_that_was_not_asked_has_no_scores() -> None:
    """Its tree alone says nothing."""
    assert scored_dimensions(replace(run(WHOLE), tasks=())) == []
