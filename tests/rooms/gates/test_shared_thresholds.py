"""Thresholds of samples that share pictures: what is said, and how often it is wrong."""

from fractions import Fraction

import numpy as np
import pytest

from pytest_mmbench.gates.capability import judge_capability
from pytest_mmbench.gates.verdicts import CapabilityVerdict
from pytest_mmbench.records import Outcome, Rule, Tally, Threshold
from pytest_mmbench.results.tally import ClusteredUnit, with_clusters


def judged(
    correct: list[int], rule: Rule, at_least: str = "0.6", size: int = 4
) -> CapabilityVerdict:
    """Pictures with so many correct answers each."""
    units = [
        ClusteredUnit(picture, 0, Fraction(at < right))
        for picture, right in enumerate(correct)
        for at in range(size)
    ]
    plain = Tally(dimension="b", correct=sum(correct), total=size * len(correct))
    (verdict,) = judge_capability(
        [with_clusters(plain, units)],
        {"b": Threshold(at_least=at_least, rule=rule)},
        alpha=0.05,
        unparseable_limit=0.05,
    )
    return verdict


def test_the_point_rule_counts_samples_as_before() -> None:
    """A fixed benchmark is what it is; only the evidence beside it is that of fewer samples."""
    found = judged([4] * 6 + [0] * 4, Rule.POINT)

    assert found.outcome is Outcome.PASS
    assert found.explanation == (
        "b 0.600 (24/40 from 10 pictures, 95% 0.31-0.83) reaches 0.60: 24 required;"
        " at least 9 of effective 10 would be strong evidence"
    )


def test_strong_evidence_is_that_of_pictures() -> None:
    """Thirty of forty are strong evidence of 0.60; seven pictures and a half of ten are none."""
    found = judged([4] * 7 + [2] + [0] * 2, Rule.STRONG)

    assert found.outcome is Outcome.FAIL
    assert "9 of effective 10 required by the rule strong" in found.explanation


def test_a_failure_takes_pictures() -> None:
    """So it does to be significantly below."""
    few = judged([4] * 4 + [2] + [0] * 5, Rule.THREE_WAY)
    many = judged(([4] * 4 + [2] + [0] * 5) * 8, Rule.THREE_WAY)

    assert few.outcome is Outcome.INCONCLUSIVE
    assert "at most 2 of effective 10 would fail at level 0.05" in few.explanation
    assert many.outcome is Outcome.FAIL


@pytest.mark.slow  # hundreds of whole verdicts
@pytest.mark.parametrize("shared", [0.0, 0.3, 0.6, 1.0])
def test_the_error_is_kept_whatever_is_shared(shared: float) -> None:
    """At the threshold itself 5 % are promised; three standard errors of 250 runs are 4 %."""
    rng = np.random.default_rng(round(10 * shared))
    wrong = {Rule.STRONG: 0, Rule.THREE_WAY: 0}
    for _ in range(250):
        fate = np.where(rng.random(20) < 0.6, 4, 0)
        drawn = np.where(rng.random(20) < shared, fate, rng.binomial(4, 0.6, 20))
        correct = [int(each) for each in drawn]
        wrong[Rule.STRONG] += judged(correct, Rule.STRONG).outcome is Outcome.PASS
        wrong[Rule.THREE_WAY] += judged(correct, Rule.THREE_WAY).outcome is Outcome.FAIL

    assert max(wrong.values()) <= 250 * 0.09
