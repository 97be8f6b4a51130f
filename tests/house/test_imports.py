import sys
from graphlib import TopologicalSorter
from itertools import chain

import pytest
from rooms import FLOORS, entry, floor
from structure import arrows, imports, modules

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
    "rapidfuzz",
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
        "benchmarks.recipes",
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
        "benchmarks.shapes_open.drawing",
        "images",
        "models",
    },
    "pyarrow": {"benchmarks.readers.parquet"},
    "rapidfuzz": {"scorers.anls", "scorers.item_list", "scorers.mathvista"},
    "syrupy": {"plugin.syrupy_extension"},
    "tomlkit": {"config.edit"},
    "torch": {"models"},
    "transformers": {"models"},
}
PURE = ("errors", "options", "records", "protocols", "scorers", "gates")
"""Entries that do no input or output and use the standard library alone."""


MODULES = sorted(imports())


def ours(module: str) -> list[str]:
    return [each for each in imports()[module] if each.split(".")[0] == "pytest_mmbench"]


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down(module: str) -> None:
    """A room imports what lies below its entry or to the left on its floor, never above."""
    if module == "pytest_mmbench":
        assert ours(module) == []
        return
    here = floor(module)
    allowed = {*chain(*FLOORS[:here]), *FLOORS[here][: FLOORS[here].index(entry(module)) + 1]}

    above = [each for each in ours(module) if "." in each and entry(each) not in allowed]

    assert above == []


def test_few_arrows_and_floors() -> None:
    """The entries of the package are few, and so are the imports between them."""
    assert len(list(chain(*FLOORS))) <= 20
    assert len(FLOORS) <= 8
    assert len(arrows()) <= 92


def test_three_rooms_keep_apart() -> None:
    """The command line loads no plugin, no gate knows a run, and no report knows a model."""
    never = {("cli", "plugin"), ("gates", "evaluation"), ("report", "evaluation")}

    assert arrows() & never == set()


def test_no_module_imports_itself_through_others() -> None:
    """Imports form no circle, also within a layer."""
    graph = {module: set(ours(module)) - {module, "pytest_mmbench"} for module in MODULES}

    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("module", MODULES)
def test_heavy_libraries_stay_in_the_rooms_that_own_them(module: str) -> None:
    """Each heavy library is imported only by its owners, so that the rest stays quick to load."""
    room = module.removeprefix("pytest_mmbench.")
    used = {each.split(".")[0] for each in imports()[module]} & HEAVY

    strangers = {
        library
        for library in used
        if not any(room.startswith(owner) for owner in OWNERS.get(library, ()))
    }

    assert strangers == set()


@pytest.mark.parametrize("module", [each for each in MODULES if entry(each) in PURE])
def test_the_middle_is_pure(module: str) -> None:
    """Records, protocols, scorers and gates use the standard library, others in few files."""
    room = module.removeprefix("pytest_mmbench.")
    owned = {library for library, owners in OWNERS.items() if room in owners}
    foreign = {each.split(".")[0] for each in imports()[module]} - {"pytest_mmbench"} - owned

    assert foreign <= set(sys.stdlib_module_names)
    assert not foreign & {"os", "pathlib", "sqlite3", "subprocess", "socket", "tempfile"}


def test_home_folders_are_expanded_in_one_room() -> None:
    """`Path.expanduser` fails where there is no such home: `files` alone calls it, and goes on."""
    callers = [
        each.name for each in modules() if any(".expanduser(" in line for line in each.lines)
    ]

    assert callers == ["pytest_mmbench.files"]
