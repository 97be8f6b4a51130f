"""`mmbench doctor`: whether a gate could run here, and what is missing if not."""

from __future__ import annotations

import argparse
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from pytest_mmbench.cli import output
from pytest_mmbench.cli.checks import Finding, State, environment_checks, project_checks
from pytest_mmbench.cli.command import USAGE_ERROR, AddParser, command
from pytest_mmbench.errors import MMBenchError
from pytest_mmbench.report.tables import Line, Segment

_SIGNS: Final = {State.OK: "✔", State.NOTE: "·", State.PROBLEM: "✖"}


_ASCII: Final = {State.OK: "ok", State.NOTE: "- ", State.PROBLEM: "!!"}


_MARKUP: Final = {State.OK: ("green",), State.NOTE: (), State.PROBLEM: ("red",)}


_LABEL: Final = 14
"""Columns of a label."""


def add(verbs: AddParser) -> None:
    """Declares the subcommand."""
    command(
        verbs,
        "doctor",
        _run,
        help="say whether a gate could run here, and what is missing",
        description="""
            Looks at everything that a run needs: Python and its packages, accelerators, the
            settings, the data of every benchmark that they name, the checkpoints, the baselines
            and the store of answers. Nothing is changed, and no connection is opened; torch is
            loaded in a process of its own.

            Exit code 0: a gate could run. 4: something is missing or wrong.
            """,
        examples=("mmbench doctor", "mmbench doctor --config other.toml"),
    )


def _run(chosen: argparse.Namespace) -> int:
    wrong = 0
    for title, examine in (
        ("environment", environment_checks),
        ("project", partial(project_checks, chosen)),
    ):
        output.show([(Segment(text=title, markup=("bold",)),)])
        for finding in _found(examine):
            output.show(_lines(finding))
            wrong += finding.state is State.PROBLEM
        output.echo("")
    output.echo(f"{wrong} to mend" if wrong else "a gate could run here")
    return USAGE_ERROR if wrong else 0


def _found(examine: Callable[[], Iterator[Callable[[], Iterator[Finding]]]]) -> Iterator[Finding]:
    """What examinations find; one that breaks down is a finding, and the others go on."""
    for each in examine():
        try:
            yield from each()
        except MMBenchError as error:
            yield Finding(label=_label(each), state=State.PROBLEM, message=str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            told = traceback.format_exception_only(error)[-1].strip()
            yield Finding(label=_label(each), state=State.PROBLEM, message=told)


def _label(examination: Callable[[], Iterator[Finding]]) -> str:
    named = getattr(examination, "func", examination)
    return str(named.__name__).strip("_")


def _lines(finding: Finding) -> Iterator[Line]:
    signs = _SIGNS if output.encoding().lower().startswith("utf") else _ASCII
    first, *rest = finding.message.removeprefix("mmbench: ").splitlines() or [""]
    yield (
        Segment(text=f"  {signs[finding.state]} ", markup=_MARKUP[finding.state]),
        Segment(text=f"{finding.label:<{_LABEL}}  {first}"),
    )
    for line in rest:
        yield (Segment(text=f"{'':{_LABEL + 6}}{line}"),)
