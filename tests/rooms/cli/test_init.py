import tomllib
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from saved_runs import saved

from pytest_mmbench.cli.init import _portable
from pytest_mmbench.cli.scores import least_score, scores, threshold_below, two_decimals
from pytest_mmbench.config import tables
from pytest_mmbench.config.settings import read_settings
from pytest_mmbench.gates import capability
from pytest_mmbench.records import Mark, Outcome
from pytest_mmbench.records.generation import Decoding
from pytest_mmbench.results.rows import with_repeats


def thresholds(project: Any) -> dict[str, Decimal]:
    table = tomllib.loads(project.text("mmbench.toml"), parse_float=Decimal)
    return dict(table["thresholds"])


def comments(project: Any) -> dict[str, str]:
    """Thresholds that stand in comments, with what is said behind them."""
    lines = project.text("mmbench.toml").splitlines()
    lines_behind = [line[2:].split(" = ") for line in lines if line.startswith('# "')]
    return {path.strip('"'): rest for path, rest in lines_behind}


def test_thresholds_lie_a_margin_below(project: Any) -> None:
    """The whole and its capabilities are gated, rounded down; axes stand in comments."""
    project.ran(saved(per_axis=40, wrong=["shapes.math.digits"]))

    assert project("init") == 0

    gated = thresholds(project)
    # 680 of 720 are 0.944, less 0.05. Of 120 samples noise takes more: 61 are not significantly
    # fewer than 80, nor 114 than 120, at 0.05 / 7.
    assert gated["shapes"] == Decimal("0.89")
    assert gated["shapes.math"] == Decimal("0.50")
    assert gated["shapes.logical-reasoning"] == Decimal("0.95")
    assert len(gated) == 7
    assert len(comments(project)) == 18
    assert comments(project)["shapes.math.addition"].split() == ["0.85", "#", "1.000", "of", "40"]
    assert project.lines[0] == "wrote mmbench.toml: 7 thresholds, and 18 more as comments"


@pytest.mark.parametrize("margin", ["0", "0.05", "0.125"])
def test_the_run_passes_what_was_made_of_it(project: Any, margin: str) -> None:
    """Read by the settings' own reader, every threshold is passed by the run it comes from."""
    run = saved(per_axis=40, wrong=["shapes.math.digits", "layout-0003", "dials-0001"])
    project.ran(run)

    assert project("init", "--margin", margin, "--depth", "3") == 0

    settings = read_settings(
        rootdir=project.path, cli={}, ini={}, environment={}, known=("shapes",)
    )
    tallies = [each.tally for each in scores(run) if each.node.path in settings.thresholds]
    verdicts = capability.judge_capability(
        tallies, settings.thresholds, alpha=0.05, unparseable_limit=0.05
    )
    assert {each.outcome for each in verdicts} == {Outcome.PASS}
    # Only the axis that gets nothing right has none.
    assert len(verdicts) == len(settings.thresholds) == 24


def test_no_threshold_is_higher_than_it_says(project: Any) -> None:
    """Rounding is downwards, from the exact score."""
    for each in scores(saved(per_axis=7, wrong=["shapes.math.digits", "layout-0003"])):
        limit = threshold_below(each, Fraction(1, 20), 0.01)
        highest = min(each.tally.score - Fraction(1, 20), least_score(each, 0.01).score)
        distance = highest - limit
        assert 0 <= distance < Fraction(1, 100) or limit == 0
        assert Fraction(two_decimals(limit)) == limit


def test_few_samples_make_no_threshold(project: Any) -> None:
    """Of a capability with fewer than 30 samples a threshold would rest on single answers."""
    project.ran(saved(per_axis=3))

    project("init")

    assert list(thresholds(project)) == ["shapes"]
    assert comments(project)["shapes.math"].endswith("# 1.000 of 9; fewer than 30 samples")


def test_what_guessing_reaches_is_no_threshold(project: Any) -> None:
    """A threshold at chance would gate nothing, and look like a gate."""
    samples = [f"{axis}-{at:04d}" for axis in ("digits", "addition") for at in range(40)]
    project.ran(saved(per_axis=40, wrong=[*samples, *(f"comparison-{at:04d}" for at in range(8))]))

    project("init")

    # 32 of 120 are right; less 0.05 that is 0.21.
    assert comments(project)["shapes.math"].endswith("# 0.267 of 120; guessing gets 0.25")


def test_unreadable_answers_make_no_threshold(project: Any) -> None:
    """Where a case would be an error, no score can be asked for."""
    run = saved(per_axis=40)
    rows = run.tasks[0].rows["shapes.math.digits"]
    mute = tuple(replace(row, mark=Mark.UNPARSEABLE, answer="", option_logprobs=()) for row in rows)
    sheet = replace(run.tasks[0], rows={**run.tasks[0].rows, "shapes.math.digits": mute})
    project.ran(replace(run, tasks=(sheet,)))

    project("init")

    assert comments(project)["shapes.math"].endswith("; 40 answers are unparseable")
    # Of 720 samples 40 are more than 5 %, too.
    assert "shapes" in comments(project)


def test_depth_decides_what_is_gated(project: Any) -> None:
    """1 is the whole alone, and 3 has the axes too."""
    project.ran(saved(per_axis=40))

    project("init", "--depth", "1")
    assert len(thresholds(project)) == 1
    project("init", "--depth", "3", "--force")
    assert len(thresholds(project)) == 25


def test_a_part_that_was_asked_makes_a_part_of_a_file(project: Any) -> None:
    """A run of `-k math` knows nothing of the whole."""
    axes = ("digits", "addition", "comparison")
    project.ran(saved(per_axis=40, leaves=[f"shapes.math.{each}" for each in axes]))

    project("init")

    assert list(thresholds(project)) == ["shapes.math"]


def test_how_it_was_asked_is_kept(project: Any) -> None:
    """The method of the run, and the options of the settings that it was made with."""
    project.file("mmbench.toml", "[benchmarks.shapes]\nseed = 5\nper-axis = 40\n")
    project.ran(saved(per_axis=40, seed=5))

    assert project("init", "--force") == 0
    assert tomllib.loads(project.text("mmbench.toml"))["benchmarks"] == {
        "shapes": {"method": "rank", "seed": 5, "per-axis": 40}
    }
    assert project.err == ""


def test_the_decoding_of_the_run_is_kept(project: Any) -> None:
    """Thresholds of answers of so many tokens hold for such answers."""
    run = saved(per_axis=40)
    decoding = Decoding(
        max_new_tokens=700,
        system='Say "B".\n',
        thinking=False,
        stop=("#", "\n"),
        thoughts=(("<plan>", "</plan>"),),
        temperature=0.7,
        repeats=2,
    )
    spec = replace(run.tasks[0].spec, decoding=decoding)
    rows = {
        leaf: tuple(with_repeats([replace(row, option_logprobs=())] * 2) for row in results)
        for leaf, results in run.tasks[0].rows.items()
    }
    project.ran(replace(run, tasks=(replace(run.tasks[0], spec=spec, rows=rows),)))

    assert project("init", "--force") == 0
    table = tomllib.loads(project.text("mmbench.toml"))["benchmarks"]["shapes"]["decoding"]
    assert table == {
        "max-new-tokens": 700,
        "system": 'Say "B".\n',
        "thinking": False,
        "stop": ["#", "\n"],
        "thoughts": [["<plan>", "</plan>"]],
        "temperature": 0.7,
        "repeats": 2,
    }


def test_unreadable_answers_of_a_limit_of_tokens_make_no_threshold(project: Any) -> None:
    """So do cut ones, where the settings limit their share."""
    project.file("mmbench.toml", "[gate]\ncut-short = 0.1\n[benchmarks.shapes]\nper-axis = 40\n")
    run = saved(per_axis=40)
    task = run.tasks[0]
    rows = {
        leaf: tuple(replace(row, cut_short=True) for row in results)
        for leaf, results in task.rows.items()
    }
    project.ran(replace(run, tasks=(replace(task, rows=rows),)))

    assert project("init", "--force") == 0
    assert comments(project)["shapes.math"].endswith("; 120 answers were cut short")


def test_a_run_in_circles_is_asked_so_again(project: Any) -> None:
    """`--mm-circular` of the run becomes a line of the file."""
    project.file("mmbench.toml", "[benchmarks.shapes]\nper-axis = 10\n")
    project.ran(saved(per_axis=10, circular=True))

    assert project("init", "--force") == 0
    assert tomllib.loads(project.text("mmbench.toml"))["circular"] is True
    # 24 of 30 questions are not significantly fewer than 30.
    assert thresholds(project)["shapes.math"] == Decimal("0.80")
    assert project.err == ""


def test_data_below_the_project_are_named_from_there(project: Any) -> None:
    """A committed file must hold on another machine."""
    assert _portable(str(project.path / "data" / "x.tsv"), project.path) == "data/x.tsv"
    assert _portable("acme/data", project.path) == "acme/data"
    assert _portable(3, project.path) == 3


def test_settings_are_not_overwritten(project: Any) -> None:
    """Nor those of pyproject.toml, which a new mmbench.toml would hide."""
    project.ran(saved())
    project.settings()
    before = project.text("mmbench.toml")

    assert project("init") == 4
    assert project.err.splitlines()[0] == "mmbench: mmbench.toml holds settings already."
    assert "--ratchet" in project.err
    assert project.text("mmbench.toml") == before

    (project.path / "mmbench.toml").unlink()
    project.file("pyproject.toml", "[tool.mmbench]\nstrict = true\n")
    assert project("init") == 4
    assert "pyproject.toml [tool.mmbench] holds settings already" in project.err


def test_other_data_are_told(project: Any) -> None:
    """A file for a run whose data the settings do not name would be refused by the next one."""
    project.ran(saved(per_axis=40, seed=99))

    assert project("init") == 0
    assert "the run asked 'shapes-1 seed=99 per-axis=40 rank" in project.err


def test_the_rest_of_the_file_explains(project: Any) -> None:
    """Every key that [gate], [regression] and [vision] know stands there as a comment."""
    project.ran(saved(per_axis=40))
    project("init")

    text = project.text("mmbench.toml")
    keys = [key for keys in tables.TABLES.values() for key in keys]
    assert [key for key in keys if f"\n# {key} = " not in text] == []
    assert max(len(line) for line in text.splitlines()) <= 110


def test_forcing_keeps_the_baseline_and_tells_what_goes(project: Any) -> None:
    """What `baseline promote` wrote stays; a setting that the new file has not is named."""
    project.file(
        "mmbench.toml",
        'baseline = "2.3"\nlimit = 90\n[benchmarks.shapes]\nper-axis = 3\n'
        '[thresholds]\n"shapes" = 0.4\n"shapes.math" = 0.4\n[vision]\nmin-gain = 0.1\n',
    )
    project.ran(saved(per_axis=3))

    assert project("init", "--force") == 0

    assert tomllib.loads(project.text("mmbench.toml"))["baseline"] == "2.3"
    dropped = "mmbench: no longer set: limit, [thresholds] shapes.math, [vision] min-gain"
    assert dropped in project.err.splitlines()


def test_one_threshold_is_counted_as_one(project: Any) -> None:
    """`1 threshold`, and not `1 thresholds`."""
    project.ran(saved(per_axis=3))

    assert project("init", "--depth", "1") == 0
    assert project.lines[0] == "wrote mmbench.toml: 1 threshold, and 24 more as comments"


def test_forcing_writes_the_file_that_is_named(project: Any) -> None:
    """With `--config` it is that one, and the project's usual settings are left alone."""
    project.settings("limit = 90")
    usual = project.text("mmbench.toml")
    project.file("gates/nightly.toml", "[benchmarks.shapes]\nper-axis = 3\n")
    project.ran(saved(per_axis=3))

    assert project("init", "--config", "gates/nightly.toml") == 4
    assert "--force writes nightly.toml anew" in project.err
    assert project("init", "--config", "gates/nightly.toml", "--force") == 0
    assert project.lines[0].startswith("wrote nightly.toml: ")
    assert "shapes" in tomllib.loads(project.text("gates/nightly.toml"))["benchmarks"]
    assert project.text("mmbench.toml") == usual


@pytest.mark.parametrize("name", ["new.toml", "gates/new.toml"])
def test_a_file_that_is_named_and_not_there_is_written(project: Any, name: str) -> None:
    """With the benchmarks of the project's usual settings, which are left alone."""
    project.settings()
    usual = project.text("mmbench.toml")
    project.ran(saved(per_axis=3))

    assert project("init", "--config", name) == 0

    assert project.lines[0].startswith("wrote new.toml: ")
    assert tomllib.loads(project.text(name))["benchmarks"]["shapes"]
    assert project.text("mmbench.toml") == usual
    assert project("init", "--config", name) == 4


def test_a_run_that_is_no_release_needs_force(project: Any) -> None:
    """The head of the file says what its thresholds come from."""
    project.ran(saved(decision="undecided"))

    assert project("init") == 4
    assert not (project.path / "mmbench.toml").exists()
    assert project("init", "--force") == 0
    assert "# It was written by --force, of a run that was UNDECIDED.\n" in project.text(
        "mmbench.toml"
    )
