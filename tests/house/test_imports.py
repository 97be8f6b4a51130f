import sys
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path

import pytest
from rooms import FLOORS, arrows, entry, files, floor, imports, name

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
    "av": {"benchmarks.readers.frames"},
    "datasets": {"benchmarks.readers.hub"},
    "filelock": {"evaluation.store"},
    "jinja2": {"report.html"},
    "msgspec": {
        "evaluation.store",
        "models",
        "plugin.properties",
        "report.json_report",
        "results",
    },
    "numpy": {"gates.stats.chance", "gates.stats.permutation"},
    "PIL": {
        "benchmarks.documents.drawing",
        "benchmarks.readers.frames",
        "benchmarks.shapes.drawing",
        "images",
        "models",
    },
    "pyarrow": {"benchmarks.readers.parquet"},
    "syrupy": {"plugin.syrupy_extension"},
    "tomlkit": {"config.edit"},
    "torch": {"models"},
    "transformers": {"models"},
}
PURE = ("errors", "options", "records", "protocols", "scorers", "gates")
"""Entries that do no input or output and use the standard library alone."""


def ours(path: Path) -> list[str]:
    return [each for each in imports(path) if each.split(".")[0] == "pytest_mmbench"]


def inner() -> list[Path]:
    return [path for path in files() if entry(name(path)) in PURE]


@pytest.mark.parametrize("path", files(), ids=name)
def test_imports_go_down(path: Path) -> None:
    """A room imports what lies below its entry or to the left on its floor, never above."""
    module = name(path)
    if module == "pytest_mmbench":
        assert ours(path) == []
        return
    here = floor(module)
    allowed = {*chain(*FLOORS[:here]), *FLOORS[here][: FLOORS[here].index(entry(module)) + 1]}

    above = [each for each in ours(path) if "." in each and entry(each) not in allowed]

    assert above == []


def test_few_arrows_and_floors() -> None:
    """The entries of the package are few, and so are the imports between them."""
    assert len(list(chain(*FLOORS))) <= 20
    assert len(FLOORS) <= 8
    assert len(arrows()) <= 90


def test_three_rooms_keep_apart() -> None:
    """The command line loads no plugin, no gate knows a run, and no report knows a model."""
    never = {("cli", "plugin"), ("gates", "evaluation"), ("report", "evaluation")}

    assert arrows() & never == set()


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
    """Records, protocols, scorers and gates use the standard library, and numpy in two files."""
    module = name(path).removeprefix("pytest_mmbench.")
    owned = {library for library, owners in OWNERS.items() if module in owners}
    foreign = {each.split(".")[0] for each in imports(path)} - {"pytest_mmbench"} - owned

    assert foreign <= set(sys.stdlib_module_names)
    assert not foreign & {"os", "pathlib", "sqlite3", "subprocess", "socket", "tempfile"}


def test_home_folders_are_expanded_in_one_room() -> None:
    """`Path.expanduser` fails where there is no such home: `files` alone calls it, and goes on."""
    callers = [name(path) for path in files() if ".expanduser(" in path.read_text("utf-8")]

    assert callers == ["pytest_mmbench.files"]
