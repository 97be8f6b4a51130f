"""An invented run over the built-in benchmark: real questions and pictures, made-up answers.

Two releases and a checkpoint that does not look, as `fixtures/models` has them, at any size. The
numbers are plausible and mean nothing; intervals are Wald's, which is enough to draw.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random

from invented_answers import Pair, flips, kind_of, pair_of, shortcuts

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.gates import capability
from pytest_mmbench.gates.stats import binomial
from pytest_mmbench.records import (
    CapabilityVerdict,
    Interval,
    Mark,
    Outcome,
    Rule,
    Tally,
    Threshold,
)
from pytest_mmbench.report.decision import decide
from pytest_mmbench.report.document import (
    AnswerChange,
    BenchmarkInfo,
    Change,
    Condition,
    Measure,
    ModelRole,
    ModelScores,
    Report,
    RunInfo,
    Sight,
    Test,
    standing,
)

THRESHOLDS = {
    "shapes": "0.75",
    "shapes.coarse-perception": "0.55",
    "shapes.fine-grained-perception": "0.85",
    "shapes.fine-grained-perception.counting": "0.60",
    "shapes.instance-reasoning": "0.55",
    "shapes.science-and-technology": "0.55",
    "shapes.math": "0.55",
}
BY_EVIDENCE = {"shapes.logical-reasoning": "0.95"}
"""Judged by the rule `three-way`."""
CHANCE = 0.25
MARGIN = "0.02"


def example(*, per_axis: int = 40, seed: int = 0, churn: float = 0.025) -> Report:
    """The document of an invented run; `churn` is how many answers move either way at random."""
    shapes, random = Shapes(per_axis=per_axis), Random(seed)
    leaves = [node.path for node in shapes.dimensions() if len(node.leaves) == 1]
    pairs = [
        pair_of(shapes.sample(id), random, churn) for leaf in leaves for id in shapes.ids(leaf)
    ]
    nodes = {node.path: node.leaves for node in shapes.dimensions()}
    new, old = _verdicts(nodes, pairs, new=True), _verdicts(nodes, pairs, new=False)
    blind = _measured(nodes, len(pairs) // len(leaves), random)
    changes = tuple(_change(path, _below(pairs, below)) for path, below in nodes.items())
    sights = tuple(_sight(path, new[at], random) for at, path in enumerate(nodes))
    return Report(
        ruling=decide(verdicts=new, changes=changes, sights=sights),
        checkpoints=(
            _checkpoint("tiny-vlm-1.1", ModelRole.CANDIDATE, new),
            _checkpoint("tiny-vlm-1.0", ModelRole.BASELINE, old),
            _checkpoint("tiny-vlm-blind", ModelRole.OTHER, blind),
        ),
        run=_run(len(pairs)),
        asked=(
            BenchmarkInfo(
                benchmark="shapes",
                revision=shapes.revision,
                method="rank",
                samples=len(pairs),
                size=len(pairs),
            ),
        ),
        dimensions=shapes.dimensions(),
        changes=changes,
        sights=sights,
        flips=tuple(flips(pairs)),
        shortcuts=tuple(shortcuts(pairs, random)),
        notes=("This run is invented: its questions and pictures are real, its answers are not.",),
    )


# Verdicts.


def _below(pairs: Sequence[Pair], leaves: Sequence[str]) -> list[Pair]:
    wanted = {*leaves}
    return [pair for pair in pairs if pair.sample.dimension in wanted]


def _verdicts(
    nodes: Mapping[str, Sequence[str]], pairs: Sequence[Pair], *, new: bool
) -> tuple[CapabilityVerdict, ...]:
    asked = Counter(pair.sample.dimension for pair in pairs)
    right = Counter(
        pair.sample.dimension
        for pair in pairs
        if (pair.new if new else pair.old).mark is Mark.CORRECT
    )
    tallies = [
        Tally(
            dimension=path,
            correct=sum(right[leaf] for leaf in leaves),
            total=sum(asked[leaf] for leaf in leaves),
        )
        for path, leaves in nodes.items()
    ]
    wanted = {path: Threshold(at_least=written) for path, written in THRESHOLDS.items()}
    wanted |= {
        path: Threshold(at_least=written, rule=Rule.THREE_WAY)
        for path, written in BY_EVIDENCE.items()
    }
    limits = wanted if new else {}
    return tuple(capability.judge_capability(tallies, limits, alpha=0.05, unparseable_limit=0.05))


def _measured(
    nodes: Mapping[str, Sequence[str]], size: int, random: Random
) -> tuple[CapabilityVerdict, ...]:
    right = {
        leaf: sum(random.random() < CHANCE for _ in range(size))
        for leaf in dict.fromkeys(leaf for leaves in nodes.values() for leaf in leaves)
    }
    tallies = [
        Tally(dimension=path, correct=sum(right[leaf] for leaf in leaves), total=size * len(leaves))
        for path, leaves in nodes.items()
    ]
    return tuple(capability.judge_capability(tallies, {}, alpha=0.05, unparseable_limit=0.05))


def _change(path: str, pairs: Sequence[Pair]) -> Change:
    firm = [pair for pair in pairs if not pair.near]
    lost = sum(kind_of(pair) is AnswerChange.REGRESSED for pair in firm)
    gained = sum(kind_of(pair) is AnswerChange.FIXED for pair in firm)
    asked, difference = len(pairs), (gained - lost) / len(pairs)
    half = 1.645 * math.sqrt(max(lost + gained, 1)) / asked
    old = sum(pair.old.mark is Mark.CORRECT for pair in pairs) / asked
    tail = binomial.upper_tail(lost, lost + gained, Fraction(1, 2)) if lost + gained else 1.0
    root = "." not in path
    outcome, because = _compared(path, difference, half, tail, root=root)
    return Change(
        dimension=path,
        asked=asked,
        old=old,
        new=old + difference,
        difference=difference,
        interval=Interval(low=difference - half, high=difference + half),
        confidence=0.9,
        lost=lost,
        gained=gained,
        near_ties=sum(pair.near for pair in pairs),
        margin=MARGIN if root else "",
        tests=(Test(name="McNemar, one-sided", p=tail, adjusted=min(1.0, 6 * tail)),),
        outcome=outcome,
        because=because,
    )


def _compared(
    path: str, difference: float, half: float, tail: float, *, root: bool
) -> tuple[Outcome, str]:
    said = f"{path} moved by {100 * difference:+.1f} points"
    if root:
        if difference + half < -float(MARGIN):
            return Outcome.FAIL, f"{said}, beyond doubt more than the margin of {MARGIN} allows"
        if difference - half > -float(MARGIN):
            return Outcome.PASS, f"{said}, beyond doubt less than the margin of {MARGIN}"
        return Outcome.INCONCLUSIVE, f"{said}: the interval holds the margin of {MARGIN}"
    adjusted = min(1.0, 6 * tail)
    if adjusted <= 0.05:
        return Outcome.FAIL, f"{said}, p = {adjusted:.2g} by Holm: significantly worse"
    return Outcome.PASS, f"{said}, p = {adjusted:.2g} by Holm: noise"


# Looking.


def _sight(path: str, verdict: CapabilityVerdict, random: Random) -> Sight:
    seen, blind, text = verdict.tally.accuracy, random.gauss(0.25, 0.02), random.gauss(0.25, 0.03)
    conditions = {"image": seen, "no-image": blind, "text model": text}
    gain, share = seen - max(blind, CHANCE), (seen - max(blind, CHANCE)) / (seen - CHANCE)
    root = "." not in path
    return Sight(
        dimension=path,
        conditions=tuple(
            Condition(name=name, accuracy=accuracy, asked=verdict.tally.total)
            for name, accuracy in conditions.items()
        ),
        chance=CHANCE,
        measures=(
            Measure(
                name="gain",
                value=gain,
                interval=(Interval(low=gain - 0.03, high=gain + 0.03),),
                limit="0.05" if root else "",
            ),
            Measure(name="share", value=share),
            Measure(name="leak", value=max(0.0, blind - max(text, CHANCE))),
        ),
        outcome=Outcome.PASS if root else Outcome.NOT_GATED,
        because=f"{path} gains {gain:.3f} from its pictures, at least 0.05 needed",
    )


# The run.


def _checkpoint(name: str, role: ModelRole, verdicts: tuple[CapabilityVerdict, ...]) -> ModelScores:
    return ModelScores(
        name=name,
        role=role,
        standings=tuple(map(standing, verdicts)),
        fingerprint=f"{Random(name).getrandbits(256):064x}",
        dtype="float32",
        device="cpu",
    )


def _run(answers: int) -> RunInfo:
    return RunInfo(
        started="2026-04-19T14:03:22+00:00",
        seconds=answers / 88,
        answers=answers,
        kept=answers,
        seed=0,
        command=(
            "pytest --mm-model=fixtures/models/tiny-vlm-1.1"
            " --mm-baseline=fixtures/models/tiny-vlm-1.0"
        ),
        commit="5d41402abc4b2a76b9719d911017c592aef0c1b3",
        versions={
            "python": "3.11.7",
            "pytest-mmbench": "0.1.0",
            "torch": "2.13.0+cpu",
            "transformers": "5.23.0",
            "tokenizers": "0.23.3",
            "pillow": "13.0.0",
        },
        machine="Linux x86_64, 2 cores",
    )
