"""Warns of samples that a run leaves out, in the cases whose scores lack them."""

from __future__ import annotations

import warnings
from typing import Final

import pytest

from pytest_mmbench import unread
from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.records import BadRows, Dimension
from pytest_mmbench.session import Run
from pytest_mmbench.sheets import IMAGE

_TOLD: Final = pytest.StashKey[set[tuple[str, str]]]()
"""Samples that were warned of, each with its benchmark."""


def ask(config: pytest.Config, run: Run, dimension: Dimension) -> None:
    """Has the candidate asked where samples may be left out: only then it is known which are."""
    if run.settings.bad_rows is BadRows.SKIP:
        rows = run.candidate.rows(run.home(dimension).name, IMAGE)
        for leaf in dimension.leaves:
            rows[leaf]  # looking it up asks
        warn(config, run, dimension)


def warn(config: pytest.Config, run: Run, dimension: Dimension) -> None:
    """Warns of samples of a dimension that are left out, unless a case above it has done so."""
    if run.settings.bad_rows is not BadRows.SKIP or not run.effort.failed:
        return
    home, told = run.home(dimension), config.stash.setdefault(_TOLD, set())
    asked = dict.fromkeys(home.asked(dimension))
    for sheet in (sheet for each in run.examinees.values() for sheet in each.sheets()):
        if sheet.benchmark != home.name:
            continue
        left_out = {id: sheet.left_out[id] for id in asked if id in sheet.left_out}
        named = {(home.name, id) for id in left_out}
        if not named <= told:
            told |= named
            what = f"{dimension.path}{unread.condition(sheet)}"
            text = unread.sentence(what, left_out, asked=len(asked))
            warnings.warn(MMBenchWarning(f"{text}. Scores are of the others."), stacklevel=1)
