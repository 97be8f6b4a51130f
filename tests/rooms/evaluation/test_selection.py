import warnings
from pathlib import Path

import pytest

from pytest_mmbench.benchmarks.mmbench import load
from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.conditions import condition
from pytest_mmbench.errors import AbsentError, MMBenchWarning
from pytest_mmbench.evaluation.selection import BenchmarkSelection, Task, limited_ids
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Method

CIRCULAR = Path(__file__).parents[3] / "fixtures" / "published" / "mmbench" / "MMBench_DEV_EN.tsv"


@pytest.fixture
def circular() -> Benchmark:
    """Seven questions of two to four passes each."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return load({"data": str(CIRCULAR)})


def drawn(benchmark: Benchmark, limit: int) -> set[str]:
    found = limited_ids(benchmark, benchmark.dimensions(), limit=limit, seed=0)
    return {id for ids in found.values() for id in ids}


def test_without_a_limit_all_samples_are_asked(circular: Benchmark) -> None:
    """Whether they count alone or together."""
    assert len(drawn(circular, 0)) == 18
    assert len(drawn(Shapes(per_axis=2), 0)) == 36


@pytest.mark.parametrize("limit", [1, 3, 6])
def test_a_limit_keeps_the_passes_of_a_question_together(circular: Benchmark, limit: int) -> None:
    """A question counts once against it, and none is asked in a part of its passes."""
    ids = drawn(circular, limit)
    units = {circular.sample(id).unit for id in ids}

    every = {id for leaf in circular.dimensions()[0].leaves for id in circular.ids(leaf)}
    assert len(units) == limit
    assert ids == {id for id in every if circular.sample(id).unit in units}


def test_a_limit_of_samples_that_count_alone() -> None:
    """So many samples are left."""
    assert len(drawn(Shapes(per_axis=4), 20)) == 20


def test_a_run_says_which_of_several_published_ones_it_asks(circular: Benchmark) -> None:
    """A benchmark that is only one says nothing."""

    def told(benchmark: Benchmark, method: Method) -> str:
        nodes = benchmark.dimensions()
        ids = limited_ids(benchmark, nodes, limit=0, seed=0)
        selected = BenchmarkSelection(benchmark=benchmark, method=method, dimensions=nodes, ids=ids)
        return selected.describe

    assert told(circular, Method.GENERATE) == (
        "18 samples, DEV_EN, circular, generate, strict scoring"
    )
    assert told(Shapes(per_axis=1), Method.RANK) == "18 samples, rank"


def test_a_condition_that_cannot_be_made_breaks_nothing() -> None:
    """A leaf of one picture has no other one: no error of the data, and said as such."""
    benchmark = Shapes(per_axis=1)
    nodes = benchmark.dimensions()
    ids = limited_ids(benchmark, nodes, limit=0, seed=0)
    selected = BenchmarkSelection(
        benchmark=benchmark, method=Method.RANK, dimensions=nodes, ids=ids
    )
    series = Task(selection=selected, applied=condition("mismatched"), seed=0)

    with pytest.raises(AbsentError, match="no picture that sample"):
        series.request(ids[nodes[0].leaves[0]][0])
