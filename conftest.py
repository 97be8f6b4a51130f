"""Keeps the project's tests and its gate apart: with a model named, the gate runs alone."""

from pathlib import Path

import pytest

TESTS = Path(__file__).parent / "tests"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leaves out the project's own tests when `--mm-model` asks for the gate."""
    if config.getoption("mm_model", None) and collection_path.parent == TESTS:
        return True
    return None
