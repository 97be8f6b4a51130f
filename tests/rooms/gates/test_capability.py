import re
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.errors import DataError, SettingsError
from pytest_mmbench.gates.capability import judge_capability, threshold_text
from pytest_mmbench.gates.stats import binomial, multiplicity
from pytest_mmbench.gates.verdicts import CapabilityVerdict
from pytest_mmbench.records import Average, Dimension, Outcome, Rule, Tally, Threshold
from pytest_mmbench.results.tally import combined

COUNTING = "shapes.fine-grained-perception.counting"
SMALL = "shapes.small"


def tally(correct: int, total: int, *, dimension: str = COUNTING, unparseable: int = 0) -> Tally:
    return Tally(dimension=dimension, correct=correct, total=total, unparseable=unparseable)


def verdict(
    correct: int,
    total: int,
    at_least: str = "0.6",
    rule: Rule = Rule.POINT,
    *,
    unparseable: int = 0,
) -> CapabilityVerdict:
    (only,) = judge_capability(
        [tally(correct, total, unparseable=unparseable)],
        {COUNTING: Threshold(at_least=at_least, rule=rule)},
        alpha=0.05,
        unparseable_limit=0.05,
    )
    return only


def family(*scores: tuple[int, int], rule: Rule = Rule.THREE_WAY) -> list[CapabilityVerdict]:
    """Dimensions a, b, c ... with these scores, judged together against 0.6."""
    names = "abcdefghijklmnopqrstuvwxyz"[: len(scores)]
    tallies = [tally(*score, dimension=name) for name, score in zip(names, scores, strict=True)]
    thresholds = {name: Threshold(at_least="0.6", rule=rule) for name in names}
    return judge_capability(tallies, thresholds, alpha=0.05, unparseable_limit=0.05)


@pytest.mark.parametrize(
    ("correct", "total", "outcome", "observed", "note"),
    [
        (
            21, 40, Outcome.FAIL, "0.525 (21/40, 95% 0.37-0.67)",
            "is below 0.60: 24 required; at most 18 would be significantly below",
        ),
        (
            23, 40, Outcome.FAIL, "0.575 (23/40, 95% 0.42-0.71)",
            "is below 0.60: 24 required; at most 18 would be significantly below",
        ),
        (
            18, 40, Outcome.FAIL, "0.450 (18/40, 95% 0.31-0.60)",
            "is below 0.60: 24 required; significantly below (at most 18)",
        ),
        (
            0, 4, Outcome.FAIL, "0.000 (0/4, 95% 0.00-0.49)",
            "is below 0.60: 3 required; significantly below (at most 0)",
        ),
        (
            1, 4, Outcome.FAIL, "0.250 (1/4, 95% 0.05-0.70)",
            "is below 0.60: 3 required; at most 0 would be significantly below",
        ),
        (
            0, 3, Outcome.FAIL, "0.000 (0/3, 95% 0.00-0.56)",
            "is below 0.60: 2 required; too few samples to be significantly below",
        ),
        (
            24, 40, Outcome.PASS, "0.600 (24/40, 95% 0.45-0.74)",
            "reaches 0.60: 24 required; at least 30 would be strong evidence",
        ),
        (
            35, 40, Outcome.PASS, "0.875 (35/40, 95% 0.74-0.95)",
            "reaches 0.60: 24 required; strong evidence (at least 30)",
        ),
        (
            5, 6, Outcome.PASS, "0.833 (5/6, 95% 0.44-0.97)",
            "reaches 0.60: 4 required; all 6 would be strong evidence",
        ),
        (
            5, 5, Outcome.PASS, "1.000 (5/5, 95% 0.57-1.00)",
            "reaches 0.60: 3 required; no score of 5 would be strong evidence",
        ),
    ],
)  # fmt: skip
def test_point_compares_integers(
    correct: int, total: int, outcome: Outcome, observed: str, note: str
) -> None:
    """The point rule passes from ceil(tau n) on, and says what would change the verdict."""
    found = verdict(correct, total)

    assert found.explanation == f"{COUNTING} {observed} {note}"
    assert found.outcome is outcome
    assert (found.threshold, found.rule) == ("0.6", "point")
    assert found.interval == binomial.wilson(correct, total)


@pytest.mark.parametrize(
    ("correct", "total", "at_least", "outcome", "observed", "note"),
    [
        (
            30, 40, "0.6", Outcome.PASS, "0.750 (30/40, 95% 0.60-0.86)",
            "reaches 0.60 with strong evidence: 30 required",
        ),
        (
            29, 40, "0.6", Outcome.FAIL, "0.725 (29/40, 95% 0.57-0.84)",
            "reaches 0.60 without strong evidence: 30 required by the rule strong",
        ),
        (
            21, 40, "0.6", Outcome.FAIL, "0.525 (21/40, 95% 0.37-0.67)",
            "is below 0.60: 30 required by the rule strong",
        ),
        (
            5, 5, "0.6", Outcome.FAIL, "1.000 (5/5, 95% 0.57-1.00)",
            "reaches 0.60 without strong evidence: no score of 5 is strong, 6 of 6 would be",
        ),
        (
            5, 5, "1", Outcome.FAIL, "1.000 (5/5, 95% 0.57-1.00)",
            "reaches 1.00 without strong evidence: no score is strong evidence of 1.00",
        ),
    ],
)  # fmt: skip
def test_strong_demands_the_exact_lower_bound(
    *, correct: int, total: int, at_least: str, outcome: Outcome, observed: str, note: str
) -> None:
    """The strong rule passes from `min_correct_significant` on, and says how many would do."""
    found = verdict(correct, total, at_least, Rule.STRONG)

    assert found.explanation == f"{COUNTING} {observed} {note}"
    assert found.outcome is outcome


@pytest.mark.parametrize(
    ("correct", "total", "outcome", "observed", "note"),
    [
        (
            24, 40, Outcome.PASS, "0.600 (24/40, 95% 0.45-0.74)",
            "reaches 0.60: 24 required; at least 30 would be strong evidence",
        ),
        (
            19, 40, Outcome.INCONCLUSIVE, "0.475 (19/40, 95% 0.33-0.63)",
            ("is below 0.60, but not significantly: 24 required; at most 18 would fail"
             " at level 0.05"),
        ),
        (
            18, 40, Outcome.FAIL, "0.450 (18/40, 95% 0.31-0.60)",
            "is significantly below 0.60: 24 required; at most 18 fail at level 0.05",
        ),
        (
            0, 4, Outcome.FAIL, "0.000 (0/4, 95% 0.00-0.49)",
            "is significantly below 0.60: 3 required; at most 0 fail at level 0.05",
        ),
        (
            0, 3, Outcome.INCONCLUSIVE, "0.000 (0/3, 95% 0.00-0.56)",
            ("is below 0.60, but not significantly: 2 required; too few samples to fail"
             " at level 0.05"),
        ),
    ],
)  # fmt: skip
def test_three_way_tells_failure_from_noise(
    correct: int, total: int, outcome: Outcome, observed: str, note: str
) -> None:
    """Between the two integers the three-way rule is inconclusive, and says what would decide."""
    found = verdict(correct, total, rule=Rule.THREE_WAY)

    assert found.explanation == f"{COUNTING} {observed} {note}"
    assert found.outcome is outcome


def test_a_family_shares_its_level() -> None:
    """What fails alone is inconclusive among three, and the sentence names the adjusted level."""
    alone, *_ = family((18, 40))
    together, *_ = family((18, 40), (30, 40), (31, 40))

    assert alone.outcome is Outcome.FAIL
    assert together.outcome is Outcome.INCONCLUSIVE
    assert together.explanation == (
        "a 0.450 (18/40, 95% 0.31-0.60) is below 0.60, but not significantly: 24 required; at"
        " most 16 would fail at level 0.0167 (0.05 after Holm, 3 tests)"
    )


def test_a_clear_failure_leaves_more_level_to_the_others() -> None:
    """Holm steps down: the second smallest tail is compared with half of alpha, not a third."""
    worst, second, fine = family((4, 40), (17, 40), (30, 40))

    assert [worst.outcome, second.outcome, fine.outcome] == [
        Outcome.FAIL,
        Outcome.FAIL,
        Outcome.PASS,
    ]
    assert worst.explanation.endswith("at most 16 fail at level 0.0167 (0.05 after Holm, 3 tests)")
    assert second.explanation.endswith("at most 17 fail at level 0.025 (0.05 after Holm, 3 tests)")


@given(st.lists(st.tuples(st.integers(0, 40), st.just(40)), min_size=1, max_size=8))
def test_a_family_fails_whom_holm_rejects(scores: list[tuple[int, int]]) -> None:
    """The failures are those below the threshold whose adjusted tail is at most alpha."""
    verdicts = family(*scores)

    adjusted = multiplicity.holm([binomial.lower_tail(*score, Fraction(3, 5)) for score in scores])
    expected = [score < 24 and p <= 0.05 for (score, _), p in zip(scores, adjusted, strict=True)]
    assert [each.outcome is Outcome.FAIL for each in verdicts] == expected


@given(st.integers(1, 60), st.integers(1, 99), st.sampled_from(Rule), st.data())
def test_more_correct_answers_are_never_worse(
    total: int, percent: int, rule: Rule, data: st.DataObject
) -> None:
    """One correct answer more never turns a pass into less, nor an inconclusive into a failure."""
    correct = data.draw(st.integers(0, total - 1))
    order = [Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS]

    before, after = (
        verdict(score, total, f"0.{percent:02}", rule).outcome for score in (correct, correct + 1)
    )

    assert order.index(before) <= order.index(after)


@given(st.integers(1, 60), st.integers(1, 99), st.data())
def test_rules_agree_where_they_overlap(total: int, percent: int, data: st.DataObject) -> None:
    """What is strong passes by every rule, and three-way passes exactly what point passes."""
    correct = data.draw(st.integers(0, total))

    point, strong, three_way = (
        verdict(correct, total, f"0.{percent:02}", rule).outcome is Outcome.PASS for rule in Rule
    )

    assert point == three_way
    assert point or not strong


def test_digits_of_a_threshold_are_exact() -> None:
    """55 of 100 reach 0.55, which binary fractions would deny."""
    assert verdict(55, 100, "0.55").outcome is Outcome.PASS
    assert verdict(54, 100, "0.55").outcome is Outcome.FAIL


def test_a_score_just_below_is_not_rounded_up_to_its_threshold() -> None:
    """The sentence shows as many decimals as tell the score from the threshold."""
    assert verdict(2999, 5000).explanation.startswith(f"{COUNTING} 0.5998 (2999/5000")
    assert verdict(3000, 5000).explanation.startswith(f"{COUNTING} 0.600 (3000/5000")


@pytest.mark.parametrize("rule", Rule)
def test_unparseable_answers_make_a_dimension_invalid(rule: Rule) -> None:
    """More than the limit says nothing of the capability, even if the rest would pass."""
    found = verdict(37, 40, rule=rule, unparseable=3)

    assert found.outcome is Outcome.INVALID
    assert found.explanation == (
        f"{COUNTING} cannot be judged: 3 of 40 answers are unparseable,"
        " at most 2 (0.05) are allowed"
    )
    assert (found.threshold, found.rule) == ("0.6", rule)


def test_unparseable_answers_up_to_the_limit_are_judged() -> None:
    """Two of 40 are exactly 5 %: allowed."""
    assert verdict(37, 40, unparseable=2).outcome is Outcome.PASS


def test_an_invalid_dimension_takes_no_level_from_its_family() -> None:
    """Holm's family holds the tallies that are tested, and no others."""
    tallies = [tally(18, 40, dimension="a"), tally(5, 40, dimension="b", unparseable=30)]
    three_way = Threshold(at_least="0.6", rule=Rule.THREE_WAY)

    first, second = judge_capability(
        tallies, {"a": three_way, "b": three_way}, alpha=0.05, unparseable_limit=0.05
    )

    assert first.explanation.endswith("at most 18 fail at level 0.05")
    assert second.outcome is Outcome.INVALID


def test_other_rules_take_no_level_from_the_family() -> None:
    """Only three-way checks are tested for being significantly below."""
    tallies = [tally(18, 40, dimension="a"), tally(30, 40, dimension="b")]
    thresholds = {
        "a": Threshold(at_least="0.6", rule=Rule.THREE_WAY),
        "b": Threshold(at_least="0.6", rule=Rule.POINT),
    }

    first, _ = judge_capability(tallies, thresholds, alpha=0.05, unparseable_limit=0.05)

    assert first.explanation.endswith("at most 18 fail at level 0.05")


def test_without_a_threshold_a_dimension_is_not_gated() -> None:
    """A number is given, and nothing is gated."""
    (found,) = judge_capability([tally(21, 40)], {}, alpha=0.05, unparseable_limit=0.05)

    assert found.outcome is Outcome.NOT_GATED
    assert found.explanation == f"{COUNTING} 0.525 (21/40, 95% 0.37-0.67) has no threshold"
    assert (found.threshold, found.rule) == ("", "")


def test_unparseable_answers_are_invalid_without_a_threshold_too() -> None:
    """A number that means nothing is not shown as a measurement."""
    (found,) = judge_capability(
        [tally(21, 40, unparseable=9)], {}, alpha=0.05, unparseable_limit=0.05
    )

    assert found.outcome is Outcome.INVALID


TOO_MANY_UNPARSEABLE = "9 of 40 answers are unparseable, at most 2 (0.05) are allowed"


@pytest.mark.parametrize(
    ("unparseable", "cut_short", "limit", "objection"),
    [
        (0, 40, 1, ""),
        (2, 9, 1, ""),
        (2, 4, 0.1, ""),
        (2, 5, 0.1, "5 of 40 answers were cut short, at most 4 (0.1) are allowed"),
        (0, 1, 0, "1 of 40 answers were cut short, at most 0 (0) are allowed"),
        (9, 5, 0.1, f"{TOO_MANY_UNPARSEABLE}; 5 of 40 answers were cut short"),
        (9, 0, 0.1, TOO_MANY_UNPARSEABLE),
    ],
)
@pytest.mark.parametrize("gated", [True, False])
def test_answers_that_were_cut_short_have_a_limit_of_their_own(
    unparseable: int, cut_short: int, limit: float, objection: str, *, gated: bool
) -> None:
    """With a threshold and without one; they are counted whatever the limit is."""
    counted = replace(tally(30, 40, unparseable=unparseable), cut_short=cut_short)
    (found,) = judge_capability(
        [counted],
        {COUNTING: Threshold(at_least="0.5")} if gated else {},
        alpha=0.05,
        unparseable_limit=0.05,
        cut_short_limit=limit,
    )

    assert found.cut_short == cut_short
    assert (found.outcome is Outcome.INVALID) == bool(objection)
    if objection:
        assert found.explanation == f"{COUNTING} cannot be judged: {objection}"


def test_verdicts_come_in_the_order_of_the_tallies() -> None:
    """One verdict per tally, whatever the rules and thresholds."""
    tallies = [tally(3, 4, dimension=name) for name in ("b", "a", "c")]

    verdicts = judge_capability(
        tallies, {"a": Threshold(at_least="0.5")}, alpha=0.05, unparseable_limit=0.05
    )

    assert [each.dimension for each in verdicts] == ["b", "a", "c"]


def test_a_verdict_holds_the_numbers_of_its_tally() -> None:
    """What a report shows of a score, it has from the verdict alone."""
    counted, weighed = tally(3, 4, unparseable=1), mean((3, 4), (1, 4), scale=400)

    for each in (counted, weighed):
        (found,) = judge_capability([each], {}, alpha=0.05, unparseable_limit=0.5)

        assert (found.dimension, found.accuracy) == (each.dimension, each.accuracy)
        assert (found.correct, found.total, found.unparseable, found.scale) == (
            each.correct,
            each.total,
            each.unparseable,
            each.scale,
        )


def test_a_dimension_without_samples_is_an_error() -> None:
    """Nothing asked is neither a pass nor a failure."""
    with pytest.raises(DataError) as told:
        judge_capability([tally(0, 0, dimension=SMALL)], {}, alpha=0.05, unparseable_limit=0.05)

    assert str(told.value) == (
        "mmbench: dimension 'shapes.small' has no samples, so that it has no score.\n"
        "  what to do   leave the dimension out, or mend the benchmark's data"
    )


@pytest.mark.parametrize("at_least", ["60", "-0.1", "sixty", "nan", "inf", "", "3/5"])
def test_a_threshold_that_is_no_fraction_is_an_error(at_least: str) -> None:
    """The error shows what was written and how it is meant."""
    with pytest.raises(SettingsError) as told:
        verdict(3, 4, at_least)

    assert str(told.value) == (
        f"mmbench: the threshold {at_least!r} is not a fraction between 0 and 1.\n"
        "  what to do   write sixty percent as 0.6"
    )


@pytest.mark.parametrize("alpha", [0, 0.5, 5, -0.05, float("nan")])
def test_a_level_out_of_range_is_an_error(alpha: float) -> None:
    """From one half on, a score above the threshold could be significantly below it."""
    with pytest.raises(SettingsError) as told:
        judge_capability([tally(3, 4)], {}, alpha=alpha, unparseable_limit=0.05)

    assert str(told.value) == (
        f"mmbench: alpha is {alpha}, which is not a level of significance.\n"
        "  what to do   choose one between 0 and 0.5; 0.05 is customary"
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [("0.6", "0.60"), ("1", "1.00"), ("0", "0.00"), ("0.625", "0.625"), (".5", "0.50"),
     ("0.600", "0.600"), ("6.25e-1", "0.625")],
)  # fmt: skip
def test_thresholds_are_shown_as_written(written: str, expected: str) -> None:
    """Digits are kept, and there are at least two decimals."""
    assert threshold_text(written) == expected


def mean(*scores: tuple[int, int], scale: int = 1) -> Tally:
    """The macro average of leaves with these scores."""
    leaves = {
        f"b.{at}": Tally(dimension="", correct=k, total=n) for at, (k, n) in enumerate(scores)
    }
    node = Dimension(path="b", leaves=tuple(leaves), size=0, average=Average.MACRO, scale=scale)
    return combined(node, leaves)


@pytest.mark.parametrize(
    ("scores", "at_least", "rule", "outcome", "explanation"),
    [
        (
            [(30, 40), (10, 20)], "0.625", Rule.POINT, Outcome.PASS,
            ("b 0.625 (mean of 2, effective 33 of 52, 95% 0.48-0.74) reaches 0.625: 33 required;"
             " at least 39 would be strong evidence"),
        ),
        (
            [(30, 40), (10, 20)], "0.626", Rule.POINT, Outcome.FAIL,
            ("b 0.625 (mean of 2, effective 32 of 52, 95% 0.48-0.74) is below 0.626: 33 required;"
             " at most 26 would be significantly below"),
        ),
        (
            [(30, 40), (10, 20)], "0.9", Rule.THREE_WAY, Outcome.FAIL,
            ("b 0.625 (mean of 2, effective 33 of 52, 95% 0.48-0.74) is significantly below 0.90:"
             " 47 required; at most 42 fail at level 0.05"),
        ),
        (
            [(30, 40), (10, 20)], "0.6", Rule.STRONG, Outcome.FAIL,
            ("b 0.625 (mean of 2, effective 32 of 52, 95% 0.48-0.74) reaches 0.60 without strong"
             " evidence: 38 required by the rule strong"),
        ),
    ],
)  # fmt: skip
def test_a_weighted_score_is_judged_exactly(
    scores: list[tuple[int, int]], at_least: str, rule: Rule, outcome: Outcome, explanation: str
) -> None:
    """The exact mean decides, and significance is that of as many equal samples."""
    (found,) = judge_capability(
        [mean(*scores)],
        {"b": Threshold(at_least=at_least, rule=rule)},
        alpha=0.05,
        unparseable_limit=0.05,
    )

    assert (found.outcome, found.explanation) == (outcome, explanation)


SCORES = st.integers(1, 9).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@given(st.lists(SCORES, min_size=2, max_size=4), st.integers(1, 19), st.sampled_from(Rule))
def test_the_counts_that_a_sentence_shows_lie_on_the_side_of_the_verdict(
    scores: list[tuple[int, int]], twentieths: int, rule: Rule
) -> None:
    """Nobody reads `2 of 3 ... 3 required` of what passes, or `3 of 3` of what fails."""
    at_least = f"{twentieths / 20:.2f}"
    score = mean(*scores)

    (found,) = judge_capability(
        [score], {"b": Threshold(at_least=at_least, rule=rule)}, alpha=0.05, unparseable_limit=0.05
    )

    correct, total = map(int, re.findall(r"effective (\d+) of (\d+)", found.explanation)[0])
    reached = score.score >= Fraction(at_least)
    assert (correct >= binomial.min_correct(total, Fraction(at_least))) is reached


def test_a_mean_without_one_of_its_leaves_is_an_error() -> None:
    """Samples whose pictures cannot be read may be left out, and with them all of a leaf."""
    with pytest.raises(DataError) as told:
        judge_capability([mean((3, 5), (0, 0))], {}, alpha=0.05, unparseable_limit=0.05)

    assert "dimension 'b' has no samples in a part that its mean needs" in str(told.value)


@pytest.mark.parametrize(
    ("scores", "at_least"),
    [([(3, 3), (450, 500)], "0.9"), ([(4, 4)] * 7 + [(3, 4)], "0.9")],
    ids=["small-leaf", "rounding"],
)
def test_a_mean_is_no_stronger_evidence_than_its_leaves(
    scores: list[tuple[int, int]], at_least: str
) -> None:
    """A model at the threshold scores as high in two of five runs, and in one of six."""
    (found,) = judge_capability(
        [mean(*scores)],
        {"b": Threshold(at_least=at_least, rule=Rule.STRONG)},
        alpha=0.05,
        unparseable_limit=0.05,
    )

    assert found.outcome is Outcome.FAIL
    assert "without strong evidence" in found.explanation


def test_a_score_on_another_scale_is_told_on_it() -> None:
    """MME's authors publish sums; the threshold stays a fraction."""
    (found,) = judge_capability(
        [mean((3, 4), (1, 4), scale=400)], {}, alpha=0.05, unparseable_limit=0.05
    )

    assert found.explanation.startswith("b 0.500 (200.00 of 400, mean of 2, effective ")
