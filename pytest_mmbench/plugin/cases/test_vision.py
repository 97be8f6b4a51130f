"""Does the model look at the picture? One case for every dimension.

Collected if conditions are named, or the text model that the checkpoint was built on.
"""

from __future__ import annotations

import warnings

import pytest

from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.gates.vision.judge import VisionResult
from pytest_mmbench.plugin.stash import RUN
from pytest_mmbench.records import Outcome


def test_vision(request: pytest.FixtureRequest, mm_vision: VisionResult) -> None:
    """The model needs its pictures, and knows little that it should not."""
    strict = request.config.stash[RUN].settings.strict
    open_question = mm_vision.outcome is Outcome.INCONCLUSIVE
    failed = mm_vision.outcome in (Outcome.FAIL, Outcome.INVALID)
    if failed or (strict and open_question):
        pytest.fail(mm_vision.explanation, pytrace=False)
    told = [mm_vision.explanation] if open_question else []
    for warning in (*told, *mm_vision.warnings):
        warnings.warn(MMBenchWarning(warning), stacklevel=1)
