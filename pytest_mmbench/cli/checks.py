"""Heavy libraries, looked at from a process of their own: what breaks there breaks nothing here."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import Final

from pytest_mmbench import registry
from pytest_mmbench.benchmarks.readers import is_hub_dataset
from pytest_mmbench.cli.project import Project, project
from pytest_mmbench.config.settings import BenchmarkSettings, Settings
from pytest_mmbench.errors import MMBenchError, MMBenchWarning
from pytest_mmbench.evaluation.loading import check_model
from pytest_mmbench.evaluation.selection import (
    check_thresholds_run,
    select_benchmarks,
    thresholds_not_run,
)
from pytest_mmbench.evaluation.store.sqlite import inventory
from pytest_mmbench.report.provenance import machine, versions
from pytest_mmbench.report.text import count_of
from pytest_mmbench.results import baselines, run_file

PATIENCE: Final = 300
"""Seconds that a library may take to load."""


_LOADED: Final = """
import importlib, json, time
started = time.perf_counter()
found = importlib.import_module({name!r})
print(json.dumps([found.__version__, time.perf_counter() - started]))
"""


_ACCELERATORS: Final = """
import json, torch
found = []
if torch.cuda.is_available():
    for at in range(torch.cuda.device_count()):
        about = torch.cuda.get_device_properties(at)
        found.append(f"cuda:{at} {about.name} ({about.total_memory / 1e9:.0f} GB)")
if torch.backends.mps.is_available():
    found.append("mps")
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What came of loading a library."""

    version: str = ""
    seconds: float = 0.0
    error: str = ""
    """Why it could not be loaded; empty if it could."""


def is_installed(name: str) -> bool:
    """Whether there is a package of that name; it is not loaded."""
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def import_time(name: str) -> Loaded:
    """Loads a library in another process, and says how long that took."""
    done = _run_python(_LOADED.format(name=name))
    if done.returncode:
        return Loaded(error=_last(done.stderr) or f"exit code {done.returncode}")
    version, seconds = json.loads(done.stdout.splitlines()[-1])
    return Loaded(version=version, seconds=seconds)


def accelerators() -> list[str]:
    """What torch can compute with beside the CPU; nothing if it cannot be loaded."""
    done = _run_python(_ACCELERATORS)
    return [] if done.returncode else list(json.loads(done.stdout.splitlines()[-1]))


def _run_python(code: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - the code is ours
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
        )
    except subprocess.TimeoutExpired:
        told = f"it took more than {PATIENCE} s"
        return subprocess.CompletedProcess(args=[], returncode=1, stdout="", stderr=told)


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


Checks = Callable[[], "Iterator[Finding]"]


MEGABYTE: Final = 1_000_000


SPARE: Final = 500
"""Megabytes of free disk below which a store may not have room."""


_NEEDED: Final = ("torch", "transformers")


_AUTOLOAD: Final = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"


class State(Enum):
    """What a finding means."""

    OK = "fine"
    NOTE = "note"
    """Worth knowing, and nothing to mend."""
    PROBLEM = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report."""

    label: str
    state: State
    message: str


def fine(label: str, told: str) -> Finding:
    """Nothing to mend."""
    return Finding(label=label, state=State.OK, message=told)


def note(label: str, told: str) -> Finding:
    """Worth knowing."""
    return Finding(label=label, state=State.NOTE, message=told)


def problem(label: str, told: str) -> Finding:
    """To be mended."""
    return Finding(label=label, state=State.PROBLEM, message=told)


# The environment.


def environment_checks() -> Iterator[Checks]:
    """What is installed, and what there is to compute with."""
    yield _versions
    yield from (partial(_library, name) for name in _NEEDED)
    yield _accelerator_checks
    yield _video
    yield _plugin


def _versions() -> Iterator[Finding]:
    found = {name: told for name, told in versions().items() if name not in _NEEDED}
    yield fine("versions", ", ".join(f"{name} {told}" for name, told in found.items()))
    yield note("machine", f"{machine()}, {os.cpu_count()} processors")


def _library(name: str) -> Iterator[Finding]:
    if not is_installed(name):
        yield problem(name, f"is not installed\n  what to do   pip install {name}")
        return
    found = import_time(name)
    if found.error:
        yield problem(name, f"cannot be loaded\n  reason       {found.error}")
    else:
        yield fine(name, f"{found.version}, loaded in {found.seconds:.1f} s")


def _accelerator_checks() -> Iterator[Finding]:
    if not is_installed("torch"):
        return
    found = accelerators()
    yield note("devices", ", ".join(found) if found else "no accelerator: models run on the CPU")


def _video() -> Iterator[Finding]:
    if is_installed("av"):
        yield fine("video", "av is installed: clips can be opened")
    else:
        yield note("video", "clips cannot be opened: pip install 'pytest-mmbench[video]'")


def _plugin() -> Iterator[Finding]:
    if os.environ.get(_AUTOLOAD):
        yield note("pytest", f"{_AUTOLOAD} is set: add `-p mmbench` to every run")


# The project.


def project_checks(chosen: argparse.Namespace) -> Iterator[Checks]:
    """The settings of this folder, and everything that they name."""
    here: list[Project] = []
    yield partial(_settings, chosen, here)
    for found in here:
        yield partial(_thresholds, found.settings)
        for each in found.settings.benchmarks:
            yield partial(_benchmark, each, found)
        yield partial(_others, found)
        yield partial(_models, found.settings)
        yield partial(_baselines, found)
        yield partial(_store, found)


def _settings(chosen: argparse.Namespace, here: list[Project]) -> Iterator[Finding]:
    found = project(chosen)
    here.append(found)
    where = found.settings.source or "none: everything is at its default"
    yield fine("settings", f"{where}, rootdir {found.rootdir}")
    if found.settings.note:
        yield note("settings", found.settings.note)


def _thresholds(settings: Settings) -> Iterator[Finding]:
    check_thresholds_run(settings)
    number = len(settings.thresholds)
    if told := thresholds_not_run(settings):
        yield note("thresholds", told)
    elif number:
        yield fine("thresholds", count_of(number, "threshold"))
    else:
        yield note("thresholds", "none: a run measures and gates nothing; see `mmbench init`")


def _benchmark(chosen: BenchmarkSettings, here: Project) -> Iterator[Finding]:
    """A benchmark's data, read as a run reads them: files, columns, counts and thresholds."""
    if is_hub_dataset(data := str(chosen.options.get("data", ""))):
        told = f"{data} is not here, and taken for a dataset of the hub, which is not looked at"
        yield note(chosen.name, told)
        return
    alone = replace(here.settings, benchmarks=(chosen,), strict=False)
    with warnings.catch_warnings(record=True) as noticed:
        warnings.simplefilter("always", MMBenchWarning)
        try:
            (found,) = select_benchmarks(alone)
        except MMBenchError as error:
            yield problem(chosen.name, str(error))
            return
    yield fine(chosen.name, f"{count_of(found.size, 'sample')}, {found.how}")
    for each in noticed:
        yield note(chosen.name, str(each.message))


def _others(here: Project) -> Iterator[Finding]:
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


def _baselines(here: Project) -> Iterator[Finding]:
    kept = baselines.named_baselines(here.rootdir)
    for name, path in kept.items():
        try:
            yield fine("baseline", f"{name}: {run_file.read(path).model}")
        except MMBenchError as error:
            yield problem("baseline", f"{name}: {error.problem}")
    named = here.settings.baseline
    if named and named not in kept and baselines.find_run(named, here.rootdir) is None:
        check_model(named)
        yield fine("baseline", f"{named}, a checkpoint")


def _store(here: Project) -> Iterator[Finding]:
    store = here.settings.store
    found = inventory(store)
    size = f"{found.bytes / MEGABYTE:.1f} MB"
    models = count_of(found.models, "model")
    told = f"{count_of(found.answers, 'answer')} of {models}, {size}, in {store}"
    if found.damage:
        yield problem("store", f"{told}, is damaged\n  sqlite says   {found.damage}")
    else:
        yield fine("store", told)
    place = next(each for each in (store, *store.parents) if each.exists())
    spare = shutil.disk_usage(place).free / MEGABYTE
    if spare < SPARE:
        yield problem("disk", f"{spare:.0f} MB are free, too few for answers and reports")
    if here.latest.is_file():
        run = run_file.read(here.latest)
        yield fine("latest run", f"{run.model}, {run.created}")
