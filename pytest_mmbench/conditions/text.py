"""Conditions that change words, or leave pictures out. None reads a picture or draws a lot.

Words that speak of pictures, such as `<image 1>` or "in the image", stay in the question: a prompt
is worded by its benchmark.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps

from pytest_mmbench.protocols import ConditionFunction
from pytest_mmbench.records import LETTERS, Sample, letters


def per_sample(change: Callable[[Sample], Sample]) -> ConditionFunction:
    """A condition that treats every sample by itself."""

    @wraps(change)
    def changed(samples: Sequence[Sample], *, seed: int) -> list[Sample]:  # noqa: ARG001 - no lots
        return [change(sample) for sample in samples]

    return changed


@per_sample
def image(sample: Sample) -> Sample:
    """As it was published."""
    return sample


@per_sample
def no_image(sample: Sample) -> Sample:
    """The words alone."""
    return replace(sample, pictures=())


@per_sample
def no_question(sample: Sample) -> Sample:
    """The options and the picture, without the question."""
    return replace(sample, question="")


@per_sample
def options_only(sample: Sample) -> Sample:
    """The options alone: what can be guessed from how they are worded."""
    return replace(sample, question="", pictures=())


def rotated(by: int) -> ConditionFunction:
    """A condition in which the first options move behind the others, and the letters do not.

    A sample with m options is rotated by `by` mod m, so that rotations 0 to m - 1 show each option
    at each letter once, as MMBench's CircularEval does (Liu et al. 2023). The target is the letter
    at which its text now stands. A question without options stays as it is; so does one whose
    options are letters, because their texts stand where nobody can move them.
    """

    @per_sample
    def changed(sample: Sample) -> Sample:
        return _rotated(sample, by % len(sample.options)) if movable(sample) else sample

    return changed


def movable(sample: Sample) -> bool:
    """Whether it has options, and their texts are here to be moved."""
    return bool(sample.options) and sample.options != letters(sample.options)


def _rotated(sample: Sample, by: int) -> Sample:
    options = sample.options[by:] + sample.options[:by]
    at = (LETTERS.index(sample.target) - by) % len(options)
    return replace(sample, options=options, target=LETTERS[at])
