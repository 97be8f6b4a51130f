"""What is told of a run: at its start in a header, at its end on the terminal and in reports."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final, TypeVar

import pytest

from pytest_mmbench.config.settings import Settings
from pytest_mmbench.errors import MMBenchError
from pytest_mmbench.evaluation import worker_parts
from pytest_mmbench.evaluation.inference.request_queue import InferenceStats
from pytest_mmbench.evaluation.run import Run
from pytest_mmbench.evaluation.selection import thresholds_not_run
from pytest_mmbench.gates.vision.judge import NO_IMAGE
from pytest_mmbench.options import PREFIX
from pytest_mmbench.plugin import reports
from pytest_mmbench.plugin.collection import CASES, PLACEMENT
from pytest_mmbench.plugin.properties import CLAIMS, MODEL, verdicts
from pytest_mmbench.plugin.properties import snapshots as accepted
from pytest_mmbench.records import CapabilityVerdict, Gate
from pytest_mmbench.report.document import Report, Snapshot
from pytest_mmbench.report.provenance import versions
from pytest_mmbench.report.tables import Line, regression_table, snapshot_lines, vision_table
from pytest_mmbench.report.terminal import closing, score_table, sentences
from pytest_mmbench.results import snapshots

_Found = TypeVar("_Found")


STARTED: Final = "mmbench_started"


EFFORT: Final = "mmbench_effort"


LEFT_OUT: Final = "mmbench: the suite does not run, as only files were named; add `mmbench`"


class SummaryHooks:
    """The hooks that tell.

    Args:
        run: what is judged.
        worker: the name of this process, if another one ends the run.
        bringer: what overrides the fixture `mm_model`, if anything does.
    """

    def __init__(self, run: Run, *, worker: str, bringer: str) -> None:
        self._run = run
        self._worker = worker
        self._bringer = bringer
        self._verdicts: dict[str, CapabilityVerdict] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self._judged: dict[Gate, dict[str, None]] = {claim: {} for claim in Gate}
        self._failed_unjudged: list[str] = []
        self._models: dict[str, None] = {}
        self._efforts: list[InferenceStats] = []
        self._documents: list[Report] = []
        self._report_files: list[str] = []
        self._last_part = ("", 0)
        self._finished_tests = 0

    def pytest_report_header(self, config: pytest.Config) -> list[str]:
        """What is judged, by whose rules; and if nothing is, how that came."""
        settings = self._run.settings
        parts = [f"{name} ({each.describe})" for name, each in self._run.selected.items()]
        told = [f"mmbench: model {settings.model}, {', '.join(parts)}, {_source(settings)}"]
        if settings.baseline:
            told.append(f"mmbench: compared with {settings.baseline}")
        vision = settings.vision
        if vision.conditions or vision.rotations or settings.base_llm:
            again = dict.fromkeys((NO_IMAGE, *vision.conditions))
            turned = ", and without it under every rotation of the options" * vision.rotations
            text = f", beside the text model {settings.base_llm}" * bool(settings.base_llm)
            told.append(f"mmbench: asked again under {', '.join(again)}{turned}{text}")
        if self._run.snapshot_benchmarks:
            folders = ", ".join(
                f"{snapshots.FOLDER}/{name}" for name in self._run.snapshot_benchmarks
            )
            told.append(f"mmbench: accepted answers in {folders}")
        if self._bringer:
            told.append(f"mmbench: mm_model comes from {self._bringer}, not from --mm-model")
        if not config.stash[PLACEMENT].runs_suite:
            told.append(LEFT_OUT)
        return told

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Leaves what a worker has judged before it says so: it may die at any moment."""
        report = yield
        judged = sum(name in CLAIMS for name, _ in report.user_properties)
        if self._worker and judged and self._last_part != (item.nodeid, judged):
            worker_parts.write_worker_part(self._run, versions(), self._worker)
            self._last_part = (item.nodeid, judged)
        return report

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notes which dimensions were judged, and what came of it."""
        for verdict in verdicts(report.user_properties):
            self._verdicts[verdict.tally.dimension] = verdict
        for snapshot in accepted(report.user_properties):
            self._snapshots[snapshot.dimension] = snapshot
        judged = False
        for name, told in report.user_properties:
            if name == MODEL:
                self._models[str(told)] = None
            if name in CLAIMS:
                self._judged[CLAIMS[name]][str(told)] = None
                judged = True
        if report.failed and not judged and report.nodeid.startswith(tuple(CASES.values())):
            self._failed_unjudged.append(report.nodeid)

    def pytest_runtest_logfinish(self) -> None:
        """Counts what has run, whoever wrote it: `-x` ends a run before the last one."""
        self._finished_tests += 1

    # The end.

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Keeps what was said, and writes the reports that were asked for."""
        if self._worker:
            output: dict[str, object] = session.config.workeroutput  # type: ignore[attr-defined]
            output[EFFORT] = asdict(self._run.inference_stats)
            worker_parts.write_worker_part(self._run, versions(), self._worker)
        elif not session.config.option.collectonly:
            try:
                self._finish(session, exitstatus)
            except (MMBenchError, OSError) as error:
                # What was judged stays judged; but a report that is missing must not look fine.
                self._report_files.append(f"not written, as {error}")
                session.exitstatus = session.exitstatus or pytest.ExitCode.USAGE_ERROR

    def _finish(self, session: pytest.Session, exitstatus: int) -> None:
        left = worker_parts.merge_worker_parts(self._run)
        if not left.models:
            left = worker_parts.current_results(self._run, versions())
        if not any(self._judged.values()) or not left.models:
            return
        document = reports.report_of(
            self._run,
            left,
            self._judged,
            accepted=_in_order(self._snapshots, self._run),
            effort=self._inference_stats,
            arguments=[str(arg) for arg in session.config.invocation_params.args],
            unfinished=self._unfinished(session, exitstatus),
        )
        self._documents.append(document)
        self._report_files += reports.write_reports(document, self._run, os.environ)

    def _unfinished(self, session: pytest.Session, exitstatus: int) -> str:
        """Why not everything was judged that was to be; empty if it was."""
        stopped = session.shouldfail or session.shouldstop
        if stopped and self._finished_tests < session.testscollected:
            return f"the run ended before everything was judged: {stopped}"
        if exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR):
            return "the run was interrupted before everything was judged"
        if self._failed_unjudged:
            more = len(self._failed_unjudged) - 1
            return f"{self._failed_unjudged[0]} could not be judged" + (
                f", and {more} more" if more else ""
            )
        return thresholds_not_run(self._run.settings)

    @property
    def _inference_stats(self) -> InferenceStats:
        """What it has cost in all processes."""
        efforts = self._efforts or [self._run.inference_stats]
        asked = sum(effort.new for effort in efforts)
        # Workers also find in the store what other workers have just asked: that is not kept.
        paths = {path for judged in self._judged.values() for path in judged}
        judged = {sample for path in paths for sample in self._run.samples(path)}
        return InferenceStats(
            new=asked,
            cached=max(len(judged) - asked, 0) if self._efforts else efforts[0].cached,
            failed=sum(effort.failed for effort in efforts),
            seconds=max(effort.seconds for effort in efforts),
        )

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The tree of dimensions with their verdicts, from this process and from workers."""
        if any(self._judged.values()):
            terminalreporter.write_sep("=", "mmbench")
            for line in self._lines(terminalreporter):
                _write(terminalreporter, line)
            for annotation in reports.github_lines(self._documents, os.environ):
                terminalreporter.write_line(annotation)
        else:
            self._tell_kept(terminalreporter)
        if not terminalreporter.config.stash[PLACEMENT].runs_suite and _typed(
            terminalreporter.config
        ):
            # -q hides the header; and whoever types a model's name expects it to be judged.
            terminalreporter.write_line(LEFT_OUT)

    def _lines(self, reporter: pytest.TerminalReporter) -> Iterator[Line]:
        width = reporter.config.get_terminal_writer().fullwidth
        encoding = getattr(sys.__stdout__, "encoding", None) or "ascii"
        found = _in_order(self._verdicts, self._run)
        yield from score_table(found, width=width, encoding=encoding)
        for document in self._documents:
            if document.changes:
                yield ()
            name = document.checkpoints[-1].name
            yield from regression_table(document.changes, name, width=width, encoding=encoding)
            if document.sights:
                yield ()
            yield from vision_table(document.sights, width=width, encoding=encoding)
        if self._verdicts and self._snapshots:
            yield ()
        yield from snapshot_lines(_in_order(self._snapshots, self._run))
        if reporter.config.option.tbstyle == "no":
            # Otherwise each sentence stands among the failures already.
            yield from sentences(found)
        yield ()
        effort = self._inference_stats
        yield from closing(
            answers=effort.new,
            seconds=effort.seconds,
            kept=effort.cached,
            model=", ".join(self._models),
            method=", ".join(dict.fromkeys(each.how for each in self._run.selected.values())),
            width=width,
        )
        for document in self._documents:
            yield from reports.plain(document.notes)
        yield from reports.plain(filter(None, [thresholds_not_run(self._run.settings)]))
        yield from reports.report_lines(self._report_files)

    def _tell_kept(self, reporter: pytest.TerminalReporter) -> None:
        asked = sum(effort.new for effort in self._efforts) or self._run.inference_stats.new
        if asked:
            reporter.write_line(f"mmbench: {asked} answers are kept; the same command goes on")
        if self._run.settings.reports and not reporter.config.option.collectonly:
            reporter.write_line("mmbench: no report is written, as nothing was judged")

    # Worker processes of pytest-xdist.

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 - xdist has no types for it
        """All processes agree on when the run began."""
        node.workerinput[STARTED] = self._run.started

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - xdist has no types for it
        """A worker that died has told nothing; its answers are in the store nevertheless."""
        output = getattr(node, "workeroutput", {})
        if EFFORT in output:
            self._efforts.append(InferenceStats(**output[EFFORT]))


def _in_order(found: Mapping[str, _Found], run: Run) -> list[_Found]:
    """What was found of dimensions, in the order of their trees."""
    return [found[path] for path in run.dimensions if path in found]


def _source(settings: Settings) -> str:
    source = f"settings {settings.source}" if settings.source else "no settings file"
    return f"{source} ({settings.note})" if settings.note else source


def _typed(config: pytest.Config) -> bool:
    """Whether the command line itself names the model, and no setting that holds for every run."""
    typed = (str(arg).partition("=")[0] for arg in config.invocation_params.args)
    return f"{PREFIX}model" in typed


def _write(reporter: pytest.TerminalReporter, line: Line) -> None:
    for segment in line:
        reporter.write(segment.text, **dict.fromkeys(segment.markup, True))
    reporter.line("")
