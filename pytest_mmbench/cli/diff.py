"""`mmbench diff`: two saved runs, compared and judged as pytest would have done it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from typing import Final

from pytest_mmbench import runs
from pytest_mmbench.cli import files, screen
from pytest_mmbench.cli.data import NOTHING, behind
from pytest_mmbench.cli.folder import folder
from pytest_mmbench.cli.judged import Case, Judged, judged
from pytest_mmbench.cli.verb import ANY_RUN, FAILED, AddParser, verb
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.report.beside import compared, seen
from pytest_mmbench.report.document import Document
from pytest_mmbench.report.judgements import Decision
from pytest_mmbench.report.layout import MARKUP, Line, Segment
from pytest_mmbench.report.terminal import lines
from pytest_mmbench.runs import RunFile
from pytest_mmbench.sheets import IMAGE

_COLOURS: Final = {
    Decision.SHIP: "green",
    Decision.STOP: "red",
    Decision.INCONCLUSIVE: "yellow",
    Decision.NOTHING: "yellow",
}


def add(verbs: AddParser) -> None:
    """Declares the subcommand."""
    parser = verb(
        verbs,
        "diff",
        _run,
        help="compare two saved runs, and judge the newer one as pytest does",
        told="""
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
    files.add(parser)


def _run(chosen: argparse.Namespace) -> int:
    here = folder(chosen, strict=chosen.strict)
    old, new = here.run(chosen.old), here.run(chosen.new)
    typed = ["diff", chosen.old, *([chosen.new] if chosen.new else [])]
    if old == new:
        raise SettingsError(
            f"{chosen.new or 'the latest run'} and {chosen.old} are the same run.",
            asked_for_by="mmbench " + " ".join(typed),
            what_to_do="run the candidate by `pytest --mm-model=PATH`, or name another run",
        )
    check_same(old, new, "mmbench " + " ".join(typed))
    wanted = files.wanted(chosen)
    data = behind(new, here.settings) if wanted else NOTHING
    case = Case(folder=here, new=new, old=(old,), arguments=typed)
    found = judged(case, data)
    screen.say(f"{new.model} against {old.model}, {_rules(here.settings.source)}", "")
    screen.show(told(found))
    files.write(found.document, wanted, data.benchmarks)
    files.tell_github(found.document, wanted, os.environ)
    return FAILED if found.document.ruling.decision is Decision.STOP else 0


def _rules(source: str) -> str:
    return f"by the rules of {source}" if source else "by the default rules (no settings file)"


def check_same(old: RunFile, new: RunFile, asked_for_by: str) -> None:
    """Accepts runs that were asked the same questions in the same way.

    Raises:
        SettingsError: they were not.
    """
    runs.check_same(old, [new.sheet(name, IMAGE) for name in new.asked], asked_for_by=asked_for_by)


def told(found: Judged) -> Iterator[Line]:
    """The tables of a run, as pytest's summary shows them, and the decision."""
    document, width, encoding = found.document, screen.width(), screen.encoding()
    yield from lines(found.verdicts, width=width, encoding=encoding)
    if document.changes:
        yield ()
        name = document.checkpoints[-1].name
        yield from compared(document.changes, name, width=width, encoding=encoding)
    if document.sights:
        yield ()
        yield from seen(document.sights, width=width, encoding=encoding)
    yield ()
    for each in document.ruling.reasons:
        if document.ruling.decision is not Decision.SHIP:
            yield (Segment(text=each.because, markup=MARKUP[each.outcome]),)
    yield from ((Segment(text=f"note: {note}", markup=("light",)),) for note in document.notes)
    yield _decision(document)


def _decision(document: Document) -> Line:
    ruling = document.ruling
    words = Segment(text=ruling.decision.value, markup=("bold", _COLOURS[ruling.decision]))
    return (words, Segment(text=f": {ruling.passed} of {ruling.gates} gates passed"))
