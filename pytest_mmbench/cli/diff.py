"""`mmbench diff`: two saved runs, compared and judged as pytest would have done it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from typing import Final

from pytest_mmbench.cli import output, report_files
from pytest_mmbench.cli.command import ANY_RUN, FAILED, AddParser, command
from pytest_mmbench.cli.data import NOTHING, load_questions
from pytest_mmbench.cli.project import project
from pytest_mmbench.cli.rejudge import RejudgedRun, RejudgeInput, rejudge
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.report.document import ReleaseDecision, Report
from pytest_mmbench.report.tables import MARKUP, Line, Segment, regression_table, vision_table
from pytest_mmbench.report.terminal import score_table
from pytest_mmbench.results import run_file
from pytest_mmbench.results.rows import IMAGE
from pytest_mmbench.results.run_file import SavedRun

_COLOURS: Final = {
    ReleaseDecision.SHIP: "green",
    ReleaseDecision.STOP: "red",
    ReleaseDecision.INCONCLUSIVE: "yellow",
    ReleaseDecision.NOTHING: "yellow",
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
    here = project(chosen, strict=chosen.strict)
    old, new = here.run(chosen.old), here.run(chosen.new)
    typed = ["diff", chosen.old, *([chosen.new] if chosen.new else [])]
    if old == new:
        raise SettingsError(
            f"{chosen.new or 'the latest run'} and {chosen.old} are the same run.",
            asked_for_by="mmbench " + " ".join(typed),
            what_to_do="run the candidate by `pytest --mm-model=PATH`, or name another run",
        )
    check_same(old, new, "mmbench " + " ".join(typed))
    wanted = report_files.wanted(chosen)
    data = load_questions(new, here.settings) if wanted else NOTHING
    case = RejudgeInput(project=here, candidate=new, baseline=(old,), arguments=typed)
    found = rejudge(case, data)
    output.echo(f"{new.model} against {old.model}, {_rules(here.settings.source)}", "")
    output.show(told(found))
    report_files.write(found.document, wanted, data.benchmarks)
    report_files.tell_github(found.document, wanted, os.environ)
    return FAILED if found.document.ruling.decision is ReleaseDecision.STOP else 0


def _rules(source: str) -> str:
    return f"by the rules of {source}" if source else "by the default rules (no settings file)"


def check_same(old: SavedRun, new: SavedRun, asked_for_by: str) -> None:
    """Accepts runs that were asked the same questions in the same way.

    Raises:
        SettingsError: they were not.
    """
    run_file.check_same(
        old, [new.task(name, IMAGE) for name in new.benchmarks], asked_for_by=asked_for_by
    )


def told(found: RejudgedRun) -> Iterator[Line]:
    """The tables of a run, as pytest's summary shows them, and the decision."""
    document, width, encoding = found.document, output.width(), output.encoding()
    yield from score_table(found.verdicts, width=width, encoding=encoding)
    if document.changes:
        yield ()
        name = document.checkpoints[-1].name
        yield from regression_table(document.changes, name, width=width, encoding=encoding)
    if document.sights:
        yield ()
        yield from vision_table(document.sights, width=width, encoding=encoding)
    yield ()
    for each in document.ruling.reasons:
        if document.ruling.decision is not ReleaseDecision.SHIP:
            yield (Segment(text=each.because, markup=MARKUP[each.outcome]),)
    yield from ((Segment(text=f"note: {note}", markup=("light",)),) for note in document.notes)
    yield _decision(document)


def _decision(document: Report) -> Line:
    ruling = document.ruling
    words = Segment(text=ruling.decision.value, markup=("bold", _COLOURS[ruling.decision]))
    return (words, Segment(text=f": {ruling.passed} of {ruling.gates} gates passed"))
