"""`--mm-exclude`: a benchmark without some of its samples."""

import json
from typing import Any

import pytest


def listed(project: Any, samples: list[str], **changes: object) -> str:
    """The option that names a list of samples."""
    found = {
        "schema": 1,
        "benchmark": "shapes",
        "revision": project.shapes.revision,
        "rule": "known to text models",
        "samples": samples,
        **changes,
    }
    project.file("out.json", json.dumps(found))
    return "--mm-exclude=out.json"


def test_samples_are_left_out(project: Any) -> None:
    """They are not asked, and the header says how many there are."""
    out = listed(project, ["digits-0000", "digits-0001", "addition-0001"])

    result = project.run(project.model(), out)

    result.stdout.fnmatch_lines(
        [
            "mmbench: model *, shapes (33 samples, 3 left out, rank)*",
            "  math * 3/3 *",
            "    addition * 1/1 *",
            "33 answers in *",
        ]
    )
    result.assert_outcomes(passed=24, skipped=1, warnings=1)


def test_a_list_of_other_data_is_refused(project: Any) -> None:
    """An id means nothing in other data."""
    out = listed(project, ["digits-0000"], revision="shapes-1 seed=7 per-axis=2")

    result = project.run(project.model(), out)

    result.stderr.fnmatch_lines(
        ["*was made for another shapes.", "*asked for by*--mm-exclude", "*made for*seed=7*"]
    )
    assert result.ret == 4


def test_a_file_that_is_no_list_is_refused(project: Any) -> None:
    """The error names the file."""
    project.file("out.json", "[1]")

    result = project.run(project.model(), "--mm-exclude=out.json")

    result.stderr.fnmatch_lines(["*out.json is no list of samples to leave out.*"])
    assert result.ret == 4


@pytest.mark.parametrize("benchmark", ["mmstar", "other"])
def test_lists_of_other_benchmarks_are_idle(project: Any, benchmark: str) -> None:
    """A list may serve several runs."""
    out = listed(project, ["digits-0000"], benchmark=benchmark)

    assert "36 answers" in project.run(project.model(), out).stdout.str()
