import warnings
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.benchmarks.mmbench import load
from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.conditions import condition
from pytest_mmbench.errors import AbsentError, MMBenchWarning
from pytest_mmbench.evaluation.limit import limited_ids
from pytest_mmbench.evaluation.selection import BenchmarkSelection, Task
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Answer, Method, OptionLogprob
from pytest_mmbench.results.rows import TaskSpec
from pytest_mmbench.scorers.likelihood import margin

CIRCULAR = Path(__file__).parents[3] / "fixtures" / "published" / "mmbench" / "MMBench_DEV_EN.tsv"


@pytest.fixture
def circular() -> Benchmark:
    """Seven questions of two to four passes each."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return load({"data": str(CIRCULAR)})


def selection(benchmark: Benchmark, method: Method) -> BenchmarkSelection:
    """All of a benchmark."""
    nodes = benchmark.dimensions()
    ids = limited_ids(benchmark, nodes, limit=0, seed=0)
    return BenchmarkSelection(benchmark=benchmark, method=method, dimensions=nodes, ids=ids)


def test_a_run_says_which_of_several_published_ones_it_asks(circular: Benchmark) -> None:
    """A benchmark that is only one says nothing."""
    assert selection(circular, Method.GENERATE).describe() == (
        "18 samples, DEV_EN, circular, generate, strict scoring"
    )
    assert selection(Shapes(per_axis=1), Method.RANK).describe() == "18 samples, rank"


def test_a_condition_that_cannot_be_made_breaks_nothing() -> None:
    """A leaf of one picture has no other one: no error of the data, and said as such."""
    selected = selection(Shapes(per_axis=1), Method.RANK)
    task = Task(selection=selected, applied=condition("mismatched"), seed=0)

    with pytest.raises(AbsentError, match="no picture that sample"):
        task.request(selected.ids[selected.leaves[0]][0])


@pytest.mark.parametrize(
    ("task", "identity"),
    [
        ({"applied": "image", "seed": 7}, "{revision} generate shapes image"),
        ({"applied": "no-image", "seed": 7}, "{revision} generate shapes no-image seed=7"),
        (
            {"applied": "grey", "seed": 0, "few_shot": True},
            "{revision} generate shapes grey few-shot seed=0",
        ),
    ],
)
def test_requests_are_told_apart_by_their_task(task: dict[str, Any], identity: str) -> None:
    """The text that snapshots hold, and that a plan is known by, says what requests depend on."""
    selected = selection(Shapes(per_axis=1), Method.GENERATE)
    asked = Task(selection=selected, **task | {"applied": condition(task["applied"])})

    expected = identity.format(revision=selected.benchmark.revision)
    assert asked.spec.identity == expected
    assert asked.plan(selected.leaves).identity == expected
    assert asked.results({}).spec.describe() == f"{expected} (generate, strict scoring)"


def test_results_say_which_condition_was_wanted() -> None:
    """A model that requires a picture was shown a grey one where none was wanted."""
    selected = selection(Shapes(per_axis=1), Method.RANK)

    results = Task(selection=selected, applied=condition("grey"), seed=7).results(
        {}, condition="no-image", left_out={"17": "torn"}
    )

    assert results.spec == TaskSpec(
        benchmark="shapes",
        revision=selected.benchmark.revision,
        method=Method.RANK,
        scoring="",
        condition="no-image",
        condition_used="grey",
        seed=7,
    )
    assert (results.rows, results.left_out) == ({}, {"17": "torn"})


@pytest.mark.parametrize(("method", "expected"), [(Method.RANK, 0.5), (Method.RANK_MEAN, 0.7)])
def test_a_mean_over_tokens_has_another_margin(method: Method, expected: float) -> None:
    """Answers that are ranked by likelihood per token are as close as that says."""
    selected = selection(Shapes(per_axis=1), method)
    id = selected.ids[selected.leaves[0]][0]
    likelihoods = (
        OptionLogprob(logprob=-1.0, tokens=1),
        OptionLogprob(logprob=-1.5, tokens=5),
        *(OptionLogprob(logprob=-90.0, tokens=1),) * 2,
    )

    result = Task.published(selected).result(Answer(sample=id, option_logprobs=likelihoods))

    assert margin(result.option_logprobs) == pytest.approx(expected)
