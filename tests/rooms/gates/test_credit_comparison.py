from dataclasses import replace
from fractions import Fraction

import pytest
from credit_results import credit_result, credit_results
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.gates.comparison import Comparison, PairedTest, compare_results
from pytest_mmbench.gates.regression import judge_regression
from pytest_mmbench.gates.stats import paired
from pytest_mmbench.gates.verdicts import FlipKind, RegressionFinding, RegressionVerdict
from pytest_mmbench.records import Average, Dimension, Mark, Outcome, Unit
from pytest_mmbench.results.rows import SampleResult

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

    assert found.credits is None
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

    assert found.credits is None
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


def leaf_results(right: dict[str, int], sizes: dict[str, int]) -> list[SampleResult]:
    """So many right of each leaf, the first ones, ranked with a wide margin."""
    return [
        replace(credit_result(f"{leaf} {at}", str(int(at < right[leaf]))), option_logprobs=(-1, -9))
        for leaf, size in sizes.items()
        for at in range(size)
    ]


def test_a_mean_of_dimensions_is_compared_as_such() -> None:
    """A small leaf that loses a half weighs as much as a large one that gains a tenth more."""
    sizes = {"b.small": 20, "b.large": 400}
    before = leaf_results({"b.small": 15, "b.large": 200}, sizes)
    after = leaf_results({"b.small": 5, "b.large": 220}, sizes)
    node = Dimension(path="b", leaves=tuple(sizes), size=420, average=Average.MACRO)
    leaves = {row.sample: row.sample.split()[0] for row in before}

    found = compare_results(node, before, after, tolerance=0.0, leaves=leaves)

    assert found.pairs.difference == pytest.approx(10 / 420)
    assert found.difference == pytest.approx((-10 / 20 + 20 / 400) / 2)
    assert found.before == pytest.approx((15 / 20 + 200 / 400) / 2)
    assert found.candidate_accuracy == pytest.approx((5 / 20 + 220 / 400) / 2)
    assert (found.regressed, found.fixed) == (10, 20)
    # Ten flips that weigh ten and a half samples each: twenty of half a sample outweigh none.
    assert found.p_worse == pytest.approx(0.5**10, rel=0.01)
    assert "10 regressed, 20 fixed of 420; the score is a mean of 2 dimensions" in (
        judged(found).explanation
    )


def pair_results(answers: str, margins: str) -> list[SampleResult]:
    """Pairs of questions, `+` a right and `-` a wrong answer, by wide (`w`) or no (`n`) margins."""
    return [
        replace(
            credit_result(f"s{at}", str(int(sign == "+"))),
            answer=sign,
            unit=f"u{at // 2}",
            option_logprobs=(-1.0, -9.0 if margin == "w" else -1.0),
        )
        for at, (sign, margin) in enumerate(zip(answers, margins, strict=True))
    ]


def test_pairs_are_compared_by_what_they_earn() -> None:
    """Half of a pair is a quarter; one of two wrong answers costs three."""
    node = Dimension(path="b", leaves=("b",), size=6, unit=Unit.PAIR)
    wide = "w" * 6

    found = compare_results(
        node, pair_results("++++--", wide), pair_results("+-+++-", wide), tolerance=0.1
    )

    assert found.before == pytest.approx(2 / 3)
    assert found.difference == pytest.approx((-3 / 4 + 1 / 4) / 3)
    assert found.test is PairedTest.CREDIT_FLIP


def test_near_ties_of_pairs_are_not_counted_and_are_tested() -> None:
    """What rounding turns is what it was, until it has turned against the candidate too often."""
    node = Dimension(path="b", leaves=("b",), size=40, unit=Unit.PAIR)
    before, after = pair_results("++" * 20, "wn" * 20), pair_results("+-" * 20, "wn" * 20)

    found = compare_results(node, before, after, tolerance=0.1)

    assert found.difference == 0
    assert found.candidate_accuracy == pytest.approx(1 / 4)
    assert found.p_near == pytest.approx(0.5**20) == found.smallest_possible_p_near
    counted = found.counting_near_ties()
    assert counted.difference == pytest.approx(-3 / 4)
    assert (counted.regressed, counted.fixed) == (20, 0)
    assert judged(found).near_ties_biased
