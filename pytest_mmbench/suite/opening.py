"""From what the user typed to a run: everything that can be refused before it starts."""

from __future__ import annotations

import glob
import os
import re
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

from pytest_mmbench import registry, runs
from pytest_mmbench.collection import CASES, CLAIMS, PLACEMENT, Hanger, Placement, names, place
from pytest_mmbench.config import Settings, configfile, read_settings
from pytest_mmbench.errors import (
    CheckpointError,
    DataError,
    MMBenchError,
    MMBenchWarning,
    SettingsError,
    near,
)
from pytest_mmbench.judging import Claim, Role
from pytest_mmbench.models.checkpoint import inspect_checkpoint
from pytest_mmbench.models.naming import hub_id
from pytest_mmbench.options import OPTIONS
from pytest_mmbench.paths import expanded
from pytest_mmbench.runs import RunFile
from pytest_mmbench.selected import Selected, Series
from pytest_mmbench.session import RUN, Run
from pytest_mmbench.suite import accepting as accepted_answers
from pytest_mmbench.suite import fixtures
from pytest_mmbench.suite.hooks import Hooks
from pytest_mmbench.suite.progress import ProgressLine
from pytest_mmbench.suite.selecting import check_gated_run, select
from pytest_mmbench.suite.telling import STARTED, Telling

MODEL: Final = "mm_model"
_PREFIXED: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]+:")


def start(config: pytest.Config) -> bool:
    """Registers what judges a model, if one is named, and says whether one is.

    Raises:
        pytest.UsageError: something that was typed is wrong; the message says what to do.
    """
    try:
        found = read(config)
        if found.model:
            _start(config, found)
        return bool(found.model)
    except MMBenchError as error:
        raise pytest.UsageError(str(error)) from error
    except OSError as error:
        # A name that no file can have, a folder that may not be entered: what it is stands in it.
        raise pytest.UsageError(f"mmbench: {error}") from error


def _start(config: pytest.Config, settings: Settings) -> None:
    # Tests that are started by pytest-xdist find here what their controller tells them.
    told: Mapping[str, Any] = getattr(config, "workerinput", {})
    line = ProgressLine(config)
    with warnings.catch_warnings(record=True) as noticed:
        warnings.simplefilter("always", MMBenchWarning)
        check_gated_run(settings)
        selected = select(settings)
        accepting = accepted_answers.compared(config, selected)
    run = Run(
        settings,
        selected,
        saved=_saved(settings, selected, config.rootpath),
        accepting=accepting,
        rootdir=config.rootpath,
        started=told.get(STARTED, time.time()),
        workers=told.get("workercount", 1),
        progress=line,
    )
    placement = place(
        config.args,
        invocation_dir=config.invocation_params.dir,
        rootdir=config.rootpath,
        testpaths=_testpaths(config),
        bare=config.args_source is not pytest.Config.ArgsSource.ARGS,
        pyargs=config.option.pyargs,
    )
    claims = _claims(run)
    _check_named(placement, run, claims)
    bringer = _bringer(config, MODEL)
    if not config.option.collectonly:
        _check_models(config, run)
    if not told:
        _pass_on(noticed, config)
    config.args[:] = placement.args
    config.stash[RUN], config.stash[PLACEMENT] = run, placement
    config.stash[CLAIMS] = claims
    config.pluginmanager.register(Hanger(), "mmbench-collection")
    config.pluginmanager.register(Hooks(run, line, worker=bool(told)), "mmbench-run")
    worker = str(told.get("workerid", ""))
    telling = Telling(run, worker=worker, bringer=bringer)
    config.pluginmanager.register(telling, "mmbench-telling")
    config.pluginmanager.register(fixtures, "mmbench-fixtures")


def _pass_on(noticed: Sequence[warnings.WarningMessage], config: pytest.Config) -> None:
    """Lets pytest show what benchmarks had to say about their data, once for all processes.

    Raises:
        MMBenchError: warnings were asked to be errors.
    """
    ours = [each.message for each in noticed if isinstance(each.message, MMBenchWarning)]
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


def _saved(settings: Settings, selected: Sequence[Selected], rootdir: Path) -> dict[Role, RunFile]:
    """The models of this run whose answers an earlier one has kept.

    Raises:
        SettingsError: the baseline was asked something else, or in another way.
        DataError: it is no saved run.
    """
    path = runs.find(settings.baseline, rootdir)
    if path is None:
        return {}
    saved = runs.read(path)
    asked = [Series.published(each).sheet({}) for each in selected]
    runs.check_same(saved, asked, asked_for_by=settings.origins["baseline"])
    return {Role.BASELINE: saved}


def _claims(run: Run) -> tuple[str, ...]:
    """Which cases there are: those about something that is named, or that was accepted."""
    settings = run.settings
    named: Mapping[Claim, object] = {
        Claim.CAPABILITY: settings.model,
        Claim.REGRESSION: settings.baseline,
        Claim.ANSWERS: run.accepting,
        Claim.VISION: settings.vision.conditions or settings.vision.rotations or settings.base_llm,
    }
    return tuple(claim.value for claim, what in named.items() if what)


def _check_named(placement: Placement, run: Run, claims: Sequence[str]) -> None:
    known = [f"{CASES[claim]}[{node.path}]" for claim in claims for node in run.cases(Claim(claim))]
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
        "asked_for_by": settings.origins["baseline"],
        **near(settings.baseline, runs.baselines(run.rootdir), label="baselines"),
        "nor_is_there": f"{runs.BASELINES}/{settings.baseline}.json; is it committed?",
    }
    specs = {
        Role.CANDIDATE: (MODEL, settings.model, {}),
        Role.BASELINE: ("mm_baseline", settings.baseline, kept),
        Role.BASE_LLM: ("mm_base_llm", settings.base_llm, {}),
    }
    for fixture, spec, meant in (specs[role] for role in run.examinees):
        if not _bringer(config, fixture):
            try:
                check_model(spec)
            except CheckpointError as error:
                raise CheckpointError(error.problem, **{**meant, **error.facts}) from None


def _bringer(config: pytest.Config, fixture: str) -> str:
    """The conftest file or plugin that brings a model of its own by a fixture, if one does."""
    modules = [each for each in config.pluginmanager.get_plugins() if isinstance(each, ModuleType)]
    found = (
        str(each.__file__ or each.__name__)
        for each in modules
        if any(_is_fixture(fixture, name, value) for name, value in vars(each).items())
    )
    path = next(found, "")
    return os.path.relpath(path, config.rootpath) if Path(path).is_absolute() else path


def _is_fixture(wanted: str, name: str, value: object) -> bool:
    """Fixtures are found by their name, which may differ from the function's."""
    fixture = type(value).__name__ == "FixtureFunctionDefinition"
    return fixture and wanted in (name, getattr(value, "name", None))


def read(config: pytest.Config) -> Settings:
    """What was set for this run, on the command line or elsewhere.

    Raises:
        SettingsError: anything that was typed is not known or not allowed.
    """
    found = read_settings(
        rootdir=config.rootpath,
        cli=vars(config.option),
        ini={option.ini: _ini(config, option.ini) for option in OPTIONS},
        environment=os.environ,
        known=registry.benchmark_names(),
        invocation_dir=config.invocation_params.dir,
    )
    if not found.source and config.inipath is None:
        _refuse_missed(config.rootpath)
    return found


def _ini(config: pytest.Config, key: str) -> object:
    """The value of an ini key; None if it is not written.

    Raises:
        SettingsError: it is not of the key's type; pytest itself does not say which key it means.
    """
    try:
        return config.getini(key)
    except (TypeError, ValueError, pytest.UsageError) as error:
        raise SettingsError(f"the ini key {key} cannot be read.", reason=str(error)) from error


def _refuse_missed(rootdir: Path) -> None:
    """Without a configuration of its own, pytest takes the nearest folder for the rootdir."""
    missed = next((each for each in rootdir.parents if (each / configfile.FILE).is_file()), None)
    if missed:
        raise SettingsError(
            f"the rootdir {rootdir} has no settings, but {missed} above it has.",
            what_to_do=f"add --rootdir={missed}, or put a pytest.ini or pyproject.toml there",
        )


def check_model(spec: str) -> None:
    """Looks at a local checkpoint's folder, cheaply, so that a typing error costs no time.

    What is behind a prefix or on the hub is looked at when it is loaded.

    Raises:
        CheckpointError: the folder is missing, or holds no checkpoint that could be loaded.
    """
    if hub_id(spec) is None and not _PREFIXED.match(spec):
        inspect_checkpoint(expanded(spec))
