"""Options under every rotation: what is known, and what is only a place in a list.

`CircularEval` asks a question with m options m times, each time with the first option moved behind
the others, and counts it as right if all m answers are (MMBench, Liu et al., arXiv 2307.06281).
Where answers stay the same text, the model has an opinion; where they stay the same letter, a
habit.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pytest_mmbench.errors import DataError
from pytest_mmbench.records import LETTERS, Unit
from pytest_mmbench.results.rows import (
    IMAGE,
    DimensionTree,
    SampleResult,
    TaskResults,
    results_of_leaf,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RotatedAnswers:
    """What was chosen under each rotation of one sample's options, from rotation 0 on."""

    sample: str
    target: str
    """The letter of the right option before any rotation."""
    answers: tuple[str, ...]
    """One letter for each option, as it stood in the rotated list; empty where nothing was
    readable."""

    @property
    def options(self) -> int:
        """How many options there are, and so rotations."""
        return len(self.answers)

    @property
    def meant(self) -> tuple[str, ...]:
        """The letters that the chosen texts had before any rotation; empty where unreadable."""
        return tuple(
            unrotated_letter(letter, by, self.options) for by, letter in enumerate(self.answers)
        )

    @property
    def all_correct(self) -> tuple[bool, ...]:
        """Under which rotations the right text was chosen."""
        return tuple(letter == self.target for letter in self.meant)


@dataclass(frozen=True, slots=True, kw_only=True)
class CircularScore:
    """Samples under every rotation. Shares are fractions of the samples, in [0, 1]."""

    total: int
    vanilla: float
    """Right as published: rotation 0 alone."""
    mean: float
    """Right on average over a sample's rotations."""
    circular: float
    """Right under every rotation: what MMBench publishes."""
    consistency: float
    """The same text chosen under every rotation, right or wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A letter that was chosen, and the one that was right, as the options stood."""

    answer: str
    """Empty if nothing was readable, which is not right."""
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bias:
    """How a model fares where the right option stands at each letter."""

    recall: Mapping[str, float]
    """Share of samples keyed with a letter that were answered with it, in [0, 1]; a letter that no
    sample is keyed with has none."""
    spread: float
    """Standard deviation of the recalls, 0 without a bias: the RStd of Zheng et al., "Large
    Language Models Are Not Robust Multiple Choice Selectors" (ICLR 2024). That it divides by their
    number, not by one less, was NOT VERIFIED in their code."""


def unrotated_letter(letter: str, by: int, options: int) -> str:
    """The letter that an option had before the first `by` of them moved behind the others."""
    return LETTERS[(LETTERS.index(letter) + by) % options] if letter else ""


def rotated_letter(letter: str, by: int, options: int) -> str:
    """The letter that an option has after the first `by` of them moved behind the others."""
    return unrotated_letter(letter, -by, options)


def circular(samples: Sequence[RotatedAnswers]) -> CircularScore:
    """The shares of samples that are right, and that are consistent.

    Every rotation has to be there: an evaluation that takes all answers present for all answers
    makes CircularEval easier without a word. There is at least one sample.

    Raises:
        DataError: A sample has no options, or its target is none of them.
    """
    for sample in samples:
        if sample.target not in LETTERS[: sample.options]:
            raise DataError(
                f"sample {sample.sample!r} has {sample.options} rotations, and its target is"
                f" {sample.target!r}.",
                what_to_do="give one answer for each rotation, an empty one if it is unreadable",
            )
    count = len(samples)
    shares = (Fraction(sum(each.all_correct), each.options) for each in samples)
    return CircularScore(
        total=count,
        vanilla=sum(each.all_correct[0] for each in samples) / count,
        mean=float(sum(shares, start=Fraction(0)) / count),
        circular=sum(all(each.all_correct) for each in samples) / count,
        consistency=sum(_consistent(each) for each in samples) / count,
    )


def bias(answers: Iterable[Answered]) -> Bias:
    """The recall of each letter, and how far recalls differ. There is at least one answer.

    A key that favours a letter changes no recall. Over all `rotations` every option stands at every
    letter, so that no letter has the easier questions either.
    """
    keyed: Counter[str] = Counter()
    met: Counter[str] = Counter()
    for each in answers:
        keyed[each.target] += 1
        met[each.target] += each.answer == each.target
    recall = {letter: met[letter] / keyed[letter] for letter in sorted(keyed)}
    return Bias(recall=recall, spread=statistics.pstdev(recall.values()))


def rotations(samples: Iterable[RotatedAnswers]) -> Iterable[Answered]:
    """Every answer under every rotation, as `bias` takes them."""
    for sample in samples:
        for by, letter in enumerate(sample.answers):
            yield Answered(answer=letter, target=rotated_letter(sample.target, by, sample.options))


def _consistent(sample: RotatedAnswers) -> bool:
    return len(set(sample.meant)) == 1 and "" not in sample.meant


def notes(sheet: TaskResults, tree: DimensionTree) -> Iterator[str]:
    """Sentences about one benchmark as it was published; none if nothing has options.

    1. The recall of each letter, and how far recalls differ: a habit of letters shows there.
    2. Where rotations were asked: right as published, on average, and under all of them.
    """
    if sheet.condition != IMAGE:
        return
    leaves = [leaf for leaf in tree.nodes[0].leaves if leaf in sheet.rows]
    rows = [
        row for leaf in leaves for row in results_of_leaf(leaf, tree, sheet.rows) if row.options > 1
    ]
    if not rows:
        return
    found = bias(Answered(answer=row.answer, target=row.target) for row in rows)
    recalls = ", ".join(f"{letter} {share:.3f}" for letter, share in found.recall.items())
    yield f"{sheet.benchmark}: recall by letter {recalls}; their spread is {found.spread:.3f}"
    turned = list(_rotated_answers(rows)) if tree.nodes[0].unit is Unit.ALL_CORRECT else []
    if turned:
        whole = circular(turned)
        yield (
            f"{sheet.benchmark}: right as published {whole.vanilla:.3f}, on average over rotations"
            f" {whole.mean:.3f}, under every rotation {whole.circular:.3f}; the same text chosen"
            f" under every rotation in {whole.consistency:.3f}"
        )


def _rotated_answers(rows: Iterable[SampleResult]) -> Iterator[RotatedAnswers]:
    """Units of which every rotation was asked, in the order of the rotations."""
    units: dict[str, list[SampleResult]] = {}
    for row in rows:
        units.setdefault(row.unit, []).append(row)
    for unit, passes in units.items():
        if unit and len(passes) == passes[0].options:
            chosen = tuple(row.answer for row in passes)
            yield RotatedAnswers(sample=unit, target=passes[0].target, answers=chosen)
