"""Does the model reach what is asked of it? One case for every dimension of every benchmark."""

from __future__ import annotations

import warnings

import pytest

from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.plugin.stash import RUN
from pytest_mmbench.records import CapabilityVerdict, Outcome


def test_capability(request: pytest.FixtureRequest, mm_verdict: CapabilityVerdict) -> None:
    """The model reaches the dimension's threshold."""
    strict = request.config.stash[RUN].settings.strict
    if mm_verdict.outcome is Outcome.FAIL or (strict and _open(mm_verdict)):
        pytest.fail(mm_verdict.explanation, pytrace=False)
    if _open(mm_verdict):
        warnings.warn(MMBenchWarning(mm_verdict.explanation), stacklevel=1)


def _open(verdict: CapabilityVerdict) -> bool:
    return verdict.outcome is Outcome.INCONCLUSIVE
