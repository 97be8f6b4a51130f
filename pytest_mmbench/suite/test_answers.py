"""Does the model still give the answers that were accepted? One case for every leaf.

Collected if a benchmark has accepted answers, or is to get some.
"""

from __future__ import annotations

import pytest

from pytest_mmbench.acceptance import Acceptance, told
from pytest_mmbench.records import Outcome


def test_answers(request: pytest.FixtureRequest, mm_answers: Acceptance) -> None:
    """The model gives the answers that were accepted, near ties aside."""
    if mm_answers.outcome in (Outcome.FAIL, Outcome.INVALID):
        pytest.fail(told(mm_answers), pytrace=False)
    if mm_answers.flips:
        request.node.add_report_section("call", "mmbench", told(mm_answers))
