"""Where a pytest configuration keeps the run."""

from __future__ import annotations

from typing import Final

import pytest

from pytest_mmbench.evaluation.run import Run

RUN: Final = pytest.StashKey[Run]()
"""Where a configuration keeps its run."""
