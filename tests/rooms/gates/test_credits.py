from collections import Counter
from fractions import Fraction

from credit_results import credit_tally, credit_verdict
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.gates.capability import judge_capability
from pytest_mmbench.gates.stats import gaffke
from pytest_mmbench.records import Average, Outcome, Rule, Tally, Threshold

HALF = Fraction(1, 2)
CREDITS = st.lists(st.fractions(0, 1, max_denominator=12), min_size=1, max_size=12)
RULES = st.sampled_from(Rule)


def test_a_mean_credit_reaches_its_threshold_exactly() -> None:
    """Three tenths thrice are nine tenths of three, which no sum of floats would be."""
    tally = credit_tally(["3/10", "3/10", "3/10"])

    assert credit_verdict(tally, "0.3").outcome is Outcome.PASS
    assert credit_verdict(tally, "0.301").outcome is Outcome.FAIL


def test_the_sentence_of_a_mean_credit() -> None:
    """What was earned, how many earned everything, the interval, and how strong that is."""
    tally = credit_tally(["1"] * 12 + ["1/2"] * 16 + ["0"] * 12)

    passes, fails = credit_verdict(tally, "0.5"), credit_verdict(tally, "0.7")

    assert passes.explanation == (
        "b 0.500 (credit of 40, 12 in full, 95% 0.37-0.63) reaches 0.50: strong evidence of 0.389"
    )
    assert fails.explanation == (
        "b 0.500 (credit of 40, 12 in full, 95% 0.37-0.63) is below 0.70: significantly (p 0.00071)"
    )
    assert (fails.accuracy, fails.correct, fails.total) == (0.5, 12, 40)


@given(st.lists(st.booleans(), min_size=1, max_size=40), RULES, st.sampled_from(["0.25", "0.6"]))
def test_credits_of_0_and_1_are_judged_by_integers(
    answers: list[bool], rule: Rule, at_least: str
) -> None:
    """Where no answer is right in part, nothing differs from right and wrong."""
    credits = [Fraction(answer) for answer in answers]
    counted = Tally(dimension="b", correct=sum(answers), total=len(answers))

    assert not credit_tally(credits).shares
    assert credit_verdict(credit_tally(credits), at_least, rule) == credit_verdict(
        counted, at_least, rule
    )


@given(CREDITS, RULES, st.decimals("0.01", "0.99", places=2))
def test_more_credit_never_fails_what_passed(
    credits: list[Fraction], rule: Rule, at_least: object
) -> None:
    """Under every rule, an answer that earns more can only help."""
    more = [*credits[:-1], (credits[-1] + 1) / 2]
    before, after = (
        credit_verdict(credit_tally(each), str(at_least), rule).outcome for each in (credits, more)
    )

    assert after.severity >= before.severity


def test_strong_evidence_of_credits_is_that_of_the_exact_bound() -> None:
    """`strong` passes from the lower bound on, and says which score is strong where it fails."""
    tally = credit_tally([HALF] * 200)
    low = gaffke.lower_bound(tally.shares, 0.05)

    assert 0.45 < low < 0.5
    assert credit_verdict(tally, f"{low - 0.001:.3f}", Rule.STRONG).outcome is Outcome.PASS
    above = credit_verdict(tally, f"{low + 0.001:.3f}", Rule.STRONG)
    assert above.outcome is Outcome.FAIL
    assert above.explanation.endswith(
        f"reaches {low + 0.001:.3f} without strong evidence: strong evidence of {low:.3f}"
    )
    few = credit_verdict(credit_tally([HALF, "1"]), "0.6", Rule.STRONG)
    assert few.explanation.endswith(
        "without strong evidence: no score of 2 is strong evidence, 6 of 6 would be"
    )


def test_three_way_fails_credits_that_are_significantly_low_under_holm() -> None:
    """One that is low alone fails, and stays undecided beside enough others."""
    low = credit_tally(["1/4"] * 6 + ["1/2"] * 6 + ["1"] * 4)
    tail = gaffke.p_below(low.shares, Fraction("0.7"))
    others = [
        Tally(dimension=f"c{at}", correct=60, total=100) for at in range(int(0.05 / tail) + 1)
    ]
    three_way = Threshold(at_least="0.7", rule=Rule.THREE_WAY)
    passing = Threshold(at_least="0.5", rule=Rule.THREE_WAY)

    alone = credit_verdict(low, "0.7", Rule.THREE_WAY)
    beside, *_ = judge_capability(
        [low, *others],
        {"b": three_way} | {each.dimension: passing for each in others},
        alpha=0.05,
        unparseable_limit=0.05,
    )

    assert alone.outcome is Outcome.FAIL
    assert "is significantly below 0.70: p 0.0" in alone.explanation
    assert beside.outcome is Outcome.INCONCLUSIVE
    assert f"after Holm, {len(others) + 1} tests" in beside.explanation


def test_answers_about_one_picture_are_one_observation() -> None:
    """Four questions to a picture that share their fate say a quarter of what forty say."""
    credits = [Fraction(each) for each in ("3/4", "1/4")] * 20
    together = [credit for credit in credits[:10] for _ in range(4)]

    alone, shared = credit_tally(credits), credit_tally(together, to_a_picture=4)

    assert alone.score == shared.score == HALF
    assert sum(shared.shares.values()) == 10
    assert credit_verdict(shared, "0.4").interval == gaffke.interval(
        gaffke.equal_shares(credits[:10])
    )
    assert "40, 0 in full from 10 pictures" in credit_verdict(shared, "0.4").explanation


def test_a_mean_of_dimensions_weighs_their_credits() -> None:
    """A leaf of two answers weighs as much as one of forty, and says as little as two do."""
    tally = credit_tally([HALF] * 2, ["3/4"] * 40, average=Average.MACRO)

    assert tally.score == Fraction(5, 8)
    assert tally.shares == Counter(
        {(Fraction(1, 4), Fraction(1, 8)): 2, (Fraction(1, 80), Fraction(3, 320)): 40}
    )
    assert credit_verdict(tally, "0.5").interval.low < 0.4
