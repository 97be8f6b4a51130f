import os
import sys
import warnings
from typing import Any

import pytest
from pseudo_terminal import output_of

from pytest_mmbench.cli import output
from pytest_mmbench.errors import MMBenchWarning


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What the command writes if both of its outputs are a terminal."""
    pty = pytest.importorskip("pty", reason="Windows has no pseudo terminals")
    command = [sys.executable, "-m", "pytest_mmbench.cli", *arguments]
    around = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24", **environment}
    child, terminal = pty.fork()
    if not child:
        os.execve(sys.executable, command, around)  # noqa: S606 - no shell is wanted
    return output_of(child, terminal)


def test_a_terminal_gets_colours(judged: Any) -> None:
    """What failed is red, what passed is green."""
    seen = on_a_terminal("diff", "released")

    assert "\x1b[1;31mDO NOT SHIP\x1b[0m: 23 of 27 gates passed" in seen
    assert "\x1b[32m  pass" in seen
    assert judged.path.is_dir()


def test_colours_can_be_declined(judged: Any) -> None:
    """NO_COLOR (https://no-color.org) and TERM=dumb are respected."""
    assert "\x1b" not in on_a_terminal("diff", "released", NO_COLOR="1")
    assert "\x1b" not in on_a_terminal("diff", "released", TERM="dumb")
    assert judged.path.is_dir()


def test_a_terminal_shows_how_far_it_is(project: Any) -> None:
    """While models are asked, on a line that goes away again."""
    project.settings()

    seen = on_a_terminal("shortcuts", "--models", "scripted:first")

    assert "\r\x1b[2Kmmbench  scripted:first  loading ..." in seen
    assert "/54 answers" in seen
    assert seen.rindex("\r\x1b[2K") < seen.index("shapes ")


def test_names_are_left_and_numbers_right() -> None:
    """A table keeps its columns whatever stands in them, and no blanks at the ends of lines."""
    lines = output.table(("", "n", ""), [("a", "1,000", ""), ("longer", "7", "remark")])

    assert lines == ["            n", "a       1,000", "longer      7  remark"]


def test_warnings_are_told_as_our_own(project: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the line of code that Python would show; those of others stay as they are."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = output.show_warning
        warnings.warn(MMBenchWarning("two rows are odd"), stacklevel=1)
        warnings.warn("something else", stacklevel=1)

    ours, *others = capsys.readouterr().err.splitlines()
    assert ours == "mmbench: warning: two rows are odd"
    assert "UserWarning: something else" in others[0]
    assert project.err == ""


def test_a_warning_can_be_an_error(project: Any) -> None:
    """`python -W error` ends the command in one screen, as `pytest -W error` ends a run."""
    fixtures = __file__.partition("tests")[0] + "fixtures/published/mmstar/MMStar.tsv"
    project.file("mmbench.toml", f"[benchmarks.mmstar]\ndata = '{fixtures}'\n")

    with warnings.catch_warnings():
        warnings.simplefilter("error", MMBenchWarning)
        assert project("dimensions") == 4
    assert "Traceback" not in project.err
    assert project.err.strip()
