"""Paths in a home that nobody has, and in one's own where no shell reads `~`."""

import shutil
from typing import Any

import pytest

MODEL = "--mm-model=scripted:first"
NOWHERE = "~nobody-of-that-name/x"


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        ([f"--mm-model={NOWHERE}"], "there is no checkpoint folder *nobody-of-that-name*"),
        ([MODEL, f"--mm-baseline={NOWHERE}"], "there is no checkpoint folder *"),
        ([MODEL, f"--mm-baseline={NOWHERE}.json"], "there is no saved run *"),
        ([MODEL, f"--mm-config={NOWHERE}"], "*nobody-of-that-name*"),
        ([MODEL, f"--mm-exclude={NOWHERE}"], "*nobody-of-that-name*"),
    ],
)
def test_what_lies_in_no_home_is_not_there(project: Any, args: list[str], problem: str) -> None:
    """A misspelt home is told like any other misspelt folder, and without a traceback."""
    result = project.run(*args)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: mmbench: {problem}"])
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


def test_data_in_no_home_are_not_there(project: Any) -> None:
    """A benchmark's settings are told in the same way."""
    project.file("mmbench.toml", f'[benchmarks.mmstar]\ndata = "{NOWHERE}.tsv"\n')

    result = project.run(MODEL)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: mmbench: *{NOWHERE}.tsv*"])


def test_a_store_in_no_home_is_a_folder_of_that_name(project: Any) -> None:
    """As `mkdir` would make one."""
    result = project.run(MODEL, f"--mm-store={NOWHERE}", "-k", "shapes.math.digits")

    result.assert_outcomes(passed=1, deselected=24, warnings=1)
    assert (project.path / NOWHERE).is_dir()


def test_a_saved_run_in_ones_home_is_found(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell leaves the `~` of `--mm-baseline=~/run.json` to whoever reads it."""
    monkeypatch.setenv("HOME", str(project.path / "home"))
    monkeypatch.setenv("USERPROFILE", str(project.path / "home"))
    project.run(project.model(), "-k", "digits")
    (project.path / "home").mkdir()
    shutil.copy(project.path / ".mmbench/last-run.json", project.path / "home/run.json")

    result = project.run(MODEL, "--mm-baseline=~/run.json", "-k", "digits")

    result.stdout.fnmatch_lines(["mmbench: baseline ~/run.json"])
    result.assert_outcomes(passed=2, deselected=48)
