"""`--mm-baseline` with what an earlier run has kept: no model is asked again."""

import json
import shutil
from typing import Any

import pytest

CASE = "mmbench/test_regression.py::test_regression"
LAST = ".mmbench/last-run.json"


@pytest.fixture
def saved(project: Any) -> Any:
    """A project whose first run, of a model that is always right, is a baseline by name."""
    project.file("mmbench.toml", "[benchmarks.shapes]\nper-axis = 40\n")
    from pytest_mmbench.benchmarks.shapes import Shapes  # noqa: PLC0415 - as the fixture does

    project.shapes = Shapes(per_axis=40)
    assert project.run(project.model()).ret == 0
    (project.path / "mm_baselines").mkdir()
    shutil.copy(project.path / LAST, project.path / "mm_baselines" / "released.json")
    return project


def test_every_run_is_kept(saved: Any) -> None:
    """The latest run lies in the store's folder, with every sample that was scored."""
    kept = json.loads((saved.path / LAST).read_text(encoding="utf-8"))

    assert kept["model"] == "scripted:answers.json"
    assert sum(len(rows) for rows in kept["tasks"][0]["rows"].values()) == 720
    assert "python" in kept["facts"]


def test_a_name_is_a_baseline(saved: Any) -> None:
    """Only the candidate is asked, and the regression is found."""
    new = saved.model(saved.wrong("shapes.math.digits"))

    result = saved.run(new, "--mm-baseline=released", "-k", "test_regression")

    failed = [line.split(" ")[1] for line in result.outlines if line.startswith("FAILED")]
    assert failed == [f"{CASE}[{p}]" for p in ("shapes", "shapes.math", "shapes.math.digits")]
    result.stdout.fnmatch_lines(["720 answers in *"])


def test_a_limit_compares_what_is_asked(saved: Any) -> None:
    """The baseline may hold more samples than this run asks."""
    new = saved.model(saved.wrong("shapes.math.digits"))

    result = saved.run(new, "--mm-baseline=released", "-k", "digits", "--mm-limit=540")

    result.stdout.fnmatch_lines(
        ["shapes.math.digits fell by 1.000 (* 30 regressed, 0 fixed of 30)*"]
    )


def test_a_baseline_that_holds_less_is_refused(saved: Any) -> None:
    """A gate on what is left could pass by leaving out."""
    saved.run(saved.model({"no such": "A"}), "--mm-limit=180")
    shutil.copy(saved.path / LAST, saved.path / "mm_baselines" / "small.json")

    result = saved.run(saved.model(), "--mm-baseline=small", "-k", "test_regression and digits")

    result.stdout.fnmatch_lines(["*the baseline has no answer to * of 40 samples.*"])
    assert result.ret == 1


def test_other_data_is_refused_at_once(saved: Any) -> None:
    """Nothing is asked if the two cannot be compared."""
    saved.file("mmbench.toml", "[benchmarks.shapes]\nper-axis = 40\nseed = 7\n")

    result = saved.run(saved.model({"no such": "A"}), "--mm-baseline=released")

    result.stderr.fnmatch_lines(
        [
            "*the baseline scripted:answers.json was not asked the same shapes.",
            "*asked for by*--mm-baseline",
            "*then*shapes-1 seed=* rank*",
            "*now*shapes-1 seed=7 *rank*",
        ]
    )
    assert result.ret == 4


def test_the_checkpoint_itself_passes_with_a_note(saved: Any) -> None:
    """A nightly run of what was released is no mistake, and says that it compares nothing new."""
    result = saved.run(saved.model(), "--mm-baseline=released")

    result.stdout.fnmatch_lines(
        ["baseline and candidate are the same checkpoint (same fingerprint): *", "SHIP: *"]
    )
    assert result.ret == 0


def test_a_baseline_of_other_versions_is_told(saved: Any) -> None:
    """What an upgrade has changed may be the reason for what the comparison shows."""
    path = saved.path / "mm_baselines" / "released.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    now = kept["facts"]["pillow"]
    kept["facts"]["pillow"] = "1.0"
    path.write_text(json.dumps(kept), encoding="utf-8")

    result = saved.run(saved.model({"no such": "A"}), "--mm-baseline=released", "-k", "digits")

    told = f"the baseline ran with different versions: pillow 1.0, now {now}"
    assert result.outlines.count(told) == 1
    assert result.ret == 0


def test_a_baseline_that_was_not_committed_is_told(saved: Any) -> None:
    """The error says who asked for it, and which file is missing."""
    text = (saved.path / "mmbench.toml").read_text(encoding="utf-8")
    saved.file("mmbench.toml", f'baseline = "1.0"\n{text}')

    result = saved.run(saved.model())

    result.stderr.fnmatch_lines(
        ["*asked for by*mmbench.toml baseline", "*mm_baselines/1.0.json; is it committed?"]
    )
    assert result.ret == 4


def test_a_path_that_is_missing_is_no_name_of_a_baseline(saved: Any) -> None:
    """No file is looked for that could not be there, such as `mm_baselines//abs/x.json`."""
    result = saved.run(saved.model(), f"--mm-baseline={saved.path / 'gone'}")

    result.stderr.fnmatch_lines(["*there is no checkpoint folder *gone'."])
    result.stderr.no_fnmatch_line("*nor is there*")
    assert result.ret == 4


def test_a_misspelt_run_file_is_told(saved: Any) -> None:
    """A path that ends with .json is no checkpoint."""
    result = saved.run(saved.model(), "--mm-baseline=mm_baselines/relesed.json")

    result.stderr.fnmatch_lines(["*there is no saved run mm_baselines/relesed.json.*"])
    assert result.ret == 4
