"""The shipped tests: one module for each gate. What fails and what warns is decided here, once."""

from __future__ import annotations

import warnings

import pytest

from pytest_mmbench.errors import MMBenchWarning, for_log
from pytest_mmbench.gates.verdicts import Verdict
from pytest_mmbench.plugin.stash import RUN
from pytest_mmbench.records import Outcome


def conclude(request: pytest.FixtureRequest, verdict: Verdict, *, details: str = "") -> None:
    """Fails the case if its verdict stops a release, and warns if it is inconclusive.

    An invalid verdict is an error of the fixture that gives it, or a warning if nothing is gated.

    Args:
        request: of the case.
        verdict: what the gate says.
        details: what a failed case shows; the verdict's own sentence if empty.
    """
    strict = request.config.stash[RUN].settings.undecided_fails
    if verdict.outcome is not Outcome.INVALID and verdict.outcome.fails(strict=strict):
        pytest.fail(for_log(details or verdict.explanation), pytrace=False)
    if verdict.outcome is Outcome.INCONCLUSIVE:
        warnings.warn(MMBenchWarning(verdict.explanation), stacklevel=1)
