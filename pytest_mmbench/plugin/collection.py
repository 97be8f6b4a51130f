"""Where the shipped cases hang in the tree that pytest collects, and which of them were named.

The cases are ordinary test functions of an installed module. They appear under a collector of
their own, `mmbench`, below the folder in which pytest looks for tests: so conftest files of that
folder and above it are theirs too, and options such as `-k`, `-m` and `--lf` treat them like any
other test.
"""

from __future__ import annotations

import importlib.util
import os
import warnings
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import pytest

from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.records import Gate

FOLDER: Final = "mmbench"
"""First part of every node id of the shipped suite."""
CASES: Final[Mapping[Gate, str]] = {gate: f"{FOLDER}/test_{gate}.py::test_{gate}" for gate in Gate}
"""Node ids of the shipped cases, without their dimension, by gate."""
FORMER_CASE: Final = "test_answers"
"""The name of `test_snapshot` in earlier versions, which is understood for one release."""
CONFTEST: Final = "conftest.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What pytest is to collect itself, and where the suite goes."""

    args: tuple[str, ...]
    """For `config.args`: what was typed, without the names of shipped cases."""
    folder: Path | None
    """The suite hangs under this folder; None if only files were named."""
    named: tuple[str, ...]
    """Node ids of shipped cases, or beginnings of such ids, that were typed; none: all cases."""
    suite_only: bool
    """Nothing but shipped cases was named: of the project's own tests none is collected."""
    nothing_typed: bool = False
    """Nothing was typed: files alone, if it is files, are what `testpaths` says."""

    @property
    def runs_suite(self) -> bool:
        """Whether the suite is to run: a folder leaves it open what runs, a typed file does not."""
        return self.folder is not None or bool(self.named) or self.nothing_typed

    def is_selected(self, nodeid: str) -> bool:
        """Whether that shipped case was named, or no case was."""
        return not self.named or any(names(typed, nodeid) for typed in self.named)


def names(typed: str, nodeid: str) -> bool:
    """Whether what was typed is a node id, or a whole part of its beginning."""
    rest = nodeid.removeprefix(typed)
    return not rest or (rest != nodeid and rest[0] in "/:[")


def place(
    args: Sequence[str],
    *,
    invocation_dir: Path,
    rootdir: Path,
    testpaths: Sequence[Path] = (),
    nothing_typed: bool = False,
    pyargs: bool = False,
) -> Placement:
    """Sorts what was typed into shipped cases and the project's own tests.

    1. No argument, a folder or an installed package: the suite runs, below the first folder.
    2. Files and node ids of the project: exactly these run, and the suite does not.
    3. Node ids that pytest printed for shipped cases: exactly these run, as far as the suite goes.

    Args:
        args: `config.args`, which never is empty.
        invocation_dir: relative arguments start here.
        rootdir: node ids start here.
        testpaths: the folders that pytest would collect without arguments.
        nothing_typed: whether nothing was typed: `args` are what pytest made of that.
        pyargs: whether names of installed packages may have been typed.
    """
    typed = {arg: shipped_id(arg, invocation_dir, rootdir) for arg in args}
    named = tuple(nodeid for nodeid in typed.values() if nodeid)
    others = tuple(arg for arg, nodeid in typed.items() if not nodeid)
    packages = {arg: _package(arg) for arg in others if pyargs}
    paths = (packages.get(arg) or absolute(invocation_dir, arg) for arg in others)
    folders = [path for path in paths if path.is_dir()]
    if others:
        folder = _test_folder(folders[0]) if folders else None
        return Placement(
            args=others, folder=folder, named=named, suite_only=False, nothing_typed=nothing_typed
        )
    home = _test_folder(testpaths[0] if testpaths else invocation_dir)
    return Placement(args=(str(home),), folder=home, named=named, suite_only=True)


def absolute(start: Path, arg: str) -> Path:
    """The file or folder that an argument such as `tests/test_x.py::test_y[a]` begins with."""
    return Path(os.path.abspath(start / arg.partition("[")[0].partition("::")[0]))  # noqa: PTH100 - keeps symbolic links


def _package(arg: str) -> Path | None:
    """The folder of an installed package, as `--pyargs` finds it; None if that names none."""
    try:
        spec = importlib.util.find_spec(arg.partition("[")[0].partition("::")[0])
    except (AttributeError, ImportError, ValueError):
        # What has dots, slashes or nothing in the wrong place is a path.
        return None
    folders = spec.submodule_search_locations if spec else None
    return Path(next(iter(folders))) if folders else None


def shipped_id(arg: str, invocation_dir: Path, rootdir: Path) -> str:
    """The node id that an argument means in the shipped suite; empty if it means something else.

    pytest prints node ids relative to the working directory, reports hold them relative to the
    rootdir: both are understood. A file or folder that exists is never taken for a shipped case.
    """
    if absolute(invocation_dir, arg).exists():
        return ""
    _, colons, inside = arg.partition("::")
    for start in (invocation_dir, rootdir):
        path = absolute(start, arg)
        relative = path.relative_to(rootdir) if path.is_relative_to(rootdir) else Path()
        if relative.parts[:1] == (FOLDER,):
            nodeid = relative.as_posix() + colons + inside
            if FORMER_CASE in nodeid:
                warn_of_former_case()
            return nodeid.replace(FORMER_CASE, "test_snapshot")
    return ""


def warn_of_former_case() -> None:
    """Says what the case is called now that was typed under its name of earlier versions."""
    message = f"{FORMER_CASE} is now test_snapshot; the next release does not know the old name"
    warnings.warn(message, MMBenchWarning, stacklevel=2)


def _test_folder(folder: Path) -> Path:
    """The folder, or its one `test*` folder with a conftest file: pytest loads that file too."""
    below = [path.parent for path in folder.glob(f"test*/{CONFTEST}")]
    return below[0] if len(below) == 1 else folder


PLACEMENT: Final = pytest.StashKey[Placement]()
"""Where a configuration keeps its placement."""
GATES: Final = pytest.StashKey[tuple[Gate, ...]]()
"""Where it keeps the gates that have cases in this run."""


class Suite(pytest.Collector):
    """Holds the shipped cases.

    It is no `pytest.File`: `--lf` skips files of which it remembers no failure by their path, and
    the path of an installed module tells it nothing.
    """

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """The cases of every shipped module that were asked for."""
        placement = self.config.stash[PLACEMENT]
        for gate in self.config.stash[GATES]:
            cases = ShippedModule.of(self, f"pytest_mmbench.plugin.cases.test_{gate}").collect()
            for case in cases:
                if gate is Gate.SNAPSHOT:
                    case.extra_keyword_matches.add(FORMER_CASE)  # for `-k`
                if placement.is_selected(case.nodeid):
                    yield case


class ShippedModule(pytest.Module):
    """A module of the suite, whatever a project's own naming rules for tests are."""

    @classmethod
    def of(cls, suite: Suite, name: str) -> ShippedModule:
        """The module of that name, imported as installed: no `sys.path` or import mode applies."""
        module = importlib.import_module(name)
        path = Path(str(module.__file__))
        nodeid = f"{suite.nodeid}/{path.name}"
        node = cls.from_parent(suite, path=path, nodeid=nodeid, name=path.name)
        node.obj = module
        return node

    def funcnamefilter(self, name: str) -> bool:
        """`test_*`, also where `python_functions` says otherwise."""
        return name.startswith("test_")

    def classnamefilter(self, name: str) -> bool:  # noqa: ARG002 - pytest's signature
        """The suite has no classes."""
        return False


class SuiteCollector:
    """Hangs the suite into the tree while pytest collects it."""

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Adds the suite to the folder that it belongs to, or to the session if there is none."""
        report = yield
        placement = collector.config.stash[PLACEMENT]
        if report.passed and placement.runs_suite:
            report.result = _with_suite(placement, collector, report.result)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: Sequence[pytest.Item]
    ) -> None:
        """Refuses to run without the suite that was asked for: no gate must not look like a pass.

        Raises:
            pytest.UsageError: the folder that the suite hangs under was not collected.
        """
        runs = session.config.stash[PLACEMENT].runs_suite and not session.testsfailed
        if runs and not any(item.getparent(Suite) for item in items):
            folder = session.config.stash[PLACEMENT].folder
            raise pytest.UsageError(
                f"mmbench: the cases could not be collected, because {folder} was not.\n"
                "  what to do   name a folder that pytest collects, or run `pytest mmbench`"
            )


_Nodes: TypeAlias = list[pytest.Item | pytest.Collector]


def _with_suite(placement: Placement, collector: pytest.Collector, nodes: _Nodes) -> _Nodes:
    """What a collector has collected, with the suite if it belongs there."""
    if isinstance(collector, pytest.Session) and placement.folder is None:
        parents = (parent for node in nodes for parent in node.iter_parents())
        folder = next((each for each in parents if isinstance(each, pytest.Directory)), None)
        return [*nodes, _suite(folder or collector)]
    if not isinstance(collector, pytest.Directory) or placement.folder is None:
        return nodes
    # Where the suite's own folder is left out by `--ignore`, the one above it has the suite.
    ignored = all(node.path != placement.folder for node in nodes)
    above = collector.path == placement.folder.parent
    if collector.path != placement.folder and not (above and ignored):
        return nodes
    return [*([] if placement.suite_only else nodes), _suite(collector)]


def _suite(parent: pytest.Collector) -> Suite:
    suite = Suite.from_parent(parent, name=FOLDER, nodeid=FOLDER)
    suite.add_marker(pytest.mark.mmbench)
    return suite
