"""Several worker processes of pytest-xdist."""

from typing import Any

import pytest

pytest.importorskip("xdist")
MODEL = "--mm-model=scripted:first"
pytestmark = pytest.mark.slow  # each test starts two more processes that load pytest
TWO = ("-p", "xdist", "-n2")


def test_workers_share_one_run(project: Any) -> None:
    """Two workers judge every case once, ask every sample once, and one tree is printed."""
    project.write(test_own="def test_own(): pass")
    project.settings(shapes__math="0.9")
    model = project.model(project.wrong("shapes.math.addition"))

    result = project.run_apart(model, *TWO)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=25, failed=1)
    result.stdout.fnmatch_lines(["shapes * 34/36 * not gated", "  math * 4/6 * fail"])
    assert result.stdout.str().count("= mmbench =") == 1
    result.stdout.fnmatch_lines(["36 answers in *"])
    result.stdout.no_fnmatch_line("*cached*")


def test_workers_know_a_pasted_id(project: Any) -> None:
    """What was typed reaches the workers."""
    case = "mmbench/test_capability.py::test_capability[shapes.math]"
    project.settings(shapes__math="0")

    project.run_apart(MODEL, case, *TWO).assert_outcomes(passed=1)


SPEAKING = """
import pytest
from pytest_mmbench.models.scripted import ScriptedModel

class Speaking(ScriptedModel):
    notes = ()
    def self_check(self, requests):
        self.notes = ("self-check: prompts are asked one by one",)

@pytest.fixture(scope="session")
def mm_model():
    return Speaking({}, otherwise="A", name="mine")
"""


def test_what_the_model_says_in_each_worker_is_said_once(project: Any) -> None:
    """Each has a model of its own, which checks itself."""
    project.settings(shapes="0")
    project.file("conftest.py", SPEAKING)

    result = project.run_apart("--mm-model=mine", *TWO)

    note = "mine: self-check: prompts are asked one by one"
    assert result.stdout.str().count(note) == 1


def test_workers_ask_afresh_once(project: Any) -> None:
    """`--mm-fresh` forgets what is older than the run, not what another worker has just asked."""
    project.settings(shapes="0")
    project.run(MODEL)

    result = project.run_apart(MODEL, "--mm-fresh", *TWO)

    assert result.ret == 0
    result.stdout.fnmatch_lines(["36 answers in *"])
    result.stdout.no_fnmatch_line("*cached*")


def test_an_unusable_model_ends_all_workers(project: Any) -> None:
    """A model that no worker can load is told once, with exit code 4."""
    project.file("answers.json", "no script")

    result = project.run_apart("--mm-model=scripted:answers.json", *TWO)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()
    assert result.stdout.str().count("asked for by") == 1


def test_a_usage_error_starts_no_worker(project: Any) -> None:
    """What can be known beforehand is said before any worker starts."""
    result = project.run_apart(MODEL, "--mm-limit=-3", *TWO)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.stderr.str().count("mmbench:") == 1


def test_a_run_that_gates_nothing_warns_once(project: Any) -> None:
    """One worker warns for all."""
    result = project.run_apart(MODEL, *TWO)

    result.assert_outcomes(passed=25, warnings=1)


CRASH = """
import os
import pytest

def test_crash():
    os._exit(3)

"""
LAST = """
import pytest

@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    crash = [item for item in items if item.name == "test_crash"]
    items[:] = [*(item for item in items if item not in crash), *crash]
"""


def test_a_worker_that_dies_takes_no_verdict_along(project: Any) -> None:
    """What a worker judged before it died is in the summary, in the report and in the kept run."""
    project.write(test_crash=CRASH, conftest=LAST)
    project.settings(shapes="0")

    result = project.run_apart(MODEL, "--mm-json=report.json", *TWO)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "Traceback" not in result.stderr.str()
    result.assert_outcomes(passed=25, failed=1)
    result.stdout.fnmatch_lines(["shapes * 9/36 * pass"])
    assert '"total": 36' in (project.path / "report.json").read_text(encoding="utf-8")
    assert not list((project.path / ".mmbench" / "run-parts").iterdir())
