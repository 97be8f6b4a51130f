"""Answers of the invented run: what both releases said to each sample, and how sure they were."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from pytest_mmbench.records import LETTERS, Mark, Sample
from pytest_mmbench.report.document import AnswerChange, Flip, ModelAnswer, Shortcut

RIGHT = 0.94
"""How often the earlier release is right."""
UNLEARNT = {"counting": 0.35, "shape": 0.06}
"""How much of an axis the later one has lost."""
OFTENER = 15
"""Wrong answers move more easily than right ones."""
NEAR = 0.25
FIXED = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What both releases said to one sample."""

    sample: Sample
    old: ModelAnswer
    new: ModelAnswer
    near: bool


def pair_of(sample: Sample, random: Random, churn: float) -> Pair:
    """What two releases say, the later one having unlearnt something; `churn` moves the rest."""
    axis = sample.dimension.rpartition(".")[2]
    right = random.random() < RIGHT
    moves = random.random() < (churn if right else OFTENER * churn)
    lost = right and (moves or random.random() < UNLEARNT.get(axis, 0.0))
    near = moves and random.random() < NEAR
    old = _said(sample, random, right=right, close=near)
    if not (lost or moves):
        return Pair(sample=sample, old=old, new=old, near=False)
    fixed = not right and random.random() < FIXED
    new = _said(sample, random, right=fixed, close=near)
    return Pair(sample=sample, old=old, new=new, near=near)


def _said(sample: Sample, random: Random, *, right: bool, close: bool = False) -> ModelAnswer:
    letters = LETTERS[: len(sample.options)]
    chosen = sample.target if right else random.choice(letters.replace(sample.target, ""))
    second = random.choice(letters.replace(chosen, "")) if right else sample.target
    logs = {letter: -random.uniform(3.0, 7.0) for letter in letters}
    logs[second] = -random.uniform(1.2, 3.0)
    logs[chosen] = -random.uniform(0.05, 0.9)
    if close:
        logs[second] = logs[chosen] - random.uniform(0.0, 0.02)
    mark = Mark.CORRECT if right else Mark.INCORRECT
    return ModelAnswer(chosen=chosen, mark=mark, logs=tuple(logs.values()))


def flips(pairs: Iterable[Pair]) -> Iterable[Flip]:
    for pair in pairs:
        if pair.old.chosen != pair.new.chosen:
            yield Flip(
                sample=pair.sample.id,
                dimension=pair.sample.dimension,
                question=pair.sample.question,
                options=pair.sample.options,
                target=pair.sample.target,
                old=pair.old,
                new=pair.new,
                kind=kind_of(pair),
            )


def kind_of(pair: Pair) -> AnswerChange:
    if pair.near:
        return AnswerChange.NEAR_TIE
    marks = (pair.old.mark, pair.new.mark)
    if marks == (Mark.CORRECT, Mark.INCORRECT):
        return AnswerChange.REGRESSED
    return (
        AnswerChange.FIXED if marks == (Mark.INCORRECT, Mark.CORRECT) else AnswerChange.BOTH_WRONG
    )


def shortcuts(pairs: Sequence[Pair], random: Random) -> Iterable[Shortcut]:
    count = max(len(pairs) // 80, 1)
    for pair in random.sample(list(pairs), count):
        yield Shortcut(
            sample=pair.sample.id,
            dimension=pair.sample.dimension,
            question=pair.sample.question,
            options=pair.sample.options,
            target=pair.sample.target,
            rules=("right under every ablation",),
            because=f"right under every ablation: {count} of {len(pairs)}, {count:.1f} by luck",
        )
