import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from saved_runs import saved

from pytest_mmbench.cli import doctor
from pytest_mmbench.cli.doctor import (
    CheckResult,
    ImportResult,
    State,
    accelerators,
    fine,
    import_in_subprocess,
    is_installed,
)
from pytest_mmbench.evaluation.store.sqlite import FILE, SqliteStore
from pytest_mmbench.records import Answer
from pytest_mmbench.results import run_file


def nothing(_: str) -> bool:
    """As `is_installed` where there is neither torch nor transformers."""
    return False


def everything(_: str) -> bool:
    """As `is_installed` where there is all that is looked for."""
    return True


def quick(_: str) -> ImportResult:
    """As `import_in_subprocess`, without the seconds that the libraries take."""
    return ImportResult(version="9.9", seconds=1.25)


@pytest.fixture
def healthy(project: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A project that lacks nothing, on a machine whose libraries load at once."""
    monkeypatch.setattr(doctor, "is_installed", everything)
    monkeypatch.setattr(doctor, "import_in_subprocess", quick)
    monkeypatch.setattr(doctor, "accelerators", lambda: ["cuda:0 Acme (80 GB)"])
    project.settings('[thresholds]\n"shapes" = 0.5\n')
    return project


def test_nothing_is_missing(healthy: Any) -> None:
    """Exit code 0, and a line for everything that was looked at."""
    healthy.baseline("released", saved())
    healthy.ran(saved(name="new"))
    with SqliteStore(healthy.path / ".mmbench") as store:
        store.put("a", {"1": Answer(sample="x", text="A"), "2": Answer(sample="y", text="B")})

    assert healthy("doctor") == 0

    messages = {
        line.split()[1]: " ".join(line.split()[2:]) for line in healthy.lines if " " in line
    }
    assert messages["torch"] == "9.9, loaded in 1.2 s"
    assert messages["devices"] == "cuda:0 Acme (80 GB)"
    assert messages["settings"].startswith("mmbench.toml, rootdir ")
    assert messages["thresholds"] == "1 threshold"
    assert messages["shapes"] == "54 samples, rank"
    assert messages["baseline"] == "released: old"
    assert messages["store"].startswith("2 answers of 1 model, 0.0 MB, in ")
    assert healthy.lines[-1] == "a gate could run here"


def test_missing_libraries_are_wrong(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without them no checkpoint is loaded; the command says how they are had."""
    monkeypatch.setattr(doctor, "is_installed", nothing)
    project.settings()

    assert project("doctor") == 4
    assert project.lines[-1] == "2 problems"
    assert "what to do   pip install torch" in project.out
    assert "pip install 'pytest-mmbench[video]'" in project.out


def test_a_broken_library_is_told(healthy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed is not the same as loadable."""
    monkeypatch.setattr(
        doctor, "import_in_subprocess", lambda _: ImportResult(error="ImportError: no libcuda")
    )

    assert healthy("doctor") == 4
    assert "reason       ImportError: no libcuda" in healthy.lines


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("[benchmarks.shapes]\nper_axis = 3\n", "'per-axis'?"),
        ("[benchmarks\n", "is not valid TOML"),
        ('[thresholds]\n"shapes.maths" = 0.5\n', "there is no dimension 'shapes.maths'"),
        ("[benchmarks.mmstar]\n", 'set data = "PATH"'),
        ('[benchmarks.mmstar]\ndata = "no.tsv"\n', "there is no file or folder"),
        ('[benchmarks.mmstar]\ndata = "data/no.tsv"\n', "there is no file or folder"),
        ('model = "./no/model"\n', "there is no checkpoint folder"),
        ('baseline = "no.json"\n', "there is no saved run no.json"),
        ('exclude = "no.json"\n', "is no list of samples to leave out"),
    ],
)
def test_wrong_settings_are_told(healthy: Any, settings: str, message: str) -> None:
    """In the words of the run that they would end, and with exit code 4."""
    healthy.file("mmbench.toml", settings)

    assert healthy("doctor") == 4
    assert message in healthy.out
    assert "environment" in healthy.lines
    assert healthy.lines[-1] == "1 problem"


def test_the_hub_is_not_asked(healthy: Any) -> None:
    """A data set of the hub is named, and no connection is opened."""
    healthy.file("mmbench.toml", '[benchmarks.mmstar]\ndata = "Lin-Chen/MMStar"\n')

    assert healthy("doctor") == 0
    assert "Lin-Chen/MMStar is not here, and taken for a dataset of the hub" in healthy.out

    healthy.file("mmbench.toml", '[benchmarks.ours]\nquestions = "acme/signs"\n')

    assert healthy("doctor") == 0
    assert "acme/signs is not here, and taken for a dataset of the hub" in healthy.out


def test_what_data_warn_of_is_told(healthy: Any) -> None:
    """Counts that are not the published ones, for example, are worth knowing before a run."""
    fixtures = doctor.__file__.partition("pytest_mmbench")[0] + "fixtures/published/mmstar"
    healthy.file("mmbench.toml", f"[benchmarks.mmstar]\ndata = '{fixtures}/MMStar.tsv'\n")

    assert healthy("doctor") == 0
    assert "20 samples, generate, strict scoring" in healthy.out
    assert "· mmstar " in healthy.out
    assert "1500" in healthy.out


def test_twin_options_are_told(healthy: Any) -> None:
    """Before a run, as in it."""
    row = {"index": 0, "question": "Q?", "A": "x", "B": "x", "answer": "B", "category": "ocr"}
    healthy.file("m.jsonl", json.dumps({**row, "image": "1.png"}))
    healthy.file("mmbench.toml", '[benchmarks.mmbench]\ndata = "m.jsonl"\nmethod = "rank"\n')

    assert healthy("doctor") == 0
    assert "1 of 1 questions have two options of the same text" in healthy.out


def test_a_damaged_store_is_told(healthy: Any) -> None:
    """It is not mended, and not thrown away."""
    content = b"no database, but long enough for a header" * 9
    path = healthy.file(f".mmbench/{FILE}", "")
    path.write_bytes(content)

    assert healthy("doctor") == 4
    assert "the store of answers" in healthy.out
    assert path.read_bytes() == content


def test_a_file_is_no_store(healthy: Any) -> None:
    """No run could keep an answer in it."""
    healthy.file("kept", "")
    healthy.settings('store = "kept"')

    assert healthy("doctor") == 4
    assert "is a file, and the store of answers a folder" in healthy.out


def test_a_foreign_database_is_told(healthy: Any) -> None:
    """Somebody else's SQLite file is no store."""
    path = healthy.file(f".mmbench/{FILE}", "")
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE other (x)")
    file.close()

    assert healthy("doctor") == 4
    assert "is an SQLite file, but not a store of answers" in healthy.out


def test_a_changed_baseline_is_told(healthy: Any) -> None:
    """A pinned one that is not what it was stops every comparison."""
    path = healthy.baseline("released", saved())
    healthy("baseline", "pin", "released")
    run_file.write(saved(name="changed"), path)

    assert healthy("doctor") == 4
    assert "is pinned, and has changed since" in healthy.out


def test_plugins_that_are_not_loaded_are_told(
    healthy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pytest loads no plugin by itself if this variable is set."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    assert healthy("doctor") == 0
    assert "add `-p mmbench` to every run" in healthy.out


def broken() -> Iterator[CheckResult]:
    yield fine("first", "found")
    raise ZeroDivisionError("by nobody")


def test_an_examination_that_breaks_down_is_a_finding() -> None:
    """Whatever happens in one of them, the others are made, and nothing is raised."""

    def checks() -> Iterator[Callable[[], Iterator[CheckResult]]]:
        yield broken
        yield partial(iter, [fine("last", "findings")])

    findings = list(doctor.run_checks(checks()))

    assert [finding.label for finding in findings] == ["first", "broken", "last"]
    assert findings[1] == CheckResult(
        label="broken", state=State.PROBLEM, message="ZeroDivisionError: by nobody"
    )


@pytest.mark.slow  # torch and transformers are loaded
@pytest.mark.torch
def test_as_a_program_for_an_ascii_terminal(project: Any) -> None:
    """In a process of its own; signs that an encoding does not have are written as letters."""
    project.settings()
    done = subprocess.run(
        [sys.executable, "-m", "pytest_mmbench.cli", "doctor"],
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": "ascii", "PATH": "", "PYTHONPATH": ":".join(sys.path)},
    )

    assert done.returncode == 0, done.stderr
    assert "\n  ok settings" in done.stdout.decode("ascii")
    assert "\n  ok torch " in done.stdout.decode("ascii")


# Probing.


def test_a_library_is_loaded_elsewhere() -> None:
    """Its version and the seconds that it takes; this process does not have it afterwards."""
    loading = import_in_subprocess("msgspec")

    assert (loading.version, loading.error) == (sys.modules["msgspec"].__version__, "")
    assert loading.seconds > 0


@pytest.mark.parametrize(
    ("name", "error"),
    [("no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"), ("this", "")],
)
def test_what_cannot_be_loaded_is_told(name: str, error: str) -> None:
    """By the last line of what Python says; a module without a version is none of ours."""
    assert error in import_in_subprocess(name).error
    assert import_in_subprocess(name).error


def test_what_is_installed_is_not_loaded() -> None:
    """Looking is not loading."""
    assert is_installed("antigravity")
    assert "antigravity" not in sys.modules
    assert not is_installed("no_such_library")


@pytest.mark.slow  # torch is loaded in a process of its own
@pytest.mark.torch
def test_accelerators_are_those_of_torch() -> None:
    """As many as torch counts; none on most machines that test this."""
    torch = pytest.importorskip("torch")

    assert len([each for each in accelerators() if each.startswith("cuda")]) == (
        torch.cuda.device_count()
    )


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that hangs is an error, and does not hang the command."""
    monkeypatch.setattr(doctor, "PATIENCE", 0.01)

    assert "it took more than 0.01 s" in import_in_subprocess("msgspec").error


def test_a_threshold_of_a_benchmark_that_does_not_run(healthy: Any) -> None:
    """No run would judge it."""
    healthy.settings('[thresholds]\n"shapes" = 0.5\n"mmstar" = 0.9\n')

    assert healthy("doctor") == 4
    assert "which does not run" in "\n".join(healthy.lines)
