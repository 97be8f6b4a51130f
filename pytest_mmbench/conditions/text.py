"""Conditions that change texts, or leave pictures out. None reads a picture or uses the seed.

Words that speak of pictures, such as `<image 1>`, stay: the benchmark words the prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps

from pytest_mmbench.protocols import ConditionFunction
from pytest_mmbench.records import LETTERS, Sample, letters


def per_sample(transform: Callable[[Sample], Sample]) -> ConditionFunction:
    """A condition that transforms every sample by itself."""

    @wraps(transform)
    def apply(samples: Sequence[Sample], *, seed: int) -> list[Sample]:  # noqa: ARG001 - nothing is random
        return [transform(sample) for sample in samples]

    return apply


@per_sample
def image(sample: Sample) -> Sample:
    """As it was published."""
    return sample


@per_sample
def no_image(sample: Sample) -> Sample:
    """Question and options, without pictures."""
    return replace(sample, pictures=())


@per_sample
def no_question(sample: Sample) -> Sample:
    """Options and pictures, without the question."""
    return replace(sample, question="")


@per_sample
def options_only(sample: Sample) -> Sample:
    """The options alone: what can be guessed from how they are worded."""
    return replace(sample, question="", pictures=())


def rotated(by: int) -> ConditionFunction:
    """A condition in which the first options move behind the others, and the letters do not.

    A sample with m options is rotated by `by` mod m, so that rotations 0 to m - 1 show each option
    at each letter once, as MMBench's CircularEval does (Liu et al. 2023). The target is the letter
    at which its text now stands. Samples that are not `movable` stay as they are.
    """

    @per_sample
    def rotate(sample: Sample) -> Sample:
        if not movable(sample):
            return sample
        count = len(sample.options)
        start = by % count
        target = (LETTERS.index(sample.target) - start) % count
        options = sample.options[start:] + sample.options[:start]
        return replace(sample, options=options, target=LETTERS[target])

    return rotate


def movable(sample: Sample) -> bool:
    """Whether the sample has options whose texts it knows, and not only their letters."""
    return bool(sample.options) and sample.options != letters(sample.options)
