"""`mmbench` and `pytest`: two ways to the same gate."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.cli.main import main

LAST = ".mmbench/last-run.json"
SETTINGS = "[benchmarks.shapes]\nper-axis = 10\n"


@pytest.fixture
def large(project: Any) -> Any:
    """A project of 180 samples, whose latest run is that of a model that is always right."""
    project.file("mmbench.toml", SETTINGS)
    project.shapes = Shapes(per_axis=10)
    assert project.run(project.model()).ret == 0
    return project


def test_a_run_passes_the_settings_that_were_made_of_it(large: Any) -> None:
    """`mmbench init` writes a file that pytest reads, and that the same checkpoint passes."""
    large.run(
        large.model({**large.wrong("shapes.math.digits"), **large.wrong("shapes.math.addition")})
    )
    assert main(["init", "--force", "--depth", "3"]) == 0

    result = large.run("--mm-model=scripted:answers.json")

    assert result.ret == 0
    result.assert_outcomes(passed=25)


def test_a_model_that_fell_by_more_than_the_margin_fails(large: Any) -> None:
    """The thresholds of that file are gates."""
    assert main(["init", "--force"]) == 0

    result = large.run(large.model(large.wrong("shapes.math.digits")))

    failed = [line.split(" ")[1] for line in result.outlines if line.startswith("FAILED")]
    assert [each.partition("[")[2] for each in failed] == ["shapes]", "shapes.math]"]


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    ("regression", "threshold", "codes"),
    [
        ("", "0", (1, 1)),
        # Ten of 180 are lost: too few to be sure of at this level, and too many to pass.
        ("alpha = 0.0001", "0", (0, 1)),
        ("alpha = 0.0001\nmargin = 0.2", "0", (0, 0)),
        ("alpha = 0.0001\nmargin = 0.2", "0.95", (1, 1)),
    ],
)
def test_the_same_exit_code(
    large: Any, regression: str, threshold: str, codes: tuple[int, int], *, strict: bool
) -> None:
    """Of a run against a baseline, and of `mmbench diff` of the two runs afterwards."""
    limits = "".join(f'"{node.path}" = 0\n' for node in large.shapes.dimensions()[1:])
    tables = f'{regression}\n[thresholds]\n"shapes" = {threshold}\n{limits}'
    large.file("mmbench.toml", f"{SETTINGS}[regression]\nmin-items = 5\n{tables}")
    assert main(["baseline", "save", "old"]) == 0
    model = large.model(large.wrong("shapes.math.digits"))

    result = large.run(model, "--mm-baseline=old", *(["--mm-strict"] if strict else []))

    assert result.ret == codes[strict]
    assert main(["diff", "old", *(["--strict"] if strict else [])]) == result.ret


def test_the_same_document(large: Any) -> None:
    """What pytest reported of a run is reported of the saved one."""
    tables = '[regression]\nmin-items = 5\n[thresholds]\n"shapes" = 0.99\n'
    large.file("mmbench.toml", SETTINGS + tables)
    assert main(["baseline", "save", "old"]) == 0
    model = large.model(large.wrong("shapes.math.digits"))
    large.run(model, "--mm-baseline=old", "--mm-condition=no-image", "--mm-json=live.json")

    main(["diff", "old", "--json", "saved.json"])

    live, saved = (
        json.loads((large.path / f"{each}.json").read_text()) for each in ("live", "saved")
    )
    differing = {key for key in live if live[key] != saved[key]}
    assert differing == {"run"}


def test_a_promoted_baseline_is_compared_with(large: Any) -> None:
    """By a bare run, without a flag."""
    main(["baseline", "save", "old"])
    main(["baseline", "promote", "old"])

    result = large.run(large.model(large.wrong("shapes.math.digits")))

    result.stdout.fnmatch_lines(["mmbench: baseline old"])
    assert len([line for line in result.outlines if "test_regression.py" in line]) > 0


def test_a_pinned_baseline_that_changed_is_refused(large: Any) -> None:
    """Before anything is asked."""
    main(["baseline", "save", "old"])
    main(["baseline", "pin", "old"])
    path = large.path / "mm_baselines" / "old.json"
    path.write_text(path.read_text().replace('"correct"', '"incorrect"', 1))

    result = large.run(large.model({"no such": "A"}), "--mm-baseline=old")

    result.stderr.fnmatch_lines(["*old.json is pinned, and has changed since.", "*what to do*"])
    assert result.ret == 4


def test_a_pinned_baseline_that_is_gone_is_refused(large: Any) -> None:
    """Its name is not taken for that of a checkpoint."""
    main(["baseline", "save", "old"])
    main(["baseline", "pin", "old"])
    (large.path / "mm_baselines" / "old.json").unlink()

    result = large.run(large.model({"no such": "A"}), "--mm-baseline=old")

    result.stderr.fnmatch_lines(["*old.json is pinned, and is not there."])
    assert result.ret == 4


def test_what_shortcuts_lists_is_left_out(project: Any) -> None:
    """`--mm-exclude` reads the file as it was written."""
    assert main(["shortcuts", "--models", "scripted:first", "--out", "out.json"]) == 0
    known = len(json.loads((project.path / "out.json").read_text())["samples"])

    result = project.run(project.model(), "--mm-exclude=out.json")

    assert 0 < known < 36
    result.stdout.fnmatch_lines(
        [f"mmbench: model *shapes ({36 - known} samples, {known} left out*"]
    )


def test_unreadable_answers_fail_a_comparison(project: Any) -> None:
    """What cannot be compared must not look like a pass."""
    project.file("mmbench.toml", '[benchmarks.shapes]\nper-axis = 2\nmethod = "generate"\n')
    project.run(project.model())
    (project.path / "mm_baselines").mkdir()
    shutil.copy(project.path / LAST, project.path / "mm_baselines" / "old.json")
    mute = dict.fromkeys(project.ids("shapes.math"), "hm")

    result = project.run(project.model(mute), "--mm-baseline=old", "-k", "test_regression")

    result.stdout.fnmatch_lines(["shapes.math cannot be compared: of 6 answers 6 *"])
    assert result.ret == 1
    assert main(["diff", "old"]) == 1


def test_paths_are_the_projects(large: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command finds in a folder below what pytest left at the rootdir."""
    below = large.path / "below"
    below.mkdir()
    monkeypatch.chdir(below)

    assert main(["baseline", "save", "old"]) == 0
    assert Path("../mm_baselines/old.json").is_file()
