"""The project that a command is about: its settings, and the runs that it has kept."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, replace
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
    """A folder with settings, baselines and a store."""

    rootdir: Path
    settings: Settings
    file: Path
    """Its settings file; the one to be made if there is none."""
    within: str
    """The table of that file that holds the settings; empty if they are the whole file."""

    @property
    def latest_run(self) -> Path:
        """Where the latest run is kept."""
        return self.settings.store / run_file.LAST

    def run(self, spec: str) -> SavedRun:
        """The run that a user means: the name of a baseline, or a file; the latest if empty.

        Raises:
            DataError: there is no such run, it cannot be read, or it holds no answers.
        """
        names = baselines.named_baselines(self.rootdir)
        if not spec:
            path: Path | None = self.latest_run
            if not self.latest_run.is_file():
                latest = _relative_to_cwd(self.latest_run)
                remedy = "run `pytest --mm-model=PATH` first, or name the file of a run"
                raise DataError("no run is kept here yet.", looked_for=latest, what_to_do=remedy)
        elif spec not in names and expand(spec).is_file():
            path = expand(spec)
        else:
            path = baselines.find_run(spec, self.rootdir)
        if path is None:
            raise DataError(
                f"there is no saved run {spec!r}.",
                **near(spec, names, label="baselines"),
                what_to_do="name a baseline, or a file such as .mmbench/last-run.json",
            )
        run = run_file.read(path)
        if not run.benchmarks:
            remedy = "run `pytest --mm-model=PATH`, or name another run"
            raise DataError(f"{_relative_to_cwd(path)} holds no answers.", what_to_do=remedy)
        return run


def find_project(
    arguments: argparse.Namespace, *, may_be_new: bool = False, **options: object
) -> Project:
    """The project of this folder: this one, or the nearest one above it that has settings.

    The options are those of pytest that the command line sets, by their names. A settings file
    that `may_be_new` need not be there: then the project's usual settings stand for it.
    """
    cwd = Path.cwd()
    named = expand(arguments.config) if arguments.config else None
    if may_be_new and named and named.name != file.PROJECT and not (cwd / named).exists():
        usual = find_project(argparse.Namespace(config=None), may_be_new=False, **options)
        settings = replace(usual.settings, source="")
        return replace(usual, settings=settings, file=cwd / named, within="")
    rootdir = next((folder for folder in (cwd, *cwd.parents) if _has_settings(folder)), cwd)
    typed = {"config": arguments.config, **options}
    settings = read_settings(
        rootdir=rootdir,
        cli={f"mm_{name.replace('-', '_')}": value for name, value in typed.items()},
        ini={},
        environment=os.environ,
        known=registry.benchmark_names(),
        invocation_dir=cwd,
        prefix="--",
    )
    name = settings.source.removesuffix(f" [{_WITHIN}]")
    is_named = settings.sources["config"] != "default"
    return Project(
        rootdir=rootdir,
        settings=settings,
        file=(cwd if is_named else rootdir) / expand(name or file.FILE),
        within=_WITHIN if name != settings.source else "",
    )


def _has_settings(folder: Path) -> bool:
    if (folder / file.FILE).is_file():
        return True
    try:
        return f"[{_WITHIN}" in (folder / file.PROJECT).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def model_name(spec: str) -> str:
    """A model as a committed file calls it: without the folders of this machine."""
    return Path(spec).name if Path(spec).is_absolute() else spec


def _relative_to_cwd(path: Path) -> str:
    """A path as people type it here."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
