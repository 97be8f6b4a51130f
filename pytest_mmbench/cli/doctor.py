"""`mmbench doctor`: whether a gate could run here, and what is missing if not."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import Final

from pytest_mmbench import registry
from pytest_mmbench.benchmarks.readers import is_hub_dataset
from pytest_mmbench.cli import output
from pytest_mmbench.cli.command import USAGE_ERROR, AddParser, command
from pytest_mmbench.cli.project import Project, find_project
from pytest_mmbench.config.settings import BenchmarkSettings, Settings
from pytest_mmbench.errors import MMBenchError, MMBenchWarning
from pytest_mmbench.evaluation.evaluator import check_model
from pytest_mmbench.evaluation.selection import (
    check_thresholds_run,
    select_benchmarks,
    thresholds_not_run,
)
from pytest_mmbench.evaluation.store.sqlite import inventory
from pytest_mmbench.report.run_info import machine, versions
from pytest_mmbench.report.tables import Segment
from pytest_mmbench.report.text import count_of
from pytest_mmbench.results import baselines, run_file

PATIENCE: Final = 300
"""Seconds that a library may take to load."""
MEGABYTE: Final = 1_000_000
SPARE: Final = 500
"""Megabytes of free disk below which a store may not have room."""
_LIBRARIES: Final = ("torch", "transformers")
_AUTOLOAD: Final = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
_PRINT_IMPORT: Final = """
import importlib, json, time
started = time.perf_counter()
module = importlib.import_module({name!r})
print(json.dumps([module.__version__, time.perf_counter() - started]))
"""
_PRINT_ACCELERATORS: Final = """
import json, torch
names = []
if torch.cuda.is_available():
    for index in range(torch.cuda.device_count()):
        device = torch.cuda.get_device_properties(index)
        names.append(f"cuda:{index} {device.name} ({device.total_memory / 1e9:.0f} GB)")
if torch.backends.mps.is_available():
    names.append("mps")
print(json.dumps(names))
"""
_LABEL: Final = 14
"""Columns of a label."""


class State(Enum):
    """What a result means."""

    OK = "fine"
    NOTE = "note"
    """Worth knowing, and no problem."""
    PROBLEM = "wrong"


_SIGNS: Final = {State.OK: "✔", State.NOTE: "·", State.PROBLEM: "✖"}
_ASCII_SIGNS: Final = {State.OK: "ok", State.NOTE: "- ", State.PROBLEM: "!!"}
_MARKUP: Final = {State.OK: ("green",), State.NOTE: (), State.PROBLEM: ("red",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One line of the report."""

    label: str
    state: State
    message: str


Check = Callable[[], Iterator[CheckResult]]


def add(subcommands: AddParser) -> None:
    """Declares the subcommand."""
    command(
        subcommands,
        "doctor",
        _run,
        help="say whether a gate could run here, and what is missing",
        description="""
            Looks at everything that a run needs: Python and its packages, accelerators, the
            settings, the data of every benchmark that they name, the checkpoints, the baselines
            and the store of answers. Nothing is changed, and no connection is opened; torch is
            loaded in a process of its own.

            Exit code 0: a gate could run. 4: something is missing or wrong.
            """,
        examples=("mmbench doctor", "mmbench doctor --config other.toml"),
    )


def _run(arguments: argparse.Namespace) -> int:
    problems = 0
    signs = _SIGNS if output.encoding().lower().startswith("utf") else _ASCII_SIGNS
    for title, checks in (
        ("environment", environment_checks()),
        ("project", project_checks(arguments)),
    ):
        output.show([(Segment(text=title, markup=("bold",)),)])
        for result in run_checks(checks):
            problems += result.state is State.PROBLEM
            sign = Segment(text=f"  {signs[result.state]} ", markup=_MARKUP[result.state])
            first, *rest = result.message.removeprefix("mmbench: ").splitlines() or [""]
            output.show([(sign, Segment(text=f"{result.label:<{_LABEL}}  {first}"))])
            output.show([(Segment(text=f"{'':{_LABEL + 6}}{line}"),) for line in rest])
        output.echo("")
    output.echo(count_of(problems, "problem") if problems else "a gate could run here")
    return USAGE_ERROR if problems else 0


def run_checks(checks: Iterable[Check]) -> Iterator[CheckResult]:
    """The results of the checks; one that raises is a problem, and the others go on."""
    for check in checks:
        try:
            yield from check()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            is_ours = isinstance(error, MMBenchError)
            message = str(error) if is_ours else traceback.format_exception_only(error)[-1].strip()
            function = getattr(check, "func", check)
            label = str(function.__name__).removeprefix("check_")
            yield CheckResult(label=label, state=State.PROBLEM, message=message)


def fine(label: str, message: str) -> CheckResult:
    """As it should be."""
    return CheckResult(label=label, state=State.OK, message=message)


def note(label: str, message: str) -> CheckResult:
    """Worth knowing."""
    return CheckResult(label=label, state=State.NOTE, message=message)


def problem(label: str, message: str) -> CheckResult:
    """What keeps a gate from running."""
    return CheckResult(label=label, state=State.PROBLEM, message=message)


# Heavy libraries are loaded in a process of their own: what breaks there breaks nothing here.


def environment_checks() -> Iterator[Check]:
    """Checks of what is installed, and of what there is to compute with."""
    yield check_versions
    yield from (partial(check_library, name) for name in _LIBRARIES)
    yield check_devices
    yield check_video
    yield check_plugin


def check_versions() -> Iterator[CheckResult]:
    """Python, the packages that are loaded at once, and the machine."""
    light = [f"{name} {version}" for name, version in versions().items() if name not in _LIBRARIES]
    yield fine("versions", ", ".join(light))
    yield note("machine", f"{machine()}, {os.cpu_count()} processors")


def check_library(name: str) -> Iterator[CheckResult]:
    """Whether a library can be loaded."""
    if not is_installed(name):
        yield problem(name, f"is not installed\n  what to do   pip install {name}")
        return
    attempt = import_in_subprocess(name)
    if attempt.error:
        yield problem(name, f"cannot be loaded\n  reason       {attempt.error}")
    else:
        yield fine(name, f"{attempt.version}, loaded in {attempt.seconds:.1f} s")


def check_devices() -> Iterator[CheckResult]:
    """The accelerators that torch knows."""
    if is_installed("torch"):
        names = ", ".join(accelerators())
        yield note("devices", names or "no accelerator: models run on the CPU")


def check_video() -> Iterator[CheckResult]:
    """Whether clips can be opened."""
    if is_installed("av"):
        yield fine("video", "av is installed: clips can be opened")
    else:
        yield note("video", "clips cannot be opened: pip install 'pytest-mmbench[video]'")


def check_plugin() -> Iterator[CheckResult]:
    """Whether pytest loads the plugin by itself."""
    if os.environ.get(_AUTOLOAD):
        yield note("pytest", f"{_AUTOLOAD} is set: add `-p mmbench` to every run")


def is_installed(name: str) -> bool:
    """Whether there is a package of that name, without loading it."""
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """A library that was loaded in another process; with an error, that was not."""

    version: str = ""
    seconds: float = 0.0
    error: str = ""


def import_in_subprocess(name: str) -> ImportResult:
    """Loads a library in another process."""
    process = _run_python(_PRINT_IMPORT.format(name=name))
    if process.returncode:
        last = process.stderr.strip().rpartition("\n")[2]
        return ImportResult(error=last or f"exit code {process.returncode}")
    version, seconds = json.loads(process.stdout.splitlines()[-1])
    return ImportResult(version=version, seconds=seconds)


def accelerators() -> list[str]:
    """What torch can compute with beside the CPU; nothing if it cannot be loaded."""
    process = _run_python(_PRINT_ACCELERATORS)
    return [] if process.returncode else list(json.loads(process.stdout.splitlines()[-1]))


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
        message = f"it took more than {PATIENCE} s"
        return subprocess.CompletedProcess(args=[], returncode=1, stdout="", stderr=message)


def project_checks(arguments: argparse.Namespace) -> Iterator[Check]:
    """Checks of the settings of this folder, and of everything that they name."""
    yield partial(check_settings, arguments)
    try:
        project = find_project(arguments)
    except Exception:  # noqa: BLE001 - whatever it is, `check_settings` has found it
        return
    yield partial(check_thresholds, project.settings)
    for benchmark in project.settings.benchmarks:
        yield partial(check_benchmark, benchmark, project.settings)
    yield partial(check_other_benchmarks, project.settings)
    yield partial(check_models, project.settings)
    yield partial(check_baselines, project)
    yield partial(check_store, project)


def check_settings(arguments: argparse.Namespace) -> Iterator[CheckResult]:
    """The settings file, read as a run reads it."""
    project = find_project(arguments)
    source = project.settings.source or "none: everything is at its default"
    yield fine("settings", f"{source}, rootdir {project.rootdir}")
    if project.settings.note:
        yield note("settings", project.settings.note)


def check_thresholds(settings: Settings) -> Iterator[CheckResult]:
    """Whether there are thresholds, and a run judges them."""
    check_thresholds_run(settings)
    if message := thresholds_not_run(settings):
        yield note("thresholds", message)
    elif settings.thresholds:
        yield fine("thresholds", count_of(len(settings.thresholds), "threshold"))
    else:
        yield note("thresholds", "none: a run measures and gates nothing; see `mmbench init`")


def check_benchmark(benchmark: BenchmarkSettings, settings: Settings) -> Iterator[CheckResult]:
    """A benchmark's data, read as a run reads them: files, columns, counts and thresholds."""
    options = benchmark.options
    if is_hub_dataset(data := str(options.get("data", options.get("questions", "")))):
        message = f"{data} is not here, and taken for a dataset of the hub, which is not looked at"
        yield note(benchmark.name, message)
        return
    only_this = replace(settings, benchmarks=(benchmark,), strict=False)
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always", MMBenchWarning)
        try:
            (selection,) = select_benchmarks(only_this)
        except MMBenchError as error:
            yield problem(benchmark.name, str(error))
            return
    samples = count_of(selection.size, "sample")
    yield fine(benchmark.name, f"{samples}, {selection.method_and_scoring}")
    for warning in raised:
        yield note(benchmark.name, str(warning.message))


def check_other_benchmarks(settings: Settings) -> Iterator[CheckResult]:
    """The benchmarks that could be added to the settings."""
    configured = {benchmark.name for benchmark in settings.benchmarks}
    others = [name for name in registry.benchmark_names() if name not in configured]
    if others:
        yield note("benchmarks", f"not in the settings: {', '.join(others)}")


def check_models(settings: Settings) -> Iterator[CheckResult]:
    """The checkpoints that the settings name, but for the baseline."""
    for label, spec in (("model", settings.model), ("base-llm", settings.base_llm)):
        if spec:
            check_model(spec)
            yield fine(label, spec)


def check_baselines(project: Project) -> Iterator[CheckResult]:
    """The saved baselines, and the one that runs are compared with."""
    paths = baselines.named_baselines(project.rootdir)
    for name, path in paths.items():
        try:
            yield fine("baseline", f"{name}: {run_file.read(path).model}")
        except MMBenchError as error:
            yield problem("baseline", f"{name}: {error.problem}")
    spec = project.settings.baseline
    if spec and spec not in paths and baselines.find_run(spec, project.rootdir) is None:
        check_model(spec)
        yield fine("baseline", f"{spec}, a checkpoint")


def check_store(project: Project) -> Iterator[CheckResult]:
    """The store of answers, the room that it has, and the latest run."""
    store = project.settings.store
    contents = inventory(store)
    size = f"{contents.bytes / MEGABYTE:.1f} MB"
    models = count_of(contents.models, "model")
    summary = f"{count_of(contents.answers, 'answer')} of {models}, {size}, in {store}"
    if contents.damage:
        yield problem("store", f"{summary}, is damaged\n  sqlite says   {contents.damage}")
    else:
        yield fine("store", summary)
    existing = next(path for path in (store, *store.parents) if path.exists())
    spare = shutil.disk_usage(existing).free / MEGABYTE
    if spare < SPARE:
        yield problem("disk", f"{spare:.0f} MB are free, too few for answers and reports")
    if project.latest_run.is_file():
        run = run_file.read(project.latest_run)
        yield fine("latest run", f"{run.model}, {run.created}")
