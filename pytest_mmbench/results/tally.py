"""Counting scores, and adding the counts of leaves up to the nodes above them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final, NamedTuple

from pytest_mmbench.records import Average, Dimension, Mark, Stratum, Tally, Unit

WHOLE: Final = Fraction(1)


class Counts(NamedTuple):
    """So many right of so many samples that count the same."""

    correct: int
    total: int


def tally(leaf: Dimension, units: Iterable[Sequence[Mark]]) -> Tally:
    """The marks of one leaf, counted.

    Args:
        leaf: says what earns how much.
        units: the marks of the samples that count together, one sequence for each unit.
    """
    judged = list(units)
    credits = [credit(leaf.unit, marks) for marks in judged]
    if leaf.unit is Unit.ALL_CORRECT:
        unparseable = sum(unit_mark(marks) is Mark.UNPARSEABLE for marks in judged)
    else:
        unparseable = sum(Mark.UNPARSEABLE in marks for marks in judged)
    if leaf.unit is Unit.PAIR:
        return graded(leaf, credits, unparseable=unparseable)
    return Tally(
        dimension=leaf.path,
        correct=sum(each == 1 for each in credits),
        total=len(judged),
        unparseable=unparseable,
        scale=leaf.scale,
    )


def graded(leaf: Dimension, credits: Sequence[Fraction], *, unparseable: int = 0) -> Tally:
    """A leaf whose units may earn a part: a pair half, a text as much as a judge gives it.

    Args:
        leaf: what they belong to.
        credits: what each unit earned, between 0 and 1: a judge's 4 of 6 is 2/3.
        unparseable: how many of them earned nothing because nothing could be read.
    """
    stratum = Stratum(
        weight=WHOLE,
        credit=sum(credits, start=Fraction(0)),
        credit_squares=sum((each * each for each in credits), start=Fraction(0)),
        units=len(credits),
    )
    return Tally(
        dimension=leaf.path,
        correct=sum(each == 1 for each in credits),
        total=len(credits),
        unparseable=unparseable,
        strata=(stratum,) if credits else (),
        scale=leaf.scale,
    )


def credit(unit: Unit, marks: Sequence[Mark]) -> Fraction:
    """What one unit earns, between 0 and 1; `records.Unit` has the rules and their sources."""
    right = sum(mark is Mark.CORRECT for mark in marks)
    every = Fraction(right == len(marks))
    if unit is Unit.PAIR:
        return (Fraction(right, len(marks)) + every) / 2
    return every


def unit_mark(marks: Iterable[Mark]) -> Mark:
    """What became of a unit that has to be all correct: one incorrect answer settles it."""
    present = set(marks)
    return next(
        each for each in (Mark.INCORRECT, Mark.UNPARSEABLE, Mark.CORRECT) if each in present
    )


def combined(dimension: Dimension, leaves: Mapping[str, Tally]) -> Tally:
    """The tally of a node, by the benchmark's own aggregate."""
    below = [leaves[leaf] for leaf in dimension.leaves]
    counted = Tally(
        dimension=dimension.path,
        correct=sum(part.correct for part in below),
        total=sum(part.total for part in below),
        unparseable=sum(part.unparseable for part in below),
        scale=dimension.scale,
    )
    if dimension.average is Average.MACRO and len(below) > 1:
        share = Fraction(1, len(below))
        return replace(counted, strata=tuple(_pooled([part], weight=share) for part in below))
    partial = any(part.strata for part in below)
    return replace(counted, strata=(_pooled(below, weight=WHOLE),) if partial else ())


def _pooled(parts: Sequence[Tally], *, weight: Fraction) -> Stratum:
    """What leaves earned, with every unit of theirs counting the same."""
    inside = [stratum for part in parts for stratum in (part.strata or (_plain(part),))]
    return Stratum(
        weight=weight,
        credit=sum((each.credit for each in inside), start=Fraction(0)),
        credit_squares=sum((each.credit_squares for each in inside), start=Fraction(0)),
        units=sum(each.units for each in inside),
    )


def _plain(part: Tally) -> Stratum:
    earned = Fraction(part.correct)
    return Stratum(weight=WHOLE, credit=earned, credit_squares=earned, units=part.total)


def effective_counts(counted: Tally, *, up: bool = False) -> Counts:
    """As many equal samples as are as sure of the score as this tally is.

    Where there are no strata these are its own counts. Else the variance of the weighted mean,
    sum w^2 s^2 / n over strata, is that of a fraction of p (1 - p) / variance equal samples (Kish,
    *Survey Sampling*, 1965: the effective sample size). The spread of each stratum is taken with
    one unit more, which has that of the whole: three right ones of three do not show that all are.
    The number of right ones is rounded down, or up if that is asked for.
    """
    if not counted.strata:
        return Counts(counted.correct, counted.total)
    score = counted.score
    whole = score * (1 - score)
    variance = sum((_variance(each, whole) for each in counted.strata), start=Fraction(0))
    units = sum(each.units for each in counted.strata)
    asked = max(1, int(whole / variance)) if whole and variance else units
    right = score * asked
    return Counts(-(-right.numerator // right.denominator) if up else int(right), asked)


def _variance(stratum: Stratum, whole: Fraction) -> Fraction:
    """Of the stratum's part in the weighted mean."""
    units = stratum.units
    around = stratum.credit_squares - stratum.credit**2 / units
    return stratum.weight**2 * (around + whole) / units**2
