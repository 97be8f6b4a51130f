"""The reports of a run: the document that all of them show, and the files that were asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

from pytest_mmbench.benchmarks.wrappers import published, published_id
from pytest_mmbench.evaluation import worker_parts
from pytest_mmbench.evaluation.inference.request_queue import InferenceStats
from pytest_mmbench.evaluation.run import Run
from pytest_mmbench.evaluation.worker_parts import RunResults
from pytest_mmbench.gates.judge import Judge
from pytest_mmbench.gates.shortcuts import ShortcutList, ShortcutRule
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Gate, Outcome, Role, Sample
from pytest_mmbench.report import provenance
from pytest_mmbench.report.build import ReportInput, build_report, shortcut_lists
from pytest_mmbench.report.document import Report, RunInfo, Snapshot
from pytest_mmbench.report.github import github_annotations
from pytest_mmbench.report.markdown import write_markdown, write_step_summary
from pytest_mmbench.report.notes import notes_of
from pytest_mmbench.report.tables import Line, Segment
from pytest_mmbench.results import exclusions, snapshots
from pytest_mmbench.results.exclusions import Exclusion
from pytest_mmbench.results.snapshots import SnapshotAnswers

SHORTCUTS: Final = "shortcuts.json"
"""File of the store's folder that lists samples which are known without their pictures."""


def report_of(
    run: Run,
    left: RunResults,
    judged: Mapping[Gate, Mapping[str, None]],
    *,
    accepted: Sequence[Snapshot],
    effort: InferenceStats,
    arguments: Sequence[str],
    unfinished: str,
) -> Report:
    """The document of a run that has come to its end; the latest answers are kept on the way."""
    worker_parts.save_last_run(run, left.models[Role.CANDIDATE])
    exams = {**run.saved, **left.models}
    trees = {each.name: each.tree for each in run.selected.values()}
    told = RunInfo(
        started=datetime.fromtimestamp(run.started, UTC).isoformat(timespec="seconds"),
        seconds=effort.seconds,
        answers=effort.new,
        kept=effort.cached,
        seed=run.settings.seed,
        command=provenance.command(arguments),
        commit=provenance.commit(run.rootdir),
        versions=provenance.versions(),
        machine=provenance.machine(),
    )
    finished = ReportInput(
        settings=run.settings,
        judging=Judge(run.settings, trees, exams, rotations=run.rotations),
        judged={
            claim: [node for path, node in run.dimensions.items() if path in paths]
            for claim, paths in judged.items()
        },
        models=exams,
        facts=told,
        sample=partial(_sample, run),
        families=left.families,
        snapshots=tuple(accepted),
        accepted=_accepted(run, accepted),
    )
    notes = [*notes_of(run, exams), *_write_shortcuts(run, finished)]
    return build_report(finished, notes=notes, unfinished=unfinished)


def _write_shortcuts(run: Run, finished: ReportInput) -> Iterator[str]:
    """Writes down what is surely known without pictures, for `--mm-exclude`.

    Below what is left out already: whoever names the new list wants both.
    """
    lists = [
        _exclusion(run.selected[name].benchmark, each)
        for name, found in shortcut_lists(finished).items()
        for each in found
        if each.rule is ShortcutRule.KNOWN and each.samples
    ]
    if lists:
        path = run.settings.store / SHORTCUTS
        held = [each for file in run.settings.exclude.values() for each in exclusions.read(file)]
        exclusions.write([*held, *lists], path)
        count = sum(len(each.samples) for each in lists)
        where = os.path.relpath(path, run.rootdir)
        yield f"{count} samples are surely known without the picture: --mm-exclude={where}"


def _exclusion(benchmark: Benchmark, found: ShortcutList) -> Exclusion:
    ids = dict.fromkeys(published_id(benchmark, id) for id in found.samples)
    return Exclusion(
        benchmark=benchmark.name,
        revision=published(benchmark).revision,
        rule=found.rule.value,
        samples=tuple(ids),
    )


def _accepted(run: Run, judged: Iterable[Snapshot]) -> dict[str, SnapshotAnswers]:
    """The accepted answers by leaf, as far as this run has compared and not replaced them."""
    files = {
        each.dimension: snapshots.path(run.rootdir, each.dimension)
        for each in judged
        if each.outcome in (Outcome.PASS, Outcome.FAIL)
    }
    return {
        leaf: snapshots.read(file, dimension=leaf) for leaf, file in files.items() if file.exists()
    }


def _sample(run: Run, benchmark: str, id: str) -> Sample:
    return run.selected[benchmark].benchmark.sample(id)


def write_reports(document: Report, run: Run, environment: Mapping[str, str]) -> list[str]:
    """Writes what was asked for, and says what was written.

    Raises:
        MMBenchError: a file cannot be written.
    """
    wanted = run.settings.reports
    if "html" in wanted:
        # Templates and pictures are loaded by whoever wants a page.
        from pytest_mmbench.images.thumbnails import Thumbnails  # noqa: PLC0415
        from pytest_mmbench.report.html import write_html  # noqa: PLC0415

        benchmarks = {name: each.benchmark for name, each in run.selected.items()}
        write_html(document, wanted["html"], Thumbnails(benchmarks))
    if "markdown" in wanted:
        write_markdown(document, wanted["markdown"])
    if "json" in wanted:
        from pytest_mmbench.report.json_report import write_json  # noqa: PLC0415

        write_json(document, wanted["json"])
    written = [str(path) for path in wanted.values()]
    if write_step_summary(document, environment, written=wanted.get("markdown")):
        written.append("the step's summary")
    return written


def github_lines(documents: Iterable[Report], environment: Mapping[str, str]) -> list[str]:
    """What GitHub is to show beside the run, where it is listening: a line of its own for each."""
    heard = documents if environment.get("GITHUB_ACTIONS") == "true" else ()
    return [line for document in heard for line in github_annotations(document)]


def plain(texts: Iterable[str]) -> Iterator[Line]:
    """One line for each text."""
    return ((Segment(text=text),) for text in texts)


def report_lines(written: Sequence[str]) -> Iterator[Line]:
    """Where reports are, if there are any."""
    return plain([f"report: {', '.join(written)}"] if written else [])
