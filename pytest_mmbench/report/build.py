"""The report of a run, built from its verdicts and results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_mmbench.config.settings import Settings
from pytest_mmbench.gates.judge import Judge
from pytest_mmbench.gates.shortcuts import ShortcutList
from pytest_mmbench.gates.verdicts import (
    CapabilityVerdict,
    FlipKind,
    RegressionVerdict,
    SnapshotVerdict,
    Verdict,
    VisionVerdict,
)
from pytest_mmbench.records import Dimension, Outcome, Role, Sample, benchmark_of
from pytest_mmbench.report.causes import explained
from pytest_mmbench.report.document import (
    GATES,
    BenchmarkInfo,
    ChangedAnswer,
    Decision,
    ModelAnswer,
    ModelScores,
    Reason,
    ReasonGate,
    Release,
    Report,
    RunInfo,
    Shortcut,
)
from pytest_mmbench.report.tree import ancestors
from pytest_mmbench.results.rows import IMAGE, SampleResult, results_in
from pytest_mmbench.results.run_file import SavedRun

SampleOf = Callable[[str, str], Sample]
"""Finds a sample by its benchmark and id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInput:
    """A run that has come to its end."""

    settings: Settings
    judge: Judge
    verdicts: Sequence[Verdict]
    """Of all gates, each gate's in the order of the trees."""
    models: Mapping[Role, SavedRun]
    run: RunInfo
    sample: SampleOf

    def judged(self, *kinds: type[Verdict]) -> list[Dimension]:
        """The dimensions that verdicts of these kinds are about, in the order of the trees."""
        paths = {each.dimension for each in self.verdicts if isinstance(each, kinds)}
        trees = self.models[Role.CANDIDATE].trees.values()
        return [node for tree in trees for node in tree.nodes if node.path in paths]


def build_report(
    data: ReportInput,
    *,
    notes: Sequence[str] = (),
    unfinished: str = "",
    unjudged: Sequence[str] = (),
) -> Report:
    """Everything that is known after a run; `decide` says what the last two are."""
    verdicts = data.verdicts
    regression = tuple(one for one in verdicts if isinstance(one, RegressionVerdict))
    changed = _changed_since_baseline(data) if regression else _changed_since_snapshot(data)
    return Report(
        decision=decide(
            verdicts,
            strict=data.settings.undecided_fails,
            unfinished=unfinished,
            unjudged=unjudged,
        ),
        models=tuple(_models(data)),
        run=data.run,
        benchmarks=tuple(_benchmarks(data.models[Role.CANDIDATE])),
        dimensions=tuple(
            data.judged(CapabilityVerdict, RegressionVerdict, SnapshotVerdict, VisionVerdict)
        ),
        regression=regression,
        vision=tuple(one for one in verdicts if isinstance(one, VisionVerdict)),
        snapshots=tuple(one for one in verdicts if isinstance(one, SnapshotVerdict)),
        changed_answers=tuple(changed),
        shortcuts=tuple(_shortcuts(data)),
        notes=tuple(notes),
    )


def _models(data: ReportInput) -> Iterator[ModelScores]:
    scores = [each for each in data.verdicts if isinstance(each, CapabilityVerdict)]
    yield _model(data.models[Role.CANDIDATE], Role.CANDIDATE, scores)
    compared = data.judged(RegressionVerdict)
    if compared:
        scores = [data.judge.score(node, Role.BASELINE) for node in compared]
        yield _model(data.models[Role.BASELINE], Role.BASELINE, scores)


def _model(model: SavedRun, role: Role, scores: Iterable[CapabilityVerdict]) -> ModelScores:
    return ModelScores(
        name=model.model,
        role=role,
        scores=tuple(scores),
        fingerprint=model.fingerprint,
        dtype=model.facts.get("dtype", ""),
        device=model.facts.get("device", ""),
    )


def _benchmarks(model: SavedRun) -> Iterator[BenchmarkInfo]:
    for task in model.tasks:
        if task.condition == IMAGE:
            root = model.trees[task.benchmark].nodes[0]
            yield BenchmarkInfo(
                benchmark=task.benchmark,
                revision=task.spec.identity,
                method=task.spec.method.value,
                scoring=task.spec.scoring,
                decoding=", ".join(task.spec.decoding.parts),
                total=sum(len(task.rows.get(leaf, ())) for leaf in root.leaves),
                published_total=root.size,
            )


def shortcut_lists(data: ReportInput) -> dict[str, list[ShortcutList]]:
    """Samples that are answered without the picture, by benchmark and rule."""
    nodes = data.judged(VisionVerdict)
    names = dict.fromkeys(node.benchmark for node in nodes)
    return {
        name: data.judge.shortcuts(name, [node for node in nodes if node.benchmark == name])
        for name in names
    }


def _shortcuts(data: ReportInput) -> Iterator[Shortcut]:
    """Each sample once, with every rule that lists it."""
    for name, lists in shortcut_lists(data).items():
        rules: dict[str, list[ShortcutList]] = {}
        for each in lists:
            for id in each.samples:
                rules.setdefault(id, []).append(each)
        for id, by in rules.items():
            sample = data.sample(name, id)
            yield Shortcut(
                sample=id,
                dimension=sample.dimension,
                question=sample.question,
                options=sample.options,
                target=sample.target,
                rules=tuple(each.rule.value for each in by),
                explanations=tuple(map(_expected, by)),
            )


def _expected(shortcuts: ShortcutList) -> str:
    counts = f"{len(shortcuts.samples)} of {shortcuts.total}"
    counts += f", {shortcuts.expected_by_chance:.1f} expected by chance"
    if shortcuts.expected_by_fixed_option:
        fixed = f"{shortcuts.expected_by_fixed_option:.1f}"
        counts += f", and up to {fixed} by always choosing one option"
    return f"{shortcuts.rule}: {counts}"


def _changed_since_baseline(data: ReportInput) -> Iterator[ChangedAnswer]:
    """The changed answers, each once, at the smallest dimension that was compared.

    One that is correct before and after is none: a baseline does not hold a model to its words.
    """
    baseline, candidate = data.models[Role.BASELINE], data.models[Role.CANDIDATE]
    compared = data.judged(RegressionVerdict)
    for name, tree in candidate.trees.items():
        listed: set[str] = set()
        nodes = [node for node in compared if node.benchmark == name]
        for node in sorted(nodes, key=lambda node: len(node.leaves)):
            before, after = (
                {each.sample: each for each in results_in(node, tree, model.results(name, IMAGE))}
                for model in (baseline, candidate)
            )
            for flip in data.judge.comparison(node).flips:
                if flip.sample in listed or flip.kind is FlipKind.STILL_CORRECT:
                    continue
                listed.add(flip.sample)
                yield _changed_answer(
                    data.sample(name, flip.sample),
                    flip.kind,
                    near_tie=flip.near_tie,
                    baseline=_answer(before[flip.sample]),
                    candidate=_answer(after[flip.sample]),
                )


def _changed_since_snapshot(data: ReportInput) -> Iterator[ChangedAnswer]:
    """The answers that are not those of the snapshot, which keeps no text or log-probabilities."""
    verdicts = [each for each in data.verdicts if isinstance(each, SnapshotVerdict)]
    for verdict in verdicts:
        name = benchmark_of(verdict.dimension)
        results = data.models[Role.CANDIDATE].results(name, IMAGE)[verdict.dimension]
        by_sample = {each.sample: each for each in results}
        # Answers that are accepted in this run have replaced those of the snapshot.
        compared = verdict.outcome in (Outcome.PASS, Outcome.FAIL)
        for change in verdict.changes if compared else ():
            expected = change.expected
            yield _changed_answer(
                data.sample(name, change.sample),
                change.kind,
                near_tie=change.near_tie,
                baseline=ModelAnswer(
                    answer=expected.answer,
                    correctness=expected.correctness,
                    partial=expected.partial,
                ),
                candidate=_answer(by_sample[change.sample]),
            )


def _changed_answer(
    sample: Sample, kind: FlipKind, *, near_tie: bool, baseline: ModelAnswer, candidate: ModelAnswer
) -> ChangedAnswer:
    return ChangedAnswer(
        sample=sample.id,
        dimension=sample.dimension,
        question=sample.question,
        options=sample.options,
        target=sample.target,
        baseline=baseline,
        candidate=candidate,
        kind=kind,
        near_tie=near_tie,
    )


def _answer(result: SampleResult) -> ModelAnswer:
    return ModelAnswer(
        answer=result.answer,
        correctness=result.mark,
        option_logprobs=result.option_logprobs,
        text=result.text,
        partial=float(result.partial),
        repeats=tuple(repeat.answer for repeat in result.repeats),
    )


def _reason(verdict: Verdict) -> Reason:
    return Reason(
        gate=GATES[type(verdict)],
        dimension=verdict.dimension,
        outcome=verdict.outcome,
        explanation=verdict.explanation,
    )


def decide(
    verdicts: Sequence[Verdict],
    *,
    strict: bool = False,
    unfinished: str = "",
    unjudged: Sequence[str] = (),
) -> Decision:
    """The decision that the verdicts of a run add up to.

    1. A gate that failed, or that is invalid: do not ship.
    2. One that is inconclusive: undecided; under `strict`, do not ship.
    3. One that was not judged, of the whole or of a part of its samples: undecided.
    4. No gate at all: nothing gated. A dimension without a threshold is no gate.
    5. Else: ship.

    The reasons are the verdicts that decided, the gravest first, and of these the ones about the
    most samples; to ship, those about the nodes that have no other gated node above them. One that
    a deeper one explains stays a reason, and says which; `causes.causes` puts them together.

    Args:
        verdicts: of all gates that were judged.
        strict: whether what is inconclusive fails.
        unfinished: why not everything was judged, in a sentence; empty if it was.
        unjudged: names of the gates without a verdict, which count among the gates that are set.
    """
    gated = list(
        explained(
            (_reason(verdict), verdict)
            for verdict in verdicts
            if verdict.outcome is not Outcome.NOT_GATED
            and (verdict.threshold if isinstance(verdict, CapabilityVerdict) else True)
        )
    )
    reasons = list(gated)
    if unfinished or unjudged:
        explanation = unfinished or f"{unjudged[0]} was not judged"
        reasons.append(
            Reason(
                gate=ReasonGate.RUN,
                dimension="",
                outcome=Outcome.INCONCLUSIVE,
                explanation=explanation,
            )
        )
    if any(reason.outcome.fails(strict=strict) for reason in gated):
        release = Release.STOP
    elif any(reason.outcome is Outcome.INCONCLUSIVE for reason in reasons):
        release = Release.UNDECIDED
    else:
        release = Release.SHIP if reasons else Release.NOTHING_GATED
    gates = {(reason.gate, reason.dimension) for reason in reasons}
    deciding = [
        reason
        for reason in reasons
        if not any((reason.gate, above) in gates for above in ancestors(reason.dimension))
    ]
    if release is not Release.SHIP:
        deciding = [reason for reason in reasons if reason.outcome is not Outcome.PASS]
    deciding.sort(key=lambda reason: (reason.outcome.severity, reason.dimension.count(".")))
    passed = sum(reason.outcome is Outcome.PASS for reason in gated)
    return Decision(
        release=release,
        reasons=tuple(deciding),
        gates=len(gated) + len(unjudged),
        passed=passed,
        unjudged=tuple(unjudged),
    )
