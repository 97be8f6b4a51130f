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
MODEL = "--mm-model=scripted:first"
QUIET = ("-p", "no:cacheprovider", "-W", "ignore::pytest_mmbench.errors.MMBenchWarning")


def benchmark(name: str) -> Benchmark:
    """As the settings name it."""
    table = {**TABLES[name], "data": str(FIXTURES / TABLES[name]["data"])}
    with pytest.warns(MMBenchWarning):
        return registry.benchmark(name, table)


def nodes(name: str) -> set[str]:
    return {node.path for node in benchmark(name).dimensions()}


def unasked(name: str) -> set[str]:
    """Nodes that cannot be asked, or whose samples are not among the invented ones."""
    tree = {node.path: node for node in benchmark(name).dimensions()}
    below = {path: [path, *node.leaves] for path, node in tree.items()}
    return {
        path
        for path, node in tree.items()
        if not node.size or any(tree[each].skip_reason for each in below[path])
    }


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
    folders = {each.name for each in FIXTURES.glob("[!.]*/")}

    drawn = {"documents", "shapes", "shapes-open"}
    assert set(TABLES) == folders == {*registry.benchmark_names()} - {*registry.RECIPES} - drawn


@pytest.mark.parametrize("named", [f"--mm-config={CONFIG}", str(FIXTURES)], ids=["file", "folder"])
def test_they_are_judged_in_one_run(project: Any, named: str) -> None:
    """Every node is a case that passes, fails or is skipped for a reason; none is an error."""
    (project.path / "mmbench.toml").unlink()

    result = project.run(named, MODEL, f"--mm-store={project.path}/s.db", "-v", *QUIET)

    every = set().union(*map(nodes, TABLES))
    assert "errors" not in result.parseoutcomes()
    ended = {outcome: shown(result, outcome) for outcome in ("PASSED", "FAILED", "SKIPPED")}
    assert sorted(path for paths in ended.values() for path in paths) == sorted(every)
    assert set() < ended["FAILED"] <= set(SETTINGS["thresholds"])
    assert ended["SKIPPED"] == {path for name in TABLES for path in unasked(name)}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_one_of_them_alone(project: Any, name: str) -> None:
    """`--mm-benchmark` picks one of the settings, whose other thresholds are not in the way."""
    result = project.run(MODEL, f"--mm-config={CONFIG}", f"--mm-benchmark={name}", *QUIET)

    assert sum(result.parseoutcomes().values()) == len(nodes(name))
    assert "errors" not in result.parseoutcomes()
