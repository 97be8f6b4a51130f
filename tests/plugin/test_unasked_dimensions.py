"""Dimensions that a benchmark has and that no model can be asked about yet."""

from pathlib import Path
from typing import Any

import pytest

FIXTURES = Path(__file__).parents[2] / "fixtures" / "published"
QUIET = ("-W", "ignore::pytest_mmbench.errors.MMBenchWarning")
SETTINGS = f"""
[benchmarks.seed-bench-2]
data = "{FIXTURES / "seed-bench-2" / "SEED-Bench_v2_level1_2_3.json"}"
[thresholds]
"""


def test_what_holds_them_is_skipped(project: Any) -> None:
    """SEED-Bench-2's pictures as answers, the level that holds them, and the whole: seven cases.

    Levels and parts without them are judged. L1 is the mean of 22 dimensions: six of them are
    right, and one is half right.
    """
    project.file("mmbench.toml", SETTINGS + '"seed-bench-2.l2" = 0.2\n"seed-bench-2.video" = 0.5\n')

    result = project.run("--mm-model=scripted:first", "-rs", *QUIET)

    assert result.ret == 0
    result.assert_outcomes(passed=30, skipped=7)
    result.stdout.fnmatch_lines(
        [
            "mmbench: model scripted:first, seed-bench-2 (25 samples, rank), *",
            "seed-bench-2.l1 * 0.295 * 7/23 * not gated",
            "seed-bench-2.l2 * 8/25 * 0.20 * pass",
            "seed-bench-2.video * 2/4 * 0.50 * pass",
            "SKIPPED [[]7[]] *: answers are pictures, and models that draw are not supported",
        ]
    )


def test_a_threshold_on_them_is_an_error(project: Any) -> None:
    """What is gated and cannot be asked must not look like a pass."""
    project.file("mmbench.toml", SETTINGS + '"seed-bench-2" = 0.1\n')

    result = project.run("--mm-model=scripted:first", *QUIET)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(errors=1, passed=30, skipped=6)
    result.stdout.fnmatch_lines(
        ['seed-bench-2 has a threshold and cannot be asked: *; take "seed-bench-2" out of *']
    )


def test_a_benchmark_that_wants_a_judge(project: Any) -> None:
    """MMIE is collected with every dimension, and asked nothing: the reason is told 16 times."""
    project.file("mmbench.toml", f'[benchmarks.mmie]\ndata = "{FIXTURES / "mmie"}"\n')

    result = project.run("--mm-model=scripted:first", "-rs", *QUIET)

    assert result.ret == 0
    result.assert_outcomes(skipped=16)
    result.stdout.fnmatch_lines(
        [
            "mmbench: model scripted:first, mmie (0 samples, generate), *",
            "SKIPPED [[]16[]] *: answers are judged by a scoring model, MMIE-Score, *",
        ]
    )


def test_a_run_that_can_ask_nothing_gates_nothing(project: Any) -> None:
    """Where every case is skipped, the run warns that it gates nothing."""
    project.file("mmbench.toml", f'[benchmarks.mmie]\ndata = "{FIXTURES / "mmie"}"\n')

    result = project.run("--mm-model=scripted:first")

    result.assert_outcomes(skipped=16, warnings=2)
    result.stdout.fnmatch_lines(["*no selected dimension has a threshold: this run gates nothing."])
