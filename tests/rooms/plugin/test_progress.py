from typing import Any

import pytest

from pytest_mmbench.plugin.progress import PytestStream
from pytest_mmbench.report.terminal import ProgressLine


class Writer:
    fullwidth = 60
    width_of_current_line = 9


class Reporter:
    isatty = True


class Plugins:
    """Plugins of a run on a terminal, without capturing."""

    def getplugin(self, name: str) -> Any:
        return Reporter() if name == "terminalreporter" else None


class Config:
    """The part of a configuration that the line looks at."""

    pluginmanager = Plugins()

    def get_terminal_writer(self) -> Writer:
        return Writer()

    verbosity = 0

    def get_verbosity(self) -> int:
        return self.verbosity


def test_drawing_is_throttled(capsys: pytest.CaptureFixture[str]) -> None:
    """Of two calls in quick succession only the first draws, on a line of its own."""
    line = ProgressLine(PytestStream(Config()))  # type: ignore[arg-type] # a stand-in
    line(done=1, total=10, seconds=1.0)
    line(done=2, total=10, seconds=1.1)

    shown = capsys.readouterr().out

    assert shown.startswith("\n\r\x1b[2Kmmbench  ")
    assert shown.count("\x1b[2K") == 1
    assert len(shown.rpartition("\x1b[2K")[2]) < Writer.fullwidth


def test_the_line_goes_away(capsys: pytest.CaptureFixture[str]) -> None:
    """It is cleared, and the cursor goes back behind what pytest had written; once."""
    line = ProgressLine(PytestStream(Config()))  # type: ignore[arg-type] # a stand-in
    line.hide()
    line(done=1, total=10, seconds=1.0)
    capsys.readouterr()
    line.hide()
    line.hide()

    assert capsys.readouterr().out == "\r\x1b[2K\x1b[1A\x1b[10G"


def test_what_is_waited_for_is_said_first(capsys: pytest.CaptureFixture[str]) -> None:
    """The line names what is being loaded, cut to the terminal, and answers then replace it."""
    line = ProgressLine(PytestStream(Config()))  # type: ignore[arg-type] # a stand-in
    line.wait_for("loading " + "x" * 100)
    line(done=1, total=10, seconds=1.0)

    first, second = capsys.readouterr().out.removeprefix("\n\r\x1b[2K").split("\r\x1b[2K")

    assert first.startswith("mmbench  loading xxx")
    assert len(first) < Writer.fullwidth
    assert "1/10 answers" in second


def test_nothing_is_drawn_for_people_who_want_silence(capsys: pytest.CaptureFixture[str]) -> None:
    """`-q -q` shows neither how far it is nor what is being loaded."""
    config = Config()
    config.verbosity = -2
    line = ProgressLine(PytestStream(config))  # type: ignore[arg-type] # a stand-in
    line.wait_for("loading")
    line(done=1, total=10, seconds=1.0)
    line.hide()

    assert capsys.readouterr().out == ""
