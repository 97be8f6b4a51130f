"""Whether a saved run may become what later runs are held to."""

from __future__ import annotations

from typing import Final

from pytest_mmbench.cli import output
from pytest_mmbench.cli.project import Project
from pytest_mmbench.cli.rejudge import RejudgeInput, scored_dimensions
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.gates.judge import Judge
from pytest_mmbench.report.document import Release
from pytest_mmbench.results.run_file import SavedRun

_RELEASED: Final = (Release.SHIP.value, Release.NOTHING_GATED.value)


def check_released(run: SavedRun, project: Project, *, force: bool) -> str:
    """Accepts a run that may become what others are held to, and gives what has to be noted of it.

    That is empty for a run that passed, or of which nothing is known: an earlier version wrote it.
    What it says of itself is a line in a file that anybody can edit, so that its answers are judged
    once more by the thresholds of the project.

    Raises:
        SettingsError: it was not released, or does not reach a threshold; and nothing forces it.
    """
    if not run.decision:
        output.echo_note(f"whether the run of {run.model} passed is not known: it does not say so")
        return ""
    missed = missed_thresholds(run, project) if run.decision in _RELEASED else []
    if run.decision in _RELEASED and not missed:
        return ""
    decision = run.decision.upper()
    # Whether it was edited, or the threshold was raised since: now it would be no release.
    but = f", but does not reach {missed[0]}" if missed else ""
    if not force:
        raise SettingsError(
            f"the run of {run.model} is no release: {decision}{but}.",
            what_to_do="run the whole gate until it passes, or name another run; --force takes "
            "this one, and the file then says so",
        )
    output.echo_note(f"the run of {run.model} is no release: {decision}{but}; taken by --force")
    return f"by --force, of a run that was {decision}{but}"


def missed_thresholds(run: SavedRun, project: Project) -> list[str]:
    """The thresholds of the project that a run does not surely reach, as far as it has answers."""
    case = RejudgeInput(project=project, candidate=run, arguments=())
    trees = {name: run.trees[name] for name in run.benchmarks}
    judge = Judge(case.settings, trees, case.models, rotations={})
    scored = scored_dimensions(run)
    gated = [node for node in scored if node.path in project.settings.thresholds]
    verdicts = (judge.capability(node, scored) for node in gated)
    return [each.dimension for each in verdicts if each.outcome.fails(strict=True)]
