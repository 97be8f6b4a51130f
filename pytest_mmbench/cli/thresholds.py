"""`mmbench thresholds`: how far a run is above them, and on request a raise."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from pytest_mmbench.cli import output
from pytest_mmbench.cli.command import AddParser, command
from pytest_mmbench.cli.project import Project, find_project
from pytest_mmbench.cli.release import check_released
from pytest_mmbench.cli.scores import (
    DimensionScore,
    add_flags,
    highest_threshold,
    pooled_scores,
    two_decimals,
    unreadable_answers,
)
from pytest_mmbench.config.settings import Settings
from pytest_mmbench.config.tables import check_thresholds
from pytest_mmbench.errors import MMBenchError, SettingsError
from pytest_mmbench.evaluation.selection import Task, select_benchmarks
from pytest_mmbench.gates import capability
from pytest_mmbench.gates.decimals import format_beside_limit
from pytest_mmbench.records import Threshold
from pytest_mmbench.results.run_file import SavedRun

_HEADS: Final = ("", "now", "score", "would be", "")


def add(subcommands: AddParser) -> None:
    """Declares the subcommand."""
    parser = command(
        subcommands,
        "thresholds",
        _run,
        help="show how far the latest run is above the thresholds; raise them",
        description="""
            Shows each threshold of the settings beside the score of a saved run, or of several
            that are pooled, and the threshold that lies a margin below that score and below what
            noise may take from it. --ratchet writes the latter into the settings where it is
            higher: never lower, never so high that the same model would fail by noise more often
            than --error says, and only where all samples of a dimension were asked. Name all the
            runs since the last ratchet: the highest of many single runs is luck. Comments, order
            and formatting of the file stay. Runs that were DO NOT SHIP or UNDECIDED raise nothing
            without --force; with it, a comment behind each raised threshold says so.
            """,
        examples=(
            "mmbench thresholds",
            "mmbench thresholds --ratchet --margin 0.03",
            "mmbench thresholds --ratchet --run 2.1 --run 2.2 --run 2.3",
        ),
    )
    parser.add_argument("--ratchet", action="store_true", help="write the thresholds that rise")
    parser.add_argument("--force", action="store_true", help="take a run that is no release")
    add_flags(parser, several=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ThresholdRow:
    """A threshold beside a score."""

    path: str
    now: str
    score: str
    raised: str = ""
    """The digits that it rises to; empty if it stays."""
    remark: str = ""


def _run(arguments: argparse.Namespace) -> int:
    project = find_project(arguments)
    settings, file = project.settings, project.file
    if not settings.thresholds:
        raise SettingsError(
            f"{settings.source or file.name} has no thresholds.",
            what_to_do="`mmbench init` writes a file with some; or write them into [thresholds]",
        )
    runs = [project.run(name) for name in arguments.run_files or [""]]
    checked = [
        check_released(run, project, force=arguments.force) for run in runs if arguments.ratchet
    ]
    remark = "; ".join(dict.fromkeys(filter(None, checked)))
    _check_same_questions(runs[0], project)
    scores_by_path = {score.node.path: score for score in pooled_scores(runs)}
    # Any of the thresholds may be missed by noise, and all of them together are so rarely.
    error = arguments.error / len(settings.thresholds)
    rows = [
        _threshold_row(
            path,
            threshold,
            scores_by_path.get(path),
            settings,
            margin=arguments.margin,
            error=error,
        )
        for path, threshold in settings.thresholds.items()
    ]
    cells = [
        (row.path, capability.threshold_text(row.now), row.score, row.raised or "-", row.remark)
        for row in rows
    ]
    output.echo(*output.table(_HEADS, cells), "")
    raised = {row.path: row.raised for row in rows if row.raised}
    if arguments.ratchet and raised:
        _write(raised, project, remark=remark)
        output.echo(f"{file.name}: {len(raised)} raised")
    elif arguments.ratchet:
        output.echo(f"{file.name}: nothing rises")
    elif raised:
        output.echo(f"{len(raised)} would rise; add --ratchet to write that")
    else:
        output.echo("none would rise")
    return 0


def _write(raised: Mapping[str, str], project: Project, *, remark: str) -> None:
    # tomlkit is loaded by whoever changes a file.
    from pytest_mmbench.config.edit import (  # noqa: PLC0415
        rewrite,
        with_comment,
        with_thresholds,
    )

    def change(text: str) -> str:
        keys = [("thresholds", path) for path in raised]
        new = with_thresholds(text, raised, within=project.within)
        return with_comment(new, keys, remark, within=project.within)

    rewrite(project.file, change)


def _threshold_row(
    path: str,
    threshold: Threshold,
    score: DimensionScore | None,
    settings: Settings,
    *,
    margin: Fraction,
    error: float,
) -> _ThresholdRow:
    now = threshold.at_least
    if score is None:
        return _ThresholdRow(path=path, now=now, score="-", remark="not in this run")
    shown = format_beside_limit(score.tally.score, Fraction(now))
    # What speaks against raising it.
    objection = unreadable_answers(score, settings)
    if not objection and not score.is_complete:
        objection = f"only {score.samples:,} of {score.node.size:,} samples were asked"
    if objection:
        return _ThresholdRow(path=path, now=now, score=shown, remark=objection)
    highest = highest_threshold(score, threshold.rule, margin, error, settings)
    raised = two_decimals(highest) if highest > Fraction(now) else ""
    return _ThresholdRow(path=path, now=now, score=shown, raised=raised)


def _check_same_questions(run: SavedRun, project: Project) -> None:
    """Refuses a run that was asked something else than these settings ask."""
    settings = project.settings
    nodes = [node for name in run.benchmarks for node in run.trees[name].nodes]
    check_thresholds(settings.thresholds, nodes, source=settings.source)
    try:
        selections = select_benchmarks(replace(settings, strict=False))
    except MMBenchError as error:
        message = "whether the run asked what the settings ask is not known"
        output.echo_note(f"{message}: {error.problem}")
        return
    for selection in selections:
        if selection.name in run.benchmarks:
            now = Task.published(selection).spec
            then = run.task(now.benchmark, now.condition).spec
            if then != now:
                raise SettingsError(
                    f"the run of {run.model} was not asked {now.benchmark} as the settings ask it.",
                    asked_for_by=settings.source,
                    the_run=then.describe(),
                    the_settings=now.describe(),
                    what_to_do="run `pytest --mm-model=PATH` with these settings first",
                )
