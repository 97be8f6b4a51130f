"""All published benchmarks in one run, as a project's settings name them."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench import registry
from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.protocols import Benchmark

FIXTURES = Path(__file__).parents[2] / "fixtures" / "published"
CONFIG = FIXTURES / "mmbench.toml"
SETTINGS = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
TABLES: dict[str, dict[str, Any]] = SETTINGS["benchmarks"]
QUIET = ("-W", "ignore::pytest_mmbench.errors.MMBenchWarning")


def benchmark(name: str) -> Benchmark:
    """As the settings name it."""
    table = {**TABLES[name], "data": str(FIXTURES / TABLES[name]["data"])}
    with pytest.warns(MMBenchWarning):
        return registry.benchmark(name, table)


def nodes(name: str) -> set[str]:
    return {node.path for node in benchmark(name).dimensions()}


def shown(result: pytest.RunResult, outcome: str) -> set[str]:
    """Dimensions whose case ended so, as `-v` prints it."""
    lines = [line for line in result.outlines if "::test_capability[" in line and "%]" in line]
    return {
        line.split("[")[1].split("]")[0]
        for line in lines
        if line.split("]")[1].split()[0] == outcome
    }


def test_every_benchmark_is_registered_and_named() -> None:
    """A folder of invented records, an entry of the registry, and a table of the settings each."""
    folders = {each.name for each in FIXTURES.iterdir() if each.is_dir()}

    assert set(TABLES) == folders == set(registry.benchmark_names()) - {"shapes"}


def test_they_are_judged_in_one_run(project: Any) -> None:
    """Every node is a case that passes, fails or is skipped for a reason; none is an error."""
    result = project.run("--mm-model=scripted:first", f"--mm-config={CONFIG}", "-v", "-rs", *QUIET)

    every = set().union(*map(nodes, TABLES))
    passed, failed, skipped = (shown(result, each) for each in ("PASSED", "FAILED", "SKIPPED"))
    assert passed | failed | skipped == every
    assert failed <= set(SETTINGS["thresholds"])
    assert "errors" not in result.parseoutcomes()
    assert sum(
        result.parseoutcomes().get(each, 0) for each in ("passed", "failed", "skipped")
    ) == len(every)
    assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize("name", sorted(TABLES))
def test_one_of_them_alone(project: Any, name: str) -> None:
    """`--mm-benchmark` picks one of the settings, whose other thresholds are not in the way."""
    result = project.run(
        "--mm-model=scripted:first", f"--mm-config={CONFIG}", f"--mm-benchmark={name}", *QUIET
    )

    assert sum(result.parseoutcomes().values()) == len(nodes(name))
    assert "errors" not in result.parseoutcomes()
