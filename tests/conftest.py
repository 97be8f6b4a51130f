"""Fixtures of all tests."""

# It can be loaded once per process only, and a run inside this one forgets what it loaded itself.
import numpy as np  # noqa: F401
import pytest

from pytest_mmbench.options import OPTIONS

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test sees its own settings only, whatever the shell that started it has set."""
    for option in OPTIONS:
        monkeypatch.delenv(option.variable, raising=False)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
