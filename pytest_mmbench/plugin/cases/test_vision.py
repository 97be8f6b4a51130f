"""Does the model use the picture? One case for every dimension.

Collected if conditions are named, or the base LLM of the model.
"""

from __future__ import annotations

import warnings

import pytest

from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.gates.verdicts import VisionVerdict
from pytest_mmbench.plugin.cases import conclude


def test_vision(request: pytest.FixtureRequest, mm_vision: VisionVerdict) -> None:
    """The model needs its pictures, and knows little without them."""
    conclude(request, mm_vision)
    for warning in mm_vision.warnings:
        warnings.warn(MMBenchWarning(warning), stacklevel=1)
