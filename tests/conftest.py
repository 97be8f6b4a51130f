"""Fixtures of all tests."""

import importlib.util
import os
from pathlib import Path
from typing import Any

# It can be loaded once per process only, and a run inside this one forgets what it loaded itself.
import numpy as np  # noqa: F401
import pytest

from pytest_mmbench.options import OPTIONS

pytest_plugins = ["pytester"]

# A run of the gate loads this file too, and needs nothing that only tests need.
if importlib.util.find_spec("hypothesis"):
    from hypothesis import HealthCheck, settings

    # No test depends on the clock: on a busy machine every deadline is missed by somebody.
    # `--hypothesis-profile=thorough` looks longer, such as by night.
    unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("suite", unhurried, max_examples=50)
    settings.register_profile("thorough", unhurried, max_examples=1_000)
    settings.load_profile("suite")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test sees its own settings only, whatever the shell that started it has set."""
    for option in OPTIONS:
        monkeypatch.delenv(option.variable, raising=False)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    # What a test starts loads what an earlier one has compiled.
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


@pytest.fixture(scope="session")
def answers_of_checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store for the whole session, all its workers: each committed checkpoint is asked once."""
    root = tmp_path_factory.getbasetemp()
    return (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "answers"


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, answers_of_checkpoints: Path) -> Any:
    """The gate of this repository."""
    from repository_gate import Gate  # noqa: PLC0415 - a run of the gate needs none of the tests'

    return Gate(environment=monkeypatch, store=answers_of_checkpoints)
