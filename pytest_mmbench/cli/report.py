"""`mmbench report`: a saved run as a page, as Markdown or as JSON."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from pytest_mmbench.cli import report_files
from pytest_mmbench.cli.command import ANY_RUN, AddParser, command
from pytest_mmbench.cli.data import load_questions
from pytest_mmbench.cli.diff import check_same
from pytest_mmbench.cli.project import project
from pytest_mmbench.cli.rejudge import RejudgeInput, rejudge

PAGE: Final = Path("report.html")
"""What is written if nothing is named."""


def add(verbs: AddParser) -> None:
    """Declares the subcommand."""
    parser = command(
        verbs,
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
    report_files.add(parser)


def _run(chosen: argparse.Namespace) -> int:
    here, wanted = project(chosen), report_files.wanted(chosen)
    new = here.run(chosen.run_file)
    old = tuple(here.run(each) for each in (chosen.baseline,) if each)
    for each in old:
        check_same(each, new, f"--baseline={chosen.baseline}")
    typed = ["report", *([chosen.run_file] if chosen.run_file else [])]
    typed += [f"--baseline={chosen.baseline}"] if old else []
    data = load_questions(new, here.settings)
    found = rejudge(RejudgeInput(project=here, candidate=new, baseline=old, arguments=typed), data)
    report_files.write(found.document, wanted or {"html": PAGE}, data.benchmarks)
    return 0
