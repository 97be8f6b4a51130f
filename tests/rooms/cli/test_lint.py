"""`mmbench lint`: what is wrong with questions, for people and for programs."""

import json
from itertools import chain
from typing import Any

import pytest
from clean_questions import clean
from faulty_file import FAULTS, TABLE, write_clean, write_faults, write_rows
from saved_runs import saved

from pytest_mmbench.cli.lint import SCHEMA
from pytest_mmbench.records import Mark
from pytest_mmbench.results import exclusions
from pytest_mmbench.results.rows import NO_IMAGE


@pytest.fixture
def faulty(project: Any) -> Any:
    """A project whose questions have twelve faults."""
    write_faults(project.path)
    project.file("mmbench.toml", TABLE)
    return project


def findings(project: Any) -> dict[str, Any]:
    """The findings of the JSON, by check."""
    (only,) = json.loads(project.out)["sets"]
    return {each["check"]: each for each in only["findings"]}


def test_twelve_planted_faults(faulty: Any) -> None:
    """Each is found in its rows, and nothing else is said."""
    assert faulty("lint", "acme", "--format", "json") == 1

    assert {check: each["samples"] for check, each in findings(faulty).items()} == FAULTS
    assert findings(faulty)["bad-row"]["examples"] == [
        {
            "place": "questions.jsonl, row 72",
            "text": "target is 'F', which is the letter of none of 4 options",
        }
    ]
    assert json.loads(faulty.out)["schema"] == SCHEMA


def test_for_people(faulty: Any) -> None:
    """The gravest first, each with a count, ids and what to do; and how many there are."""
    assert faulty("lint") == 1

    assert faulty.lines[0].startswith("acme: 84 samples in 2 leaves (1 with 3 options, 83 with 4")
    assert (
        "error   bad-row: 1 row; a row makes no question: its target cannot be used" in faulty.lines
    )
    assert any(line.startswith("missing: acme/missing: ") for line in faulty.lines)
    assert "-> replace it: whoever chooses it is right, and is counted as wrong" in faulty.lines
    assert faulty.lines[-2] == "4 errors, 8 warnings"


def test_what_should_not_be_asked_is_left_out(faulty: Any) -> None:
    """The file is one that --mm-exclude reads; what is left has no such fault any more."""
    assert faulty("lint", "acme", "--exclude", "unfit.json") == 1

    lists = exclusions.read(faulty.path / "unfit.json")
    assert [listing.samples for listing in lists] == [
        ("missing", "broken"),
        ("contradiction",),
        ("two-correct",),
        ("duplicate",),
    ]
    assert {listing.benchmark for listing in lists} == {"acme"}
    assert "wrote unfit.json: 5 samples" in faulty.err

    faulty.file("mmbench.toml", f'exclude = "unfit.json"\n{TABLE}')
    faulty("lint", "--format", "json", "--exclude", "again.json")
    assert {*FAULTS} - {*findings(faulty)} == {
        "unreadable-picture",
        "two-correct",
        "contradiction",
        "duplicate",
    }
    assert exclusions.read(faulty.path / "again.json") == lists


def test_clean_questions(project: Any) -> None:
    """Nothing is found, whichever way they are named, and the exit code is 0 under --strict."""
    write_rows(project.path, write_clean(project.path))
    project.file("mmbench.toml", TABLE)

    assert project("lint", "--strict") == 0
    assert project.lines[-2] == "nothing was found"
    assert project("lint", "--questions", "questions.jsonl", "--strict") == 0
    assert project.lines[0].startswith(f"questions: {len(clean())} samples in 2 leaves")


def test_warnings_fail_under_strict(project: Any) -> None:
    """A note never does; nor does a warning that nobody asked to be stopped by."""
    rows = write_clean(project.path)
    write_rows(project.path, rows[:20])
    project.file("mmbench.toml", TABLE)
    assert project("lint", "--strict") == 0
    assert "note    few-samples: 2 leaves" in project.out

    rows[5]["question"] += "<br>"
    write_rows(project.path, rows)
    assert project("lint") == 0
    assert project("lint", "--strict") == 1
    assert "warning html: 1 sample" in project.out


def test_without_reading_pictures(faulty: Any) -> None:
    """What is wrong with pictures is not said then, and nothing is called a fault for it."""
    faulty("lint", "--no-pictures", "--format", "json")

    pictures = {"unreadable-picture", "same-picture", "tiny-picture"}
    assert {*findings(faulty)} == {*FAULTS} - pictures


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["nobody"], "nobody"),
        (["acme", "--questions", "questions.jsonl"], "both named"),
        (["--questions", "absent.csv"], "absent.csv"),
        (["acme", "--exclude", "."], "folder"),
        (["acme", "--models", "absent.json"], "absent.json"),
    ],
)
def test_what_cannot_be_done(faulty: Any, arguments: list[str], problem: str) -> None:
    """A name, a file or a pair of options that is none: exit code 4."""
    assert faulty("lint", *arguments) == 4

    assert problem in faulty.err


def test_no_file_of_questions_can_be_used(project: Any) -> None:
    """A file of which no row can be used is no set of questions: its first fault is named."""
    rows = write_clean(project.path)
    write_rows(project.path, [{**row, "target": ""} for row in rows])
    project.file("mmbench.toml", TABLE)

    assert project("lint") == 4
    assert "not one of the 72 rows" in project.err


def test_saved_runs_stand_for_models(project: Any) -> None:
    """What runs answered without pictures is counted as answers of models are."""
    project.settings(per_axis=3)
    share = {"one": 1.0, "two": 0.0, "three": 0.0, "four": 0.5}
    for name, accuracy in share.items():
        run = saved(name=name, per_axis=3, conditions={"no-image": accuracy})
        project.baseline(name, run)

    specs = [*share]
    project("lint", "shapes", "--no-pictures", "--models", *specs, "--format", "json")

    blind = findings(project)["solved-blind"]
    rows = chain.from_iterable(run.results("shapes", NO_IMAGE).values())
    known = {row.sample for row in rows if row.mark is Mark.CORRECT}
    assert {*blind["excluded"]} == known
    assert "at least 2 of 4 models (one, two, three, four)" in blind["examples"][0]["text"]


@pytest.mark.parametrize(
    ("seed", "conditions", "problem"),
    [(1, {"no-image": 0.5}, "other data"), (20260419, {}, "no answers to shapes (no-image)")],
)
def test_a_saved_run_that_says_nothing(
    project: Any, seed: int, conditions: dict[str, float], problem: str
) -> None:
    """A run of other questions, or one that was never asked without pictures."""
    project.settings(per_axis=3)
    project.baseline("old", saved(per_axis=3, seed=seed, conditions=conditions))

    assert project("lint", "shapes", "--no-pictures", "--models", "old") == 4
    assert problem in project.err


def test_text_models_are_asked(project: Any) -> None:
    """The samples whose first option is correct are those that it knows; each model is one."""
    project.settings(per_axis=40)
    models = ["--models", "scripted:first", "scripted:first"]

    assert project("lint", "shapes", "--no-pictures", *models, "--format", "json") == 0

    blind = findings(project)["solved-blind"]
    assert blind["count"] == len(blind["excluded"]) > 100
    assert "known to at least 1 of 1 model (scripted:first)" in blind["examples"][0]["text"]
    assert "guessing alone would make it 180" in blind["examples"][0]["text"]
