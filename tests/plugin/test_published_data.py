"""A benchmark that is read from its authors' file, judged by pytest."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.benchmarks.mmstar import load
from pytest_mmbench.testing import script

FIXTURES = Path(__file__).parents[2] / "fixtures" / "published" / "mmstar"
SETTINGS = """
[benchmarks.mmstar]
data = "data/MMStar.tsv"
{options}
[thresholds]
"mmstar" = 0.9
"mmstar.math.geometry" = 0.5
"""
NOTHING: Mapping[str, str] = {}
QUIET = ("-W", "ignore::pytest_mmbench.errors.MMBenchWarning")


def prepare(
    project: Any,
    options: str = "",
    *,
    accuracy: float = 1.0,
    answers: Mapping[str, str] = NOTHING,
) -> str:
    """Data and settings of the project; gives the option that names a scripted model."""
    (project.path / "data").mkdir()
    shutil.copy(FIXTURES / "MMStar.tsv", project.path / "data")
    project.file("mmbench.toml", SETTINGS.format(options=options))
    with pytest.warns(match="not the published data"):
        right = script(load({"data": str(FIXTURES / "MMStar.tsv")}), accuracy=accuracy)
    text = json.dumps({"answers": {**right, **answers}})
    project.file("answers.json", text)
    return "--mm-model=scripted:answers.json"


def test_a_model_is_gated_on_published_data(project: Any) -> None:
    """One case for each node of the tree; a path in the settings starts where they lie."""
    model = prepare(project)

    result = project.run(model, *QUIET)

    assert result.ret == 0
    result.assert_outcomes(passed=25)
    result.stdout.fnmatch_lines(
        [
            "mmbench: model *, mmstar (20 samples, generate, strict scoring), *",
            "mmstar * 20/20 * 0.90* pass",
            "  math * 4/4 * not gated",
            "    geometry * 2/2 * 0.50* pass",
            "*method generate, strict scoring*",
        ]
    )


@pytest.mark.parametrize("method", ["rank", "rank-mean", "rank-letter"])
def test_a_model_that_is_wrong_fails(project: Any, method: str) -> None:
    """By likelihood as by text: exit code 1, and the integers that decided."""
    model = prepare(project, accuracy=0.0)

    result = project.run(model, f"--mm-method={method}", *QUIET)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(failed=2, passed=23)
    result.stdout.fnmatch_lines(["mmstar 0.000 (0/20, * is below 0.90: 18 required;*"])


def test_official_scoring_is_named(project: Any) -> None:
    """The authors' rule lets `a photo` pass for A, and whoever uses it is told of it."""
    model = prepare(project, 'scoring = "official"', answers={"19": "a photo of an angle"})

    result = project.run(model, *QUIET)

    assert result.ret == 0
    result.stdout.fnmatch_lines(["mmstar * 20/20 *", "*method generate, official scoring*"])


def test_other_counts_are_shown_among_the_warnings(project: Any) -> None:
    """Pytest's own summary shows once that the file is not the published one."""
    result = project.run(prepare(project))

    assert result.ret == 0
    result.assert_outcomes(passed=25, warnings=1)
    result.stdout.fnmatch_lines(
        ["*MMBenchWarning: MMStar.tsv is not the published data: 1500 samples were expected, *"]
    )


def test_other_counts_can_be_refused(project: Any) -> None:
    """`-W error` makes it a usage error: nothing is judged."""
    result = project.run(prepare(project), "-W", "error")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*MMStar.tsv is not the published data*"])


def test_workers_warn_once(project: Any) -> None:
    """Under pytest-xdist each process reads the data, and one of them speaks."""
    result = project.run_apart(prepare(project), "-p", "xdist", "-n2")

    assert result.ret == 0
    result.assert_outcomes(passed=25, warnings=1)


def test_data_that_are_not_there(project: Any) -> None:
    """A wrong path ends the run at once, with the nearest name."""
    model = prepare(project)
    (project.path / "data" / "MMStar.tsv").rename(project.path / "data" / "MMStars.tsv")

    result = project.run(model)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: mmbench: there is no file or folder data/MMStar.tsv.", "*'MMStars.tsv'?"]
    )


def damage(project: Any) -> None:
    path = project.path / "data" / "MMStar.tsv"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"Is the drawing sharp?", b"Is the dr\0ing sharp?"))


def test_a_bad_row_ends_the_run(project: Any) -> None:
    """Nothing is judged; the row is named."""
    model = prepare(project)
    damage(project)

    result = project.run(model, *QUIET)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: mmbench: line 6 of MMStar.tsv holds a NUL byte."])


def test_a_bad_row_is_left_out_aloud(project: Any) -> None:
    """With `--mm-bad-rows=skip` the others are judged, and the warning says which one is not."""
    model = prepare(project)
    damage(project)

    result = project.run(model, "--mm-bad-rows=skip")

    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "*MMBenchWarning: 1 of 20 rows of MMStar.tsv cannot be used and are left out*",
            "*, row 2: line 6 of MMStar.tsv holds a NUL byte.",
            "mmstar * 19/19 *",
        ]
    )


def test_axes_without_samples_are_skipped(project: Any) -> None:
    """A part of the benchmark keeps the whole tree, and says where it is empty."""
    model = prepare(project)
    path = project.path / "data" / "MMStar.tsv"
    rows = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join(rows[:3]) + "\n", encoding="utf-8")
    project.file("mmbench.toml", '[benchmarks.mmstar]\ndata = "data"\n[thresholds]\nmmstar = 0.5\n')

    result = project.run(model, "-rs", *QUIET)

    assert result.ret == 0
    result.assert_outcomes(passed=3, skipped=22)
    lines = [line for line in result.stdout.lines if line.startswith("SKIPPED")]
    assert len(lines) == 7
    result.stdout.fnmatch_lines(["SKIPPED [[]4] * no samples for mmstar.math"])
