"""CircularEval through pytest: a question is asked once for each of its options."""

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.benchmarks.mmbench import load
from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.testing import script

DATA = Path(__file__).parents[2] / "fixtures" / "published" / "mmbench" / "MMBench_DEV_EN.tsv"
QUIET = ("-W", "ignore::pytest_mmbench.errors.MMBenchWarning")


def prepare(project: Any, **answers: str) -> str:
    """A model that is right but for these answers; gives the option that names it."""
    with pytest.warns(MMBenchWarning):
        said = script(load({"data": str(DATA)}), accuracy=1.0)
    said |= {id.removeprefix("at_"): text for id, text in answers.items()}
    project.file("answers.json", json.dumps({"answers": said}))
    project.file(
        "mmbench.toml",
        f'[benchmarks.mmbench]\ndata = "{DATA}"\n[thresholds]\nmmbench = 0.9\n',
    )
    return "--mm-model=scripted:answers.json"


def test_one_wrong_pass_loses_the_question(project: Any) -> None:
    """17 of 18 answers are right, and six of seven questions: the gate counts these."""
    model = prepare(project, at_2000017="A")

    result = project.run(model, "--mm-benchmark=mmbench", *QUIET)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "mmbench: model *, mmbench (18 samples, DEV_EN, circular, generate, strict scoring), *",
            "mmbench * 6/7 * fail",
            "  finegrained-p*-level * 1/2 * not gated",
            "    ocr * 0/1 * not gated",
        ]
    )


def test_a_wrong_pass_settles_a_question_that_is_unreadable_in_another(project: Any) -> None:
    """It is wrong, not unreadable; without the wrong one nothing could be said of it."""
    model = prepare(project, at_2000017="A", at_17="no idea")

    result = project.run(model, "--mm-benchmark=mmbench", *QUIET)

    result.stdout.fnmatch_lines(["mmbench * 6/7 * fail"])
    unreadable = project.run(prepare(project, at_17="no idea"), "--mm-benchmark=mmbench", *QUIET)
    unreadable.stdout.fnmatch_lines(["mmbench * invalid"])


def test_a_limit_counts_questions(project: Any) -> None:
    """Three of them, in all of their passes: none becomes easier."""
    model = prepare(project)

    result = project.run(model, "--mm-benchmark=mmbench", "--mm-limit=3", *QUIET)

    assert result.ret == 0
    result.stdout.fnmatch_lines(["mmbench * 3/3 * pass"])
