"""Settings that only some types of answers have."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

from pytest_mmbench.benchmarks.settings import BenchmarkOptions
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.scorers.number_rules import NumberScorer, NumberTolerance

TOLERANCE: Final = "tolerance"
ORDERED: Final = "ordered"
LONGEST: Final = 40
"""Characters of a tolerance."""


WHOLE: Final = 100
"""Percent, from which on 0 would be near any number."""


def tolerance(options: BenchmarkOptions) -> NumberTolerance:
    """How far a number may be from its target: `0.01`, or `"1%"` of it.

    Raises:
        SettingsError: it is missing, or is no such size.
    """
    remedy = f'write {TOLERANCE} = 0.01, or {TOLERANCE} = "1%" of the target'
    if TOLERANCE not in options.options:
        raise options.error(f"it is not known how far a number may be off: {remedy}.")
    written = options.options[TOLERANCE]
    error = options.error(f"{TOLERANCE} = {written!r} is no size.", what_to_do=remedy)
    if isinstance(written, bool) or (isinstance(written, float) and not math.isfinite(written)):
        raise error
    text = str(written).strip()
    try:
        size = Fraction(text.removesuffix("%").strip()) if len(text) <= LONGEST else Fraction(-1)
    except (ValueError, ZeroDivisionError):
        raise error from None
    is_relative = text.endswith("%")
    if size < 0 or (is_relative and size >= WHOLE):
        raise error
    return NumberTolerance(size=size / 100 if is_relative else size, is_relative=is_relative)


def tolerance_scorer(options: BenchmarkOptions) -> Scorer:
    """The rule for numbers near their target, which is called by how near."""
    size = tolerance(options)
    return NumberScorer(rule=f"strict tolerance {options.options[TOLERANCE]}", tolerance=size)


def judge_scorer(options: BenchmarkOptions) -> Scorer:
    """Where a model that judges will have its place.

    Raises:
        SettingsError: always, as none can be configured yet.
    """
    raise options.error(
        'answer = "judge" needs a model that judges, and none can be configured yet.',
        what_to_do='write answer = "text" with one of its rules, such as scoring = "contains"',
    )


def is_ordered(options: BenchmarkOptions) -> bool:
    """Whether the order of a list counts; it does not if that is not set.

    Raises:
        SettingsError: it is neither true nor false.
    """
    ordered = options.options.get(ORDERED, False)
    if not isinstance(ordered, bool):
        raise options.error(f"{ORDERED} is true or false, and not {ordered!r}.")
    return ordered
