"""An invented run over the built-in benchmark: real questions and pictures, made-up answers.

Two releases and a base LLM, which has no picture, at any size. The numbers are plausible and mean
nothing; intervals are Wald's, which is enough to draw.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random

from invented_answers import Pair, changed_answers, kind_of, pair_of, shortcuts

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.gates import capability
from pytest_mmbench.gates.stats import binomial
from pytest_mmbench.gates.verdicts import (
    CapabilityVerdict,
    ConditionScore,
    FlipKind,
    Measure,
    RegressionVerdict,
    SignificanceTest,
    VisionVerdict,
)
from pytest_mmbench.records import (
    Interval,
    Mark,
    Outcome,
    Role,
    Rule,
    Tally,
    Threshold,
    is_root,
)
from pytest_mmbench.report.build import decide
from pytest_mmbench.report.document import BenchmarkInfo, ModelScores, Report, RunInfo

THRESHOLDS = {
    "shapes": "0.75",
    "shapes.coarse-perception": "0.55",
    "shapes.fine-grained-perception": "0.85",
    "shapes.fine-grained-perception.counting": "0.60",
    "shapes.instance-reasoning": "0.55",
    "shapes.science-and-technology": "0.55",
    "shapes.math": "0.55",
}
THREE_WAY = {"shapes.logical-reasoning": "0.95"}
"""Judged by the rule `three-way`."""
CHANCE = 0.25
MARGIN = "0.02"
FAMILY = 6
"""Dimensions that Holm's procedure is said to judge together."""


def example(*, per_axis: int = 40, seed: int = 0, churn: float = 0.025) -> Report:
    """The report of an invented run; `churn` is how many answers change either way at random."""
    shapes, random = Shapes(per_axis=per_axis), Random(seed)
    leaves = [node.path for node in shapes.dimensions() if len(node.leaves) == 1]
    pairs = [
        pair_of(shapes.sample(id), random, churn) for leaf in leaves for id in shapes.ids(leaf)
    ]
    nodes = {node.path: node.leaves for node in shapes.dimensions()}
    scores = _scores(nodes, [(pair.sample.dimension, pair.candidate.correctness) for pair in pairs])
    former = _scores(
        nodes,
        [(pair.sample.dimension, pair.baseline.correctness) for pair in pairs],
        gated=False,
    )
    guesses = [
        (leaf, Mark.CORRECT if random.random() < CHANCE else Mark.INCORRECT)
        for leaf in leaves
        for _ in shapes.ids(leaf)
    ]
    regression = tuple(_regression(path, _below(pairs, below)) for path, below in nodes.items())
    vision = tuple(_vision(path, scores[at], random) for at, path in enumerate(nodes))
    return Report(
        decision=decide([*scores, *regression, *vision]),
        models=(
            _model("tiny-vlm-1.1", Role.CANDIDATE, scores),
            _model("tiny-vlm-1.0", Role.BASELINE, former),
            _model("tiny-llm", Role.BASE_LLM, _scores(nodes, guesses, gated=False)),
        ),
        run=_run(len(pairs)),
        benchmarks=(
            BenchmarkInfo(
                benchmark="shapes",
                revision=shapes.revision,
                method="rank",
                total=len(pairs),
                published_total=len(pairs),
            ),
        ),
        dimensions=shapes.dimensions(),
        regression=regression,
        vision=vision,
        changed_answers=tuple(changed_answers(pairs)),
        shortcuts=tuple(shortcuts(pairs, random)),
        notes=("This run is invented: its questions and pictures are real, its answers are not.",),
    )


# Verdicts.


def _below(pairs: Sequence[Pair], leaves: Sequence[str]) -> list[Pair]:
    return [pair for pair in pairs if pair.sample.dimension in {*leaves}]


def _scores(
    nodes: Mapping[str, Sequence[str]], marks: Sequence[tuple[str, Mark]], *, gated: bool = True
) -> tuple[CapabilityVerdict, ...]:
    total = Counter(leaf for leaf, _ in marks)
    correct = Counter(leaf for leaf, mark in marks if mark is Mark.CORRECT)
    tallies = [
        Tally(
            dimension=path,
            correct=sum(correct[leaf] for leaf in leaves),
            total=sum(total[leaf] for leaf in leaves),
        )
        for path, leaves in nodes.items()
    ]
    limits = {path: Threshold(at_least=written) for path, written in THRESHOLDS.items()}
    limits |= {
        path: Threshold(at_least=written, rule=Rule.THREE_WAY)
        for path, written in THREE_WAY.items()
    }
    return tuple(
        capability.judge_capability(
            tallies, limits if gated else {}, alpha=0.05, unparseable_limit=0.05
        )
    )


def _regression(path: str, pairs: Sequence[Pair]) -> RegressionVerdict:
    kinds = Counter(kind_of(pair) for pair in pairs if not pair.near_tie and _differs(pair))
    regressed, fixed = kinds[FlipKind.REGRESSED], kinds[FlipKind.FIXED]
    total, difference = len(pairs), (fixed - regressed) / len(pairs)
    half = 1.645 * math.sqrt(max(regressed + fixed, 1)) / total
    baseline = sum(pair.baseline.correctness is Mark.CORRECT for pair in pairs) / total
    tail = 1.0
    if regressed + fixed:
        tail = binomial.upper_tail(regressed, regressed + fixed, Fraction(1, 2))
    family = 1 if is_root(path) else FAMILY
    test = SignificanceTest(
        name="McNemar", p_value=tail, adjusted=min(1.0, family * tail), family=family
    )
    outcome, explanation = _compared(path, difference, half, test)
    return RegressionVerdict(
        dimension=path,
        outcome=outcome,
        explanation=explanation,
        total=total,
        baseline=baseline,
        candidate=baseline + difference,
        difference=difference,
        interval=Interval(low=difference - half, high=difference + half),
        confidence=0.9,
        regressed=regressed,
        fixed=fixed,
        near_ties=sum(pair.near_tie for pair in pairs),
        margin=MARGIN if is_root(path) else "",
        test=test,
        detectable_drop=2 * half,
    )


def _differs(pair: Pair) -> bool:
    return pair.baseline.answer != pair.candidate.answer


def _compared(
    path: str, difference: float, half: float, test: SignificanceTest
) -> tuple[Outcome, str]:
    moved = f"{path} changed by {100 * difference:+.1f} points"
    if is_root(path):
        if difference + half < -float(MARGIN):
            return Outcome.FAIL, f"{moved}: worse by more than the margin {MARGIN}"
        if difference - half > -float(MARGIN):
            return Outcome.PASS, f"{moved}: worse by less than the margin {MARGIN}, if at all"
        return Outcome.INCONCLUSIVE, f"{moved}: the interval holds the margin {MARGIN}"
    if test.adjusted <= 0.05:
        return Outcome.FAIL, f"{moved}, p = {test.adjusted:.2g} by Holm: significantly worse"
    return Outcome.PASS, f"{moved}, p = {test.adjusted:.2g} by Holm: not significantly worse"


def _vision(path: str, verdict: CapabilityVerdict, random: Random) -> VisionVerdict:
    image, no_image, text = verdict.accuracy, random.gauss(0.25, 0.02), random.gauss(0.25, 0.03)
    conditions = {"image": image, "no-image": no_image, "text model": text}
    gain = image - max(no_image, CHANCE)
    return VisionVerdict(
        dimension=path,
        conditions=tuple(
            ConditionScore(name=name, accuracy=accuracy, total=verdict.total)
            for name, accuracy in conditions.items()
        ),
        chance=CHANCE,
        measures=(
            Measure(
                name="gain",
                value=gain,
                interval=Interval(low=gain - 0.03, high=gain + 0.03),
                limit="0.05",
            ),
            Measure(name="vision share", value=gain / (image - CHANCE)),
            Measure(name="leakage", value=max(0.0, no_image - max(text, CHANCE))),
        ),
        outcome=Outcome.PASS,
        explanation=f"{path} gains {gain:.3f} from its pictures, 0.05 required",
    )


# The run.


def _model(name: str, role: Role, scores: tuple[CapabilityVerdict, ...]) -> ModelScores:
    return ModelScores(
        name=name,
        role=role,
        scores=scores,
        fingerprint=f"{Random(name).getrandbits(256):064x}",
        dtype="float32",
        device="cpu",
    )


def _run(answers: int) -> RunInfo:
    return RunInfo(
        started="2026-04-19T14:03:22+00:00",
        seconds=answers / 88,
        new_answers=answers,
        cached_answers=answers,
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
