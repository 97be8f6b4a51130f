"""Is the model worse than the baseline? One case for every dimension.

Collected if a baseline is named.
"""

from __future__ import annotations

import pytest

from pytest_mmbench.gates.verdicts import RegressionVerdict
from pytest_mmbench.plugin.cases import conclude


def test_regression(request: pytest.FixtureRequest, mm_regression: RegressionVerdict) -> None:
    """The model is no worse than the baseline, as far as the samples can show."""
    conclude(request, mm_regression)
