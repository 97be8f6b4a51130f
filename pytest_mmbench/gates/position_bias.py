"""Position bias: accuracy by the letter of the target, and under every rotation of the options.

`CircularEval` asks a question with m options m times, each time with the first option moved behind
the others, and counts it as correct if all m answers are (MMBench, Liu et al., arXiv 2307.06281).
Where answers stay the same text, the model has an opinion; where they stay the same letter, a
habit.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from pytest_mmbench.errors import DataError
from pytest_mmbench.records import LETTERS, Unit
from pytest_mmbench.results.rows import (
    IMAGE,
    DimensionTree,
    SampleResult,
    TaskResults,
    group_by_unit,
    results_of_leaf,
)

PAIR: Final = 2
"""Options of a question for yes or no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotatedAnswers:
    """The answers under each rotation of one sample's options, from rotation 0 on."""

    sample: str
    target: str
    """The letter of the correct option before any rotation."""
    answers: tuple[str, ...]
    """One letter for each option, as it stood in the rotated list; empty if unparseable."""

    @property
    def options(self) -> int:
        """As many as rotations."""
        return len(self.answers)

    @property
    def published_letters(self) -> tuple[str, ...]:
        """The letters of the answers before any rotation; empty if unparseable."""
        return tuple(
            unrotated_letter(letter, by, self.options) for by, letter in enumerate(self.answers)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CircularScore:
    """Samples under every rotation. Shares are fractions of the samples, in [0, 1]."""

    total: int
    vanilla: float
    """Correct as published: rotation 0 alone."""
    mean: float
    """Correct on average over a sample's rotations."""
    circular: float
    """Correct under every rotation: what MMBench publishes."""
    consistency: float
    """The same option chosen under every rotation, correct or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionBias:
    """A model's recall of each letter as the target."""

    recall: Mapping[str, float]
    """Share of samples with a letter as their target that were answered with it, in [0, 1]; a
    letter that is no sample's target has none."""
    spread: float
    """Standard deviation of the recalls, 0 without a bias: the RStd of Zheng et al., "Large
    Language Models Are Not Robust Multiple Choice Selectors" (ICLR 2024). That it divides by their
    number, not by one less, was NOT VERIFIED in their code."""


def unrotated_letter(letter: str, by: int, options: int) -> str:
    """The letter that an option had before the first `by` of them moved behind the others.

    An answer that is no option's letter stays what it is.
    """
    if letter not in tuple(LETTERS[:options]):
        return letter
    return LETTERS[(LETTERS.index(letter) + by) % options]


def circular_score(samples: Sequence[RotatedAnswers]) -> CircularScore:
    """The shares of samples that are correct, and that are consistent.

    Every rotation has to be there: an evaluation that takes all answers present for all answers
    makes CircularEval easier without a word. There is at least one sample.
    """
    for sample in samples:
        if sample.target not in LETTERS[: sample.options]:
            raise DataError(
                f"sample {sample.sample!r} has {sample.options} rotations, and its target is"
                f" {sample.target!r}.",
                what_to_do="give one answer for each rotation, an empty one if it is unparseable",
            )
    correct = [
        [letter == sample.target for letter in sample.published_letters] for sample in samples
    ]
    shares = (Fraction(sum(passes), len(passes)) for passes in correct)
    consistent = (set(sample.published_letters) for sample in samples)
    return CircularScore(
        total=len(samples),
        vanilla=sum(passes[0] for passes in correct) / len(samples),
        mean=float(sum(shares, start=Fraction(0)) / len(samples)),
        circular=sum(all(passes) for passes in correct) / len(samples),
        consistency=sum(len(letters) == 1 and "" not in letters for letters in consistent)
        / len(samples),
    )


def position_bias(results: Iterable[SampleResult]) -> PositionBias:
    """The recall of each letter, and how far recalls differ. There is at least one result.

    A key that favours a letter changes no recall. Over all rotations every option stands at every
    letter, so that no letter has the easier questions either.
    """
    targets: Counter[str] = Counter()
    recalled: Counter[str] = Counter()
    for result in results:
        targets[result.target] += 1
        recalled[result.target] += result.answer == result.target
    recall = {letter: recalled[letter] / targets[letter] for letter in sorted(targets)}
    return PositionBias(recall=recall, spread=statistics.pstdev(recall.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstOptionScores:
    """How often the first of two options is answered, and how often that is right, as POPE has it.

    Of questions for yes or no it is yes. Shares are fractions in [0, 1].
    """

    share: float
    """Answers that are it, of all that were asked."""
    precision: float
    """Of those, the ones that are correct; 0 if there are none."""
    recall: float
    """Of the questions whose target it is, the ones that were answered with it; 0 if none is."""

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0 if both are."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def describe(self) -> str:
        """In the words of a note."""
        return (
            f"A, the first of two options, is {self.share:.3f} of the answers; F1 {self.f1:.3f}, "
            f"precision {self.precision:.3f}, recall {self.recall:.3f}"
        )


def first_option_scores(results: Sequence[SampleResult]) -> FirstOptionScores:
    """Counted over results of questions with two options; there is at least one."""
    first = LETTERS[0]
    answered = sum(result.answer == first for result in results)
    wanted = sum(result.target == first for result in results)
    correct = sum(result.answer == first == result.target for result in results)
    return FirstOptionScores(
        share=answered / len(results),
        precision=correct / answered if answered else 0.0,
        recall=correct / wanted if wanted else 0.0,
    )


def notes(task: TaskResults, tree: DimensionTree) -> Iterator[str]:
    """Sentences about one benchmark as it was published; none if nothing has options."""
    if task.condition != IMAGE:
        return
    root = tree.nodes[0]
    results = [
        result
        for leaf in root.leaves
        if leaf in task.rows
        for result in results_of_leaf(leaf, tree, task.rows)
        if result.options > 1
    ]
    if not results:
        return
    bias = position_bias(results)
    recalls = ", ".join(f"{letter} {share:.3f}" for letter, share in bias.recall.items())
    of = " of the commonest answers" if any(result.repeats for result in results) else ""
    spread = f"standard deviation {bias.spread:.3f}"
    yield f"{task.benchmark}: recall by letter{of} {recalls}; {spread}"
    # Under rotations the first of two options is now the one, and now the other.
    if root.unit is not Unit.ALL_CORRECT and all(each.options == PAIR for each in results):
        yield f"{task.benchmark}: {first_option_scores(results).describe()}"
    rotated = list(_rotated_answers(results)) if root.unit is Unit.ALL_CORRECT else []
    if rotated:
        score = circular_score(rotated)
        yield (
            f"{task.benchmark}: correct as published {score.vanilla:.3f}, on average over rotations"
            f" {score.mean:.3f}, under every rotation {score.circular:.3f}; the same option chosen"
            f" under every rotation in {score.consistency:.3f}"
        )


def _rotated_answers(results: Iterable[SampleResult]) -> Iterator[RotatedAnswers]:
    """Units of which every rotation was asked, in the order of the rotations."""
    for passes in group_by_unit(results, joined=True).values():
        unit, target = passes[0].unit, passes[0].target
        if unit and len(passes) == passes[0].options:
            answers = tuple(result.answer for result in passes)
            yield RotatedAnswers(sample=unit, target=target, answers=answers)
