"""The committed checkpoints are what their cards say; each is asked through the plugin itself."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.records import Method
from pytest_mmbench.testing import check_model

HOUSE = Path(__file__).parents[2]
MODELS = HOUSE / "fixtures" / "models"
LARGEST = 8_000_000
"""Bytes that a checkpoint's folder may have."""

pytestmark = [pytest.mark.torch]


@pytest.mark.parametrize(
    "name", ["tiny-llm", "tiny-vlm-1.0", "tiny-vlm-1.1", "tiny-vlm-blind", "tiny-vlm-open"]
)
def test_each_checkpoint_is_small_and_has_a_card(name: str) -> None:
    """At most 8 MB in the hub's layout, with a card that says how it was made."""
    folder = MODELS / name

    assert sum(path.stat().st_size for path in folder.iterdir()) <= LARGEST
    assert {"README.md", "config.json", "model.safetensors"} <= {p.name for p in folder.iterdir()}
    assert not list(folder.glob("*.py"))


@pytest.mark.parametrize("method", [Method.RANK, Method.GENERATE])
def test_the_seeing_checkpoint_keeps_the_contract(method: Method) -> None:
    """Answers of a batch are those of single prompts, ranked and generated."""
    from pytest_mmbench.models.local import load  # noqa: PLC0415 - it loads torch

    check_model(load(str(MODELS / "tiny-vlm-1.0")), Shapes(), method=method)


def gated(gate: Any, name: str, folder: Path) -> tuple[int, dict[str, dict[str, str]]]:
    """The exit code of the repository's own gate, and the properties of each case by dimension."""
    report = folder / f"{name}.xml"
    result = gate.run(f"--mm-model=fixtures/models/{name}", f"--junit-xml={report}")
    cases = ET.parse(report).iter("testcase")  # noqa: S314 - our own file
    properties = [
        {str(each.get("name")): str(each.get("value")) for each in case.iter("property")}
        for case in cases
    ]
    return result.code, {case["mm_dimension"]: case for case in properties}


@pytest.mark.slow
def test_the_first_release_ships(gate: Any, tmp_path: Path) -> None:
    """tiny-vlm-1.0 passes the committed gate. Slow: it answers 720 questions."""
    code, cases = gated(gate, "tiny-vlm-1.0", tmp_path)

    assert code == 0
    assert len(cases) == 25
    assert float(cases["shapes"]["mm_accuracy"]) >= 0.75


@pytest.mark.slow
def test_the_second_release_is_stopped_for_counting(gate: Any, tmp_path: Path) -> None:
    """tiny-vlm-1.1 fails the same gate. Slow: two checkpoints answer 720 questions each."""
    _, before = gated(gate, "tiny-vlm-1.0", tmp_path)
    code, after = gated(gate, "tiny-vlm-1.1", tmp_path)
    fell = {path: accuracy(before, path) - accuracy(after, path) for path in before}
    failed = {path for path, case in after.items() if case["mm_outcome"] == "fail"}

    assert code == 1
    assert "shapes.fine-grained-perception.counting" in failed
    assert all("shapes.fine-grained-perception.counting".startswith(path) for path in failed)
    assert fell["shapes.fine-grained-perception.counting"] >= 0.35
    others = [path for path in fell if path.count(".") == 1 and "fine-grained" not in path]
    assert all(abs(fell[path]) <= 0.05 for path in others)


def accuracy(cases: dict[str, dict[str, str]], path: str) -> float:
    return float(cases[path]["mm_accuracy"])
