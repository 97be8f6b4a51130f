from __future__ import annotations

from pathlib import Path

import pytest
from gated_project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project."""
    return Project(rootdir=tmp_path)
