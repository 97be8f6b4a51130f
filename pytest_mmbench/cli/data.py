"""The questions behind saved runs, if the settings say where they lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pytest_mmbench import registry
from pytest_mmbench.config import Settings
from pytest_mmbench.errors import DataError, MMBenchError, near
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Sample
from pytest_mmbench.runs import RunFile
from pytest_mmbench.sheets import IMAGE, Row


def benchmark(name: str, settings: Settings) -> Benchmark:
    """The benchmark with the options that the settings give it.

    Raises:
        DataError: it is not registered, or its data cannot be read.
        SettingsError: the settings do not say where its data lie.
    """
    known = registry.benchmark_names()
    if name not in known:
        raise DataError(
            f"benchmark {name!r} is not registered.", **near(name, known, label="registered")
        )
    return registry.benchmark(name, options(name, settings))


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


def behind(run: RunFile, settings: Settings) -> Data:
    """The questions that a run was asked."""
    found, notes = {}, []
    for name in run.asked:
        try:
            here = benchmark(name, settings)
        except MMBenchError as error:
            remedy = error.facts.get("what to do", "")
            told = f"{error.problem} {remedy}".strip()
            notes.append(f"{_missing(name)}: {told.removesuffix('.')}.")
            continue
        if asked(run, here):
            found[name] = here
        else:
            wording = run.sheet(name, IMAGE).wording
            notes.append(
                f"{_missing(name)}: the run asked {wording!r}, and the settings of this folder "
                f"name {here.revision!r}."
            )
    return Data(benchmarks=found, notes=tuple(notes))


def _missing(name: str) -> str:
    return f"Questions and pictures of {name} are not shown"


def asked(run: RunFile, benchmark: Benchmark) -> bool:
    """Whether a run asked these very data."""
    return run.sheet(benchmark.name, IMAGE).wording.startswith(f"{benchmark.revision} ")


class Samples:
    """The samples of a run: from the data where they are here, else what the run knows of them.

    A run holds of each sample its target and how many options it has, and none of its texts.
    """

    def __init__(self, run: RunFile, benchmarks: Mapping[str, Benchmark]) -> None:
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
    def _rows(self) -> dict[tuple[str, str], tuple[str, Row]]:
        return {
            (name, row.sample): (leaf, row)
            for name in self._run.asked
            for leaf in self._run.trees[name].nodes[0].leaves
            for row in self._run.rows(name, IMAGE).get(leaf, ())
        }
