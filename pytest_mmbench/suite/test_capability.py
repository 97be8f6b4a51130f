"""Does the model reach what is asked of it? One case for every dimension of every benchmark."""

from __future__ import annotations

import warnings

import pytest

from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.records import Outcome, Verdict
from pytest_mmbench.session import RUN


def test_capability(request: pytest.FixtureRequest, mm_verdict: Verdict) -> None:
    """The model reaches the dimension's threshold."""
    strict = request.config.stash[RUN].settings.strict
    if mm_verdict.outcome is Outcome.FAIL or (strict and _open(mm_verdict)):
        pytest.fail(mm_verdict.because, pytrace=False)
    if _open(mm_verdict):
        warnings.warn(MMBenchWarning(mm_verdict.because), stacklevel=1)


def _open(verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.INCONCLUSIVE
