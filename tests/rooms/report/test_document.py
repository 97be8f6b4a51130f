from fractions import Fraction

from documents import verdict

from pytest_mmbench.gates import capability
from pytest_mmbench.records import Stratum, Tally, Threshold
from pytest_mmbench.report.document import standing


def test_a_plain_score() -> None:
    """It is the share of right answers, and the gate's words are taken over."""
    found = standing(verdict("shapes.math", 30, 40, "0.6"))

    assert (found.dimension, found.right, found.asked) == ("shapes.math", 30, 40)
    assert found.accuracy == 0.75
    assert (found.threshold, found.rule, found.outcome) == ("0.6", "point", "pass")
    assert found.because.startswith("shapes.math 0.750 (30/40")
    assert found.interval.low < 0.75 < found.interval.high


def test_a_weighted_score() -> None:
    """Where parts have weights, the accuracy is their mean and no share of counts."""
    halves = [(Fraction(1, 2), 9, 10), (Fraction(1, 2), 10, 100)]
    strata = tuple(
        Stratum(weight=weight, credit=Fraction(right), credit_squares=Fraction(right), units=units)
        for weight, right, units in halves
    )
    tally = Tally(dimension="a.b", correct=19, total=110, unparseable=2, strata=strata, scale=200)
    (judged,) = capability.judge_capability(
        [tally], {"a.b": Threshold(at_least="0.4")}, alpha=0.05, unparseable_limit=0.05
    )

    found = standing(judged)

    assert found.accuracy == 0.5
    assert (found.right, found.asked, found.unreadable, found.scale) == (19, 110, 2, 200)
