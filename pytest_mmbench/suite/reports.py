"""The reports of a run: the document that all of them show, and the files that were asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

from pytest_mmbench import exclusions, snapshots, standing, unread
from pytest_mmbench.acceptance import Accepted
from pytest_mmbench.benchmarks.wrapped import published, published_id
from pytest_mmbench.comparing import near_ties
from pytest_mmbench.exclusions import Exclusion
from pytest_mmbench.filling import Finished, candidates, document
from pytest_mmbench.judging import Claim, Judging, Role
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Outcome, Sample
from pytest_mmbench.report.annotations import github_annotations
from pytest_mmbench.report.document import Document, RunFacts
from pytest_mmbench.report.judgements import Snapshot
from pytest_mmbench.report.layout import Line, Segment
from pytest_mmbench.report.markdown import write_markdown, write_step_summary
from pytest_mmbench.runner import Effort
from pytest_mmbench.runs import RunFile
from pytest_mmbench.session import Run
from pytest_mmbench.shortcuts import Candidates, Rule
from pytest_mmbench.suite import facts, keeping
from pytest_mmbench.suite.keeping import Left

SHORTCUTS: Final = "shortcuts.json"
"""File of the store's folder that lists samples which are known without their pictures."""


def fill(
    run: Run,
    left: Left,
    judged: Mapping[Claim, Mapping[str, None]],
    *,
    accepted: Sequence[Snapshot],
    effort: Effort,
    arguments: Sequence[str],
    unfinished: str,
) -> Document:
    """The document of a run that has come to its end; the latest answers are kept on the way."""
    keeping.keep(run, left.models[Role.CANDIDATE])
    exams = {**run.saved, **left.models}
    trees = {each.name: each.tree for each in run.selected.values()}
    told = RunFacts(
        started=datetime.fromtimestamp(run.started, UTC).isoformat(timespec="seconds"),
        seconds=effort.seconds,
        answers=effort.asked,
        kept=effort.kept,
        seed=run.settings.seed,
        command=facts.command(arguments),
        commit=facts.commit(run.rootdir),
        versions=facts.versions(),
        machine=facts.machine(),
    )
    finished = Finished(
        settings=run.settings,
        judging=Judging(run.settings, trees, exams, rotations=run.rotations),
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
    notes = [*_notes(run, exams), *_listed(run, finished)]
    return document(finished, notes=notes, unfinished=unfinished)


def _listed(run: Run, finished: Finished) -> Iterator[str]:
    """Writes down what is surely known without pictures, for `--mm-exclude`.

    Below what is left out already: whoever names the new list wants both.
    """
    lists = [
        _exclusion(run.selected[name].benchmark, each)
        for name, found in candidates(finished).items()
        for each in found
        if each.rule is Rule.KNOWN and each.samples
    ]
    if lists:
        path = run.settings.store / SHORTCUTS
        held = [each for file in run.settings.exclude.values() for each in exclusions.read(file)]
        exclusions.write([*held, *lists], path)
        count = sum(len(each.samples) for each in lists)
        where = os.path.relpath(path, run.rootdir)
        yield f"{count} samples are surely known without the picture: --mm-exclude={where}"


def _exclusion(benchmark: Benchmark, found: Candidates) -> Exclusion:
    ids = dict.fromkeys(published_id(benchmark, id) for id in found.samples)
    return Exclusion(
        benchmark=benchmark.name,
        revision=published(benchmark).revision,
        rule=found.rule.value,
        samples=tuple(ids),
    )


def _notes(run: Run, exams: Mapping[Role, RunFile]) -> Iterator[str]:
    """What a reader has to know before trusting the numbers."""
    # The candidate comes first, whatever the order: it is the one that is released.
    in_order = [exams[role] for role in Role if role in exams]
    yield from unread.told(sheet for each in in_order for sheet in each.sheets)
    if Role.BASELINE in exams or run.accepting:
        compared = [each for role, each in exams.items() if role is not Role.BASE_LLM]
        how = "measured" if run.settings.calibrate else "assumed for its number format"
        yield f"{near_ties(compared, exams[Role.CANDIDATE].asked)} ({how})"
    if Role.BASELINE in exams:
        then, now = (exams[role].facts for role in (Role.BASELINE, Role.CANDIDATE))
        yield from facts.other_versions(then, now)
    yield from of_candidate(exams[Role.CANDIDATE])


def of_candidate(candidate: RunFile) -> Iterator[str]:
    """What a reader has to know of the model that is judged."""
    for sheet in candidate.sheets:
        yield from standing.told(sheet, candidate.trees[sheet.benchmark])
        if sheet.shown != sheet.condition:
            told = f"{sheet.benchmark}: {sheet.shown} stood in for {sheet.condition}"
            yield f"{told}, as the model cannot be asked without a picture"


def _accepted(run: Run, judged: Iterable[Snapshot]) -> dict[str, Accepted]:
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


def write(document: Document, run: Run, environment: Mapping[str, str]) -> list[str]:
    """Writes what was asked for, and says what was written.

    Raises:
        MMBenchError: a file cannot be written.
    """
    wanted = run.settings.reports
    if "html" in wanted:
        # Templates and pictures are loaded by whoever wants a page.
        from pytest_mmbench.report.html import write_html  # noqa: PLC0415
        from pytest_mmbench.report.thumbnails import Thumbnails  # noqa: PLC0415

        benchmarks = {name: each.benchmark for name, each in run.selected.items()}
        write_html(document, wanted["html"], Thumbnails(benchmarks))
    if "markdown" in wanted:
        write_markdown(document, wanted["markdown"])
    if "json" in wanted:
        from pytest_mmbench.report.interchange import write_json  # noqa: PLC0415

        write_json(document, wanted["json"])
    written = [str(path) for path in wanted.values()]
    if write_step_summary(document, environment, written=wanted.get("markdown")):
        written.append("the step's summary")
    return written


def heard_by_github(documents: Iterable[Document], environment: Mapping[str, str]) -> list[str]:
    """What GitHub is to show beside the run, where it is listening: a line of its own for each."""
    heard = documents if environment.get("GITHUB_ACTIONS") == "true" else ()
    return [line for document in heard for line in github_annotations(document)]


def plain(texts: Iterable[str]) -> Iterator[Line]:
    """One line for each text."""
    return ((Segment(text=text),) for text in texts)


def told(written: Sequence[str]) -> Iterator[Line]:
    """Where reports are, if there are any."""
    return plain([f"report: {', '.join(written)}"] if written else [])
