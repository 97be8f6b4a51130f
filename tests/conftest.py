"""Fixtures of all tests."""

import pytest

from pytest_mmbench.options import OPTIONS

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test sees its own settings only, whatever the shell that started it has set."""
    for option in OPTIONS:
        monkeypatch.delenv(option.variable, raising=False)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
