"""Answers of the invented run: what both releases answer to each sample, and how sure they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from pytest_mmbench.gates.verdicts import FlipKind
from pytest_mmbench.records import LETTERS, Mark, Sample
from pytest_mmbench.report.document import ChangedAnswer, ModelAnswer, Shortcut

ACCURACY = 0.94
"""Of the earlier release."""
UNLEARNT = {"counting": 0.35, "shape": 0.06}
"""How much of an axis the later one has lost."""
OFTENER = 15
"""Incorrect answers change more easily than correct ones."""
NEAR = 0.25
FIXED = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What both releases answer to one sample."""

    sample: Sample
    baseline: ModelAnswer
    candidate: ModelAnswer
    near_tie: bool


def pair_of(sample: Sample, random: Random, churn: float) -> Pair:
    """What two releases answer, the later one having unlearnt something.

    `churn` is how often an answer changes at random.
    """
    axis = sample.dimension.rpartition(".")[2]
    correct = random.random() < ACCURACY
    changes = random.random() < (churn if correct else OFTENER * churn)
    regresses = correct and (changes or random.random() < UNLEARNT.get(axis, 0.0))
    near_tie = changes and random.random() < NEAR
    baseline = _answer(sample, random, correct=correct, close=near_tie)
    if not (regresses or changes):
        return Pair(sample=sample, baseline=baseline, candidate=baseline, near_tie=False)
    fixed = not correct and random.random() < FIXED
    candidate = _answer(sample, random, correct=fixed, close=near_tie)
    return Pair(sample=sample, baseline=baseline, candidate=candidate, near_tie=near_tie)


def _answer(sample: Sample, random: Random, *, correct: bool, close: bool = False) -> ModelAnswer:
    letters = LETTERS[: len(sample.options)]
    answer = sample.target if correct else random.choice(letters.replace(sample.target, ""))
    second = random.choice(letters.replace(answer, "")) if correct else sample.target
    logprobs = {letter: -random.uniform(3.0, 7.0) for letter in letters}
    logprobs[second] = -random.uniform(1.2, 3.0)
    logprobs[answer] = -random.uniform(0.05, 0.9)
    if close:
        logprobs[second] = logprobs[answer] - random.uniform(0.0, 0.02)
    return ModelAnswer(
        answer=answer,
        correctness=Mark.CORRECT if correct else Mark.INCORRECT,
        option_logprobs=tuple(logprobs.values()),
    )


def changed_answers(pairs: Iterable[Pair]) -> Iterable[ChangedAnswer]:
    for pair in pairs:
        if pair.baseline.answer != pair.candidate.answer:
            yield ChangedAnswer(
                sample=pair.sample.id,
                dimension=pair.sample.dimension,
                question=pair.sample.question,
                options=pair.sample.options,
                target=pair.sample.target,
                baseline=pair.baseline,
                candidate=pair.candidate,
                kind=kind_of(pair),
                near_tie=pair.near_tie,
            )


def kind_of(pair: Pair) -> FlipKind:
    marks = (pair.baseline.correctness, pair.candidate.correctness)
    if marks == (Mark.CORRECT, Mark.INCORRECT):
        return FlipKind.REGRESSED
    return FlipKind.FIXED if marks == (Mark.INCORRECT, Mark.CORRECT) else FlipKind.STILL_WRONG


def shortcuts(pairs: Sequence[Pair], random: Random) -> Iterable[Shortcut]:
    count, rule = max(len(pairs) // 80, 1), "correct under every condition"
    for pair in random.sample(list(pairs), count):
        yield Shortcut(
            sample=pair.sample.id,
            dimension=pair.sample.dimension,
            question=pair.sample.question,
            options=pair.sample.options,
            target=pair.sample.target,
            rules=(rule,),
            explanations=(f"{rule}: {count} of {len(pairs)}, {count:.1f} expected by chance",),
        )
