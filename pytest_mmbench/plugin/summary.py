"""The header of a run, its summary on the terminal, and its reports."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from pytest_mmbench.benchmarks.wrappers import published, published_id
from pytest_mmbench.errors import MMBenchError, MMBenchWarning, for_log, one_line
from pytest_mmbench.evaluation.inference.request_queue import InferenceStats
from pytest_mmbench.evaluation.run import CaseKey, Run
from pytest_mmbench.gates.judge import Judge
from pytest_mmbench.gates.shortcuts import ShortcutRule
from pytest_mmbench.gates.verdicts import CapabilityVerdict, SnapshotVerdict, Verdict
from pytest_mmbench.options import PREFIX
from pytest_mmbench.plugin.collection import PLACEMENT
from pytest_mmbench.plugin.completeness import CompletenessHooks, shows_cases
from pytest_mmbench.plugin.properties import MODEL, VERDICT
from pytest_mmbench.records import Gate, Role
from pytest_mmbench.report import run_info
from pytest_mmbench.report.build import ReportInput, build_report, shortcut_lists
from pytest_mmbench.report.document import Decision, Report, RunInfo
from pytest_mmbench.report.run_info import notes_on
from pytest_mmbench.report.tables import (
    Line,
    plain_line,
    regression_table,
    snapshot_lines,
    vision_table,
)
from pytest_mmbench.report.terminal import MOST_REASONS, closing, decision_lines, score_table
from pytest_mmbench.report.write import github_output, write_reports
from pytest_mmbench.results import exclusions, snapshots
from pytest_mmbench.results.exclusions import Exclusion
from pytest_mmbench.results.rows import NO_IMAGE

STARTED: Final = "mmbench_started"
"""Input of a worker: when the run began."""
STATS: Final = "mmbench_stats"
"""Output of a worker: what inference has cost it."""
SUITE_LEFT_OUT: Final = "mmbench: the suite does not run, as only files were named; add `mmbench`"
SHORTCUTS: Final = "shortcuts.json"
"""File of the store's folder that lists samples which are known without their pictures."""


class SummaryHooks:
    """The hooks that collect verdicts, write reports and show the summary.

    Args:
        run: what is judged.
        completeness: what was judged, and what was not.
        worker: the name of this process, if another one ends the run.
        model_override: what overrides the fixture `mm_model`, if anything does.
    """

    def __init__(
        self, run: Run, completeness: CompletenessHooks, *, worker: str, model_override: str
    ) -> None:
        self._run = run
        self._completeness = completeness
        self._worker = worker
        self._model_override = model_override
        self._models: dict[str, None] = {}
        self._worker_stats: list[InferenceStats] = []
        self._report: Report | None = None
        self._decision: Decision | None = None
        self._sentence = ""
        self._report_files: list[str] = []
        self._annotations: list[str] = []
        self._last_part = ("", 0)

    def pytest_report_header(self, config: pytest.Config) -> list[str]:
        """The model, the benchmarks and the settings; and if no suite runs, why."""
        settings = self._run.settings
        parts = [f"{name} ({each.describe()})" for name, each in self._run.selected.items()]
        source = f"settings {settings.source}" if settings.source else "no settings file"
        if settings.note:
            source = f"{source} ({settings.note})"
        lines = [f"model {settings.model}, {', '.join(parts)}, {source}"]
        if settings.baseline:
            lines.append(f"baseline {settings.baseline}")
            lines += self._run.margin_notes
        vision = settings.vision
        if vision.conditions or vision.rotations or settings.base_llm:
            line = f"conditions {', '.join(dict.fromkeys((NO_IMAGE, *vision.conditions)))}"
            if vision.rotations:
                line = f"{line}, and no-image under every rotation of the options"
            if settings.base_llm:
                line = f"{line}; base LLM {settings.base_llm}"
            lines.append(line)
        if self._run.snapshot_benchmarks:
            folders = (f"{snapshots.FOLDER}/{name}" for name in self._run.snapshot_benchmarks)
            lines.append(f"snapshots {', '.join(folders)}")
        if self._model_override:
            lines.append(f"mm_model comes from {self._model_override}, not from --mm-model")
        header = [f"mmbench: {one_line(line)}" for line in lines]
        return header if config.stash[PLACEMENT].runs_suite else [*header, SUITE_LEFT_OUT]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Writes what a worker has judged before it reports it: it may die at any moment."""
        report = yield
        judged = sum(name == VERDICT for name, _ in report.user_properties)
        if self._worker and judged and self._last_part != (item.nodeid, judged):
            self._run.write_worker_part(run_info.versions(), self._worker)
            self._last_part = (item.nodeid, judged)
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collects who was asked, in this process or in workers."""
        names = (str(value) for name, value in report.user_properties if name == MODEL)
        self._models |= dict.fromkeys(names)

    # The end.

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Saves the results, and writes the reports that were asked for."""
        if self._worker:
            output: dict[str, object] = session.config.workeroutput  # type: ignore[attr-defined]
            output[STATS] = asdict(self._run.inference_stats)
            self._run.write_worker_part(run_info.versions(), self._worker)
        elif not shows_cases(session.config):
            try:
                self._finish(session)
            except (MMBenchError, MMBenchWarning, OSError) as error:
                # What was judged stays judged; but a report that is missing must not look fine.
                self._report_files.append(f"not written, as {error}")
                session.exitstatus = session.exitstatus or pytest.ExitCode.USAGE_ERROR

    def _finish(self, session: pytest.Session) -> None:
        run, settings = self._run, self._run.settings
        parts = run.merge_worker_parts()
        models = parts or run.current_results(run_info.versions())
        self._decision = self._completeness.decision(session)
        self._sentence = self._completeness.sentence(session)
        if not self._verdicts or not models:
            return
        release = self._decision.release.value
        run.save_last_run(replace(models[Role.CANDIDATE], decision=release))
        models = {**run.saved, **models}
        # Workers have judged; here their results are only shown.
        judge = run.judge
        if parts:
            judge = Judge(settings, run.trees, models, rotations=run.rotations)
        data = ReportInput(
            settings=settings,
            judge=judge,
            verdicts=self._in_order(),
            models=models,
            run=self._info(session.config),
            sample=lambda benchmark, sample: run.selected[benchmark].benchmark.sample(sample),
        )
        compared = Role.BASELINE in models
        known = notes_on(
            models,
            near_ties=compared or bool(run.snapshot_benchmarks),
            given_tolerance=settings.regression.given_tolerance if compared else None,
        )
        notes = [*known, *self._completeness.notes, *self._write_shortcuts(data)]
        self._report = replace(build_report(data, notes=notes), decision=self._decision)
        benchmarks = {name: each.benchmark for name, each in run.selected.items()}
        self._report_files += write_reports(self._report, settings.reports, benchmarks)
        summary, self._annotations = github_output(
            self._report, os.environ, markdown_file=settings.reports.get("markdown")
        )
        self._report_files += ["the step's summary"] if summary else []

    @property
    def _verdicts(self) -> Mapping[CaseKey, Verdict]:
        return self._completeness.verdicts

    def _in_order(self) -> list[Verdict]:
        """The verdicts by gate, each gate's in the order of the trees."""
        order = [CaseKey(gate, path) for gate in Gate for path in self._run.dimensions]
        return [self._verdicts[key] for key in order if key in self._verdicts]

    def _info(self, config: pytest.Config) -> RunInfo:
        stats, run = self._stats, self._run
        return RunInfo(
            started=datetime.fromtimestamp(run.started, UTC).isoformat(timespec="seconds"),
            seconds=stats.seconds,
            new_answers=stats.new,
            cached_answers=stats.cached,
            seed=run.settings.seed,
            command=run_info.command([str(arg) for arg in config.invocation_params.args]),
            commit=run_info.commit(run.rootdir),
            versions={**run_info.versions()},
            machine=run_info.machine(),
        )

    def _write_shortcuts(self, data: ReportInput) -> Iterator[str]:
        """Lists what is surely known without pictures, for `--mm-exclude`.

        Below what is excluded already: whoever names the new list wants both.
        """
        lists = []
        for name, found in shortcut_lists(data).items():
            benchmark = self._run.selected[name].benchmark
            for each in found:
                if each.rule is ShortcutRule.KNOWN and each.samples:
                    ids = dict.fromkeys(published_id(benchmark, id) for id in each.samples)
                    lists.append(
                        Exclusion(
                            benchmark=name,
                            revision=published(benchmark).revision,
                            rule=each.rule.value,
                            samples=tuple(ids),
                        )
                    )
        if lists:
            settings = self._run.settings
            path = settings.store / SHORTCUTS
            excluded = exclusions.read(settings.exclude) if settings.exclude else ()
            exclusions.write([*excluded, *lists], path)
            count = sum(len(each.samples) for each in lists)
            where = os.path.relpath(path, self._run.rootdir)
            yield f"{count} samples are surely known without the picture: --mm-exclude={where}"

    @property
    def _stats(self) -> InferenceStats:
        """What inference has cost in all processes."""
        parts = self._worker_stats or [self._run.inference_stats]
        new = sum(part.new for part in parts)
        cached = parts[0].cached
        if self._worker_stats:
            # Workers also find in the store what other workers have just asked: that is not cached.
            paths = {key.path for key in self._verdicts}
            judged = {sample for path in paths for sample in self._run.samples(path)}
            cached = max(len(judged) - new, 0)
        return InferenceStats(
            new=new,
            cached=cached,
            failed=sum(part.failed for part in parts),
            seconds=max(part.seconds for part in parts),
        )

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The verdicts of all gates as tables, what inference has cost, and the decision."""
        self._completeness.in_summary = True
        if self._verdicts:
            terminalreporter.write_sep("=", "mmbench")
            for line in self._lines(terminalreporter):
                for segment in line:
                    text = for_log(segment.text)
                    terminalreporter.write(text, **dict.fromkeys(segment.markup, True))
                terminalreporter.line("")
            for annotation in self._annotations:
                terminalreporter.write_line(annotation)
        else:
            self._show_nothing_judged(terminalreporter)
        if not terminalreporter.config.stash[PLACEMENT].runs_suite:
            typed = terminalreporter.config.invocation_params.args
            if f"{PREFIX}model" in (str(arg).partition("=")[0] for arg in typed):
                # -q hides the header; and whoever types a model's name expects it to be judged.
                terminalreporter.write_line(SUITE_LEFT_OUT)

    def _lines(self, reporter: pytest.TerminalReporter) -> Iterator[Line]:
        width = reporter.config.get_terminal_writer().fullwidth
        encoding = getattr(sys.__stdout__, "encoding", None) or "ascii"
        verdicts = self._in_order()
        capability = [each for each in verdicts if isinstance(each, CapabilityVerdict)]
        snapshot = [each for each in verdicts if isinstance(each, SnapshotVerdict)]
        yield from score_table(capability, others=verdicts, width=width, encoding=encoding)
        if self._report is not None:
            if self._report.regression:
                yield ()
            baseline = self._report.models[-1].name
            yield from regression_table(
                self._report.regression, baseline, width=width, encoding=encoding
            )
            if self._report.vision:
                yield ()
            yield from vision_table(self._report.vision, width=width, encoding=encoding)
        if capability and snapshot:
            yield ()
        yield from snapshot_lines(snapshot)
        yield ()
        stats = self._stats
        methods: dict[str, list[str]] = {}
        for name, each in self._run.selected.items():
            methods.setdefault(each.method_and_scoring, []).append(name)
        asked = [f"{', '.join(names)} by {method}" for method, names in methods.items()]
        yield from closing(
            new=stats.new,
            cached=stats.cached,
            seconds=stats.seconds,
            model=", ".join(self._models),
            method="; ".join(asked if len(asked) > 1 else methods),
            width=width,
        )
        yield from map(plain_line, self._footer())
        if self._decision is not None:
            # Otherwise each sentence stands among the failures already.
            most = None if reporter.config.option.tbstyle == "no" else MOST_REASONS
            yield from decision_lines(self._decision, most=most)

    def _footer(self) -> Iterable[str]:
        yield from self._report.notes if self._report is not None else ()
        if self._completeness.refused:
            yield self._completeness.refused
        if self._report_files:
            yield f"report: {', '.join(self._report_files)}"

    def _show_nothing_judged(self, reporter: pytest.TerminalReporter) -> None:
        new = sum(part.new for part in self._worker_stats) or self._run.inference_stats.new
        if new:
            reporter.write_line(f"mmbench: {new} answers cached; run again to resume")
        if self._run.settings.reports and not reporter.config.option.collectonly:
            reporter.write_line("mmbench: no report is written, as nothing was judged")
        if self._sentence and self._completeness.required:
            reporter.write_line(f"mmbench: {self._sentence}")

    # Worker processes of pytest-xdist.

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 - xdist has no types for it
        """All processes agree on when the run began."""
        node.workerinput[STARTED] = self._run.started

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - xdist has no types for it
        """A worker that died has no output; its answers are in the store nevertheless."""
        output = getattr(node, "workeroutput", {})
        if STATS in output:
            self._worker_stats.append(InferenceStats(**output[STATS]))
