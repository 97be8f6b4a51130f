"""A small project that is judged, in each test of this folder."""

import json
import warnings
from collections.abc import Mapping
from pathlib import Path

import pytest

# Runs inside this process forget what they load first, and extension modules load only once.
import pytest_mmbench.benchmarks.shapes.drawing
import pytest_mmbench.plugin.cases.test_capability  # noqa: F401
from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.testing import script

PER_AXIS = 2


class Project:
    """A project with the built-in benchmark at two samples for each of its 18 axes.

    Its tree has 25 nodes: the benchmark, six capabilities, 18 axes.
    """

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path
        self.shapes = Shapes(per_axis=PER_AXIS)

    def write(self, **files: str) -> None:
        """Python files of the project, by name."""
        self.pytester.makepyfile(**files)

    def file(self, name: str, text: str) -> Path:
        """Any file of the project."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def settings(self, text: str = "", **thresholds: str) -> None:
        """Its mmbench.toml: top-level keys and tables, and thresholds with `__` for a dot."""
        limits = "\n".join(
            f'"{name.replace("__", ".").replace("_", "-")}" = {value}'
            for name, value in thresholds.items()
        )
        tables = f"[benchmarks.shapes]\nper-axis = {PER_AXIS}\n[thresholds]\n{limits}\n"
        self.file("mmbench.toml", f"{text}\n{tables}")

    def model(self, answers: Mapping[str, str] | None = None, *, otherwise: str = "A") -> str:
        """The option that names a scripted model; by default one that is always right."""
        right = script(self.shapes, accuracy=1.0)
        text = json.dumps({"answers": {**right, **(answers or {})}, "otherwise": otherwise})
        self.file("answers.json", text)
        return "--mm-model=scripted:answers.json"

    def ids(self, path: str) -> list[str]:
        """The samples of a dimension."""
        (node,) = [node for node in self.shapes.dimensions() if node.path == path]
        return [id for leaf in node.leaves for id in self.shapes.ids(leaf)]

    def wrong(self, path: str) -> dict[str, str]:
        """Letters that miss every sample of a dimension."""
        wrong = script(self.shapes, accuracy=0.0)
        return {id: wrong[id] for id in self.ids(path)}

    def run(self, *args: str) -> pytest.RunResult:
        """Pytest in this process, with no other plugin, and warnings as a user would get them."""
        with warnings.catch_warnings():
            warnings.resetwarnings()
            return self.pytester.runpytest_inprocess("-p", "mmbench", *args)

    def run_apart(self, *args: str) -> pytest.RunResult:
        """Pytest in a process of its own."""
        return self.pytester.runpytest_subprocess("-p", "mmbench", *args)


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run inside a worker is no worker itself: syrupy would keep its report for a controller."""
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project without thresholds."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    # pytest prints more in CI than at a desk: tests of what is printed need the same everywhere.
    for variable in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(variable, raising=False)
    found = Project(pytester)
    found.settings()
    return found
