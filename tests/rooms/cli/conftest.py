"""A project in a folder of its own, in which the command is run."""

from pathlib import Path

import pytest
from saved_runs import saved

from pytest_mmbench.cli.main import main
from pytest_mmbench.results import baselines, run_file
from pytest_mmbench.results.run_file import SavedRun


class Project:
    """A folder with settings and saved runs, and what the command says in it."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self.out = ""
        self.err = ""
        self._capsys = capsys

    def file(self, name: str, text: str) -> Path:
        """Any file of the project."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def text(self, name: str) -> str:
        """What a file holds now."""
        return (self.path / name).read_text(encoding="utf-8")

    def settings(self, text: str = "", *, per_axis: int = 3) -> None:
        """Its mmbench.toml: how the benchmark is asked, behind other top-level keys and tables."""
        self.file("mmbench.toml", f"{text}\n[benchmarks.shapes]\nper-axis = {per_axis}\n")

    def ran(self, run: SavedRun) -> None:
        """Its latest run."""
        run_file.write(run, self.path / ".mmbench" / run_file.LAST)

    def baseline(self, name: str, run: SavedRun) -> Path:
        """A run that is kept by name."""
        path = self.path / baselines.BASELINES / f"{name}.json"
        run_file.write(run, path)
        return path

    def __call__(self, *arguments: str) -> int:
        """Runs the command in this process, and gives its exit code."""
        try:
            return main(arguments)
        finally:
            self.out, self.err = self._capsys.readouterr()

    @property
    def lines(self) -> list[str]:
        """What it said, without blanks at the ends."""
        return [line.strip() for line in self.out.splitlines()]


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Project:
    """A folder with nothing in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for variable in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(variable, raising=False)
    return Project(tmp_path, capsys)


@pytest.fixture(scope="session")
def released() -> SavedRun:
    """A run of a model that is always right."""
    return saved(per_axis=40)


@pytest.fixture(scope="session")
def worse() -> SavedRun:
    """A run of a model that has unlearnt one axis of 40 samples."""
    return saved(name="new", per_axis=40, wrong=["shapes.math.digits"])


@pytest.fixture
def judged(project: Project, released: SavedRun, worse: SavedRun) -> Project:
    """A folder with settings, thresholds, a baseline and a worse latest run."""
    project.settings('[thresholds]\n"shapes" = 0.9\n"shapes.math" = 0.8\n', per_axis=40)
    project.baseline("released", released)
    project.ran(worse)
    return project
