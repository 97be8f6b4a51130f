"""Saved runs, judged: the report that pytest would have made of them.

The results of a run decide what is judged: a run of `-k math` does not know the score of the whole,
and a macro average of fewer leaves would be another number.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_mmbench.cli.data import Data, Samples
from pytest_mmbench.cli.project import Project
from pytest_mmbench.config.settings import Settings
from pytest_mmbench.config.tables import check_thresholds
from pytest_mmbench.gates.judge import Judge, rotation_conditions
from pytest_mmbench.gates.verdicts import CapabilityVerdict, Verdict
from pytest_mmbench.records import Average, Dimension, Gate, Role
from pytest_mmbench.report.build import ReportInput, build_report, decide
from pytest_mmbench.report.document import Report, RunInfo
from pytest_mmbench.report.run_info import commit, notes_on
from pytest_mmbench.results.rows import IMAGE, NO_IMAGE, DimensionTree, SampleResult, results_in
from pytest_mmbench.results.run_file import DESCRIBED, SavedRun

MOST_NAMED = 3
"""Dimensions that a sentence names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejudgeInput:
    """What is to be judged, and by whose rules."""

    project: Project
    candidate: SavedRun
    baseline: SavedRun | None = None
    arguments: Sequence[str]
    """The command line, for whoever wants to repeat it."""

    @property
    def models(self) -> dict[Role, SavedRun]:
        """The runs by role."""
        models = {Role.CANDIDATE: self.candidate, Role.BASELINE: self.baseline}
        return {role: run for role, run in models.items() if run is not None}

    @property
    def settings(self) -> Settings:
        """The rules, with the conditions that the run was asked under."""
        settings = self.project.settings
        rotated = {name for most in self.rotations.values() for name in rotation_conditions(most)}
        conditions = dict.fromkeys(task.condition for task in self.candidate.tasks)
        others = tuple(name for name in conditions if name not in {IMAGE, NO_IMAGE, *rotated})
        return replace(settings, vision=replace(settings.vision, conditions=others))

    @property
    def rotations(self) -> dict[str, int]:
        """By benchmark, under how many rotations it was asked without pictures."""
        asked = {(task.benchmark, task.condition) for task in self.candidate.tasks}
        rotations = {
            name: 2
            for name in self.candidate.benchmarks
            if (name, rotation_conditions(2)[1]) in asked
        }
        for name in rotations:
            while (name, rotation_conditions(rotations[name] + 1)[-1]) in asked:
                rotations[name] += 1
        return rotations


@dataclass(frozen=True, slots=True, kw_only=True)
class RejudgedRun:
    """The report of saved runs, and its verdicts on thresholds."""

    report: Report
    verdicts: tuple[CapabilityVerdict, ...]
    """In the order of the trees."""


def rejudge(case: RejudgeInput, data: Data) -> RejudgedRun:
    """The report that pytest would have made.

    Raises:
        SettingsError: a threshold names a dimension that a benchmark does not have.
        DataError: the baseline holds less than the run that is compared with it.
    """
    candidate, settings = case.candidate, case.settings
    trees = {name: candidate.trees[name] for name in candidate.benchmarks}
    every = [node for tree in trees.values() for node in tree.nodes]
    check_thresholds(settings.thresholds, every, source=settings.source)
    judge = Judge(settings, trees, case.models, rotations=case.rotations)
    scored = scored_dimensions(candidate)
    capability = tuple(judge.capability(node, scored) for node in scored)
    verdicts: list[Verdict] = [*capability]
    if case.baseline is not None:
        verdicts += [judge.regression(node, scored) for node in scored]
    with_and_without = scored_dimensions(candidate, IMAGE, NO_IMAGE)
    verdicts += [judge.vision(node, with_and_without) for node in with_and_without]
    report_input = ReportInput(
        settings=settings,
        judge=judge,
        verdicts=verdicts,
        models=case.models,
        run=_info(case),
        sample=Samples(candidate, data.benchmarks),
    )
    notes = notes_on(
        case.models,
        near_ties=case.baseline is not None,
        given_tolerance=settings.regression.given_tolerance,
    )
    known = {node.path for node in scored}
    missing = [path for path in settings.thresholds if path not in known]
    coverage = list(coverage_notes(candidate))
    # With a baseline, or without pictures, every dimension is gated, also one that is not scored.
    every_gated = case.baseline is not None or bool(with_and_without)
    gated = [node for node in scored if every_gated or node.path in settings.thresholds]
    is_part = any(
        every_gated
        or node.size
        > len(results_in(node, trees[node.benchmark], candidate.results(node.benchmark, IMAGE)))
        for node in gated
    )
    has_gate = bool(decide(verdicts).gates)
    report = build_report(
        report_input,
        notes=[*notes, *coverage, *data.notes],
        unfinished=_unfinished(missing) or "; ".join(coverage if is_part and has_gate else ()),
        unjudged=[f"{path} ({Gate.CAPABILITY})" for path in missing],
    )
    return RejudgedRun(report=report, verdicts=capability)


def scored_dimensions(run: SavedRun, *conditions: str) -> list[Dimension]:
    """The dimensions of which a run knows the score under all conditions; by default, `image`."""
    return [
        node
        for name in run.benchmarks
        for node in run.trees[name].nodes
        if all(_has_score(run, name, condition, node) for condition in conditions or (IMAGE,))
    ]


def _has_score(run: SavedRun, benchmark: str, condition: str, node: Dimension) -> bool:
    """Whether all of a dimension was asked that the run was to ask."""
    if (benchmark, condition) not in {(task.benchmark, task.condition) for task in run.tasks}:
        return False
    tree, results = run.trees[benchmark], run.results(benchmark, condition)
    if any(tree.node(path).skip_reason for path in (node.path, *node.leaves)):
        return False
    counts = [_samples_of_leaf(leaf, tree, results) for leaf in node.leaves]
    if node.average is Average.MACRO:
        return all(counts)
    return any(counts) and all(leaf in results or leaf in tree.views for leaf in node.leaves)


def _samples_of_leaf(
    leaf: str, tree: DimensionTree, results: Mapping[str, tuple[SampleResult, ...]]
) -> int:
    """How many samples of a leaf there are; of a view that is not whole, none."""
    if leaf in results or leaf not in tree.views:
        return len(results.get(leaf, ()))
    known = {result.sample for by_leaf in results.values() for result in by_leaf}
    return len(tree.views[leaf]) if known.issuperset(tree.views[leaf]) else 0


def sample_count(run: SavedRun, benchmark: str) -> int:
    """How many samples of a benchmark a run has answers to."""
    results = run.results(benchmark, IMAGE)
    return sum(len(results.get(leaf, ())) for leaf in run.trees[benchmark].nodes[0].leaves)


def coverage_notes(run: SavedRun) -> Iterator[str]:
    """The benchmarks that a run was asked only in part."""
    for name in run.benchmarks:
        size = run.trees[name].nodes[0].size
        if sample_count(run, name) < size:
            yield f"the run holds {sample_count(run, name):,} of the {size:,} samples of {name}"


def _unfinished(missing: Sequence[str]) -> str:
    """Which thresholds were not judged: they must not look as if they had been passed."""
    if not missing:
        return ""
    more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    have = "has a threshold" if len(missing) == 1 else "have thresholds"
    return f"{', '.join(missing[:MOST_NAMED])}{more} {have}, and the run does not know the score"


def _info(case: RejudgeInput) -> RunInfo:
    run = case.candidate
    return RunInfo(
        started=run.created,
        seconds=0.0,
        new_answers=0,
        cached_answers=sum(sample_count(run, name) for name in run.benchmarks),
        seed=case.project.settings.seed,
        command=shlex.join(["mmbench", *case.arguments]),
        commit=commit(case.project.rootdir),
        versions={name: fact for name, fact in run.facts.items() if name not in DESCRIBED},
    )
