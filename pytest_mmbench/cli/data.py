"""The questions behind saved runs, if the settings say where they lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from pytest_mmbench import registry
from pytest_mmbench.config.settings import BenchmarkSettings, Settings
from pytest_mmbench.errors import DataError, MMBenchError, SettingsError, near
from pytest_mmbench.evaluation.selection import select_benchmarks
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Sample
from pytest_mmbench.results.rows import IMAGE, SampleResult
from pytest_mmbench.results.run_file import SavedRun


def benchmark(name: str, settings: Settings, *, circular: bool) -> Benchmark:
    """The benchmark as the settings of this folder have it.

    Args:
        name: as it is registered.
        settings: its options, and what is left out of it.
        circular: whether every rotation of its options is a sample.

    Raises:
        DataError: it is not registered, or its data cannot be read.
        SettingsError: the settings do not say where its data lie.
    """
    known = registry.benchmark_names()
    if name not in known:
        raise DataError(
            f"benchmark {name!r} is not registered.", **near(name, known, label="registered")
        )
    chosen = BenchmarkSettings(name=name, method="auto", options=options(name, settings), source="")
    alone = replace(
        settings, benchmarks=(chosen,), circular=circular, limit=0, strict=False, thresholds={}
    )
    (found,) = select_benchmarks(alone)
    return found.benchmark


def options(name: str, settings: Settings) -> Mapping[str, object]:
    """What the settings say of a benchmark; nothing if they do not name it."""
    return next((each.options for each in settings.benchmarks if each.name == name), {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The questions of a run, as far as they are here."""

    benchmarks: Mapping[str, Benchmark]
    """Those that were asked in the run, with the very data that it asked."""
    notes: tuple[str, ...]
    """What is not here, a sentence each."""


NOTHING: Final = Data(benchmarks={}, notes=())


def load_questions(run: SavedRun, settings: Settings) -> Data:
    """The questions that a run was asked."""
    found, notes = {}, []
    for name in run.benchmarks:
        try:
            found[name] = _asked(name, run, settings)
        except MMBenchError as error:
            remedy = error.facts.get("what to do", "")
            told = "; ".join(each.rstrip(".") for each in (error.problem, remedy) if each)
            notes.append(f"questions and pictures of {name} are not here: {told}")
    return Data(benchmarks=found, notes=tuple(notes))


def _asked(name: str, run: SavedRun, settings: Settings) -> Benchmark:
    """The benchmark with the very data that a run asked.

    Raises:
        MMBenchError: they cannot be had, or the settings name other ones.
    """
    wording = run.task(name, IMAGE).wording
    found = benchmark(name, settings, circular=is_circular(run, name))
    if not wording.startswith(f"{found.revision} "):
        raise SettingsError(f"the run asked {wording!r}, and the settings name {found.revision!r}.")
    return found


def is_circular(run: SavedRun, name: str) -> bool:
    """Whether every rotation of a question was asked, as `Circular.revision` says it."""
    return " circular " in run.task(name, IMAGE).wording


class Samples:
    """The samples of a run: from the data where they are here, else what the run knows of them.

    A run holds of each sample its target and how many options it has, and none of its texts.
    """

    def __init__(self, run: SavedRun, benchmarks: Mapping[str, Benchmark]) -> None:
        self._run = run
        self._benchmarks = benchmarks

    def __call__(self, benchmark: str, id: str) -> Sample:
        """The sample of that id."""
        if benchmark in self._benchmarks:
            return self._benchmarks[benchmark].sample(id)
        leaf, row = self._rows[benchmark, id]
        texts = ("",) * row.options
        return Sample(id=id, dimension=leaf, question="", options=texts, target=row.target)

    @cached_property
    def _rows(self) -> dict[tuple[str, str], tuple[str, SampleResult]]:
        return {
            (name, row.sample): (leaf, row)
            for name in self._run.benchmarks
            for leaf in self._run.trees[name].nodes[0].leaves
            for row in self._run.results(name, IMAGE).get(leaf, ())
        }
