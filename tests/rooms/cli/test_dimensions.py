from typing import Any

import pytest

from pytest_mmbench.registry import benchmark_names


def test_the_tree_is_listed(project: Any) -> None:
    """Every node with its size, as the settings of this folder have it, ready to paste."""
    project.settings()

    assert project("dimensions") == 0

    rows = [line.split() for line in project.lines]
    assert rows[0] == ["shapes", "54"]
    assert ["shapes.math.addition", "3"] in rows
    assert len(rows) == 25


def test_what_is_left_out_does_not_count(project: Any) -> None:
    """Sizes are those of a run with these settings: without excluded samples, and in circles."""
    project.file(
        "out.json",
        '{"benchmark": "shapes", "revision": "shapes-1 seed=20260419 per-axis=3",'
        ' "rule": "by hand", "samples": ["digits-0000"]}',
    )
    project.settings('circular = true\nexclude = "out.json"\n')

    assert project("dimensions") == 0
    assert project.lines[0].split() == ["shapes", "212"]


def test_settings_are_found_from_a_folder_below(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest folder with settings is the project, as for other tools of a repository."""
    project.settings(per_axis=5)
    below = project.path / "src" / "deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)

    assert project("dimensions") == 0
    assert project.lines[0].split() == ["shapes", "90"]


def test_settings_may_stand_in_pyproject(project: Any) -> None:
    """`[tool.mmbench]` is read where there is no mmbench.toml."""
    project.file("pyproject.toml", "[tool.mmbench.benchmarks.shapes]\nper-axis = 1\n")

    assert project("dimensions") == 0
    assert project.lines[0].split() == ["shapes", "18"]


def test_another_file_may_be_named(project: Any) -> None:
    """`--config` is what `--mm-config` is to pytest."""
    project.file("other.toml", "[benchmarks.shapes]\nper-axis = 2\n")

    assert project("dimensions", "--config", "other.toml") == 0
    assert project.lines[0].split() == ["shapes", "36"]


def test_a_missing_file_is_told_by_the_flag_that_was_typed(project: Any) -> None:
    """The flags of the command are not those of pytest."""
    assert project("dimensions", "--config", "other.toml") == 4
    assert "asked for by       --config=other.toml" in project.err


def test_a_wrong_name_is_told(project: Any) -> None:
    """Exit code 4, as pytest's, and the nearest valid name."""
    assert project("dimensions", "shpes") == 4
    assert project.err.splitlines() == [
        "mmbench: benchmark 'shpes' is not registered.",
        "  did you mean   'shapes'?",
        f"  registered     {', '.join(benchmark_names())}",
    ]


def test_broken_settings_are_told_here_too(project: Any) -> None:
    """The command reads the same file as the plugin, and refuses it in the same words."""
    project.file("mmbench.toml", "[benchmarks.shapes]\nper_axis = 3\n")

    assert project("dimensions") == 4
    assert "'per-axis'?" in project.err
