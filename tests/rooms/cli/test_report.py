import json
from typing import Any

import pytest
from saved_runs import saved


def test_a_page_by_default(judged: Any) -> None:
    """Without any flag the latest run becomes report.html."""
    assert judged("report") == 0
    assert judged.lines == ["wrote report.html"]
    page = judged.text("report.html")
    assert "DO NOT SHIP" in page
    assert "680" in page


def test_forms_are_chosen(judged: Any) -> None:
    """Only what is asked for is written."""
    assert judged("report", "mm_baselines/released.json", "--markdown", "out/r.md") == 0
    assert judged.text("out/r.md").startswith("## ✔ SHIP: old")
    assert not (judged.path / "report.html").exists()


def test_a_baseline_adds_what_changed(judged: Any) -> None:
    """The same document as that of `mmbench diff`."""
    assert judged("report", "--baseline", "released", "--json", "r.json") == 0
    judged("diff", "released", "--json", "d.json")

    report, diff = (json.loads(judged.text(each)) for each in ("r.json", "d.json"))
    assert report["run"].pop("command") == "mmbench report --baseline=released"
    diff["run"].pop("command")
    assert report == diff
    assert len(report["changed_answers"]) == 40


def test_what_was_asked_unseen_is_reported(judged: Any) -> None:
    """Every condition of the run is in the report, and samples that were right without looking."""
    conditions = {"no-image": 0.5, **{f"no-image+rotated-{by}": 1.0 for by in (1, 2, 3)}}
    judged.ran(saved(per_axis=4, conditions=conditions))
    judged.settings(per_axis=4)

    assert judged("report", "--json", "r.json") == 0

    found = json.loads(judged.text("r.json"))
    names = [each["name"] for each in found["vision"][0]["conditions"]]
    assert names == ["image", "no-image"]
    # Right under all four rotations: those that are right in the published order, two of four.
    assert len(found["shortcuts"]) == 36
    assert found["shortcuts"][0]["question"]


def test_an_unlike_baseline_is_refused(judged: Any) -> None:
    """The error names the flag."""
    judged.baseline("other", saved(per_axis=40, seed=3))

    assert judged("report", "--baseline", "other") == 4
    assert "asked for by   --baseline=other" in judged.err


def test_a_file_that_cannot_be_written_is_told(judged: Any) -> None:
    """A folder in its place is a usage error."""
    (judged.path / "report.html").mkdir()

    assert judged("report") == 4
    assert "the report 'report.html' cannot be written" in judged.err


@pytest.mark.parametrize("folder", ["", ".", "/", "mm_baselines"])
def test_a_flag_that_names_a_folder_is_told(judged: Any, folder: str) -> None:
    """Before anything is written, also where a folder has no name."""
    assert judged("report", "--html", "page.html", "--json", folder) == 4
    assert judged.err.startswith("mmbench: --json names a folder.")
    assert not (judged.path / "page.html").exists()


def test_the_exit_code_is_about_the_report(judged: Any) -> None:
    """A run that failed its gate has a report like any other."""
    assert judged("diff", "released") == 1
    assert judged("report", "--baseline", "released") == 0
