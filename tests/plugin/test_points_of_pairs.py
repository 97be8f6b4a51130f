"""A benchmark whose authors give points for pairs of answers, and sum them up: MME."""

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.benchmarks.mme import load
from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.testing import script

DATA = Path(__file__).parents[2] / "fixtures" / "published" / "mme" / "MME.tsv"
QUIET = ("-W", "ignore::pytest_mmbench.errors.MMBenchWarning")
SETTINGS = f"""
[benchmarks.mme]
data = "{DATA}"
[thresholds]
"mme.perception" = 0.9625
"mme.perception.existence" = 0.63
"""


@pytest.fixture
def nearly_right(project: Any) -> str:
    """A model that says yes to a boat that is not there: one of 30 answers is wrong."""
    project.file("mmbench.toml", SETTINGS)
    with pytest.warns(MMBenchWarning):
        right = script(load({"data": str(DATA)}), accuracy=1.0)
    project.file("answers.json", json.dumps({"answers": {**right, "existence/000000001/2": "Yes"}}))
    return "--mm-model=scripted:answers.json"


def test_points_are_shown_beside_the_fraction(project: Any, nearly_right: str) -> None:
    """Existence has 100 * 3/4 and 100 * 1/2 of 200 points; every other subtask has all of them.

    Perception is at its threshold, 1925 of 2000, and the subtask is below its own.
    """
    result = project.run(nearly_right, *QUIET)

    result.assert_outcomes(passed=16, failed=1)
    result.stdout.fnmatch_lines(
        [
            "mme * 14/15 * 2725.00/2800 * not gated",
            "  perception * 10/11 * 1925.00/2000 * 0.9625 * pass",
            "    existence * 0.625 * 1/2 * 125.00/200 * 0.63 * fail",
            "    count * 1/1 * 200.00/200 * not gated",
            "  cognition * 4/4 * 800.00/800 * not gated",
        ]
    )


def test_a_limit_leaves_pairs_whole(project: Any, nearly_right: str) -> None:
    """A pair is one of what a limit counts: 14 of the 15 pictures, two questions about each."""
    result = project.run(nearly_right, "--mm-limit=14", *QUIET)

    assert sum(result.parseoutcomes().values()) == 17
    result.stdout.fnmatch_lines(
        ["mmbench: * mme (28 samples, *", "mme * 1[34]/14 * */2800 *", "    existence * [01]/1 *"]
    )
