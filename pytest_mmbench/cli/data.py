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
    """The benchmark as the settings have it; circular: every rotation of its options is a sample.

    Raises:
        DataError: it is not registered, or its data cannot be read.
        SettingsError: the settings do not say where its data lie.
    """
    known = known_benchmarks(settings)
    if name not in known:
        facts = near(name, known, label="registered")
        raise DataError(f"benchmark {name!r} is not registered.", **facts)
    only = BenchmarkSettings(name=name, method="auto", options=options(name, settings), source="")
    whole = replace(
        settings, benchmarks=(only,), circular=circular, limit=0, strict=False, thresholds={}
    )
    (selection,) = select_benchmarks(whole)
    return selection.benchmark


def known_benchmarks(settings: Settings) -> set[str]:
    """The benchmarks that are registered, and the project's own."""
    return {*registry.benchmark_names(), *(own.name for own in settings.benchmarks)}


def options(name: str, settings: Settings) -> Mapping[str, object]:
    """A benchmark's own options; none if the settings do not name it."""
    return {own.name: own.options for own in settings.benchmarks}.get(name, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The questions of a run, as far as they are here."""

    benchmarks: Mapping[str, Benchmark]
    """By name, with the very data that the run asked."""
    notes: tuple[str, ...]
    """What is not here, a sentence each."""


NOTHING: Final = Data(benchmarks={}, notes=())


def load_questions(run: SavedRun, settings: Settings) -> Data:
    """The questions that a run was asked, from the very data that it asked."""
    loaded, notes = {}, []
    for name in run.benchmarks:
        spec = run.task(name, IMAGE).spec
        try:
            data = benchmark(name, settings, circular=is_circular(run, name))
            if data.revision != spec.revision:
                raise SettingsError(
                    f"the run asked {spec.identity!r}, and the settings name {data.revision!r}."
                )
            loaded[name] = data
        except MMBenchError as error:
            remedy = error.facts.get("what to do", "")
            reasons = "; ".join(text.rstrip(".") for text in (error.problem, remedy) if text)
            notes.append(f"questions and pictures of {name} are not here: {reasons}")
    return Data(benchmarks=loaded, notes=tuple(notes))


def is_circular(run: SavedRun, name: str) -> bool:
    """Whether every rotation of a question was asked, as `CircularBenchmark.revision` says it."""
    return run.task(name, IMAGE).spec.revision.endswith(" circular")


class Samples:
    """The samples of a run: from the data, or where they are not here with target and no texts."""

    def __init__(self, run: SavedRun, benchmarks: Mapping[str, Benchmark]) -> None:
        self._run = run
        self._benchmarks = benchmarks

    def __call__(self, benchmark: str, id: str) -> Sample:
        """The sample of that id."""
        if benchmark in self._benchmarks:
            return self._benchmarks[benchmark].sample(id)
        leaf, result = self._results[benchmark, id]
        texts = ("",) * result.options
        return Sample(id=id, dimension=leaf, question="", options=texts, target=result.target)

    @cached_property
    def _results(self) -> dict[tuple[str, str], tuple[str, SampleResult]]:
        return {
            (name, result.sample): (leaf, result)
            for name in self._run.benchmarks
            for leaf in self._run.trees[name].nodes[0].leaves
            for result in self._run.results(name, IMAGE).get(leaf, ())
        }
