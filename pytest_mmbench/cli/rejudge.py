"""Saved runs, judged: the document that pytest would have made of them.

What a run holds of each dimension decides what is judged: a run of `-k math` knows nothing of the
whole, and a macro average of fewer leaves would be another number.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_mmbench.cli.data import Data, Samples
from pytest_mmbench.cli.project import Project
from pytest_mmbench.config.settings import Settings
from pytest_mmbench.config.tables import check_thresholds
from pytest_mmbench.gates.judge import Judge, rotation_conditions
from pytest_mmbench.gates.vision.judge import NO_IMAGE
from pytest_mmbench.records import Average, CapabilityVerdict, Dimension, Gate, Role
from pytest_mmbench.report.build import ReportInput, build_report
from pytest_mmbench.report.document import Report, RunInfo
from pytest_mmbench.report.notes import candidate_notes, near_tie_note, other_versions
from pytest_mmbench.report.provenance import commit
from pytest_mmbench.results import left_out
from pytest_mmbench.results.rows import IMAGE, DimensionTree, SampleResult
from pytest_mmbench.results.run_file import DESCRIBED, SavedRun

NAMED = 3
"""Dimensions that a sentence names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejudgeInput:
    """What is to be judged, and by whose rules."""

    project: Project
    candidate: SavedRun
    baseline: tuple[SavedRun, ...] = ()
    """What it is compared with: one run, or none."""
    arguments: Sequence[str]
    """The command line, for whoever wants to repeat it."""

    @property
    def models(self) -> dict[Role, SavedRun]:
        """The runs by their parts."""
        return dict(
            zip((Role.CANDIDATE, Role.BASELINE), (self.candidate, *self.baseline), strict=False)
        )

    @property
    def settings(self) -> Settings:
        """The rules, with the conditions that the run was asked under."""
        settings = self.project.settings
        other = dict.fromkeys(each.condition for each in self.candidate.tasks)
        turned = {each for most in self.rotations.values() for each in rotation_conditions(most)}
        conditions = tuple(each for each in other if each not in {IMAGE, NO_IMAGE, *turned})
        return replace(settings, vision=replace(settings.vision, conditions=conditions))

    @property
    def rotations(self) -> dict[str, int]:
        """By benchmark, under how many rotations it was asked without pictures."""
        asked = {(each.benchmark, each.condition) for each in self.candidate.tasks}
        found = {
            name: 2
            for name in self.candidate.benchmarks
            if (name, rotation_conditions(2)[1]) in asked
        }
        for name in found:
            while (name, rotation_conditions(found[name] + 1)[-1]) in asked:
                found[name] += 1
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class RejudgedRun:
    """What came of a case."""

    document: Report
    verdicts: tuple[CapabilityVerdict, ...]
    """Of the newer run against its thresholds, in the order of the trees."""


def rejudge(case: RejudgeInput, data: Data) -> RejudgedRun:
    """What pytest would have found.

    Raises:
        SettingsError: a threshold names a dimension that a benchmark does not have.
        DataError: the baseline holds less than the run that is compared with it.
    """
    capable = scored_dimensions(case.candidate)
    nodes = {
        Gate.CAPABILITY: capable,
        Gate.REGRESSION: capable if case.baseline else [],
        Gate.VISION: _known(case.candidate, IMAGE, NO_IMAGE),
    }
    settings = case.settings
    trees = {name: case.candidate.trees[name] for name in case.candidate.benchmarks}
    every = [node for tree in trees.values() for node in tree.nodes]
    check_thresholds(settings.thresholds, every, source=settings.source)
    finished = ReportInput(
        settings=settings,
        judging=Judge(settings, trees, case.models, rotations=case.rotations),
        judged=nodes,
        models=case.models,
        facts=_facts(case),
        sample=Samples(case.candidate, data.benchmarks),
    )
    filled = build_report(
        finished,
        notes=[*_notes(case), *data.notes],
        unfinished=_unfinished(settings, capable),
    )
    verdicts = (finished.judging.verdict(node, capable) for node in capable)
    return RejudgedRun(document=filled, verdicts=tuple(verdicts))


def scored_dimensions(run: SavedRun) -> list[Dimension]:
    """The dimensions of which a run knows the score."""
    return _known(run, IMAGE)


def _known(run: SavedRun, *conditions: str) -> list[Dimension]:
    """The dimensions of which a run knows the score under all of these conditions."""
    return [
        node
        for name in run.benchmarks
        for node in run.trees[name].nodes
        if all(_knows(run, name, condition, node) for condition in conditions)
    ]


def _knows(run: SavedRun, benchmark: str, condition: str, node: Dimension) -> bool:
    """Whether all of a dimension was asked that the run was to ask."""
    if not any((s.benchmark, s.condition) == (benchmark, condition) for s in run.tasks):
        return False
    tree, rows = run.trees[benchmark], run.results(benchmark, condition)
    if any(tree.node(path).skip_reason for path in (node.path, *node.leaves)):
        return False
    found = [_held(leaf, tree, rows) for leaf in node.leaves]
    if node.average is Average.MACRO:
        return all(found)
    return any(found) and all(leaf in rows or leaf in tree.views for leaf in node.leaves)


def _held(leaf: str, tree: DimensionTree, rows: Mapping[str, tuple[SampleResult, ...]]) -> int:
    """How many samples of a leaf there are; of a view that is not whole, none."""
    if leaf in rows or leaf not in tree.views:
        return len(rows.get(leaf, ()))
    known = {row.sample for below in rows.values() for row in below}
    return len(tree.views[leaf]) if known.issuperset(tree.views[leaf]) else 0


def _notes(case: RejudgeInput) -> Iterable[str]:
    yield from left_out.notes(
        sheet for each in (case.candidate, *case.baseline) for sheet in each.tasks
    )
    for old in case.baseline:
        yield near_tie_note((old, case.candidate), case.candidate.benchmarks)
        if old.fingerprint == case.candidate.fingerprint:
            yield "both runs are of the same checkpoint: what changed is its own noise"
        yield from other_versions(old.facts, case.candidate.facts)
    yield from candidate_notes(case.candidate)
    yield from coverage_notes(case.candidate)


def sample_count(run: SavedRun, benchmark: str) -> int:
    """How many samples of a benchmark a run has answers to."""
    rows = run.results(benchmark, IMAGE)
    return sum(len(rows.get(leaf, ())) for leaf in run.trees[benchmark].nodes[0].leaves)


def coverage_notes(run: SavedRun) -> Iterable[str]:
    """What a run was asked only in part."""
    for name in run.benchmarks:
        size = run.trees[name].nodes[0].size
        if sample_count(run, name) < size:
            yield f"the run holds {sample_count(run, name):,} of the {size:,} samples of {name}"


def _unfinished(settings: Settings, nodes: Iterable[Dimension]) -> str:
    """Which thresholds were not judged: they must not look as if they had been passed."""
    known = {node.path for node in nodes}
    missing = [path for path in settings.thresholds if path not in known]
    if not missing:
        return ""
    more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
    have = "has a threshold" if len(missing) == 1 else "have thresholds"
    return f"{', '.join(missing[:NAMED])}{more} {have}, and the run does not know the score"


def _facts(case: RejudgeInput) -> RunInfo:
    new = case.candidate
    return RunInfo(
        started=new.created,
        seconds=0.0,
        answers=0,
        kept=sum(sample_count(new, name) for name in new.benchmarks),
        seed=case.project.settings.seed,
        command=shlex.join(["mmbench", *case.arguments]),
        commit=commit(case.project.rootdir),
        versions={name: told for name, told in new.facts.items() if name not in DESCRIBED},
    )
