from memory_store import MemoryStore

from pytest_mmbench.evaluation.evaluator import ModelEvaluator
from pytest_mmbench.evaluation.inference.plan import NoLocks
from pytest_mmbench.evaluation.selection import BenchmarkSelection, Tasks
from pytest_mmbench.protocols import Benchmark, Model
from pytest_mmbench.records import Method


def evaluator_in_memory(
    benchmark: Benchmark, model: Model, *, skip: bool = False
) -> ModelEvaluator:
    """The model, asked nothing yet of the whole benchmark; `skip` leaves out torn pictures."""
    nodes = benchmark.dimensions()
    selection = BenchmarkSelection(
        benchmark=benchmark,
        method=Method.RANK,
        dimensions=nodes,
        ids={leaf: benchmark.ids(leaf) for leaf in nodes[0].leaves},
    )
    evaluator = ModelEvaluator(
        tasks=Tasks({nodes[0].benchmark: selection}, seed=0),
        store=lambda _: MemoryStore(),
        since=0.0,
        batch_size=0,
        fresh=False,
        calibrate=False,
        skip_unreadable_pictures=skip,
        locks=NoLocks(),
        shared=False,
        progress=lambda **_: None,
    )
    evaluator.use(model, given_by="the test")
    return evaluator
