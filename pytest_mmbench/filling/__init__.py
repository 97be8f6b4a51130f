"""The document of a run, filled from what was judged: the one thing that all reports show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_mmbench.acceptance import Accepted
from pytest_mmbench.config import Settings
from pytest_mmbench.filling.sights import sight
from pytest_mmbench.flipping import SampleOf, flip, said, tells, unaccepted
from pytest_mmbench.judging import Claim, Judging, Role
from pytest_mmbench.looking import Looked
from pytest_mmbench.records import Dimension, Verdict
from pytest_mmbench.regression import RegressionVerdict
from pytest_mmbench.report.document import (
    Asked,
    Checkpoint,
    Document,
    Flip,
    RunFacts,
    Shortcut,
)
from pytest_mmbench.report.document import Role as Place
from pytest_mmbench.report.judgements import (
    Change,
    Snapshot,
    Test,
    standing,
)
from pytest_mmbench.report.ruling import rule
from pytest_mmbench.runs import RunFile
from pytest_mmbench.sheets import IMAGE, rows_below
from pytest_mmbench.shortcuts import Candidates


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A run that has come to its end."""

    settings: Settings
    judging: Judging
    judged: Mapping[Claim, Sequence[Dimension]]
    """The dimensions of the cases that were judged, in the order of the trees."""
    models: Mapping[Role, RunFile]
    """What each model said."""
    facts: RunFacts
    sample: SampleOf
    families: Mapping[Claim, Sequence[Dimension]] = field(default_factory=dict)
    """The dimensions that were judged together, also those whose cases a run did not come to; where
    none are named, those that were judged."""
    snapshots: Sequence[Snapshot] = ()
    """What became of accepted answers, in the order of the trees."""
    accepted: Mapping[str, Accepted] = field(default_factory=dict)
    """By leaf, where answers were compared with them."""


def document(run: Finished, *, notes: Sequence[str] = (), unfinished: str = "") -> Document:
    """Everything that is known after a run.

    Args:
        run: what was judged.
        notes: what a reader has to know first.
        unfinished: why not everything was judged that was to be; empty if it was.
    """
    capable = _of(run, Claim.CAPABILITY)
    family = _family(run, Claim.CAPABILITY)
    verdicts = [run.judging.verdict(node, family) for node in capable]
    changes = [_change(each, run.settings) for each in _regressions(run)]
    sights = [sight(each, run.settings) for each in _looked(run)]
    return Document(
        ruling=rule(
            verdicts=verdicts,
            changes=changes,
            sights=sights,
            snapshots=run.snapshots,
            strict=run.settings.strict,
            unfinished=unfinished,
        ),
        checkpoints=tuple(_checkpoints(run, verdicts)),
        run=run.facts,
        asked=tuple(_asked(run.models[Role.CANDIDATE])),
        dimensions=tuple(_nodes(run)),
        changes=tuple(changes),
        sights=tuple(sights),
        snapshots=tuple(run.snapshots),
        flips=tuple(_flips(run)),
        shortcuts=tuple(_shortcuts(run)),
        notes=tuple(notes),
    )


def _of(run: Finished, claim: Claim) -> Sequence[Dimension]:
    return run.judged.get(claim, ())


def _family(run: Finished, claim: Claim) -> Sequence[Dimension]:
    return run.families.get(claim) or _of(run, claim)


def _regressions(run: Finished) -> list[RegressionVerdict]:
    family = _family(run, Claim.REGRESSION)
    return [run.judging.regression(node, family) for node in _of(run, Claim.REGRESSION)]


def _looked(run: Finished) -> list[Looked]:
    family = _family(run, Claim.VISION)
    return [run.judging.vision(node, family) for node in _of(run, Claim.VISION)]


def _nodes(run: Finished) -> list[Dimension]:
    judged = {node.path for nodes in run.judged.values() for node in nodes}
    trees = run.models[Role.CANDIDATE].trees.values()
    return [node for tree in trees for node in tree.nodes if node.path in judged]


def _checkpoints(run: Finished, verdicts: Sequence[Verdict]) -> Iterable[Checkpoint]:
    yield _checkpoint(run.models[Role.CANDIDATE], Place.CANDIDATE, verdicts)
    compared = _of(run, Claim.REGRESSION)
    if compared:
        scores = [run.judging.measured(node, Role.BASELINE) for node in compared]
        yield _checkpoint(run.models[Role.BASELINE], Place.BASELINE, scores)


def _checkpoint(model: RunFile, place: Place, verdicts: Sequence[Verdict]) -> Checkpoint:
    return Checkpoint(
        name=model.model,
        role=place,
        standings=tuple(map(standing, verdicts)),
        fingerprint=model.fingerprint,
        dtype=model.facts.get("dtype", ""),
        device=model.facts.get("device", ""),
    )


def _asked(model: RunFile) -> Iterable[Asked]:
    for sheet in model.sheets:
        if sheet.condition == IMAGE:
            method, _, rule = sheet.how.partition(", ")
            leaves = model.trees[sheet.benchmark].nodes[0].leaves
            yield Asked(
                benchmark=sheet.benchmark,
                revision=sheet.wording,
                method=method,
                scoring=rule,
                samples=sum(len(sheet.rows.get(leaf, ())) for leaf in leaves),
                size=model.trees[sheet.benchmark].nodes[0].size,
            )


def _change(verdict: RegressionVerdict, settings: Settings) -> Change:
    found = verdict.comparison
    test = Test(name=str(found.test), p=verdict.p_value, adjusted=verdict.adjusted)
    return Change(
        dimension=found.dimension,
        asked=found.asked,
        old=found.accuracy_old,
        new=found.accuracy_new,
        difference=found.difference,
        interval=verdict.interval,
        confidence=1 - 2 * settings.regression.alpha,
        lost=found.lost,
        gained=found.gained,
        near_ties=len(found.near_ties),
        margin="" if "." in found.dimension else str(settings.regression.margin),
        tests=(test,),
        outcome=verdict.outcome,
        because=verdict.because,
    )


def candidates(run: Finished) -> dict[str, list[Candidates]]:
    """Samples that were answered without looking, by benchmark and rule."""
    nodes = _of(run, Claim.VISION)
    names = dict.fromkeys(node.path.partition(".")[0] for node in nodes)
    return {
        name: run.judging.shortcuts(
            name, [node for node in nodes if node.path.partition(".")[0] == name]
        )
        for name in names
    }


def _shortcuts(run: Finished) -> Iterable[Shortcut]:
    """Each candidate once, with every rule that found it."""
    for name, found in candidates(run).items():
        rules: dict[str, list[Candidates]] = {}
        for each in found:
            for id in each.samples:
                rules.setdefault(id, []).append(each)
        for id, by in rules.items():
            sample = run.sample(name, id)
            yield Shortcut(
                sample=id,
                dimension=sample.dimension,
                question=sample.question,
                options=sample.options,
                target=sample.target,
                rules=tuple(each.rule.value for each in by),
                because="; ".join(map(_expected, by)),
            )


def _expected(found: Candidates) -> str:
    count = (
        f"{found.rule}: {len(found.samples)} of {found.asked}, {found.by_luck:.1f} by luck alone"
    )
    habit = f", and up to {found.by_habit:.1f} by holding to one option" * bool(found.by_habit)
    return f"{count}{habit}"


def _flips(run: Finished) -> Iterable[Flip]:
    """The changed answers, each once, at the leaf that it counts for.

    Those of the baseline, or without one those that are not as they were accepted.
    """
    if not _of(run, Claim.REGRESSION):
        yield from unaccepted(run.accepted, run.models[Role.CANDIDATE], run.sample)
    for name, tree in run.models[Role.CANDIDATE].trees.items():
        compared = [node for node in _of(run, Claim.REGRESSION) if node.path.split(".")[0] == name]
        seen: set[str] = set()
        for node in sorted(compared, key=lambda each: len(each.leaves)):
            old, new = (
                {row.sample: row for row in rows_below(node, tree, model.rows(name, IMAGE))}
                for model in (run.models[Role.BASELINE], run.models[Role.CANDIDATE])
            )
            for changed in run.judging.comparison(node).flips:
                if changed.sample not in seen and tells(changed):
                    seen.add(changed.sample)
                    sample = run.sample(name, changed.sample)
                    yield flip(changed, sample, said(old[sample.id]), said(new[sample.id]))
