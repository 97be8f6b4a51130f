"""What a run was, what it takes to do it again, and what to know before trusting its numbers."""

from __future__ import annotations

import platform
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from pytest_mmbench import __version__
from pytest_mmbench.gates import position_bias
from pytest_mmbench.models.checkpoint import COMPUTE_PACKAGES
from pytest_mmbench.records import Role
from pytest_mmbench.report.repeats_note import repeats_notes
from pytest_mmbench.results.rows import cut_short_note, is_same_checkpoint, left_out_notes
from pytest_mmbench.results.run_file import SavedRun
from pytest_mmbench.results.tolerance import Tolerance, tolerance_between

ANSWER_PACKAGES: Final = ("pytest-mmbench", *COMPUTE_PACKAGES, "datasets")
"""Those that may change an answer or its score."""
ABSENT: Final = "none"
"""In the place of a version, where a package is not installed."""


SAME_CHECKPOINT: Final = (
    "baseline and candidate are the same checkpoint (same fingerprint): nothing to compare but its "
    "own noise"
)


def notes_on(
    models: Mapping[Role, SavedRun],
    *,
    near_ties: bool,
    given_tolerance: float | None = None,
) -> Iterator[str]:
    """What a reader has to know before trusting the numbers.

    `near_ties` says whether answers are compared, `given_tolerance` (nats) is that of the settings.
    """
    # The candidate comes first, whatever the order: it is the one that is released.
    in_order = [models[role] for role in Role if role in models]
    yield from (f"{model.name}: {note}" for model in in_order for note in model.notes)
    yield from left_out_notes(task for model in in_order for task in model.tasks)
    candidate, baseline = models[Role.CANDIDATE], models.get(Role.BASELINE)
    if near_ties:
        compared = [model for role, model in models.items() if role is not Role.BASE_LLM]
        yield near_tie_note(
            {
                name: tolerance_between(compared, name, given=given_tolerance)
                for name in candidate.benchmarks
            }
        )
    if baseline is not None:
        if is_same_checkpoint(baseline, candidate):
            yield SAME_CHECKPOINT
        yield from other_versions(baseline.facts, candidate.facts)
    for model in in_order:
        whose = "" if model is candidate else f"{model.name}: "
        for task in model.tasks:
            yield from filter(None, [cut_short_note(task) and whose + cut_short_note(task)])
            yield from (whose + each for each in repeats_notes(task, model.trees[task.benchmark]))
    for task in candidate.tasks:
        yield from position_bias.notes(task, candidate.trees[task.benchmark])
        if task.spec.condition_used != task.condition:
            used = f"{task.benchmark}: {task.spec.condition_used} used instead of {task.condition}"
            yield f"{used}, as the model requires a picture"


def near_tie_note(tolerances: Mapping[str, Tolerance]) -> str:
    """How close answers are that count as near ties, by benchmark; one number if it is the same."""
    widths = {str(each) for each in tolerances.values()}
    by_source: dict[str, dict[str, None]] = {}
    for name, each in tolerances.items():
        text = f"{each}{f' in {name}' if len(widths) > 1 else ''}"
        by_source.setdefault(each.source, {})[text] = None
    parts = (f"{', '.join(texts)} ({source})" for source, texts in by_source.items())
    return f"near ties are answers whose margins are at most {', '.join(parts)}"


def other_versions(baseline: Mapping[str, str], candidate: Mapping[str, str]) -> Iterator[str]:
    """A sentence on the versions by which the baseline's run differs; none if it does not."""
    pairs = {
        name: (baseline.get(name, ABSENT), candidate.get(name, ABSENT)) for name in ANSWER_PACKAGES
    }
    different = [
        f"{name} {before}, now {now}" for name, (before, now) in pairs.items() if before != now
    ]
    if different:
        yield f"the baseline ran with different versions: {'; '.join(different)}"


PACKAGES: Final = ("pytest", *COMPUTE_PACKAGES, "datasets")
"""Packages that may change an answer, or how it is judged."""


@cache
def versions() -> Mapping[str, str]:
    """Versions of Python, of this package, and of those that may change an answer."""
    installed = {"python": platform.python_version(), "pytest-mmbench": __version__}
    for package in PACKAGES:
        try:
            installed[package] = version(package)
        except PackageNotFoundError:
            continue
    return installed


def machine() -> str:
    """Processor and operating system."""
    return f"{platform.machine()} {platform.system()} {platform.release()}"


def command(arguments: Sequence[str]) -> str:
    """The command line, quoted for a shell."""
    program = Path(sys.argv[0]).name
    return shlex.join(["pytest" if program == "__main__.py" else program, *arguments])


def commit(folder: Path) -> str:
    """The commit that a folder stands at; empty if it is in no repository, or has no git."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - whichever git the user has
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
