"""Samples that can be answered without looking are found one by one, in a real run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from planted import FRESH, LEAKED, Planted

from pytest_mmbench.gates.shortcuts import ShortcutRule
from pytest_mmbench.testing import check_benchmark

HOUSE = Path(__file__).parents[2]
BLIND = HOUSE / "fixtures" / "models" / "tiny-vlm-blind"
EVERY = 3
"""The checkpoint is asked every third question: 218 leaked ones, where the share that is listed has
a standard error of 1.5 points."""
ENTRY = "[pytest_mmbench.benchmarks]\nplanted = planted:load\n"


def test_the_planted_benchmark_keeps_the_contract() -> None:
    """It is a benchmark like any other, half leaked and half fresh."""
    planted = Planted()

    check_benchmark(planted)
    sources = [id.partition("/")[0] for id in planted.ids("planted")]
    assert sources.count(LEAKED) == sources.count(FRESH) > 600


@pytest.mark.torch
@pytest.mark.slow  # a checkpoint answers some 2,400 questions without pictures
def test_planted_shortcuts_are_found(tmp_path: Path) -> None:
    """Of the questions that the blind checkpoint has learnt, 19 in 20 are listed, and few others.

    Where it knows nothing it leans towards the first option: see its card.
    """
    (tmp_path / "mmbench.toml").write_text(
        f"[benchmarks.planted]\nevery = {EVERY}\n[vision]\nrotations = true\n", encoding="utf-8"
    )
    installed = tmp_path / "planted-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Name: planted\nVersion: 1.0\n", encoding="utf-8")
    (installed / "entry_points.txt").write_text(ENTRY, encoding="utf-8")
    paths = os.pathsep.join([str(HOUSE), str(HOUSE / "tests" / "house"), str(tmp_path)])

    done = subprocess.run(
        [sys.executable, "-m", "pytest", f"--mm-model={BLIND}", "--mm-json=report.json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )

    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    listed = {each["sample"] for each in report["shortcuts"] if ShortcutRule.KNOWN in each["rules"]}
    planted = {id for id in Planted(every=EVERY).ids("planted") if id.startswith(LEAKED)}
    assert len(listed & planted) / len(planted) >= 0.95, done.stdout
    assert len(listed & planted) / len(listed) >= 0.95, done.stdout
