"""The dimension tree: its size, its names, and what importing it costs."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from pytest_mmbench.benchmarks.shapes import load
from pytest_mmbench.benchmarks.shapes.questions import (
    AXES,
    CAPABILITIES,
    CAPABILITY_OF,
    DEFAULT_PER_AXIS,
)


def test_the_tree_has_six_capabilities_of_three_axes() -> None:
    """Six capabilities of three axes give eighteen leaves with names of their own."""
    assert [len(axes) for axes in CAPABILITIES.values()] == [3] * 6
    assert len({*CAPABILITIES, *CAPABILITY_OF}) == 24


def test_names_are_kebab_case() -> None:
    """Every name can stand in a dimension path without quoting."""
    for name in (*CAPABILITIES, *CAPABILITY_OF):
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)


def test_every_axis_can_be_asked_and_shown() -> None:
    """The leaves of the tree are exactly the axes that questions are written for."""
    assert set(AXES) == set(CAPABILITY_OF)


def test_default_set_is_balanced() -> None:
    """Every letter can be right equally often within each axis of the default set."""
    assert DEFAULT_PER_AXIS % 4 == 0


@pytest.mark.parametrize("room", ["dimensions", "questions"])
def test_questions_load_no_imaging(room: str) -> None:
    """Collecting dimensions and drawing records never imports PIL, numpy or torch."""
    program = (
        f"import sys, pytest_mmbench.benchmarks.shapes.{room}; "
        "print(sorted({'PIL', 'numpy', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_drawn_data_have_no_bad_rows() -> None:
    """What shall become of them, which the whole run is told, is no mistake here."""
    skipping = load({"per-axis": 2, "bad-rows": "skip"})

    assert skipping.revision == load({"per-axis": 2}).revision
