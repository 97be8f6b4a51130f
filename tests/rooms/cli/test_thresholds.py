from dataclasses import replace
from typing import Any

import pytest
from saved_runs import saved

from pytest_mmbench.records import Method

FILE = """\
# The gate.
strict = true   # nothing is left open

[benchmarks.shapes]
per-axis = 40

[thresholds]   # what a release has to reach
"shapes" = 0.50   # the whole
# Numbers are hard.
"shapes.math" = { at_least = 0.95, rule = "three-way" }
"shapes.logical-reasoning" = {at_least=0.6,rule="strong"}
[thresholds."shapes.math.digits"]
at_least = 0.10 # once
"""


def test_the_table_shows_what_would_rise(project: Any) -> None:
    """Each threshold, the score, and where it would lie; nothing is written."""
    project.file("mmbench.toml", FILE)
    project.ran(saved(per_axis=40, wrong=["digits-0000", "digits-0001"]))

    assert project("thresholds") == 0

    assert [line.split() for line in project.lines if line][:5] == [
        ["now", "score", "would", "be"],
        ["shapes", "0.50", "0.997", "0.94"],
        ["shapes.math", "0.95", "0.983", "-"],
        ["shapes.logical-reasoning", "0.60", "1.000", "0.90"],
        ["shapes.math.digits", "0.10", "0.950", "0.75"],
    ]
    assert project.lines[-1] == "3 would rise; add --ratchet to write that"
    assert project.text("mmbench.toml") == FILE


def test_where_nothing_rises_it_says_so(project: Any) -> None:
    """A table alone leaves it open whether there is something to do."""
    project.file("mmbench.toml", "[benchmarks.shapes]\nper-axis = 3\n[thresholds]\nshapes = 1.0\n")
    project.ran(saved(per_axis=3))

    assert project("thresholds") == 0
    assert project.lines[-1] == "none would rise"


def test_a_ratchet_raises_and_keeps_the_rest(project: Any) -> None:
    """Comments, order, blanks and rules stay; what is higher already stays, too."""
    project.file("mmbench.toml", FILE)
    project.ran(saved(per_axis=40, wrong=["digits-0000", "digits-0001"]))

    assert project("thresholds", "--ratchet") == 0

    expected = FILE.replace('"shapes" = 0.50', '"shapes" = 0.94')
    expected = expected.replace("{at_least=0.6,", "{at_least=0.90,")
    expected = expected.replace("at_least = 0.10 #", "at_least = 0.75 #")
    assert project.text("mmbench.toml") == expected
    assert project.lines[-1] == "mmbench.toml: 3 raised"


def test_a_second_turn_raises_nothing(project: Any) -> None:
    """The same run is no reason to ask for more."""
    project.file("mmbench.toml", FILE)
    project.ran(saved(per_axis=40))
    project("thresholds", "--ratchet")
    before = project.text("mmbench.toml")

    assert project("thresholds", "--ratchet") == 0
    assert project.text("mmbench.toml") == before
    assert project.lines[-1] == "mmbench.toml: nothing rises"


def test_a_worse_run_lowers_nothing(project: Any) -> None:
    """A ratchet turns one way."""
    project.file("mmbench.toml", FILE)
    project.ran(saved(per_axis=40, wrong=["shapes"]))

    assert project("thresholds", "--ratchet", "--force") == 0
    assert project.text("mmbench.toml") == FILE


def test_a_rule_that_asks_for_evidence_gets_a_lower_threshold(project: Any) -> None:
    """A fresh run has to pass: after 40 of 40 it may get 36, which are strong evidence of 0.78."""
    project.file(
        "mmbench.toml",
        "[benchmarks.shapes]\nper-axis = 40\n[gate]\nrule = 'strong'\n"
        '[thresholds]\n"shapes.math.digits" = 0.5\n',
    )
    project.ran(saved(per_axis=40))

    project("thresholds", "--ratchet")

    # 36 of 40 are not significantly fewer than 40, and their exact lower bound is 0.786.
    assert '"shapes.math.digits" = 0.78' in project.text("mmbench.toml")


def test_what_was_not_asked_is_told(project: Any) -> None:
    """A run of one axis says nothing about the whole."""
    project.file("mmbench.toml", FILE)
    project.ran(saved(per_axis=40, leaves=["shapes.math.digits"]))

    assert project("thresholds") == 0
    rows = {line.split()[0]: line for line in project.lines if line}
    assert rows["shapes"].endswith("-  not in this run")
    assert rows["shapes.math.digits"].split()[1:] == ["0.10", "1.000", "0.85"]


def test_a_part_raises_nothing(project: Any) -> None:
    """A few samples, as --mm-limit leaves them, are no ground for a higher threshold."""
    project.file("mmbench.toml", FILE)
    run = saved(per_axis=40)
    few = {leaf: rows[:10] for leaf, rows in run.tasks[0].rows.items()}
    project.ran(replace(run, tasks=(replace(run.tasks[0], rows=few),)))

    assert project("thresholds", "--ratchet") == 0
    assert "-  only 180 of 720 samples were asked" in project.lines[1]
    assert project.text("mmbench.toml") == FILE


def test_a_run_that_was_asked_something_else_is_refused(project: Any) -> None:
    """Thresholds of one method say nothing about another."""
    project.file(
        "mmbench.toml", FILE.replace("per-axis = 40", 'per-axis = 40\nmethod = "generate"')
    )
    project.ran(saved(per_axis=40))

    assert project("thresholds", "--ratchet") == 4
    asked = "shapes-1 seed=20260419 per-axis=40"
    assert project.err.splitlines() == [
        "mmbench: the run of old was not asked shapes as the settings ask it.",
        "  asked for by   mmbench.toml",
        f"  the run        {asked} rank shapes image (rank)",
        f"  the settings   {asked} generate shapes image (generate, strict scoring)",
        "  what to do     run `pytest --mm-model=PATH` with these settings first",
    ]


def test_a_misspelt_dimension_is_told(project: Any) -> None:
    """As pytest tells it."""
    project.file("mmbench.toml", FILE.replace('"shapes.math" =', '"shapes.maths" ='))
    project.ran(saved(per_axis=40))

    assert project("thresholds") == 4
    assert "there is no dimension 'shapes.maths'" in project.err


def test_a_file_without_thresholds_is_told(project: Any) -> None:
    """There is nothing to show; the error says how some are made."""
    project.settings()
    project.ran(saved())

    assert project("thresholds") == 4
    assert project.err.splitlines()[0] == "mmbench: mmbench.toml has no thresholds."
    assert "mmbench init" in project.err


@pytest.mark.parametrize("header", ["[tool.mmbench]\n", ""])
def test_thresholds_of_pyproject_rise_there(project: Any, header: str) -> None:
    """The other tables of a pyproject.toml are none of our business, and stay."""
    before = (
        f'[project]\nname = "x"   # y\n\n{header}[tool.mmbench.benchmarks.shapes]\nper-axis = 40\n'
        '[tool.mmbench.thresholds]\n"shapes" = 0.5\n\n[tool.other]\nz = 0.50\n'
    )
    project.file("pyproject.toml", before)
    project.ran(saved(per_axis=40))

    assert project("thresholds", "--ratchet") == 0
    assert project.text("pyproject.toml") == before.replace('"shapes" = 0.5\n', '"shapes" = 0.95\n')


def test_runs_are_pooled(project: Any) -> None:
    """Two runs of other questions show more than one: their mean, with less noise."""
    project.file(
        "mmbench.toml",
        "[benchmarks.shapes]\nper-axis = 40\n[thresholds]\n'shapes.math.digits' = 0.5\n",
    )
    missed = [f"digits-{at:04d}" for at in range(8)]
    project.ran(saved(per_axis=40))
    project.baseline("other", saved(per_axis=40, seed=7, wrong=missed))

    assert project("thresholds", "--run", ".mmbench/last-run.json", "--run", "other") == 0

    # 72 of 80; in a run of 40 as few as 31 are not significantly fewer.
    assert project.lines[1].split() == ["shapes.math.digits", "0.50", "0.900", "0.77"]


def test_the_same_samples_twice_are_no_more_samples(project: Any) -> None:
    """A run that is pooled with itself supports what it supported alone."""
    project.file("mmbench.toml", FILE)
    project.ran(saved(per_axis=40, wrong=["digits-0000", "layout-0001", "shapes.math.addition"]))
    project("thresholds")
    alone = project.out

    assert project("thresholds", *["--run", ".mmbench/last-run.json"] * 2) == 0
    raised = [line.split()[3] for line in project.out.splitlines()[1:6] if line]
    assert all(
        pooled <= single
        for pooled, single in zip(
            raised, [line.split()[3] for line in alone.splitlines()[1:6] if line], strict=True
        )
    )


def test_runs_of_other_questions_are_not_pooled(project: Any) -> None:
    """A seed may differ, and a method may not."""
    project.file("mmbench.toml", FILE)
    project.ran(saved(per_axis=40))
    project.baseline("other", saved(name="wordy", per_axis=40, method=Method.GENERATE))

    assert project("thresholds", "--run", ".mmbench/last-run.json", "--run", "other") == 4
    assert "the runs of old and wordy were not asked shapes alike" in project.err


def test_an_error_is_a_probability(project: Any) -> None:
    """Five percent are 0.05."""
    project.file("mmbench.toml", FILE)
    project.ran(saved(per_axis=40))

    with pytest.raises(SystemExit):
        project("thresholds", "--error", "5")


def test_a_run_that_is_no_release_raises_nothing_without_force(project: Any) -> None:
    """Each line that is raised by force says so; the table alone needs none."""
    project.file("mmbench.toml", FILE)
    project.ran(saved(per_axis=40, decision="do not ship"))

    assert project("thresholds") == 0
    assert project("thresholds", "--ratchet") == 4
    assert "the run of old is no release: DO NOT SHIP." in project.err
    assert project.text("mmbench.toml") == FILE
    assert project("thresholds", "--ratchet", "--force") == 0
    said = [one for one in project.text("mmbench.toml").splitlines() if "by --force" in one]
    assert len(said) == int(project.lines[-1].split()[1])
    assert said[0] == ('"shapes" = 0.95 # the whole; by --force, of a run that was DO NOT SHIP')
