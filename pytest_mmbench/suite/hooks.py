"""What pytest is told while a model is judged. Registered only when one was named."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Generator
from dataclasses import asdict
from typing import Any, Final

import pytest

from pytest_mmbench.collection import PLACEMENT, Suite
from pytest_mmbench.config import Settings
from pytest_mmbench.errors import (
    DataError,
    MMBenchError,
    MMBenchWarning,
    SettingsError,
)
from pytest_mmbench.judging import Claim
from pytest_mmbench.records import Dimension, Verdict
from pytest_mmbench.report.terminal import Line, closing, lines, sentences
from pytest_mmbench.runner import Effort
from pytest_mmbench.session import Need, Run
from pytest_mmbench.suite.progress import ProgressLine
from pytest_mmbench.suite.properties import MODEL, verdicts

DIMENSION: Final = "mm_dimension"
CLAIMED_BY: Final = {"mm_tally": Claim.CAPABILITY, "mm_regression": Claim.REGRESSION}
"""Fixtures that need answers, and what a test claims that has them."""
ONE_CASE: Final = (SettingsError, DataError, MMBenchWarning)
"""Errors that other cases need not have: what remains is a model or a store that is unusable."""
STOP: Final = "mm_stop"
"""Property of a report after which nothing more can be judged."""
STARTED: Final = "mmbench_started"
EFFORT: Final = "mmbench_effort"
GATES_NOTHING: Final = (
    "no selected dimension has a threshold: this run gates nothing.\n"
    "  what to do   set one in [thresholds] of mmbench.toml"
)


class Hooks:
    """The hooks of one run.

    Args:
        run: what is judged.
        line: shows how far the asking has come.
        worker: whether another process writes the summary.
        bringer: what overrides the fixture `mm_model`, if anything does.
    """

    def __init__(self, run: Run, line: ProgressLine, *, worker: bool, bringer: str) -> None:
        self._run = run
        self._line = line
        self._worker = worker
        self._bringer = bringer
        self._verdicts: dict[str, Verdict] = {}
        self._models: dict[str, None] = {}
        self._efforts: list[Effort] = []
        self._warner = ""

    # Collecting.

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Every test that needs a dimension is run for each one of this run."""
        if DIMENSION in metafunc.fixturenames and not _parametrised(metafunc.definition):
            nodes = list(self._run.dimensions.values())
            metafunc.parametrize(DIMENSION, nodes, ids=[node.path for node in nodes])

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """The cases that are left say which answers will be needed."""
        asking = [item for item in session.items if _asks(item)]
        self._run.want(need for item in asking for need in _needs(item))
        self._warner = next((item.nodeid for item in asking if item.getparent(Suite)), "")

    # Running.

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None]:
        """The setup of a case asks the model: the line that shows it goes away afterwards."""
        if _asks(item) and not self._run.candidate.loaded:
            self._line.wait_for(f"loading {self._run.settings.model}")
        try:
            return (yield)
        finally:
            self._line.hide()

    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """The first shipped case warns, once in all processes, if no case can fail."""
        if item.nodeid == self._warner and self._run.gates_nothing:
            warnings.warn(MMBenchWarning(GATES_NOTHING), stacklevel=1)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Our own errors say what to do; a traceback through our files would only hide it."""
        report = yield
        error = call.excinfo.value if call.excinfo else None
        if call.excinfo and isinstance(error, MMBenchError | MMBenchWarning):
            report.longrepr = call.excinfo.getrepr(style="value", chain=False)
            if not isinstance(error, ONE_CASE):
                report.user_properties.append((STOP, error.problem))
        return report

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collects verdicts, and ends the run when the model turns out to be unusable."""
        for verdict in verdicts(report.user_properties):
            self._verdicts[verdict.tally.dimension] = verdict
        for name, told in report.user_properties:
            if name == MODEL:
                self._models[str(told)] = None
            if name == STOP and not self._worker:
                pytest.exit(f"mmbench: {told}", returncode=pytest.ExitCode.USAGE_ERROR)

    # Telling.

    def pytest_report_header(self, config: pytest.Config) -> list[str]:
        """What is judged, by whose rules; and if nothing is, how that came."""
        settings = self._run.settings
        parts = [
            f"{name} ({each.size} samples, {each.how})" for name, each in self._run.selected.items()
        ]
        told = [f"mmbench: model {settings.model}, {', '.join(parts)}, {_source(settings)}"]
        if self._bringer:
            told.append(f"mmbench: mm_model comes from {self._bringer}, not from --mm-model")
        if not config.stash[PLACEMENT].wanted:
            told.append("mmbench: the suite does not run, as only files were named; add `mmbench`")
        return told

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The tree of dimensions with their verdicts, from this process and from workers."""
        if not self._verdicts:
            self._tell_kept(terminalreporter)
            return
        order = {path: at for at, path in enumerate(self._run.dimensions)}
        found = sorted(self._verdicts.values(), key=lambda each: order[each.tally.dimension])
        writer = terminalreporter.config.get_terminal_writer()
        encoding = getattr(sys.__stdout__, "encoding", None) or "ascii"
        terminalreporter.write_sep("=", "mmbench")
        told = lines(found, width=writer.fullwidth, encoding=encoding)
        if terminalreporter.config.option.tbstyle == "no":
            # Otherwise each sentence stands among the failures already.
            told += sentences(found)
        for line in [*told, ()]:
            _write(terminalreporter, line)
        for line in self._closing(writer.fullwidth):
            _write(terminalreporter, line)

    def _tell_kept(self, reporter: pytest.TerminalReporter) -> None:
        asked = sum(effort.asked for effort in self._efforts) or self._run.effort.asked
        if asked:
            reporter.write_line(f"mmbench: {asked} answers are kept; the same command goes on")

    def _closing(self, width: int) -> list[Line]:
        efforts = self._efforts or [self._run.effort]
        asked = sum(effort.asked for effort in efforts)
        # Workers also find in the store what other workers have just asked: that is not kept.
        judged = {sample for path in self._verdicts for sample in self._run.samples(path)}
        return closing(
            answers=asked,
            seconds=max(effort.seconds for effort in efforts),
            kept=max(len(judged) - asked, 0) if self._efforts else efforts[0].kept,
            model=", ".join(self._models),
            method=", ".join(dict.fromkeys(each.how for each in self._run.selected.values())),
            width=width,
        )

    # Worker processes of pytest-xdist.

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 - xdist has no types for it
        """All processes agree on when the run began."""
        node.workerinput[STARTED] = self._run.started

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A worker tells what it has spent."""
        if self._worker:
            output: dict[str, object] = session.config.workeroutput  # type: ignore[attr-defined]
            output[EFFORT] = asdict(self._run.effort)

    def pytest_unconfigure(self) -> None:
        """Nothing is asked any more."""
        self._run.close()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - xdist has no types for it
        """A worker that died has told nothing; its answers are in the store nevertheless."""
        output = getattr(node, "workeroutput", {})
        if EFFORT in output:
            self._efforts.append(Effort(**output[EFFORT]))


def _asks(item: pytest.Item) -> bool:
    return bool(_needs(item))


def _needs(item: pytest.Item) -> list[Need]:
    named = getattr(item, "fixturenames", ())
    claims = [claim for fixture, claim in CLAIMED_BY.items() if fixture in named]
    return [Need(claim, _path(item)) for claim in claims]


def _parametrised(definition: pytest.Item) -> bool:
    """Whether a test names the dimensions itself, by `@pytest.mark.parametrize`."""
    named = [mark.args[0] for mark in definition.iter_markers("parametrize") if mark.args]
    split = [names.split(",") if isinstance(names, str) else names for names in named]
    return any(name.strip() == DIMENSION for names in split for name in names)


def _path(item: pytest.Item) -> str:
    """The dimension that a test is about."""
    dimension = item.callspec.params.get(DIMENSION) if hasattr(item, "callspec") else ""
    return dimension.path if isinstance(dimension, Dimension) else str(dimension)


def _source(settings: Settings) -> str:
    source = f"settings {settings.source}" if settings.source else "no settings file"
    return f"{source} ({settings.note})" if settings.note else source


def _write(reporter: pytest.TerminalReporter, line: Line) -> None:
    for segment in line:
        reporter.write(segment.text, **dict.fromkeys(segment.markup, True))
    reporter.line("")
