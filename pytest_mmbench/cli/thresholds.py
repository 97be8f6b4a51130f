"""`mmbench thresholds`: how far a run is above them, and on request a raise."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from pytest_mmbench.cli import output
from pytest_mmbench.cli.command import ANY_RUN, AddParser, command
from pytest_mmbench.cli.project import Project, project
from pytest_mmbench.cli.scores import Scored, digits, margin, reached, readable, scores
from pytest_mmbench.config.tables import check_thresholds
from pytest_mmbench.errors import MMBenchError, SettingsError
from pytest_mmbench.evaluation.selection import Task, select_benchmarks
from pytest_mmbench.gates import capability
from pytest_mmbench.gates.decimals import beside
from pytest_mmbench.records import Threshold
from pytest_mmbench.results.run_file import SavedRun

_HEADS: Final = ("", "now", "score", "would be", "")


def add(verbs: AddParser) -> None:
    """Declares the subcommand."""
    parser = command(
        verbs,
        "thresholds",
        _run,
        help="show how far the latest run is above the thresholds; raise them",
        description="""
            Shows each threshold of the settings beside the score of a run, and where it would lie
            a margin below that. With --ratchet it is put there, if that is higher: never lower,
            never so high that this run would not pass, and only where all samples of a dimension
            were asked. Comments, order and formatting of the file stay.
            """,
        examples=(
            "mmbench thresholds",
            "mmbench thresholds --ratchet --margin 0.03",
        ),
    )
    parser.add_argument("--ratchet", action="store_true", help="write the thresholds that rise")
    parser.add_argument("--run", dest="run_file", metavar="RUN", default="", help=ANY_RUN)
    parser.add_argument(
        "--margin",
        type=margin,
        default="0.05",
        metavar="FRACTION",
        help="how far below a score its threshold lies; default: 0.05",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    """A threshold, and what becomes of it."""

    path: str
    now: str
    score: str
    raised: str
    """The digits that it rises to; empty if it stays."""
    remark: str


def _run(chosen: argparse.Namespace) -> int:
    here = project(chosen)
    if not here.settings.thresholds:
        raise SettingsError(
            f"{here.settings.source or here.file.name} has no thresholds.",
            what_to_do="`mmbench init` writes a file with some; or write them into [thresholds]",
        )
    run = here.run(chosen.run_file)
    _check_asked(run, here)
    limits = list(_limits(run, here, Fraction(chosen.margin)))
    rows = [
        (each.path, capability.shown(each.now), each.score, each.raised or "-", each.remark)
        for each in limits
    ]
    output.echo(*output.table(_HEADS, rows))
    raised = {each.path: each.raised for each in limits if each.raised}
    if chosen.ratchet:
        _ratchet(raised, here)
    elif raised:
        output.echo("", f"{len(raised)} would rise; add --ratchet to write that")
    else:
        output.echo("", "none would rise")
    return 0


def _limits(run: SavedRun, here: Project, margin: Fraction) -> Iterator[_Limit]:
    known = {each.path: each for each in scores(run)}
    for path, threshold in here.settings.thresholds.items():
        if path in known:
            yield _limit(known[path], threshold, here, margin)
        else:
            remark = "not in this run"
            yield _Limit(path=path, now=threshold.at_least, score="-", raised="", remark=remark)


def _limit(found: Scored, threshold: Threshold, here: Project, margin: Fraction) -> _Limit:
    higher = reached(found, threshold.rule, margin, here.settings)
    against = _against(found, here)
    rises = not against and higher > Fraction(threshold.at_least)
    return _Limit(
        path=found.path,
        now=threshold.at_least,
        score=beside(found.tally.score, Fraction(threshold.at_least)),
        raised=digits(higher) if rises else "",
        remark=against,
    )


def _against(found: Scored, here: Project) -> str:
    if not readable(found, here.settings):
        return f"{found.tally.unparseable} answers are unreadable"
    if not found.whole:
        return f"only {found.samples:,} of {found.node.size:,} samples were asked"
    return ""


def _check_asked(run: SavedRun, here: Project) -> None:
    """Refuses a run that was asked something else than these settings ask.

    Raises:
        SettingsError: it was; or a threshold names a dimension that a benchmark does not have.
    """
    nodes = [node for name in run.benchmarks for node in run.trees[name].nodes]
    check_thresholds(here.settings.thresholds, nodes, source=here.settings.source)
    try:
        every = select_benchmarks(replace(here.settings, strict=False))
    except MMBenchError as error:
        output.echo_note(
            f"whether the run asked what the settings ask is not known: {error.problem}"
        )
        return
    for now in (Task.published(each).results({}) for each in every if each.name in run.benchmarks):
        then = run.task(now.benchmark, now.condition)
        if (then.wording, then.how) != (now.wording, now.how):
            raise SettingsError(
                f"the run of {run.model} was not asked {now.benchmark} as the settings ask it.",
                asked_for_by=here.settings.source,
                the_run=f"{then.wording} ({then.how})",
                the_settings=f"{now.wording} ({now.how})",
                what_to_do="run `pytest --mm-model=PATH` with these settings first",
            )


def _ratchet(raised: dict[str, str], here: Project) -> None:
    # tomlkit is loaded by whoever changes a file.
    from pytest_mmbench.config.edit import rewrite, with_thresholds  # noqa: PLC0415

    if raised:
        rewrite(here.file, lambda text: with_thresholds(text, raised, within=here.within))
    told = f"{len(raised)} raised" if raised else "nothing rises"
    output.echo("", f"{here.file.name}: {told}")
