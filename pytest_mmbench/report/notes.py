"""What a reader has to know before trusting the numbers of a report."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from pytest_mmbench.evaluation.run import Run
from pytest_mmbench.gates import position_bias
from pytest_mmbench.models.checkpoint import COMPUTE_PACKAGES
from pytest_mmbench.records import Role
from pytest_mmbench.results import left_out
from pytest_mmbench.results.rows import ModelResults
from pytest_mmbench.results.run_file import SavedRun


def near_tie_note(exams: Collection[ModelResults], benchmarks: Iterable[str]) -> str:
    """How close answers are that count as near ties; one number if it is the same everywhere."""
    widest = {name: max(exam.tolerance_of(name) for exam in exams) for name in benchmarks}
    told = [f"{tolerance:.2g} nats in {name}" for name, tolerance in widest.items()]
    if len({f"{tolerance:.2g}" for tolerance in widest.values()}) <= 1:
        told = [f"{tolerance:.2g} nats" for tolerance in widest.values()][:1]
    return f"near ties are answers whose margins are at most {', '.join(told)}"


ANSWER_PACKAGES: Final = ("pytest-mmbench", *COMPUTE_PACKAGES, "datasets")
"""Those that may change an answer or its score."""


ABSENT: Final = "none"
"""In the place of a version, where a package is not installed."""


def other_versions(then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """A sentence on the versions by which a baseline's run differs; none if it does not."""
    was, new = (
        {name: facts.get(name, ABSENT) for name in ANSWER_PACKAGES} for facts in (then, now)
    )
    differ = [
        f"{name} {was[name]}, now {new[name]}" for name in ANSWER_PACKAGES if was[name] != new[name]
    ]
    if differ:
        yield f"the baseline was asked under other versions: {'; '.join(differ)}"


def notes_of(run: Run, exams: Mapping[Role, SavedRun]) -> Iterator[str]:
    """What a reader has to know before trusting the numbers."""
    # The candidate comes first, whatever the order: it is the one that is released.
    in_order = [exams[role] for role in Role if role in exams]
    yield from left_out.notes(sheet for each in in_order for sheet in each.tasks)
    if Role.BASELINE in exams or run.snapshot_benchmarks:
        compared = [each for role, each in exams.items() if role is not Role.BASE_LLM]
        how = "measured" if run.settings.calibrate else "assumed for its number format"
        yield f"{near_tie_note(compared, exams[Role.CANDIDATE].benchmarks)} ({how})"
    if Role.BASELINE in exams:
        then, now = (exams[role].facts for role in (Role.BASELINE, Role.CANDIDATE))
        yield from other_versions(then, now)
    yield from candidate_notes(exams[Role.CANDIDATE])


def candidate_notes(candidate: SavedRun) -> Iterator[str]:
    """What a reader has to know of the model that is judged."""
    for sheet in candidate.tasks:
        yield from position_bias.notes(sheet, candidate.trees[sheet.benchmark])
        if sheet.condition_used != sheet.condition:
            told = f"{sheet.benchmark}: {sheet.condition_used} stood in for {sheet.condition}"
            yield f"{told}, as the model cannot be asked without a picture"
