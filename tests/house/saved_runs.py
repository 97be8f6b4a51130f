"""Runs that might have been saved: the built-in benchmark, answered as a test wants it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.benchmarks.wrappers import CircularBenchmark
from pytest_mmbench.conditions import condition
from pytest_mmbench.evaluation.selection import BenchmarkSelection, Task
from pytest_mmbench.models.scripted import ScriptedModel
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Method
from pytest_mmbench.results.rows import IMAGE, SampleResult
from pytest_mmbench.results.run_file import SavedRun
from pytest_mmbench.testing import script

MADE = "2026-04-19T12:00:00+00:00"


def saved(
    *,
    name: str = "old",
    wrong: Iterable[str] = (),
    per_axis: int = 3,
    seed: int = 20260419,
    method: Method = Method.RANK,
    circular: bool = False,
    conditions: Mapping[str, float] | None = None,
    leaves: Iterable[str] = (),
    decision: str = "ship",
) -> SavedRun:
    """The run of a model that is right but for what is named.

    Args:
        name: of the model.
        wrong: dimensions that it gets wrong, or samples.
        per_axis: samples of each of the 18 axes.
        seed: of the questions.
        method: how they were asked.
        circular: whether under every rotation of their options.
        conditions: under which they were asked again, and how often it was right then.
        leaves: axes that were asked, as `-k` selects them; all if none are named.
        decision: what was decided of it.
    """
    return _saved(
        name=name,
        wrong=frozenset(wrong),
        per_axis=per_axis,
        seed=seed,
        method=method,
        circular=circular,
        conditions=tuple((conditions or {}).items()),
        leaves=frozenset(leaves),
        decision=decision,
    )


@cache  # many tests want the same run
def _saved(
    *,
    name: str,
    wrong: frozenset[str],
    per_axis: int,
    seed: int,
    method: Method,
    circular: bool,
    conditions: tuple[tuple[str, float], ...],
    leaves: frozenset[str],
    decision: str,
) -> SavedRun:
    plain = Shapes(seed=seed, per_axis=per_axis)
    whole: Benchmark = CircularBenchmark(plain) if circular else plain
    selected = _selected(whole, method)
    answers = script(whole, accuracy=1.0)
    missed = script(whole, accuracy=0.0)
    answers |= {id: missed[id] for id in _named(selected, wrong)}
    tasks = [Task.published(selected).results(_rows(selected, IMAGE, answers, leaves))]
    for each, accuracy in conditions:
        task = Task(selection=selected, applied=condition(each), seed=0)
        rows = _rows(selected, task.condition, _answers(task, accuracy), leaves)
        tasks.append(task.results(rows, condition=task.condition))
    return SavedRun(
        model=name,
        fingerprint=ScriptedModel(answers, name=name).fingerprint,
        tolerance=1e-3,
        created=MADE,
        decision=decision,
        facts={"python": "3.11.0", "dtype": "float32", "device": "cpu"},
        trees={whole.name: selected.tree},
        tasks=tuple(tasks),
    )


def _selected(whole: Benchmark, method: Method) -> BenchmarkSelection:
    nodes = whole.dimensions()
    ids = {leaf: whole.ids(leaf) for leaf in nodes[0].leaves}
    return BenchmarkSelection(benchmark=whole, method=method, dimensions=nodes, ids=ids)


def _named(selected: BenchmarkSelection, wrong: frozenset[str]) -> list[str]:
    below = {leaf for node in selected.dimensions if node.path in wrong for leaf in node.leaves}
    return [
        id for leaf in selected.leaves for id in selected.ids[leaf] if leaf in below or id in wrong
    ]


def _answers(task: Task, accuracy: float) -> dict[str, str]:
    """Letters of which so many are correct where the condition has put the options."""
    whole = task.selection.benchmark
    letters = script(whole, accuracy=accuracy)
    correct = {id for id, letter in letters.items() if letter == whole.sample(id).target}
    targets = {id: task.sample(id).target for id in letters}
    return {id: targets[id] if id in correct else _other(targets[id]) for id in letters}


def _other(letter: str) -> str:
    return "A" if letter != "A" else "B"


def _rows(
    selected: BenchmarkSelection, name: str, answers: Mapping[str, str], leaves: frozenset[str]
) -> dict[str, tuple[SampleResult, ...]]:
    task = Task(selection=selected, applied=condition(name), seed=0)
    model = ScriptedModel(answers)
    ask = model.generate if selected.method is Method.GENERATE else model.rank
    return {
        leaf: tuple(task.result(each) for each in ask([task.request(id) for id in ids]))
        for leaf, ids in selected.ids.items()
        if not leaves or leaf in leaves
    }
