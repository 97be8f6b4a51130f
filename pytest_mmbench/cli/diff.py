"""`mmbench diff`: two saved runs, compared and judged as pytest would have done it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from typing import Final

from pytest_mmbench.cli import output, report_files
from pytest_mmbench.cli.command import ANY_RUN, FAILED, AddParser, command
from pytest_mmbench.cli.data import NOTHING, load_questions
from pytest_mmbench.cli.project import find_project
from pytest_mmbench.cli.rejudge import RejudgedRun, RejudgeInput, rejudge
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.report.document import Release
from pytest_mmbench.report.tables import MARKUP, Line, Segment, regression_table, vision_table
from pytest_mmbench.report.terminal import score_table
from pytest_mmbench.report.write import github_output
from pytest_mmbench.results import run_file
from pytest_mmbench.results.rows import IMAGE
from pytest_mmbench.results.run_file import SavedRun

_COLOURS: Final = {
    Release.SHIP: "green",
    Release.STOP: "red",
    Release.INCONCLUSIVE: "yellow",
    Release.NOTHING_GATED: "yellow",
}


def add(verbs: AddParser) -> None:
    """Declares the subcommand."""
    parser = command(
        verbs,
        "diff",
        _run,
        help="compare two saved runs, and judge the newer one as pytest does",
        description="""
            Compares two saved runs sample by sample. The gate is pytest's own: NEW has to reach
            the thresholds of mmbench.toml, and must not be worse than OLD by the rules of its
            [regression]. Neither a model nor the benchmark's data is needed; where the settings
            name the data that the runs asked, reports show questions and pictures.

            A run is the name of a baseline (`mmbench baseline list`) or a file. Runs that were
            not asked the same data, in the same wording, by the same method, are refused.

            Exit code 0: ship. 1: a gate failed. 4: the two cannot be compared.
            """,
        examples=(
            "mmbench diff released                      # the latest run against a baseline",
            "mmbench diff released .mmbench/last-run.json --html diff.html",
            "mmbench diff v1.json v2.json --strict      # what is inconclusive fails",
        ),
    )
    parser.add_argument(
        "old", metavar="OLD", help="what is compared with: a baseline's name, or a file"
    )
    parser.add_argument("new", metavar="NEW", nargs="?", default="", help=ANY_RUN)
    parser.add_argument(
        "--strict",
        action="store_true",
        default=None,
        help="let what is inconclusive fail; default: as mmbench.toml says",
    )
    report_files.add(parser)


def _run(chosen: argparse.Namespace) -> int:
    here = find_project(chosen, strict=chosen.strict)
    baseline, candidate = here.run(chosen.old), here.run(chosen.new)
    typed = ["diff", chosen.old, *([chosen.new] if chosen.new else [])]
    if baseline == candidate:
        raise SettingsError(
            f"{chosen.new or 'the latest run'} and {chosen.old} are the same run.",
            asked_for_by="mmbench " + " ".join(typed),
            what_to_do="run the candidate by `pytest --mm-model=PATH`, or name another run",
        )
    check_same(baseline, candidate, "mmbench " + " ".join(typed))
    files = report_files.wanted(chosen)
    data = load_questions(candidate, here.settings) if files else NOTHING
    case = RejudgeInput(project=here, candidate=candidate, baseline=baseline, arguments=typed)
    rejudged = rejudge(case, data)
    source = here.settings.source
    rules = f"by the rules of {source}" if source else "by the default rules (no settings file)"
    output.echo(f"{candidate.model} against {baseline.model}, {rules}", "")
    output.show(summary(rejudged))
    report_files.write(rejudged.report, files, data.benchmarks)
    _, annotations = github_output(rejudged.report, os.environ, markdown_file=files.get("markdown"))
    if annotations:
        output.echo(*annotations)
    return FAILED if rejudged.report.decision.release is Release.STOP else 0


def check_same(baseline: SavedRun, candidate: SavedRun, asked_for_by: str) -> None:
    """Accepts runs that were asked the same questions in the same way.

    Raises:
        SettingsError: they were not.
    """
    tasks = [candidate.task(name, IMAGE) for name in candidate.benchmarks]
    run_file.check_same(baseline, tasks, asked_for_by=asked_for_by)


def summary(rejudged: RejudgedRun) -> Iterator[Line]:
    """The tables of a run, as pytest's summary shows them, and the decision."""
    report, width, encoding = rejudged.report, output.width(), output.encoding()
    yield from score_table(rejudged.verdicts, width=width, encoding=encoding)
    if report.regression:
        yield ()
        name = report.models[-1].name
        yield from regression_table(report.regression, name, width=width, encoding=encoding)
    if report.vision:
        yield ()
        yield from vision_table(report.vision, width=width, encoding=encoding)
    yield ()
    decision = report.decision
    for each in decision.reasons if decision.release is not Release.SHIP else ():
        yield (Segment(text=each.explanation, markup=MARKUP[each.outcome]),)
    yield from ((Segment(text=f"note: {note}", markup=("light",)),) for note in report.notes)
    release = Segment(text=decision.release.value, markup=("bold", _COLOURS[decision.release]))
    yield (release, Segment(text=f": {decision.passed} of {decision.gates} gates passed"))
