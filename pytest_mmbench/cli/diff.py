"""`mmbench diff`: two saved runs, compared and judged as pytest would have done it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator

from pytest_mmbench.cli import output
from pytest_mmbench.cli.command import ANY_RUN, FAILED, AddParser, command
from pytest_mmbench.cli.data import NOTHING, load_questions
from pytest_mmbench.cli.project import find_project
from pytest_mmbench.cli.rejudge import RejudgedRun, RejudgeInput, rejudge
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.gates.verdicts import Verdict
from pytest_mmbench.report.document import Release
from pytest_mmbench.report.tables import Line, plain_line, regression_table, vision_table
from pytest_mmbench.report.terminal import decision_lines, score_table
from pytest_mmbench.report.write import github_output
from pytest_mmbench.results import run_file
from pytest_mmbench.results.rows import IMAGE
from pytest_mmbench.results.run_file import SavedRun


def add(subcommands: AddParser) -> None:
    """Declares the subcommand."""
    parser = command(
        subcommands,
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

            Exit code 0: ship, undecided, or nothing gated. 1: a gate failed, or something is
            undecided under --strict. 4: the two cannot be compared.
            """,
        examples=(
            "mmbench diff released                      # the latest run against a baseline",
            "mmbench diff released .mmbench/last-run.json --html diff.html",
            "mmbench diff v1.json v2.json --strict      # what is undecided fails",
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
        help="let what is undecided fail; default: as mmbench.toml says",
    )
    output.add_report_flags(parser)


def _run(arguments: argparse.Namespace) -> int:
    project = find_project(arguments, strict=arguments.strict)
    baseline, candidate = project.run(arguments.old), project.run(arguments.new)
    typed = ["diff", arguments.old, *([arguments.new] if arguments.new else [])]
    if baseline == candidate:
        raise SettingsError(
            f"{arguments.new or 'the latest run'} and {arguments.old} are the same run.",
            asked_for_by="mmbench " + " ".join(typed),
            what_to_do="run the candidate by `pytest --mm-model=PATH`, or name another run",
        )
    check_same(baseline, candidate, "mmbench " + " ".join(typed))
    paths = output.report_paths(arguments)
    data = load_questions(candidate, project.settings) if paths else NOTHING
    case = RejudgeInput(project=project, candidate=candidate, baseline=baseline, arguments=typed)
    rejudged = rejudge(case, data)
    source = project.settings.source
    rules = f"by the rules of {source}" if source else "by the default rules (no settings file)"
    output.echo(f"{candidate.model} against {baseline.model}, {rules}", "")
    output.show(summary(rejudged))
    output.save_reports(rejudged.report, paths, data.benchmarks)
    _, annotations = github_output(rejudged.report, os.environ, markdown_file=paths.get("markdown"))
    if annotations:
        output.echo_commands(*annotations)
    release = rejudged.report.decision.release
    undecided_fails = release is Release.UNDECIDED and project.settings.undecided_fails
    return FAILED if release is Release.STOP or undecided_fails else 0


def check_same(baseline: SavedRun, candidate: SavedRun, asked_for_by: str) -> None:
    """Accepts runs that were asked the same questions in the same way."""
    tasks = [candidate.task(name, IMAGE) for name in candidate.benchmarks]
    run_file.check_same(baseline, tasks, asked_for_by=asked_for_by)


def summary(rejudged: RejudgedRun) -> Iterator[Line]:
    """The tables of a run, as pytest's summary shows them, and the decision."""
    report, width, encoding = rejudged.report, output.width(), output.encoding()
    others: list[Verdict] = [*report.regression, *report.vision]
    yield from score_table(rejudged.verdicts, others=others, width=width, encoding=encoding)
    if report.regression:
        yield ()
        name = report.models[-1].name
        yield from regression_table(report.regression, name, width=width, encoding=encoding)
    if report.vision:
        yield ()
        yield from vision_table(report.vision, width=width, encoding=encoding)
    yield ()
    yield from map(plain_line, report.notes)
    yield from decision_lines(report.decision, most=None)
