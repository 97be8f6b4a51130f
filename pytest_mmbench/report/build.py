"""Changed answers beside their questions, as a report shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from pytest_mmbench.config.settings import Settings
from pytest_mmbench.gates import snapshot
from pytest_mmbench.gates.flips import Flip as Changed
from pytest_mmbench.gates.flips import FlipKind as Fate
from pytest_mmbench.gates.judge import Judge
from pytest_mmbench.gates.regression import RegressionVerdict
from pytest_mmbench.gates.shortcuts import ShortcutList
from pytest_mmbench.gates.vision.contrast import NotMeasured
from pytest_mmbench.gates.vision.judge import VisionResult
from pytest_mmbench.gates.vision.measures import Vision
from pytest_mmbench.records import CapabilityVerdict, Dimension, Gate, Role, Sample
from pytest_mmbench.report.decision import decide
from pytest_mmbench.report.document import (
    AnswerChange,
    BenchmarkInfo,
    Change,
    Condition,
    Flip,
    Measure,
    ModelAnswer,
    ModelScores,
    Report,
    RunInfo,
    Shortcut,
    Sight,
    Snapshot,
    Test,
    standing,
)
from pytest_mmbench.report.document import ModelRole as Place
from pytest_mmbench.results import snapshots
from pytest_mmbench.results.rows import IMAGE, SampleResult, results_in
from pytest_mmbench.results.run_file import SavedRun
from pytest_mmbench.results.snapshots import SnapshotAnswers

SampleOf = Callable[[str, str], Sample]
"""Finds a sample by its benchmark and id."""


KINDS: Final[Mapping[Fate, AnswerChange]] = MappingProxyType(
    {
        Fate.REGRESSED: AnswerChange.REGRESSED,
        Fate.CORRECT_TO_UNPARSEABLE: AnswerChange.UNREADABLE,
        Fate.BECAME_UNPARSEABLE: AnswerChange.UNREADABLE,
        Fate.STILL_WRONG: AnswerChange.BOTH_WRONG,
        Fate.BECAME_PARSEABLE: AnswerChange.BOTH_WRONG,
        Fate.FIXED: AnswerChange.FIXED,
        Fate.STILL_CORRECT: AnswerChange.BOTH_RIGHT,
    }
)
"""What a report calls a change."""


def snapshot_changes(
    accepted: Mapping[str, SnapshotAnswers], model: SavedRun, sample_of: SampleOf
) -> Iterable[Flip]:
    """The answers of a model that are not those that were accepted, by leaf.

    Of an accepted answer only what was read is known, and neither its text nor what its options
    were worth.
    """
    for leaf, held in accepted.items():
        sheet = model.task(leaf.partition(".")[0], IMAGE)
        rows = {row.sample: row for row in sheet.rows[leaf]}
        tolerance = model.tolerance_of(sheet.benchmark)
        now = snapshots.snapshot_of(sheet, leaf, model=model.name, tolerance=tolerance)
        for changed in snapshot.judge_snapshot(held, now).flips:
            sample = sample_of(sheet.benchmark, changed.sample)
            old = ModelAnswer(chosen=changed.baseline.answer, mark=changed.baseline.mark)
            yield changed_answer(changed, sample, old, model_answer(rows[sample.id]))


def is_change(changed: Changed) -> bool:
    """Whether it is a change beside a baseline, which does not hold a model to its words.

    There, one that is right before and after is none.
    """
    return changed.kind is not Fate.STILL_CORRECT


def changed_answer(changed: Changed, sample: Sample, old: ModelAnswer, new: ModelAnswer) -> Flip:
    """A changed answer with its question."""
    return Flip(
        sample=sample.id,
        dimension=sample.dimension,
        question=sample.question,
        options=sample.options,
        target=sample.target,
        old=old,
        new=new,
        kind=AnswerChange.NEAR_TIE if changed.near_tie else KINDS[changed.kind],
    )


def model_answer(row: SampleResult) -> ModelAnswer:
    """What a model answered."""
    return ModelAnswer(chosen=row.answer, mark=row.mark, logs=row.option_logprobs, text=row.text)


def sight(looked: VisionResult, settings: Settings) -> Sight:
    """What a look at one dimension shows, as reports have it."""
    vision = looked.vision
    asked = vision.gain_contrast.total
    conditions = [
        Condition(name=name, accuracy=share, asked=asked)
        for name, share in looked.conditions.items()
    ]
    if not isinstance(vision.llm_text, NotMeasured):
        conditions.append(Condition(name="text model", accuracy=vision.llm_text, asked=asked))
    return Sight(
        dimension=vision.dimension,
        conditions=tuple(conditions),
        chance=vision.chance,
        measures=tuple(_vision_measures(vision, settings)),
        outcome=looked.outcome,
        because=looked.explanation,
    )


def _vision_measures(vision: Vision, settings: Settings) -> Iterable[Measure]:
    rules, alpha = settings.vision, settings.alpha
    gain = (vision.gain_contrast.bounds(alpha),)
    yield Measure(name="gain", value=vision.gain, interval=gain, limit=rules.min_gain)
    yield Measure(name="gain above chance", value=vision.gain_above_chance)
    if not isinstance(vision.share, NotMeasured):
        yield Measure(
            name="share", value=vision.share, limit=rules.min_share * (float(rules.min_share) > 0)
        )
    leak = vision.leakage_bounds(alpha)
    if not (isinstance(leak, NotMeasured) or isinstance(vision.leakage, NotMeasured)):
        yield Measure(name="leak", value=vision.leakage, interval=(leak,), limit=rules.max_leakage)
    if not isinstance(vision.leakage_above_chance, NotMeasured):
        yield Measure(name="leak above chance", value=vision.leakage_above_chance)
    if isinstance(vision.swap, NotMeasured):
        return
    for name, value in (
        ("insensitivity", vision.swap.insensitivity),
        ("still right with another picture", vision.swap.still_correct_share),
    ):
        if not isinstance(value, NotMeasured):
            yield Measure(name=name, value=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInput:
    """A run that has come to its end."""

    settings: Settings
    judging: Judge
    judged: Mapping[Gate, Sequence[Dimension]]
    """The dimensions of the cases that were judged, in the order of the trees."""
    models: Mapping[Role, SavedRun]
    """What each model said."""
    facts: RunInfo
    sample: SampleOf
    families: Mapping[Gate, Sequence[Dimension]] = field(default_factory=dict)
    """The dimensions that were judged together, also those whose cases a run did not come to; where
    none are named, those that were judged."""
    snapshots: Sequence[Snapshot] = ()
    """What became of accepted answers, in the order of the trees."""
    accepted: Mapping[str, SnapshotAnswers] = field(default_factory=dict)
    """By leaf, where answers were compared with them."""


def build_report(run: ReportInput, *, notes: Sequence[str] = (), unfinished: str = "") -> Report:
    """Everything that is known after a run.

    Args:
        run: what was judged.
        notes: what a reader has to know first.
        unfinished: why not everything was judged that was to be; empty if it was.
    """
    capable = _judged(run, Gate.CAPABILITY)
    family = _family(run, Gate.CAPABILITY)
    verdicts = [run.judging.verdict(node, family) for node in capable]
    changes = [_regression(each, run.settings) for each in _regressions(run)]
    sights = [sight(each, run.settings) for each in _looked(run)]
    return Report(
        ruling=decide(
            verdicts=verdicts,
            changes=changes,
            sights=sights,
            snapshots=run.snapshots,
            strict=run.settings.strict,
            unfinished=unfinished,
        ),
        checkpoints=tuple(_checkpoints(run, verdicts)),
        run=run.facts,
        asked=tuple(_benchmarks(run.models[Role.CANDIDATE])),
        dimensions=tuple(_nodes(run)),
        changes=tuple(changes),
        sights=tuple(sights),
        snapshots=tuple(run.snapshots),
        flips=tuple(_changed_answers(run)),
        shortcuts=tuple(_shortcuts(run)),
        notes=tuple(notes),
    )


def _judged(run: ReportInput, claim: Gate) -> Sequence[Dimension]:
    return run.judged.get(claim, ())


def _family(run: ReportInput, claim: Gate) -> Sequence[Dimension]:
    return run.families.get(claim) or _judged(run, claim)


def _regressions(run: ReportInput) -> list[RegressionVerdict]:
    family = _family(run, Gate.REGRESSION)
    return [run.judging.regression(node, family) for node in _judged(run, Gate.REGRESSION)]


def _looked(run: ReportInput) -> list[VisionResult]:
    family = _family(run, Gate.VISION)
    return [run.judging.vision(node, family) for node in _judged(run, Gate.VISION)]


def _nodes(run: ReportInput) -> list[Dimension]:
    judged = {node.path for nodes in run.judged.values() for node in nodes}
    trees = run.models[Role.CANDIDATE].trees.values()
    return [node for tree in trees for node in tree.nodes if node.path in judged]


def _checkpoints(run: ReportInput, verdicts: Sequence[CapabilityVerdict]) -> Iterable[ModelScores]:
    yield _checkpoint(run.models[Role.CANDIDATE], Place.CANDIDATE, verdicts)
    compared = _judged(run, Gate.REGRESSION)
    if compared:
        scores = [run.judging.not_gated(node, Role.BASELINE) for node in compared]
        yield _checkpoint(run.models[Role.BASELINE], Place.BASELINE, scores)


def _checkpoint(
    model: SavedRun, place: Place, verdicts: Sequence[CapabilityVerdict]
) -> ModelScores:
    return ModelScores(
        name=model.model,
        role=place,
        standings=tuple(map(standing, verdicts)),
        fingerprint=model.fingerprint,
        dtype=model.facts.get("dtype", ""),
        device=model.facts.get("device", ""),
    )


def _benchmarks(model: SavedRun) -> Iterable[BenchmarkInfo]:
    for sheet in model.tasks:
        if sheet.condition == IMAGE:
            method, _, rule = sheet.how.partition(", ")
            leaves = model.trees[sheet.benchmark].nodes[0].leaves
            yield BenchmarkInfo(
                benchmark=sheet.benchmark,
                revision=sheet.wording,
                method=method,
                scoring=rule,
                samples=sum(len(sheet.rows.get(leaf, ())) for leaf in leaves),
                size=model.trees[sheet.benchmark].nodes[0].size,
            )


def _regression(verdict: RegressionVerdict, settings: Settings) -> Change:
    found = verdict.comparison
    test = Test(name=str(found.test), p=verdict.p_value, adjusted=verdict.adjusted)
    return Change(
        dimension=found.dimension,
        asked=found.total,
        old=found.baseline_accuracy,
        new=found.candidate_accuracy,
        difference=found.difference,
        interval=verdict.interval,
        confidence=1 - 2 * settings.regression.alpha,
        lost=found.regressed,
        gained=found.fixed,
        near_ties=len(found.near_ties),
        margin="" if "." in found.dimension else str(settings.regression.margin),
        tests=(test,),
        outcome=verdict.outcome,
        because=verdict.explanation,
    )


def shortcut_lists(run: ReportInput) -> dict[str, list[ShortcutList]]:
    """Samples that were answered without looking, by benchmark and rule."""
    nodes = _judged(run, Gate.VISION)
    names = dict.fromkeys(node.path.partition(".")[0] for node in nodes)
    return {
        name: run.judging.shortcuts(
            name, [node for node in nodes if node.path.partition(".")[0] == name]
        )
        for name in names
    }


def _shortcuts(run: ReportInput) -> Iterable[Shortcut]:
    """Each candidate once, with every rule that found it."""
    for name, found in shortcut_lists(run).items():
        rules: dict[str, list[ShortcutList]] = {}
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


def _expected(found: ShortcutList) -> str:
    count = (
        f"{found.rule}: {len(found.samples)} of {found.total},"
        f" {found.expected_by_chance:.1f} by luck alone"
    )
    habit = f", and up to {found.expected_by_fixed_option:.1f} by holding to one option" * bool(
        found.expected_by_fixed_option
    )
    return f"{count}{habit}"


def _changed_answers(run: ReportInput) -> Iterable[Flip]:
    """The changed answers, each once, at the leaf that it counts for.

    Those of the baseline, or without one those that are not as they were accepted.
    """
    if not _judged(run, Gate.REGRESSION):
        yield from snapshot_changes(run.accepted, run.models[Role.CANDIDATE], run.sample)
    for name, tree in run.models[Role.CANDIDATE].trees.items():
        compared = [
            node for node in _judged(run, Gate.REGRESSION) if node.path.split(".")[0] == name
        ]
        seen: set[str] = set()
        for node in sorted(compared, key=lambda each: len(each.leaves)):
            old, new = (
                {row.sample: row for row in results_in(node, tree, model.results(name, IMAGE))}
                for model in (run.models[Role.BASELINE], run.models[Role.CANDIDATE])
            )
            for changed in run.judging.comparison(node).flips:
                if changed.sample not in seen and is_change(changed):
                    seen.add(changed.sample)
                    sample = run.sample(name, changed.sample)
                    yield changed_answer(
                        changed, sample, model_answer(old[sample.id]), model_answer(new[sample.id])
                    )
