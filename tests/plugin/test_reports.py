"""What a run leaves for people and other programs."""

import json
import os
import sys
from typing import Any
from xml.etree import ElementTree as ET

import pytest

MODEL = "--mm-model=scripted:first"


def test_junit(project: Any) -> None:
    """A JUnit file names each case, and holds the numbers of its verdict."""
    project.settings(shapes__math="0.9")
    model = project.model(project.wrong("shapes.math"))
    project.run(model, "--junit-xml=out.xml")

    tree = ET.parse(project.path / "out.xml")  # noqa: S314 - pytest wrote it
    cases = {case.get("name"): case for case in tree.iter("testcase")}
    bad = cases["test_capability[shapes.math]"]
    found = {each.attrib["name"]: each.attrib["value"] for each in bad.iter("property")}

    assert len(cases) == 25
    assert bad.get("classname") == "mmbench.test_capability"
    assert bad.find("failure") is not None
    assert found["mm_outcome"] == "fail"
    assert (found["mm_right"], found["mm_asked"]) == ("0", "6")
    assert found["mm_threshold"] == "0.9"
    assert found["mm_because"].startswith("shapes.math 0.000 (0/6")


@pytest.mark.parametrize("quiet", ["-q", "-qq"])
def test_a_quiet_run(project: Any, quiet: str) -> None:
    """`-q` keeps the tree of verdicts and drops the header."""
    result = project.run(MODEL, quiet)

    result.stdout.fnmatch_lines(["*= mmbench =*"])
    result.stdout.no_fnmatch_line("mmbench: model*")


def test_no_progress_without_a_terminal(project: Any) -> None:
    """What goes into a file or a pipe holds no line that is drawn again and again."""
    assert "\x1b" not in project.run(MODEL).stdout.str()


SLOW = """
import time
import pytest
from pytest_mmbench.testing import ScriptedModel

class Slow(ScriptedModel):
    def rank(self, requests):
        time.sleep(0.3)
        return super().rank(requests)

@pytest.fixture(scope="session")
def mm_model():
    model = Slow({})
    model.batch_size = 12
    return model
"""


def on_a_terminal(*args: str) -> str:
    """What pytest writes if its output is a terminal."""
    pty = pytest.importorskip("pty", reason="Windows has no pseudo terminals")
    child, terminal = pty.fork()
    if not child:
        os.environ.update(TERM="xterm", COLUMNS="80", LINES="24")
        command = [sys.executable, "-m", "pytest", "-p", "mmbench", *args]
        os.execv(sys.executable, command)  # noqa: S606 - no shell is wanted
    seen = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        seen += part
    os.waitpid(child, 0)
    return seen.decode()


def test_progress_on_a_terminal(project: Any) -> None:
    """People see how far the asking has come, on a line below that goes away again."""
    project.file("conftest.py", SLOW)

    seen = on_a_terminal("--mm-model=mine", "-k", "shapes.math or shapes")

    assert "\r\x1b[2Kmmbench  loading mine ..." in seen
    assert "12/36 answers" in seen
    assert "\r\x1b[2K\x1b[1A\x1b[28G" in seen
    assert "mmbench/test_capability.py " in seen


def test_no_progress_for_the_very_quiet(project: Any) -> None:
    """`-q -q` draws nothing."""
    project.file("conftest.py", SLOW)

    assert "answers in" in (seen := on_a_terminal("--mm-model=mine", "-qq", "-k", "addition"))
    assert "\x1b[2K" not in seen


@pytest.mark.parametrize("option", ["html", "markdown", "json"])
def test_a_folder_is_no_report(project: Any, option: str) -> None:
    """It is refused before the model is asked, and not after."""
    project.settings()

    result = project.run(project.model(), f"--mm-{option}=.")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{option} names a folder.", "*name a file in it"])
    assert not (project.path / ".mmbench").exists()


def test_a_run_that_stopped_early_does_not_say_ship(project: Any) -> None:
    """One gate passed and a test of the user's own failed under -x: the others are unknown."""
    project.file(
        "test_own.py",
        'import pytest\n\n\n@pytest.mark.parametrize("mm_dimension", ["shapes.math"])\n'
        "def test_own(mm_verdict):\n    assert False\n",
    )
    project.settings(shapes="1", shapes__math="0.5")

    result = project.run(project.model(), "-x", "--mm-json=report.json")

    ruling = json.loads((project.path / "report.json").read_text(encoding="utf-8"))["ruling"]
    assert result.ret == 1
    assert (ruling["decision"], ruling["gates"]) == ("inconclusive", 1)
    assert "ended before everything was judged" in ruling["reasons"][0]["because"]
