"""Does the model still give the answers that were accepted? One case for every leaf.

Collected if a benchmark has accepted answers, or is to get some.
"""

from __future__ import annotations

import pytest

from pytest_mmbench.gates.snapshot import SnapshotVerdict, details
from pytest_mmbench.plugin.stash import RUN
from pytest_mmbench.records import Outcome


def test_answers(request: pytest.FixtureRequest, mm_answers: SnapshotVerdict) -> None:
    """The model gives the answers that were accepted, near ties aside."""
    found = details(mm_answers, baseline=request.config.stash[RUN].settings.baseline)
    if mm_answers.outcome in (Outcome.FAIL, Outcome.INVALID):
        pytest.fail(found, pytrace=False)
    if mm_answers.flips:
        request.node.add_report_section("call", "mmbench", found)
