"""The project that a command is about: its settings, and the runs that it has kept."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_mmbench import registry
from pytest_mmbench.config import file
from pytest_mmbench.config.settings import Settings, read_settings
from pytest_mmbench.errors import DataError, near
from pytest_mmbench.files import expand
from pytest_mmbench.results import baselines, run_file
from pytest_mmbench.results.run_file import SavedRun

_WITHIN: Final = "tool.mmbench"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project."""

    rootdir: Path
    settings: Settings
    file: Path
    """Its settings file; the one to be made if there is none."""
    within: str
    """The table of that file that holds the settings; empty if they are the whole file."""

    @property
    def latest(self) -> Path:
        """Where the latest run is kept."""
        return self.settings.store / run_file.LAST

    def run(self, spec: str) -> SavedRun:
        """The run that a user means: the name of a baseline, or a file; the latest if empty.

        Raises:
            DataError: there is no such run, it cannot be read, or it holds no answers.
        """
        path = self._path(spec) if spec else self._kept()
        run = run_file.read(path)
        if not run.benchmarks:
            raise DataError(
                f"{_short(path)} holds no answers.",
                what_to_do="run `pytest --mm-model=PATH`, or name another run",
            )
        return run

    def _kept(self) -> Path:
        if not self.latest.is_file():
            raise DataError(
                "no run is kept here yet.",
                looked_for=_short(self.latest),
                what_to_do="run `pytest --mm-model=PATH` first, or name the file of a run",
            )
        return self.latest

    def _path(self, spec: str) -> Path:
        kept = baselines.named_baselines(self.rootdir)
        path = expand(spec)
        if spec not in kept and path.is_file():
            return path
        found = baselines.find_run(spec, self.rootdir)
        if found is None:
            raise DataError(
                f"there is no saved run {spec!r}.",
                **near(spec, kept, label="baselines"),
                what_to_do="name a baseline, or a file such as .mmbench/last-run.json",
            )
        return found


def project(chosen: argparse.Namespace, **options: object) -> Project:
    """The project of this folder.

    Args:
        chosen: the command line, for its `--config`.
        options: of pytest's options, what the command line sets, by their names.

    Raises:
        SettingsError: its settings are wrong.
    """
    rootdir = _rootdir(Path.cwd())
    told = {"config": chosen.config, **options}
    settings = read_settings(
        rootdir=rootdir,
        cli={f"mm_{name.replace('-', '_')}": value for name, value in told.items()},
        ini={},
        environment=os.environ,
        known=registry.benchmark_names(),
        invocation_dir=Path.cwd(),
        prefix="--",
    )
    named = settings.source.removesuffix(f" [{_WITHIN}]")
    typed = settings.sources["config"] != "default"
    return Project(
        rootdir=rootdir,
        settings=settings,
        file=(Path.cwd() if typed else rootdir) / expand(named or file.FILE),
        within=_WITHIN if named != settings.source else "",
    )


def _rootdir(here: Path) -> Path:
    """This folder, or the nearest one above it that has settings."""
    above = (each for each in (here, *here.parents) if _has_settings(each))
    return next(above, here)


def _has_settings(place: Path) -> bool:
    if (place / file.FILE).is_file():
        return True
    try:
        return f"[{_WITHIN}" in (place / file.PROJECT).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def named(model: str) -> str:
    """A model as a committed file calls it: without the folders of this machine."""
    return Path(model).name if Path(model).is_absolute() else model


def _short(path: Path) -> str:
    """A path as people type it here."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
