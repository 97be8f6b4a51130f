"""From what the user typed to a run: everything that can be refused before it starts."""

from __future__ import annotations

import glob
import os
import time
import traceback
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

from pytest_mmbench import registry
from pytest_mmbench.config import file
from pytest_mmbench.config.settings import Settings, read_settings
from pytest_mmbench.errors import (
    CheckpointError,
    DataError,
    MMBenchError,
    MMBenchWarning,
    SettingsError,
    near,
)
from pytest_mmbench.evaluation.evaluator import check_model
from pytest_mmbench.evaluation.run import Run
from pytest_mmbench.evaluation.selection import (
    BenchmarkSelection,
    Task,
    check_thresholds_run,
    select_benchmarks,
)
from pytest_mmbench.options import OPTIONS
from pytest_mmbench.plugin import fixtures, snapshots
from pytest_mmbench.plugin.collection import (
    CASES,
    FORMER_CASE,
    GATES,
    PLACEMENT,
    Placement,
    SuiteCollector,
    names,
    place,
    warn_of_former_case,
)
from pytest_mmbench.plugin.completeness import CompletenessHooks
from pytest_mmbench.plugin.hooks import RunHooks
from pytest_mmbench.plugin.progress import PytestStream
from pytest_mmbench.plugin.stash import RUN
from pytest_mmbench.plugin.summary import STARTED, SummaryHooks
from pytest_mmbench.records import Gate, Role
from pytest_mmbench.report.terminal import ProgressLine
from pytest_mmbench.results import baselines, run_file
from pytest_mmbench.results.run_file import SavedRun
from pytest_mmbench.results.snapshots import drop_pending

MODEL: Final = "mm_model"


def start_run(config: pytest.Config) -> bool:
    """Registers what judges a model, if one is named, and says whether one is.

    Raises:
        pytest.UsageError: something that was typed is wrong; the message says what to do.
    """
    try:
        settings = settings_of(config)
        if settings.model:
            _register_run(config, settings)
        return bool(settings.model)
    except MMBenchError as error:
        raise pytest.UsageError(str(error)) from error
    except OSError as error:
        # A name that no file can have, a folder that may not be entered: what it is stands in it.
        raise pytest.UsageError(f"mmbench: {error}") from error
    except Exception as error:
        # Mostly a mistake in a benchmark or a condition of somebody else: no model was asked yet.
        at = traceback.extract_tb(error.__traceback__)[-1]
        raise pytest.UsageError(
            f"mmbench: the run cannot start: {type(error).__name__}: {error}\n"
            f"  raised at    {at.filename}:{at.lineno}, in {at.name}\n"
            "  what to do   mend it there; the model was not judged"
        ) from error


def _register_run(config: pytest.Config, settings: Settings) -> None:
    # Set by pytest-xdist in the processes that it starts.
    worker_input: Mapping[str, Any] = getattr(config, "workerinput", {})
    progress = ProgressLine(PytestStream(config))
    with warnings.catch_warnings(record=True) as recorded:
        warnings.simplefilter("always", MMBenchWarning)
        check_thresholds_run(settings)
        selected = select_benchmarks(settings)
        if not worker_input and not config.option.collectonly and snapshots.accepts(config):
            # Of a run that was killed before it was decided.
            drop_pending(config.rootpath)
        with_snapshot = snapshots.snapshot_benchmarks(config, selected)
        placement = place(
            config.args,
            invocation_dir=config.invocation_params.dir,
            rootdir=config.rootpath,
            testpaths=_testpaths(config),
            nothing_typed=config.args_source is not pytest.Config.ArgsSource.ARGS,
            pyargs=config.option.pyargs,
        )
        if FORMER_CASE in config.option.keyword:
            warn_of_former_case()
    run = Run(
        settings,
        selected,
        saved=_saved(settings, selected, config.rootpath),
        snapshot_benchmarks=with_snapshot,
        rootdir=config.rootpath,
        started=worker_input.get(STARTED, time.time()),
        workers=worker_input.get("workercount", 1),
        progress=progress,
    )
    gates = _gates(run)
    _check_named(placement, run, gates)
    if not config.option.collectonly:
        _check_models(config, run)
    if not worker_input:
        _pass_on(recorded, config)
    config.args[:] = placement.args
    config.stash[RUN], config.stash[PLACEMENT], config.stash[GATES] = run, placement, gates
    skipped = [rows for each in recorded if (rows := getattr(each.message, "rows", None))]
    completeness = CompletenessHooks(run, gates, skipped, worker=bool(worker_input))
    # Without a name, so that no `-p no:NAME` ends its watch.
    config.pluginmanager.register(completeness)
    plugins = {
        "collection": SuiteCollector(),
        "run": RunHooks(run, progress, worker=bool(worker_input)),
        "summary": SummaryHooks(
            run,
            completeness,
            worker=str(worker_input.get("workerid", "")),
            model_override=_model_override(config, MODEL),
        ),
        "fixtures": fixtures,
    }
    for name, plugin in plugins.items():
        config.pluginmanager.register(plugin, f"mmbench-{name}")


def _pass_on(recorded: Sequence[warnings.WarningMessage], config: pytest.Config) -> None:
    """Lets pytest show the warnings of benchmarks about their data, once for all processes.

    Raises:
        MMBenchError: warnings were asked to be errors.
    """
    ours = [each.message for each in recorded if isinstance(each.message, MMBenchWarning)]
    try:
        for warning in ours:
            config.issue_config_time_warning(warning, stacklevel=2)
    except MMBenchWarning as refused:
        raise DataError(str(refused)) from refused


def _testpaths(config: pytest.Config) -> list[Path]:
    """Where pytest would look if nothing was named."""
    if config.invocation_params.dir != config.rootpath:
        return []
    start = config.rootpath
    found = (
        sorted(glob.iglob(pattern, root_dir=start, recursive=True))  # noqa: PTH207 - as pytest does
        for pattern in config.getini("testpaths")
    )
    paths = (Path(os.path.abspath(start / each)) for names in found for each in names)  # noqa: PTH100 - keeps symbolic links
    return [path for path in paths if path.is_dir()]


def _saved(
    settings: Settings, selected: Sequence[BenchmarkSelection], rootdir: Path
) -> dict[Role, SavedRun]:
    """The models of this run whose answers an earlier one has kept.

    Raises:
        SettingsError: the baseline was asked something else, or in another way.
        DataError: it is no saved run.
    """
    path = baselines.find_run(settings.baseline, rootdir)
    if path is None:
        return {}
    saved = run_file.read(path)
    asked = [Task.published(each).results({}) for each in selected]
    run_file.check_same(saved, asked, asked_for_by=settings.sources["baseline"])
    return {Role.BASELINE: saved}


def _gates(run: Run) -> tuple[Gate, ...]:
    """The gates that have cases: those about something that is named, or that has a snapshot."""
    settings = run.settings
    named: Mapping[Gate, object] = {
        Gate.CAPABILITY: settings.model,
        Gate.REGRESSION: settings.baseline,
        Gate.SNAPSHOT: run.snapshot_benchmarks,
        Gate.VISION: settings.vision.conditions or settings.vision.rotations or settings.base_llm,
    }
    return tuple(gate for gate, what in named.items() if what)


def _check_named(placement: Placement, run: Run, gates: Sequence[Gate]) -> None:
    known = [f"{CASES[gate]}[{node.path}]" for gate in gates for node in run.cases(gate)]
    for typed in placement.named:
        if not any(names(typed, nodeid) for nodeid in known):
            close = near(typed, known).get("did_you_mean", "")
            raise SettingsError(f"there is no case {typed!r}.", did_you_mean=close)


def _check_models(config: pytest.Config, run: Run) -> None:
    """Looks at every checkpoint of a run: the last one is loaded when the others were asked.

    Raises:
        CheckpointError: one of them is missing, and no fixture stands for it.
    """
    settings = run.settings
    kept = {
        "asked_for_by": settings.sources["baseline"],
        **near(settings.baseline, baselines.named_baselines(run.rootdir), label="baselines"),
        # A path is no name that a baseline could be kept by.
        "nor_is_there": f"{baselines.BASELINES}/{settings.baseline}.json; is it committed?"
        if Path(settings.baseline).name == settings.baseline
        else "",
    }
    specs = {
        Role.CANDIDATE: (MODEL, settings.model, {}),
        Role.BASELINE: ("mm_baseline", settings.baseline, kept),
        Role.BASE_LLM: ("mm_base_llm", settings.base_llm, {}),
    }
    for fixture, spec, meant in (specs[role] for role in run.evaluators):
        if not _model_override(config, fixture):
            try:
                check_model(spec)
            except CheckpointError as error:
                raise CheckpointError(error.problem, **{**meant, **error.facts}) from None


def _model_override(config: pytest.Config, fixture: str) -> str:
    """The conftest file or plugin that brings a model of its own by a fixture, if one does."""
    plugins = config.pluginmanager.get_plugins()
    for module in (each for each in plugins if isinstance(each, ModuleType)):
        for name, value in vars(module).items():
            # A fixture may have another name than its function.
            is_fixture = type(value).__name__ == "FixtureFunctionDefinition"
            if is_fixture and fixture in (name, getattr(value, "name", None)):
                path = str(module.__file__ or module.__name__)
                absolute = Path(path).is_absolute()
                return os.path.relpath(path, config.rootpath) if absolute else path
    return ""


def settings_of(config: pytest.Config) -> Settings:
    """What was set for this run, on the command line or elsewhere.

    Raises:
        SettingsError: anything that was typed is not known or not allowed.
    """
    ini: dict[str, object] = {}
    for option in OPTIONS:
        try:
            ini[option.ini] = config.getini(option.ini)
        except (TypeError, ValueError, pytest.UsageError) as error:
            # pytest itself does not say which key it means.
            raise SettingsError(
                f"the ini key {option.ini} cannot be read.", reason=str(error)
            ) from error
    settings = read_settings(
        rootdir=config.rootpath,
        cli=vars(config.option),
        ini=ini,
        environment=os.environ,
        known=registry.benchmark_names(),
        invocation_dir=config.invocation_params.dir,
    )
    rootdir = config.rootpath
    # Without a configuration of its own, pytest takes the nearest folder for the rootdir; and one
    # that lies elsewhere makes its folder the rootdir, wherever people stand.
    places = [config.invocation_params.dir, *(rootdir.parents if config.inipath is None else ())]
    missed = next((each for each in places if (each / file.FILE).is_file()), None)
    if not settings.source and missed:
        raise SettingsError(
            f"the rootdir {rootdir} has no settings, but {missed} has.",
            what_to_do=f"add --rootdir={missed}, or --mm-config={missed / file.FILE}",
        )
    return settings
