"""`mmbench report`: a saved run as a page, as Markdown or as JSON."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from pytest_mmbench.cli import files
from pytest_mmbench.cli.data import behind
from pytest_mmbench.cli.diff import check_same
from pytest_mmbench.cli.folder import folder
from pytest_mmbench.cli.judged import Case, judged
from pytest_mmbench.cli.verb import ANY_RUN, AddParser, verb

PAGE: Final = Path("report.html")
"""What is written if nothing is named."""


def add(verbs: AddParser) -> None:
    """Declares the subcommand."""
    parser = verb(
        verbs,
        "report",
        _run,
        help="write the report of a saved run",
        told="""
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
    files.add(parser)


def _run(chosen: argparse.Namespace) -> int:
    here, wanted = folder(chosen), files.wanted(chosen)
    new = here.run(chosen.run_file)
    old = tuple(here.run(each) for each in (chosen.baseline,) if each)
    for each in old:
        check_same(each, new, f"--baseline={chosen.baseline}")
    typed = ["report", *([chosen.run_file] if chosen.run_file else [])]
    typed += [f"--baseline={chosen.baseline}"] if old else []
    data = behind(new, here.settings)
    found = judged(Case(folder=here, new=new, old=old, arguments=typed), data)
    files.write(found.document, wanted or {"html": PAGE}, data.benchmarks)
    return 0
