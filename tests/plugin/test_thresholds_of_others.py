"""Thresholds of benchmarks that do not run: forgotten, or left out by this run alone."""

import json
from typing import Any

import pytest

MMSTAR = "[benchmarks.mmstar]\n"


def test_a_threshold_of_a_benchmark_that_is_not_configured(project: Any) -> None:
    """Whoever forgets the benchmark's table must not ship ungated."""
    project.settings(shapes="0.5", mmstar="0.9")

    result = project.run(project.model())

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "ERROR: mmbench: a threshold is set for 'mmstar', which does not run.",
            '  asked for by   mmbench.toml [[]thresholds[]] "mmstar" = 0.9',
            "  benchmarks     shapes",
            "  what to do     add [[]benchmarks.mmstar[]], or take the line out",
        ]
    )


def test_a_threshold_beside_the_default(project: Any) -> None:
    """Where no benchmark is configured, the built-in one runs, and no other."""
    project.file("mmbench.toml", '[thresholds]\n"mmstar" = 0.9\n')

    assert project.run("--mm-model=scripted:first").ret == pytest.ExitCode.USAGE_ERROR


def test_a_threshold_of_a_benchmark_that_was_typed(project: Any) -> None:
    """What runs is judged, whoever chose it."""
    project.file("mmbench.toml", '[thresholds]\n"mmstar" = 0.9\n')

    result = project.run("--mm-model=scripted:first", "--mm-benchmark=mmstar")

    assert "which does not run" not in result.stderr.str()


def test_thresholds_that_this_run_leaves_out(project: Any) -> None:
    """They are told of, and a part does not look like the whole."""
    project.settings(MMSTAR, shapes="0.5", mmstar="0.9")

    result = project.run(project.model(), "--mm-benchmark=shapes", "--mm-json=run.json")

    told = "thresholds of mmstar are not judged: --mm-benchmark leaves it out"
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines([told])
    found = json.loads((project.path / "run.json").read_text(encoding="utf-8"))
    assert found["decision"]["release"] == "undecided"
    assert (found["decision"]["gates"], found["decision"]["passed"]) == (2, 1)
    assert found["decision"]["unjudged"] == ["mmstar (capability)"]


def test_a_strict_run_leaves_out_no_threshold(project: Any) -> None:
    """What is inconclusive fails under strict: here before a model is asked."""
    project.settings(MMSTAR, shapes="0.5", mmstar="0.9")

    result = project.run(project.model(), "--mm-benchmark=shapes", "--mm-strict")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: mmbench: thresholds of mmstar are not judged: *"])
