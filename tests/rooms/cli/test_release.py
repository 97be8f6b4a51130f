"""What a saved run says of itself is no proof that it passed."""

from typing import Any

import pytest
from saved_runs import saved

from pytest_mmbench.results import baselines

THRESHOLDS = '[thresholds]\n"shapes" = 0.5\n"shapes.math" = 0.9\n'
COMMANDS = (
    ("baseline", "save", "2.3"),
    ("baseline", "promote", "old"),
    ("thresholds", "--ratchet"),
)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("decision", ["ship", "nothing gated"])
def test_a_decision_that_its_answers_deny_is_refused(
    project: Any, command: tuple[str, ...], decision: str
) -> None:
    """By every command that makes it what others are held to, naming the threshold."""
    run = saved(wrong=["shapes.math"], decision=decision)
    project.settings(THRESHOLDS)
    project.ran(run)
    project.baseline("old", run)

    assert project(*command) == 4
    assert "is no release" in project.err
    assert "but does not reach shapes.math" in project.err
    assert project(*command, "--force") == 0
    assert "taken by --force" in project.err


def test_settings_are_not_made_of_it(project: Any) -> None:
    """Nor with the old thresholds still there, which --force is to drop: the file then says so."""
    project.settings(THRESHOLDS)
    project.ran(saved(wrong=["shapes.math"], decision="ship"))

    assert project("init", "--force") == 0
    assert "does not reach shapes.math" in project.err
    assert "does not reach shapes.math" in project.text("mmbench.toml")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("thresholds", [THRESHOLDS, "", '[thresholds]\n"mmstar" = 0.9\n'])
def test_one_that_its_answers_bear_out_is_taken(
    project: Any, command: tuple[str, ...], thresholds: str
) -> None:
    """Also where the settings have no threshold that it could be judged by."""
    project.settings(thresholds)
    project.ran(saved(decision="ship"))
    project.baseline("old", saved(decision="ship"))

    project(*command)

    assert "is no release" not in project.err


def test_a_score_that_may_be_luck_is_no_release(project: Any) -> None:
    """An inconclusive gate ships nothing, whatever the file says."""
    rule = '[thresholds]\n"shapes.math" = { at_least = 0.9, rule = "lower-bound" }\n'
    project.settings(rule)
    project.ran(saved(decision="ship"))

    code = project("baseline", "save", "2.3")

    assert code == 4, project.err
    assert not (project.path / baselines.BASELINES / "2.3.json").exists()
