"""`mmbench report`: a saved run as a page, as Markdown or as JSON."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from pytest_mmbench.cli import output
from pytest_mmbench.cli.command import ANY_RUN, AddParser, command
from pytest_mmbench.cli.data import load_questions
from pytest_mmbench.cli.diff import check_same
from pytest_mmbench.cli.project import find_project
from pytest_mmbench.cli.rejudge import RejudgeInput, rejudge

PAGE: Final = Path("report.html")
"""What is written if nothing is named."""


def add(subcommands: AddParser) -> None:
    """Declares the subcommand."""
    parser = command(
        subcommands,
        "report",
        _run,
        help="write the report of a saved run",
        description="""
            Writes the report of a saved run: the verdicts by the thresholds of mmbench.toml, the
            scores under every condition that was asked, and with a baseline every answer that
            changed. No model is asked. The exit code says whether the report was written, and not
            what is in it.
            """,
        examples=(
            "mmbench report                             # the latest run, into report.html",
            "mmbench report --baseline released --markdown report.md",
            "mmbench report mm_baselines/released.json --json released.json",
        ),
    )
    parser.add_argument("run_file", metavar="RUN", nargs="?", default="", help=ANY_RUN)
    parser.add_argument(
        "--baseline", metavar="RUN", default="", help="compare with this run; default: none"
    )
    output.add_report_flags(parser)


def _run(arguments: argparse.Namespace) -> int:
    project, paths = find_project(arguments), output.report_paths(arguments)
    candidate = project.run(arguments.run_file)
    typed = ["report", *([arguments.run_file] if arguments.run_file else [])]
    baseline = None
    if arguments.baseline:
        typed.append(f"--baseline={arguments.baseline}")
        baseline = project.run(arguments.baseline)
        check_same(baseline, candidate, typed[-1])
    data = load_questions(candidate, project.settings)
    case = RejudgeInput(project=project, candidate=candidate, baseline=baseline, arguments=typed)
    output.save_reports(rejudge(case, data).report, paths or {"html": PAGE}, data.benchmarks)
    return 0
