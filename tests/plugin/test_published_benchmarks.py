"""Every benchmark that is read from its authors' files, judged by pytest on invented records."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pytest_mmbench import registry
from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.testing import script

FIXTURES = Path(__file__).parents[2] / "fixtures" / "published"
QUIET = ("-W", "ignore::pytest_mmbench.errors.MMBenchWarning")


class Gated(NamedTuple):
    """A fixture, and what the model `scripted:first` makes of it by the authors' rule.

    Samples that count together count as one.
    """

    name: str
    data: str
    samples: int
    first: int
    """How many of its samples are right if A is said to all of them."""
    empty: int
    """Dimensions without a sample in the fixture."""
    more: str = ""
    """Another line of its table in the settings."""
    methods: tuple[str, ...] = ("generate", "rank", "rank-letter")
    """How it can be asked."""


GATED = (
    Gated("ai2d", "AI2D_TEST.tsv", 6, 1, 0),
    Gated("mathvista", "hub", 12, 0, 0),
    Gated("mmbench", "MMBench_DEV_EN.tsv", 7, 0, 13),
    Gated("mme", "MME.tsv", 15, 0, 0, methods=("generate", "rank")),
    Gated("mmmu", "subjects", 12, 2, 24),
    Gated("scienceqa", "original", 5, 1, 0),
    Gated("seed-bench", "SEED-Bench.json", 13, 3, 0),
    Gated("seed-bench-2", "SEED-Bench_v2_level1_2_3.json", 25, 8, 0, 'level = "L2"'),
)


def settings(project: Any, gated: Gated, *, scoring: str, threshold: str) -> None:
    project.file(
        "mmbench.toml",
        f'[benchmarks.{gated.name}]\ndata = "{FIXTURES / gated.name / gated.data}"\n'
        f'scoring = "{scoring}"\n{gated.more}\n[thresholds]\n{gated.name} = {threshold}\n',
    )


@pytest.mark.parametrize("gated", GATED, ids=lambda gated: gated.name)
def test_a_model_that_always_says_a(project: Any, gated: Gated) -> None:
    """It is judged on every dimension that has samples, and fails the gate."""
    settings(project, gated, scoring="official", threshold="0.9")

    result = project.run("--mm-model=scripted:first", f"--mm-benchmark={gated.name}", *QUIET)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    outcomes = result.parseoutcomes()
    assert (outcomes["failed"], outcomes.get("skipped", 0)) == (1, gated.empty)
    result.stdout.fnmatch_lines([f"{gated.name} * {gated.first}/{gated.samples} * fail"])


@pytest.mark.parametrize(
    ("gated", "method"),
    [
        pytest.param(gated, method, id=f"{gated.name}-{method}")
        for gated in GATED
        for method in gated.methods
    ],
)
def test_a_model_that_is_always_right(project: Any, gated: Gated, method: str) -> None:
    """Letters and open answers are read, in whichever way they are asked for."""
    settings(project, gated, scoring="strict", threshold="1.0")
    data = str(FIXTURES / gated.name / gated.data)
    with pytest.warns(MMBenchWarning):
        right = script(registry.benchmark(gated.name, {"data": data}), accuracy=1.0)
    project.file("answers.json", json.dumps({"answers": right}))

    result = project.run("--mm-model=scripted:answers.json", f"--mm-method={method}", *QUIET)

    assert result.ret == 0
    result.stdout.fnmatch_lines([f"{gated.name} * {gated.samples}/{gated.samples} * pass"])
