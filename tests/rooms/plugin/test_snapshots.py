from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.plugin.snapshots import snapshot_benchmarks
from pytest_mmbench.results import snapshots


class Home:
    """The part of a benchmark of the run that is looked at."""

    def __init__(self, name: str) -> None:
        self.name = name


class Config:
    """The part of a configuration that is looked at: a project that has accepted `b` alone."""

    def __init__(self, rootpath: Path, *, active: bool = True, **flags: bool) -> None:
        self.rootpath = rootpath
        self.option = Namespace(**flags)
        self.pluginmanager = self
        self._active = active
        snapshots.folder(rootpath, "b").mkdir(parents=True)

    def hasplugin(self, name: str) -> bool:
        return self._active and name == "syrupy"


HOMES: Any = (Home("a"), Home("b"))


def found(config: Any) -> tuple[str, ...]:
    return snapshot_benchmarks(config, HOMES)


def test_only_what_was_accepted_is_compared(tmp_path: Path) -> None:
    """A benchmark without a folder has no cases."""
    assert found(Config(tmp_path, update_snapshots=False)) == ("b",)


@pytest.mark.parametrize("flag", ["update_snapshots", "update_new_snapshots_only"])
def test_an_update_is_of_all(tmp_path: Path, flag: str) -> None:
    """Every benchmark of the run gets a folder."""
    assert found(Config(tmp_path, **{flag: True})) == ("a", "b")


def test_without_syrupy_a_folder_is_missed(tmp_path: Path) -> None:
    """What is not compared is told, and what was never accepted is not missed."""
    config = Config(tmp_path, active=False)

    with pytest.warns(MMBenchWarning, match="not compared: syrupy is not active") as told:
        assert found(config) == ()

    assert len(told) == 1
