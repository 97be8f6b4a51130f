"""Has the model become worse than the baseline? One case for every dimension.

Collected if a baseline is named.
"""

from __future__ import annotations

import warnings

import pytest

from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.gates.regression import RegressionVerdict
from pytest_mmbench.plugin.stash import RUN
from pytest_mmbench.records import Outcome


def test_regression(request: pytest.FixtureRequest, mm_regression: RegressionVerdict) -> None:
    """The model is no worse than the baseline, as far as the samples can tell."""
    open_question = mm_regression.outcome is Outcome.INCONCLUSIVE
    failed = mm_regression.outcome in (Outcome.FAIL, Outcome.INVALID)
    strict = request.config.stash[RUN].settings.strict
    if failed or (strict and open_question):
        pytest.fail(mm_regression.explanation, pytrace=False)
    if open_question or mm_regression.near_ties_biased:
        warnings.warn(MMBenchWarning(mm_regression.explanation), stacklevel=1)
