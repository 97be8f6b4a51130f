"""The interval of a score whose questions were asked several times; `simulate_repeats` has more."""

from fractions import Fraction

import numpy as np

from pytest_mmbench.gates.stats import binomial, gaffke
from pytest_mmbench.records import Interval

RUNS, QUESTIONS, REPEATS, ACCURACY = 120, 200, 8, 0.6


def share_covered(intervals: list[Interval]) -> float:
    return sum(each.low <= ACCURACY <= each.high for each in intervals) / len(intervals)


def test_questions_are_the_unit_of_an_interval() -> None:
    """It holds the truth as often as it promises; one of all answers as if alone does not."""
    rng = np.random.default_rng(8)
    chances = rng.beta(ACCURACY, 1 - ACCURACY, (RUNS, QUESTIONS))
    counts = rng.binomial(REPEATS, chances)
    of_questions = [
        gaffke.interval(gaffke.equal_shares(Fraction(int(each), REPEATS) for each in row))
        for row in counts
    ]
    of_answers = [binomial.wilson(int(row.sum()), REPEATS * QUESTIONS) for row in counts]

    assert share_covered(of_questions) >= 0.92
    assert share_covered(of_answers) <= 0.75
