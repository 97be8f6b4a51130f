from dataclasses import replace
from fractions import Fraction

import pytest
from credit_results import credit_results
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.gates.comparison import Comparison, PairedTest, compare_results
from pytest_mmbench.gates.regression import judge_regression
from pytest_mmbench.gates.stats import paired
from pytest_mmbench.gates.verdicts import FlipKind, RegressionFinding, RegressionVerdict
from pytest_mmbench.records import Dimension, Mark, Outcome, Unit

CREDITS = st.fractions(0, 1, max_denominator=6)
PAIRS = st.lists(st.tuples(CREDITS, CREDITS), min_size=1, max_size=20)


def compared(
    *pairs: tuple[Fraction | str, Fraction | str], to_a_picture: int = 1, unit: Unit = Unit.SAMPLE
) -> Comparison:
    """Samples with a credit of the baseline and one of the candidate each."""
    before, after = (
        credit_results([pair[side] for pair in pairs], to_a_picture=to_a_picture) for side in (0, 1)
    )
    node = Dimension(path="b", leaves=("b",), size=len(pairs), unit=unit)
    return compare_results(node, before, after, tolerance=0.0)


def judged(found: Comparison, *, margin: float = 0.02) -> RegressionVerdict:
    (verdict,) = judge_regression(
        [found], margin=margin, alpha=0.05, min_items=30, unparseable_limit=0.05
    )
    return verdict


def test_what_became_of_credits() -> None:
    """Kinds of change say whether an answer lost or gained, also where it is right in neither."""
    found = compared(("2/3", "1/3"), ("1/3", "2/3"), ("1", "1/2"), ("1/2", "1"), ("1/2", "1/2"))

    assert [flip.kind for flip in found.flips] == [
        FlipKind.REGRESSED,
        FlipKind.LESS_CREDIT,
        FlipKind.MORE_CREDIT,
        FlipKind.FIXED,
    ]
    assert (found.regressed, found.fixed, found.difference) == (2, 2, 0)
    assert found.before == found.after == pytest.approx(0.6)


@given(PAIRS)
def test_the_difference_is_that_of_the_means(pairs: list[tuple[Fraction, Fraction]]) -> None:
    """Whether some answers are right in part or none is."""
    found = compared(*pairs)
    total = len(pairs)

    assert found.before == pytest.approx(float(sum(was for was, _ in pairs)) / total)
    assert found.candidate_accuracy == pytest.approx(float(sum(now for _, now in pairs)) / total)
    assert found.difference == pytest.approx(found.after - found.before)
    assert found.interval(0.9).low <= found.difference <= found.interval(0.9).high


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=20))
def test_answers_that_are_right_or_wrong_are_compared_as_ever(
    pairs: list[tuple[bool, bool]],
) -> None:
    """Credits of 0 and 1 leave McNemar's test and Newcombe's interval."""
    found = compared(*[(Fraction(was), Fraction(now)) for was, now in pairs])

    assert found.credits == ()
    assert found.test is PairedTest.MID_P
    assert found.interval() == paired.newcombe(found.pairs)


@given(PAIRS)
def test_credits_the_other_way_round(pairs: list[tuple[Fraction, Fraction]]) -> None:
    """What fell one way rises the other way, by as much and with the same interval."""
    one, other = compared(*pairs), compared(*[(now, was) for was, now in pairs])

    assert one.difference == pytest.approx(-other.difference)
    assert one.interval().low == pytest.approx(-other.interval().high, abs=1e-9)
    assert (one.regressed, one.fixed) == (other.fixed, other.regressed)


def test_a_fall_in_credit_that_no_count_shows_fails() -> None:
    """Sixty answers of eighty lose a third each, and none of them was or is correct."""
    found = compared(*[("2/3", "1/3")] * 60, *[("1/3", "1/3")] * 20)

    verdict = judged(found)

    assert found.pairs.flips == 0
    assert found.test is PairedTest.CREDIT_FLIP
    assert verdict.outcome is Outcome.FAIL
    assert verdict.finding is RegressionFinding.WORSE_THAN_MARGIN
    assert verdict.difference == pytest.approx(-0.25)
    assert verdict.explanation.startswith(
        "b fell by 0.250 (0.583 to 0.333; less credit in 60, more in 0 of 80), 90%"
    )


def test_equal_credits_pass_where_there_are_enough() -> None:
    """An interval of nothing has a width: 300 answers that changed nothing hold a margin."""
    few, many = compared(*[("2/3", "2/3")] * 60), compared(*[("2/3", "2/3")] * 300)

    assert judged(few).finding is RegressionFinding.UNDECIDED
    assert "samples would decide it" in judged(few).explanation
    assert judged(many).finding is RegressionFinding.WITHIN_MARGIN


def test_credits_of_one_picture_are_one_observation() -> None:
    """Forty answers about ten pictures that lose together are ten coins."""
    alone = compared(*[("2/3", "1/3")] * 40)
    shared = compared(*[("2/3", "1/3")] * 40, to_a_picture=4)

    assert alone.p_worse == pytest.approx(0.5**40)
    assert shared.p_worse == pytest.approx(0.5**10)
    assert shared.interval().low < alone.interval().low
    assert shared.effective <= alone.effective == 40


def test_units_that_have_to_be_all_correct_earn_no_part() -> None:
    """Half an answer of a unit is a wrong one, before and now."""
    found = compared(("1/2", "1/3"), ("1", "1/2"), unit=Unit.ALL_CORRECT)

    assert found.credits == ()
    assert (found.pairs.regressed, found.pairs.both_wrong) == (1, 1)


def test_an_answer_that_became_unparseable_loses_its_part() -> None:
    """It is listed as what it is, and its credit counts as lost."""
    before = credit_results(["1/2", "1/2"])
    after = [replace(before[0], mark=Mark.UNPARSEABLE, answer="", partial=Fraction(0)), before[1]]
    node = Dimension(path="b", leaves=("b",), size=2)

    found = compare_results(node, before, after, tolerance=0.0)

    (flip,) = found.flips
    assert flip.kind is FlipKind.BECAME_UNPARSEABLE
    assert flip.is_regressed
    assert found.difference == pytest.approx(-0.25)
