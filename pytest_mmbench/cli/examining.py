"""The examinations of `mmbench doctor`, one after the other; each may fail without the others."""

from __future__ import annotations

import argparse
import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import Final

from pytest_mmbench import registry, runs
from pytest_mmbench.benchmarks.reading import on_the_hub
from pytest_mmbench.cli.folder import Folder, folder
from pytest_mmbench.cli.probing import accelerators, installed, loaded
from pytest_mmbench.config import Chosen, Settings
from pytest_mmbench.errors import MMBenchError, MMBenchWarning
from pytest_mmbench.inventory import inventory
from pytest_mmbench.report.figures import counted
from pytest_mmbench.suite.facts import machine, versions
from pytest_mmbench.suite.opening import check_model
from pytest_mmbench.suite.selecting import check_gated_run, left_out, select

Examination = Callable[[], "Iterator[Finding]"]

MEGABYTE: Final = 1_000_000
SPARE: Final = 500
"""Megabytes of free disk below which a store may not have room."""
_NEEDED: Final = ("torch", "transformers")
_AUTOLOAD: Final = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"


class State(Enum):
    """What a finding means."""

    FINE = "fine"
    NOTE = "note"
    """Worth knowing, and nothing to mend."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report."""

    label: str
    state: State
    told: str


def fine(label: str, told: str) -> Finding:
    """Nothing to mend."""
    return Finding(label=label, state=State.FINE, told=told)


def note(label: str, told: str) -> Finding:
    """Worth knowing."""
    return Finding(label=label, state=State.NOTE, told=told)


def wrong(label: str, told: str) -> Finding:
    """To be mended."""
    return Finding(label=label, state=State.WRONG, told=told)


# The environment.


def environment() -> Iterator[Examination]:
    """What is installed, and what there is to compute with."""
    yield _versions
    yield from (partial(_library, name) for name in _NEEDED)
    yield _accelerators
    yield _video
    yield _plugin


def _versions() -> Iterator[Finding]:
    found = {name: told for name, told in versions().items() if name not in _NEEDED}
    yield fine("versions", ", ".join(f"{name} {told}" for name, told in found.items()))
    yield note("machine", f"{machine()}, {os.cpu_count()} processors")


def _library(name: str) -> Iterator[Finding]:
    if not installed(name):
        yield wrong(name, f"is not installed\n  what to do   pip install {name}")
        return
    found = loaded(name)
    if found.error:
        yield wrong(name, f"cannot be loaded\n  reason       {found.error}")
    else:
        yield fine(name, f"{found.version}, loaded in {found.seconds:.1f} s")


def _accelerators() -> Iterator[Finding]:
    if not installed("torch"):
        return
    found = accelerators()
    yield note("devices", ", ".join(found) if found else "no accelerator: models run on the CPU")


def _video() -> Iterator[Finding]:
    if installed("av"):
        yield fine("video", "av is installed: clips can be opened")
    else:
        yield note("video", "clips cannot be opened: pip install 'pytest-mmbench[video]'")


def _plugin() -> Iterator[Finding]:
    if os.environ.get(_AUTOLOAD):
        yield note("pytest", f"{_AUTOLOAD} is set: add `-p mmbench` to every run")


# The project.


def project(chosen: argparse.Namespace) -> Iterator[Examination]:
    """The settings of this folder, and everything that they name."""
    here: list[Folder] = []
    yield partial(_settings, chosen, here)
    for found in here:
        yield partial(_thresholds, found.settings)
        for each in found.settings.benchmarks:
            yield partial(_benchmark, each, found)
        yield partial(_others, found)
        yield partial(_models, found.settings)
        yield partial(_baselines, found)
        yield partial(_store, found)


def _settings(chosen: argparse.Namespace, here: list[Folder]) -> Iterator[Finding]:
    found = folder(chosen)
    here.append(found)
    where = found.settings.source or "none: everything is at its default"
    yield fine("settings", f"{where}, rootdir {found.rootdir}")
    if found.settings.note:
        yield note("settings", found.settings.note)


def _thresholds(settings: Settings) -> Iterator[Finding]:
    check_gated_run(settings)
    number = len(settings.thresholds)
    if told := left_out(settings):
        yield note("thresholds", told)
    elif number:
        yield fine("thresholds", counted(number, "threshold"))
    else:
        yield note("thresholds", "none: a run measures and gates nothing; see `mmbench init`")


def _benchmark(chosen: Chosen, here: Folder) -> Iterator[Finding]:
    """A benchmark's data, read as a run reads them: files, columns, counts and thresholds."""
    if on_the_hub(data := str(chosen.options.get("data", ""))):
        told = f"{data} is not here, and taken for a dataset of the hub, which is not looked at"
        yield note(chosen.name, told)
        return
    alone = replace(here.settings, benchmarks=(chosen,), strict=False)
    with warnings.catch_warnings(record=True) as noticed:
        warnings.simplefilter("always", MMBenchWarning)
        try:
            (found,) = select(alone)
        except MMBenchError as error:
            yield wrong(chosen.name, str(error))
            return
    yield fine(chosen.name, f"{counted(found.size, 'sample')}, {found.how}")
    for each in noticed:
        yield note(chosen.name, str(each.message))


def _others(here: Folder) -> Iterator[Finding]:
    chosen = {each.name for each in here.settings.benchmarks}
    rest = [name for name in registry.benchmark_names() if name not in chosen]
    if rest:
        yield note("benchmarks", f"not in the settings: {', '.join(rest)}")


def _models(settings: Settings) -> Iterator[Finding]:
    specs = {"model": settings.model, "base-llm": settings.base_llm}
    for label, spec in specs.items():
        if spec:
            check_model(spec)
            yield fine(label, spec)


def _baselines(here: Folder) -> Iterator[Finding]:
    kept = runs.baselines(here.rootdir)
    for name, path in kept.items():
        try:
            yield fine("baseline", f"{name}: {runs.read(path).model}")
        except MMBenchError as error:
            yield wrong("baseline", f"{name}: {error.problem}")
    named = here.settings.baseline
    if named and named not in kept and runs.find(named, here.rootdir) is None:
        check_model(named)
        yield fine("baseline", f"{named}, a checkpoint")


def _store(here: Folder) -> Iterator[Finding]:
    store = here.settings.store
    found = inventory(store)
    size = f"{found.bytes / MEGABYTE:.1f} MB"
    models = counted(found.models, "model")
    told = f"{counted(found.answers, 'answer')} of {models}, {size}, in {store}"
    if found.damage:
        yield wrong("store", f"{told}, is damaged\n  sqlite says   {found.damage}")
    else:
        yield fine("store", told)
    place = next(each for each in (store, *store.parents) if each.exists())
    spare = shutil.disk_usage(place).free / MEGABYTE
    if spare < SPARE:
        yield wrong("disk", f"{spare:.0f} MB are free, too few for answers and reports")
    if here.latest.is_file():
        run = runs.read(here.latest)
        yield fine("latest run", f"{run.model}, {run.made}")
