import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from saved_runs import saved

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.records import Mark, Method
from pytest_mmbench.report.run_info import SAME_CHECKPOINT
from pytest_mmbench.results.run_file import SavedRun


def unreadable(run: SavedRun, leaf: str, number: int) -> SavedRun:
    """The same run, but so many answers of a leaf cannot be read."""
    (sheet,) = run.tasks
    rows = list(sheet.rows[leaf])
    rows[:number] = [
        replace(row, mark=Mark.UNPARSEABLE, answer="", option_logprobs=()) for row in rows[:number]
    ]
    return replace(run, tasks=(replace(sheet, rows={**sheet.rows, leaf: tuple(rows)}),))


def test_a_fall_is_told_and_fails(judged: Any) -> None:
    """The tables of pytest's summary, the sentences, the decision, and exit code 1."""
    assert judged("diff", "released") == 1

    assert judged.lines[0] == "new against old, by the rules of mmbench.toml"
    assert any(
        re.match(r"shapes .* 0\.944 +680/720 .* 0\.90 +fail \(regression\)", each)
        for each in judged.lines
    )
    assert any(re.match(r"digits .* .100\.0 .* 40 +0 .*fail", each) for each in judged.lines)
    assert "; also: shapes.math, shapes.math (capability), shapes" in judged.out
    assert (
        "shapes.math.digits fell by 1.000 (1.000 to 0.000; 40 regressed, 0 fixed of 40)"
        in judged.out
    )
    assert judged.lines[-1] == "DO NOT SHIP: 23 of 27 gates passed"


def test_an_equal_run_ships(judged: Any) -> None:
    """Exit code 0, and no tables of what did not change."""
    judged.ran(saved(name="new", per_axis=40))

    assert judged("diff", "released") == 0
    assert judged.lines[-1] == "SHIP: 27 of 27 gates passed"
    assert "against old: no answer changed in 25 dimensions" in judged.lines


def test_a_run_is_not_compared_with_itself(judged: Any, released: SavedRun) -> None:
    """Nothing could come of it; who has just saved a baseline has to run the candidate first."""
    judged.ran(released)

    assert judged("diff", "released") == 4
    assert judged.err.splitlines()[0] == "mmbench: the latest run and released are the same run."
    assert "pytest --mm-model=PATH" in judged.err
    assert judged("diff", "released", "released") == 4
    assert judged.err.startswith("mmbench: released and released are the same run.")


def test_a_run_without_answers_is_no_run(judged: Any, released: SavedRun) -> None:
    """It would gate nothing and look like a pass."""
    judged.ran(replace(released, tasks=()))

    assert judged("diff", "released") == 4
    assert judged.err.splitlines()[0] == "mmbench: .mmbench/last-run.json holds no answers."


def test_runs_are_named_in_three_ways(judged: Any) -> None:
    """A baseline, a file, or the latest run."""
    for typed in (
        ["released", ".mmbench/last-run.json"],
        ["mm_baselines/released.json"],
        [str(judged.path / "mm_baselines" / "released.json"), ".mmbench/last-run.json"],
    ):
        assert judged("diff", *typed) == 1
        assert judged.lines[0].startswith("new against old")


def test_paths_start_where_they_are_typed(judged: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of baselines hold below the project, too."""
    below = judged.path / "sub"
    below.mkdir()
    monkeypatch.chdir(below)

    assert judged("diff", "released", "../.mmbench/last-run.json") == 1
    assert judged.lines[0] == "new against old, by the rules of mmbench.toml"


def test_without_settings_the_defaults_hold(judged: Any) -> None:
    """No threshold, a margin of 0.02: the regression is found nevertheless."""
    (judged.path / "mmbench.toml").unlink()

    assert judged("diff", "released") == 1
    assert judged.lines[0] == "new against old, by the default rules (no settings file)"
    assert judged.lines[-1] == "DO NOT SHIP: 22 of 25 gates passed"


def test_what_is_inconclusive_fails_under_strict(judged: Any) -> None:
    """As with `--mm-strict`; without it the exit code is 0, and the decision is no ship."""
    judged.ran(saved(name="new", per_axis=40, wrong=[f"layout-{at:04d}" for at in range(12)]))
    judged.settings("[regression]\nalpha = 0.0001\n", per_axis=40)

    assert judged("diff", "released") == 0
    assert judged.lines[-1].startswith("UNDECIDED: ")
    assert judged("diff", "released", "--strict") == 1
    assert judged.lines[-1].startswith("DO NOT SHIP: ")


def test_unreadable_answers_fail(judged: Any) -> None:
    """What cannot be compared must not look like a pass."""
    judged.ran(unreadable(saved(name="new", per_axis=40), "shapes.math.digits", 3))
    judged.settings(per_axis=40)

    assert judged("diff", "released") == 1
    assert "shapes.math.digits cannot be compared: of 40 answers 3 " in judged.out


def test_a_threshold_that_is_not_judged_is_told(judged: Any) -> None:
    """A run of one axis has not passed the threshold of the whole."""
    judged.ran(saved(name="new", per_axis=40, leaves=["shapes.math.digits"]))

    assert judged("diff", "released") == 0
    told = "shapes, shapes.math have thresholds, and the run does not know the score"
    assert told in judged.lines
    assert judged.lines[-1] == "UNDECIDED: 1 of 3 gates passed"
    assert "the run holds 40 of the 720 samples of shapes" in judged.lines
    assert judged("diff", "released", "--strict") == 1


@pytest.mark.parametrize(
    ("new", "now"),
    [
        (saved(per_axis=40, seed=9), "shapes-1 seed=9 per-axis=40 rank shapes image (rank)"),
        (
            saved(per_axis=40, method=Method.RANK_MEAN),
            "shapes-1 seed=20260419 per-axis=40 rank-mean shapes image (rank-mean)",
        ),
        (
            saved(per_axis=40, circular=True),
            "shapes-1 seed=20260419 per-axis=40 circular rank shapes image (rank)",
        ),
    ],
)
def test_unlike_runs_are_not_compared(judged: Any, new: SavedRun, now: str) -> None:
    """Other data, another method, another way of asking: refused with both sides, as by pytest."""
    judged.ran(new)

    assert judged("diff", "released") == 4
    assert judged.err.splitlines() == [
        "mmbench: the baseline old was not asked the same shapes.",
        "  asked for by   mmbench diff released",
        "  then           shapes-1 seed=20260419 per-axis=40 rank shapes image (rank)",
        f"  now            {now}",
        "  what to do     compare with a run of the same data, wording, decoding and scoring",
    ]


def test_a_baseline_that_holds_less_is_refused(judged: Any) -> None:
    """A comparison on what both happen to have could pass by leaving out."""
    (sheet,) = saved(per_axis=40).tasks
    less = {leaf: rows[:5] for leaf, rows in sheet.rows.items()}
    judged.baseline("released", replace(saved(), tasks=(replace(sheet, rows=less),)))

    assert judged("diff", "released") == 4
    assert "the baseline has no answer to 630 of 720 samples" in judged.err


def test_the_same_checkpoint_is_told(judged: Any) -> None:
    """Two runs of one model differ by its noise, and the reader has to know."""
    judged.ran(saved(name="same", per_axis=40))

    assert judged("diff", "released") == 0
    assert SAME_CHECKPOINT in judged.lines


def test_versions_that_differ_are_told(judged: Any) -> None:
    """Those of what may change an answer or its score, also where one was not there."""
    before = {"python": "3.11.0", "pillow": "12.1.0", "torch": "2.13.0+cpu"}
    after = {"python": "3.13.0", "pillow": "13.0.0", "torch": "2.13.0+cpu", "torchvision": "0.29.1"}
    judged.baseline("released", replace(saved(per_axis=40), facts=before))
    judged.ran(replace(saved(name="new", per_axis=40), facts=after))

    assert judged("diff", "released") == 0
    told = "pillow 12.1.0, now 13.0.0; torchvision none, now 0.29.1"
    assert f"the baseline ran with different versions: {told}" in judged.lines


def test_versions_that_do_not_differ_are_not_told(judged: Any) -> None:
    """A note that always stands there is not read."""
    assert judged("diff", "released") == 1
    assert "other versions" not in judged.out


def test_conditions_of_the_run_are_judged(judged: Any) -> None:
    """What the newer run was asked without its pictures is gated as pytest gates it."""
    judged.settings(per_axis=40)
    blind = saved(name="blind", per_axis=40, conditions={"no-image": 1.0, "grey": 0.25})
    judged.ran(blind)

    assert judged("diff", "released") == 1
    assert "vision: accuracy with the picture, and without" in judged.lines
    assert any(each.split()[:3] == ["image", "no-image", "grey"] for each in judged.lines)
    assert judged.lines[-1] == "DO NOT SHIP: 25 of 50 gates passed"


def test_a_condition_may_be_missing_somewhere(judged: Any) -> None:
    """A leaf of one picture has no mismatched one: it is judged by what there is."""
    judged.settings(per_axis=40)
    run = saved(name="new", per_axis=40, conditions={"no-image": 0.25, "mismatched": 0.25})
    *others, last = run.tasks
    rows = {leaf: rows for leaf, rows in last.rows.items() if leaf != "shapes.math.digits"}
    judged.ran(replace(run, tasks=(*others, replace(last, rows=rows))))

    assert judged("diff", "released") == 0
    assert judged.lines[-1] == "SHIP: 50 of 50 gates passed"


# Files.


def document(judged: Any, *typed: str) -> dict[str, Any]:
    judged("diff", "released", "--json", "diff.json", *typed)
    return dict(json.loads(judged.text("diff.json")))


def test_reports_show_questions_where_the_data_are(judged: Any) -> None:
    """The settings name the data of the run: cards have texts and pictures."""
    found = document(judged, "--html", "diff.html", "--markdown", "diff.md")

    asked = Shapes(per_axis=40).sample(found["changed_answers"][0]["sample"])
    assert found["changed_answers"][0]["question"] == asked.question
    assert tuple(found["changed_answers"][0]["options"]) == asked.options
    assert judged.text("diff.html").count("data:image/webp;base64,") == 40
    assert judged.text("diff.md").startswith("## ✖ DO NOT SHIP: new against old")
    assert judged.lines[-3:] == ["wrote diff.html", "wrote diff.md", "wrote diff.json"]


def test_reports_do_without_the_data(judged: Any) -> None:
    """What a run file holds is shown: letters, probabilities and targets; a note says the rest."""
    judged.settings("[thresholds]\n'shapes' = 0.9\n", per_axis=41)

    found = document(judged, "--html", "diff.html")

    assert len(found["changed_answers"]) == 40
    assert {each["question"] for each in found["changed_answers"]} == {""}
    assert {tuple(each["options"]) for each in found["changed_answers"]} == {("", "", "", "")}
    sample = found["changed_answers"][0]
    assert sample["target"] == Shapes(per_axis=40).sample(sample["sample"]).target
    assert sample["dimension"] == "shapes.math.digits"
    assert any(
        note.startswith("questions and pictures of shapes are not here: the run asked 'shapes-1")
        for note in found["notes"]
    )
    assert "data:image" not in judged.text("diff.html")


def test_the_data_of_a_run_in_circles_are_found(judged: Any) -> None:
    """Whatever the settings say about rotations, the run says how it was asked."""
    judged.baseline("released", saved(per_axis=5, circular=True))
    judged.ran(saved(name="new", per_axis=5, circular=True, wrong=["digits-0000@1"]))
    judged.settings(per_axis=5)

    found = document(judged)

    (flip,) = found["changed_answers"]
    assert flip["sample"].startswith("digits-0000@")
    assert flip["question"] == Shapes().sample("digits-0000").question
    assert not any("not here" in note for note in found["notes"])


def test_a_document_says_how_to_make_it_again(judged: Any) -> None:
    """The command, the moment of the run, and the versions that it was made with."""
    found = document(judged)

    assert found["run"]["command"] == "mmbench diff released"
    assert found["run"]["started"] == "2026-04-19T12:00:00+00:00"
    assert found["run"]["versions"] == {"python": "3.11.0"}
    assert found["run"]["cached_answers"] == 720


def test_github_is_told(judged: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a step of GitHub Actions a failed gate is marked, and summed up, as by pytest."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))

    assert judged("diff", "released", "--markdown", "summary.md") == 1
    assert "::error title=mmbench%3A shapes.math.digits fail::" in judged.out
    assert judged.text("summary.md").count("DO NOT SHIP") == 1
    assert judged("diff", "released", "--markdown", "report.md") == 1
    assert judged.text("summary.md").count("DO NOT SHIP") == 2


def test_a_part_of_the_samples_is_no_release(project: Any) -> None:
    """A run that was not asked everything says UNDECIDED; under --strict that is exit code 1."""
    project.settings("[gate]\nundecided = 'warn'\n[thresholds]\n\"shapes.math\" = 0.5")
    part = ["shapes.math.digits", "shapes.math.addition", "shapes.math.comparison"]
    project.baseline("released", saved(per_axis=3))
    project.ran(saved(name="new", per_axis=3, leaves=part))

    assert project("diff", "released") == 0
    assert project.lines[-1].startswith("UNDECIDED: ")
    assert "the run holds 9 of the 54 samples of shapes" in project.lines
    assert project("diff", "released", "--strict") == 1
