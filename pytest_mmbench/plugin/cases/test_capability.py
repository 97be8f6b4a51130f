"""Does the model reach its thresholds? One case for every dimension of every benchmark."""

from __future__ import annotations

import pytest

from pytest_mmbench.gates.verdicts import CapabilityVerdict
from pytest_mmbench.plugin.cases import conclude


def test_capability(request: pytest.FixtureRequest, mm_verdict: CapabilityVerdict) -> None:
    """The model reaches the dimension's threshold."""
    conclude(request, mm_verdict)
