"""Values that other programs computed, for the tests that compare ours with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "fixtures" / "statistics"


def vectors(function: str, file: str = "paired.json") -> list[Any]:
    """The inputs and expected values of one function, a test parameter for each case."""
    everything = json.loads((FOLDER / file).read_text(encoding="utf-8"))["vectors"]
    return [
        pytest.param(each["inputs"], each["expected"], id=each["id"])
        for each in everything
        if each["function"] == function
    ]
