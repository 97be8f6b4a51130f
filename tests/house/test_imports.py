import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from rooms import files, imports, layer, name

HEAVY = {
    "av",
    "datasets",
    "filelock",
    "jinja2",
    "matplotlib",
    "msgspec",
    "numpy",
    "PIL",
    "pyarrow",
    "scipy",
    "syrupy",
    "tomlkit",
    "torch",
    "transformers",
}
OWNERS = {
    "av": {"benchmarks.reading.video"},
    "datasets": {"benchmarks.reading.hub"},
    "filelock": {"store"},
    "jinja2": {"report.html"},
    "msgspec": {"exclusions", "models", "report.interchange", "runs", "snapshots", "store"},
    "PIL": {
        "ablations.pixels",
        "benchmarks.reading.video",
        "benchmarks.shapes.drawing",
        "models",
        "report.thumbnails",
    },
    "pyarrow": {"benchmarks.reading.arrow", "benchmarks.reading.parquet"},
    "syrupy": {"suite.extension"},
    "tomlkit": {"config.rewriting"},
    "torch": {"models"},
    "transformers": {"models"},
}


PURE = 2
"""Height of the last layer that does no input or output."""


def ours(path: Path) -> list[str]:
    return [each for each in imports(path) if each.split(".")[0] == "pytest_mmbench"]


def inner() -> list[Path]:
    rooms = [path for path in files() if name(path) != "pytest_mmbench"]
    return [path for path in rooms if layer(name(path)) <= PURE]


@pytest.mark.parametrize("path", files(), ids=name)
def test_imports_go_one_way(path: Path) -> None:
    """A room imports its own layer and lower ones, never a higher one."""
    module = name(path)
    if module == "pytest_mmbench":
        assert ours(path) == ["pytest_mmbench.version"]
        return

    above = [each for each in ours(path) if "." in each and layer(each) > layer(module)]

    assert above == []


def test_no_module_imports_itself_through_others() -> None:
    """Imports form no circle, also within a layer."""
    graph = {name(path): set(ours(path)) - {name(path), "pytest_mmbench"} for path in files()}

    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("path", files(), ids=name)
def test_heavy_libraries_stay_in_the_rooms_that_own_them(path: Path) -> None:
    """Each heavy library is imported only by its owners, so that the rest stays quick to load."""
    module = name(path).removeprefix("pytest_mmbench.")
    used = {each.split(".")[0] for each in imports(path)} & HEAVY

    strangers = {
        library
        for library in used
        if not any(module.startswith(owner) for owner in OWNERS.get(library, ()))
    }

    assert strangers == set()


@pytest.mark.parametrize("path", inner(), ids=name)
def test_the_middle_is_pure(path: Path) -> None:
    """Ground, nouns and pure rooms use the standard library alone, and do no input or output."""
    foreign = {each.split(".")[0] for each in imports(path)} - {"pytest_mmbench"}

    assert foreign <= set(sys.stdlib_module_names)
    assert not foreign & {"os", "pathlib", "sqlite3", "subprocess", "socket", "tempfile"}


def test_homes_are_looked_for_in_one_room() -> None:
    """`Path.expanduser` fails where there is no such home: `paths` alone calls it, and goes on."""
    callers = [name(path) for path in files() if ".expanduser(" in path.read_text("utf-8")]

    assert callers == ["pytest_mmbench.paths"]
