"""Axes of the built-in benchmark, and its records, each drawn from seed, axis and number alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Final

from pytest_mmbench.benchmarks.draws import LETTERS, Axis, digest, target_place
from pytest_mmbench.benchmarks.prompts import inline_options
from pytest_mmbench.benchmarks.shapes import measurement, perception, reasoning
from pytest_mmbench.benchmarks.shapes.scene import Scene

CAPABILITIES: Final[dict[str, tuple[str, str, str]]] = {
    "coarse-perception": ("background", "layout", "colour"),
    "fine-grained-perception": ("shape", "counting", "position"),
    "instance-reasoning": ("size", "relations", "matching"),
    "logical-reasoning": ("odd-one-out", "sequences", "symmetry"),
    "science-and-technology": ("bar-charts", "dials", "gauges"),
    "math": ("digits", "addition", "comparison"),
}
"""Capability to its three axes, in the order in which reports show them."""
CAPABILITY_OF: Final[dict[str, str]] = {
    axis: capability for capability, axes in CAPABILITIES.items() for axis in axes
}
"""Axis to the capability that it belongs to."""
DEFAULT_SEED: Final = 20260419
"""Published seed of the default set."""
CACHE_SIZE: Final = 4_096
"""A run asks some six times for each."""
DEFAULT_PER_AXIS: Final = 40
"""Samples per axis in the default set: 18 x 40 = 720 in all."""
AXES: Final[dict[str, Axis[Scene]]] = {**perception.AXES, **reasoning.AXES, **measurement.AXES}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapesRecord:
    """One question with its options, its answer and the scene that makes the answer correct."""

    question: str
    """The stem, without the options."""
    options: tuple[str, ...]
    answer: str
    """A, B, C or D."""
    category: str
    l2_category: str
    scene: Scene
    seed: int
    number: int
    """Place within the axis, from 0."""

    @property
    def text(self) -> str:
        """The question as MMStar words it, with the options inside."""
        return f"{self.question}\n{inline_options(self.options)}"

    @property
    def answer_text(self) -> str:
        """The word of the correct option."""
        return self.options[LETTERS.index(self.answer)]


@lru_cache(maxsize=CACHE_SIZE)
def make_record(seed: int, axis: str, number: int) -> ShapesRecord:
    """Draw one record; equal arguments give equal records, whatever was drawn before.

    The question and its options are drawn first, the answer's letter independently of them, and
    the scene last: so the text says nothing about the answer.
    """
    random = Random(digest(f"{seed}/{axis}/{number}"))
    question = AXES[axis].ask(random)
    place = target_place(seed, axis, number)
    return ShapesRecord(
        question=question.stem,
        options=question.options,
        answer=LETTERS[place],
        category=CAPABILITY_OF[axis],
        l2_category=axis,
        scene=AXES[axis].show(random, question, question.options[place]),
        seed=seed,
        number=number,
    )


def make_records(seed: int, per_axis: int) -> Iterator[ShapesRecord]:
    """Draw the whole set of a seed, axis by axis in the order of the tree."""
    for axis in CAPABILITY_OF:
        for number in range(per_axis):
            yield make_record(seed, axis, number)
