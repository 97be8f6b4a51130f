"""What a run leaves for people and other programs."""

import os
import sys
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from pseudo_terminal import output_of

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
    assert (found["mm_correct"], found["mm_total"]) == ("0", "6")
    assert found["mm_threshold"] == "0.9"
    assert found["mm_explanation"].startswith("shapes.math 0.000 (0/6")


@pytest.mark.parametrize("quiet", ["-q", "-qq"])
def test_a_quiet_run(project: Any, quiet: str) -> None:
    """`-q` keeps the tree of verdicts and drops the header."""
    result = project.run(MODEL, quiet)

    result.stdout.fnmatch_lines(["*= mmbench =*"])
    result.stdout.no_fnmatch_line("mmbench: model*")


def test_no_progress_without_a_terminal(project: Any) -> None:
    """What goes into a file or a pipe holds no line that is drawn again and again."""
    assert "\x1b" not in project.run(MODEL).stdout.str()


def test_annotations_stand_on_lines_of_their_own(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitHub hears a command only where a line begins with it."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    project.settings(shapes="0.9")

    result = project.run_apart(MODEL)

    said = [line for line in result.outlines if "::error" in line]
    assert [line.partition(" title=")[0] for line in said] == ["::error"]


@pytest.mark.parametrize("named", ["report.md", "summary.md", ""])
def test_the_steps_summary_has_the_report_once(
    project: Any, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """Whatever else is written, and also where `--mm-markdown` names the summary itself."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project.path / "summary.md"))

    result = project.run(MODEL, *[f"--mm-markdown={named}"] * bool(named))

    summary = (project.path / "summary.md").read_text(encoding="utf-8")
    assert summary.count("### Run") == 1
    assert named != "report.md" or (project.path / named).read_text(encoding="utf-8") == summary
    result.stdout.fnmatch_lines([f"report: *{named or 'summary'}*"])


FIRST = """
import pytest

@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: {"test_own": 1, "test_capability[shapes]": 0}.get(item.name, 2))
"""


def test_a_run_that_a_failure_stops_says_so(project: Any) -> None:
    """Under `-x`, gates that were not reached must not look like ones that passed."""
    project.settings(shapes="0", shapes__math="0.9")
    project.write(conftest=FIRST, test_own="def test_own(): assert False")

    result = project.run(MODEL, "-x", "--mm-markdown=report.md")

    result.assert_outcomes(passed=1, failed=1)
    told = (project.path / "report.md").read_text(encoding="utf-8")
    assert told.startswith("## ◆ UNDECIDED")
    assert "the run ended before everything was judged: stopping after 1 failures" in told


def test_a_failure_at_the_end_stops_nothing(project: Any) -> None:
    """Under `-x` too, a run whose last test fails has judged everything."""
    project.settings(shapes="0")
    project.write(conftest=FIRST.replace("1", "3"), test_own="def test_own(): assert False")

    project.run(MODEL, "-x", "--mm-markdown=report.md").assert_outcomes(passed=25, failed=1)

    assert (project.path / "report.md").read_text(encoding="utf-8").startswith("## ✔ SHIP")


def test_a_test_beside_the_suite_is_no_gate(project: Any) -> None:
    """A failing test of a project's own folder `mmbench` is no dimension that was not judged."""
    project.settings(shapes="0")
    project.file("mmbench/test_theirs.py", "def test_theirs(): assert False\n")

    project.run(MODEL, "--mm-markdown=report.md").assert_outcomes(passed=25, failed=1)

    assert (project.path / "report.md").read_text(encoding="utf-8").startswith("## ✔ SHIP")


@pytest.mark.parametrize("args", [[], ["--collect-only"]])
def test_a_report_that_is_not_written_is_missed_aloud(project: Any, args: list[str]) -> None:
    """Where nothing was judged, a report of an earlier run must not pass for this one's."""
    project.write(test_own="def test_own(): pass")

    result = project.run(MODEL, "-k", "test_own", "--mm-json=report.json", *args)

    told = "mmbench: no report is written, as nothing was judged"
    assert (told in result.outlines) is not bool(args)


SLOW = """
import time
import pytest
from pytest_mmbench.models.scripted import ScriptedModel

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
    return output_of(child, terminal)


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


def test_two_reports_are_two_files(project: Any) -> None:
    """The later one would overwrite the other, and both would be said to be there."""
    result = project.run(project.model(), "--mm-json=report", "--mm-html=report")

    result.stderr.fnmatch_lines(["*json and html name the same file.", "*name another one"])
    assert result.ret == 4
    assert not (project.path / "report").exists()


HOSTILE = """
import pytest
from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.models.scripted import ScriptedModel

@pytest.fixture(scope="session")
def mm_model():
    return ScriptedModel({}, name="1\\n::error::X\\n::add-mask::x\\x1b[31m\\u202e")
"""


def test_a_name_is_no_command_to_the_log(project: Any) -> None:
    """A model, a sample or a text that looks like a command of GitHub's is shown as text."""
    project.file("conftest.py", HOSTILE)

    result = project.run("--mm-model=mine\n::error::Y", "-k", "addition", "-rA")

    lines = [*result.outlines, *result.errlines]
    assert any("∷error∷X" in line or "∷error::X" in line for line in lines)
    assert not [line for line in lines if line.lstrip().startswith("::")]
    assert not {"\x1b", "\u202e"} & {*"".join(lines)}
