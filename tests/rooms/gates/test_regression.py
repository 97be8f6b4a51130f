import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from comparisons import comparison, verdicts
from hypothesis import given
from hypothesis import strategies as st
from stat_vectors import vectors

from pytest_mmbench.errors import SettingsError
from pytest_mmbench.gates.comparison import Comparison, Flip
from pytest_mmbench.gates.regression import LARGE, margin_note
from pytest_mmbench.gates.stats import multiplicity, paired
from pytest_mmbench.gates.stats.clusters import Cluster
from pytest_mmbench.gates.stats.paired import Pairs
from pytest_mmbench.gates.verdicts import RegressionFinding, RegressionVerdict, SignificanceTest
from pytest_mmbench.records import Interval, Mark, Outcome
from pytest_mmbench.results.rows import ScoredAnswer

AXIS = "b.math.counting"


def root(*, regressed: int, fixed: int, total: int, **more: Any) -> Comparison:
    return comparison("b", regressed=regressed, fixed=fixed, total=total, **more)


def axis(regressed: int, fixed: int = 0, total: int = 83, at: int = 0, **more: Any) -> Comparison:
    path = f"{AXIS}{at or ''}"
    return comparison(path, regressed=regressed, fixed=fixed, total=total, **more)


def only(found: Comparison, **settings: Any) -> RegressionVerdict:
    (verdict,) = verdicts([found], **settings)
    return verdict


small = st.integers(0, 40)
trees = st.lists(
    st.builds(
        lambda path, both, regressed, fixed, neither: Comparison(
            dimension=path,
            pairs=Pairs(
                both_correct=both, regressed=regressed, fixed=fixed, both_wrong=neither + 1
            ),
        ),
        st.sampled_from(["b", "b.x", "b.y", "b.x.one", "b.x.two", "other", "other.z"]),
        small,
        small,
        small,
        small,
    ),
    max_size=7,
    unique_by=lambda each: each.dimension,
)


@pytest.mark.parametrize(("inputs", "expected"), vectors("noninferior"))
def test_a_root_agrees_with_the_vectors(inputs: dict[str, Any], expected: dict[str, Any]) -> None:
    """Both ends of its interval, and what they say beside the margin."""
    found = Comparison(
        dimension="b",
        pairs=Pairs(
            both_correct=inputs["both"],
            regressed=inputs["old_only"],
            fixed=inputs["new_only"],
            both_wrong=inputs["neither"],
        ),
    )
    verdict = only(found, margin=inputs["delta"], alpha=inputs["alpha"])

    assert (verdict.interval.low, verdict.interval.high) == pytest.approx(
        (expected["lower"], expected["upper"]), abs=1e-9
    )
    assert (verdict.outcome is Outcome.PASS) == expected["noninferior"]
    assert (verdict.finding is RegressionFinding.WORSE_THAN_MARGIN) == expected["inferior"]


@pytest.mark.parametrize(
    ("regressed", "fixed", "outcome"),
    [
        (30, 30, Outcome.PASS),
        (20, 60, Outcome.PASS),
        (22, 6, Outcome.PASS),
        (60, 45, Outcome.INCONCLUSIVE),
        (60, 30, Outcome.FAIL),
        (100, 30, Outcome.FAIL),
    ],
)
def test_a_root_is_judged_by_its_margin(regressed: int, fixed: int, outcome: Outcome) -> None:
    """It passes above the margin, and fails if it is significantly worse and does not."""
    verdict = only(root(regressed=regressed, fixed=fixed, total=1_500, both=800))

    low, high = verdict.interval.low, verdict.interval.high
    expected = {Outcome.PASS: low > -0.02, Outcome.FAIL: low <= -0.02 and high < 0}
    assert verdict.outcome is outcome
    assert expected.get(outcome, low <= -0.02 <= 0 <= high)
    assert verdict.margin == "0.02"


def test_an_interval_rests_on_twenty_clusters() -> None:
    """A root whose samples show fewer pictures is inconclusive, however clear it looks."""
    few = (Cluster(size=50, regressed=0, fixed=5),) * 19
    more = (*few, few[0])

    verdict = only(root(regressed=0, fixed=95, total=950, clusters=few))

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert only(root(regressed=0, fixed=100, total=1_000, clusters=more)).outcome is Outcome.PASS


def test_an_undecided_root_says_how_many_samples_would_decide() -> None:
    """As many as show an equal candidate to be within the margin, four times in five."""
    few = only(root(regressed=12, fixed=12, total=250))
    needed = paired.samples_to_decide(24 / 250, 0.02)
    unlucky, _ = verdicts([root(regressed=53, fixed=37, total=1_500), axis(3, 3)])

    assert (few.finding, few.outcome) == (RegressionFinding.UNDECIDED, Outcome.INCONCLUSIVE)
    assert few.explanation.endswith(
        f"with 24 flips in 250 samples, about {needed} samples would decide it (power 0.8)"
    )
    assert unlucky.explanation.endswith(
        "an equal candidate passes in 4 of 5 runs with so many samples"
    )
    assert unlucky.outcome is Outcome.INCONCLUSIVE


def test_the_margin_is_announced_before_the_run() -> None:
    """How many samples it takes, and what the present ones can decide."""
    assert margin_note("shapes", 720, margin=0.02, alpha=0.05) == (
        "shapes: margin 0.02 takes about 1546 samples at 10 % flips; 720 samples can decide 0.029"
    )


def test_samples_that_share_pictures_decide_less() -> None:
    """Where pictures flip whole, it takes as many pictures as it would take samples."""
    still, fell, rose = (
        Cluster(size=4, regressed=fell, fixed=rose) for fell, rose in ((0, 0), (4, 0), (0, 4))
    )
    pictures = (still,) * 54 + (fell, rose) * 3
    shared = only(root(regressed=12, fixed=12, total=240, clusters=pictures))
    alone = only(root(regressed=12, fixed=12, total=240))

    needed = [int(each.explanation.partition("about ")[2].split()[0]) for each in (alone, shared)]
    assert needed[1] == pytest.approx(4 * needed[0], rel=0.03)


def test_significantly_worse_is_a_finding_of_its_own() -> None:
    """It fails unless nothing of the interval reaches the margin, whatever lies beyond it."""
    allowed = only(root(regressed=22, fixed=6, total=1_500))
    open_ = only(root(regressed=60, fixed=30, total=1_500))
    beyond = only(root(regressed=100, fixed=30, total=1_500))
    equal = only(root(regressed=30, fixed=30, total=1_500))

    found = [allowed, open_, beyond, equal]
    assert [each.finding for each in found] == [
        RegressionFinding.WORSE_WITHIN_MARGIN,
        RegressionFinding.WORSE,
        RegressionFinding.WORSE_THAN_MARGIN,
        RegressionFinding.WITHIN_MARGIN,
    ]
    assert [each.outcome for each in found] == [
        *(Outcome.PASS, Outcome.FAIL, Outcome.FAIL, Outcome.PASS)
    ]


def test_a_root_of_few_pictures_can_still_be_worse() -> None:
    """Its interval shows nothing, but ten pictures that all fell are no chance."""
    fell = (Cluster(size=40, regressed=4, fixed=0),) * 10

    verdict = only(root(regressed=40, fixed=0, total=400, clusters=fell))

    assert (verdict.outcome, verdict.finding) == (Outcome.FAIL, RegressionFinding.WORSE)


def test_a_large_dimension_is_held_to_the_margin() -> None:
    """At 1,000 samples a significant fall within the margin passes; at 999 a fall of any size."""
    allowed: dict[str, Any] = {"regressed": 30, "fixed": 8}

    small = only(axis(**allowed, total=LARGE - 1))
    large = only(axis(**allowed, total=LARGE))
    fell = only(axis(80, 20, total=LARGE))

    assert (small.outcome, small.finding, small.margin) == (
        Outcome.FAIL,
        RegressionFinding.WORSE,
        "",
    )
    assert (large.outcome, large.finding) == (Outcome.PASS, RegressionFinding.WORSE_ABOUT_MARGIN)
    assert (fell.outcome, fell.finding) == (Outcome.FAIL, RegressionFinding.WORSE_THAN_MARGIN)
    assert large.margin == "0.02"
    assert "significantly worse, and perhaps by no more than the margin 0.02" in large.explanation


@pytest.mark.parametrize("total", [4_000, 24_000])
def test_the_whole_and_a_large_part_say_the_same_of_the_same_fall(total: int) -> None:
    """One point passes both, and four points fail both."""
    for drop, outcome in ((0.01, Outcome.PASS), (0.04, Outcome.FAIL)):
        regressed, fixed = round((0.05 + drop / 2) * total), round((0.05 - drop / 2) * total)
        counts: dict[str, Any] = {"regressed": regressed, "fixed": fixed, "total": total}

        judged = verdicts([root(**counts), comparison("b.x", **counts)])

        assert [each.outcome for each in judged] == [outcome, outcome]


def test_a_dimension_fails_if_it_is_significantly_worse() -> None:
    """Seven regressed and none fixed are significant alone; beside 23 others they are not."""
    others = [axis(4, 4, at=at) for at in range(1, 24)]

    alone, among = only(axis(7)), verdicts([axis(7), *others])[0]

    assert (alone.outcome, alone.test.family) == (Outcome.FAIL, 1)
    assert alone.test.adjusted == alone.test.p_value
    assert (among.outcome, among.test.family) == (Outcome.PASS, 24)
    assert among.test.adjusted == pytest.approx(24 * among.test.p_value)
    assert verdicts([axis(8), *others])[0].outcome is Outcome.FAIL
    assert among.detectable_drop == axis(7).detectable_drop(level=0.05 / 24)
    assert among.detectable_drop > alone.detectable_drop


def test_all_levels_of_a_benchmark_are_one_family() -> None:
    """Capabilities and axes are judged together, another benchmark's and the root are not."""
    paths = ["b.x", "b.x.one", "b.x.two", "other.y"]
    found = [comparison(path, regressed=9, fixed=1, total=60) for path in paths]
    judged = verdicts([root(regressed=27, fixed=3, total=180), *found])

    assert [each.test.family for each in judged] == [4, 4, 4, 4, 1]
    p_values = [each.test.p_value for each in judged[:4]]
    sixth = Fraction(1, 6)
    assert [each.test.adjusted for each in judged[:4]] == multiplicity.weighted_holm(
        p_values, [3 * sixth, sixth, sixth, sixth]
    )


def test_one_half_of_alpha_is_for_the_whole() -> None:
    """However many dimensions stand beside it, its p-value is doubled at most."""
    parts = [comparison(f"b.x{at}", regressed=4, fixed=4, total=83) for at in range(24)]

    whole, part, *_ = verdicts([root(regressed=130, fixed=96, total=1_992), *parts])

    assert whole.test.adjusted == pytest.approx(2 * whole.test.p_value)
    assert part.detectable_drop == parts[0].detectable_drop(level=0.05 / 48)


def test_a_small_dimension_is_not_gated_and_in_no_family() -> None:
    """Fewer samples than `min_items` are shown, whatever regressed, and cost the others nothing."""
    judged = verdicts([axis(29, total=29), axis(9, at=1)])

    assert [each.outcome for each in judged] == [Outcome.NOT_GATED, Outcome.FAIL]
    assert [each.test.family for each in judged] == [1, 1]
    assert only(axis(30, total=30)).outcome is Outcome.FAIL


def test_a_root_is_judged_however_small_it_is() -> None:
    """There is nothing above it that could be judged instead."""
    assert only(root(regressed=0, fixed=1, total=10)).outcome is Outcome.INCONCLUSIVE


def test_unparseable_answers_are_no_regression() -> None:
    """More than the limit, of either model, and nothing is said of the capability."""
    fell = Flip(
        baseline=ScoredAnswer(sample="s", mark=Mark.CORRECT, answer="A"),
        candidate=ScoredAnswer(sample="s", mark=Mark.UNPARSEABLE, answer=""),
        near_tie=False,
    )
    silent = replace(axis(5, total=40), flips=(fell,) * 3)

    judged = verdicts([axis(30, at=1, unparseable=5), silent, axis(9, at=2, unparseable=4)])

    assert silent.candidate_unparseable == 3
    assert [each.outcome for each in judged] == [Outcome.INVALID, Outcome.INVALID, Outcome.FAIL]
    assert judged[2].test.family == 1
    assert (
        only(root(regressed=300, fixed=0, total=1_000, unparseable=51)).outcome is Outcome.INVALID
    )


def test_clusters_are_judged_by_their_own_test() -> None:
    """Eight regressed samples of two pictures are two, and no regression."""
    pictures = (
        *[Cluster(size=4, regressed=4, fixed=0)] * 2,
        *[Cluster(size=4, regressed=0, fixed=0)] * 18,
    )

    verdict = only(axis(8, total=80, clusters=pictures))

    assert only(axis(8, total=80)).outcome is Outcome.FAIL
    assert (verdict.outcome, verdict.test.p_value) == (Outcome.PASS, 0.25)


def test_too_few_pictures_pass_nothing() -> None:
    """Four pictures that regressed whole have p = 0.0625, so that no fall at all could fail."""
    four = (Cluster(size=10, regressed=10, fixed=0),) * 4
    five = (*four, four[0])

    blind = axis(40, total=40, clusters=four)

    assert only(blind).outcome is Outcome.NOT_GATED
    assert only(blind, alpha=0.1).outcome is Outcome.FAIL
    assert only(axis(50, total=50, clusters=five)).outcome is Outcome.FAIL
    assert [each.test.family for each in verdicts([blind, axis(4, at=1)])] == [1, 1]


def with_near_ties(found: Comparison, regressed: int, fixed: int) -> Comparison:
    """The comparison, in which so many near ties regressed and were fixed."""
    return replace(found, flips=flips("r" * regressed + "f" * fixed))


def test_near_ties_that_only_regress_fail() -> None:
    """Rounding would have fixed about as many: they count, and the sentence says so."""
    one_way = only(with_near_ties(axis(0, both=60), 9, 1))
    both_ways = only(with_near_ties(axis(0, both=60), 5, 5))

    assert (one_way.outcome, one_way.near_ties_biased) == (Outcome.FAIL, True)
    assert (one_way.regressed, one_way.fixed, one_way.near_ties) == (9, 1, 10)
    assert one_way.explanation.endswith(
        "9 regressed, 1 fixed of 83, with 10 near ties: 9 regressed and 1 fixed, which rounding"
        " does not explain), p = 0.0059 (mid-p McNemar of near ties), 0.012 after Holm, 2 tests:"
        " significantly worse"
    )
    assert (both_ways.outcome, both_ways.near_ties_biased) == (Outcome.PASS, False)
    assert both_ways.regressed == both_ways.fixed == 0


@pytest.mark.parametrize("total", [720, 1_500])
def test_a_fall_in_near_ties_alone_fails_the_whole(total: int) -> None:
    """Nine points of nothing but near ties are nine points."""
    lost = round(0.09 * total)
    found = with_near_ties(root(regressed=0, fixed=0, total=total, both=total // 2), lost, 0)

    verdict = only(found)

    assert (verdict.outcome, verdict.finding) == (Outcome.FAIL, RegressionFinding.WORSE_THAN_MARGIN)
    assert verdict.difference == -lost / total
    assert verdict.candidate == pytest.approx(verdict.baseline - lost / total)


def test_biased_near_ties_within_the_margin_pass_the_whole() -> None:
    """They count as a fall, and a fall of half a point is allowed."""
    found = with_near_ties(root(regressed=100, fixed=100, total=24_000, both=9_000), 150, 50)

    verdict = only(found)

    assert (verdict.outcome, verdict.finding) == (
        Outcome.PASS,
        RegressionFinding.WORSE_WITHIN_MARGIN,
    )
    assert verdict.near_ties_biased
    assert verdict.interval.low > -0.02


def test_near_ties_that_lean_are_no_proof_that_the_whole_kept_its_margin() -> None:
    """Too few to be significant, too many to be called rounding: nothing is shown of the whole."""
    whole = root(regressed=5, fixed=5, total=1_000, both=600)
    lost, even, won = (
        only(with_near_ties(whole, *turned)) for turned in ((58, 42), (50, 50), (42, 58))
    )

    assert (lost.outcome, lost.near_ties_biased) == (Outcome.INCONCLUSIVE, False)
    assert [even.outcome, won.outcome] == [Outcome.PASS] * 2
    assert lost.explanation.endswith(
        ": counting its 100 near ties, perhaps worse by more than the margin 0.02; with 110 flips"
        " in 1000 samples, about 1701 samples would decide it (power 0.8)"
    )


def test_pictures_that_weigh_little_are_not_counted_as_whole_ones() -> None:
    """Two thirds of all samples about one picture are one picture, whatever the others are."""
    even = tuple(Cluster(size=5, regressed=0, fixed=0) for _ in range(300))
    one_large = (
        Cluster(size=1_000, regressed=0, fixed=0),
        *(Cluster(size=20, regressed=0, fixed=0) for _ in range(25)),
    )
    alike, unequal = (
        only(root(regressed=0, fixed=0, total=1_500, both=900, clusters=clusters))
        for clusters in (even, one_large)
    )

    assert alike.outcome is Outcome.PASS
    assert unequal.outcome is Outcome.INCONCLUSIVE
    assert unequal.explanation.endswith(
        "its samples share 26 pictures, so unequally that they tell as much as 2, and 20 are"
        " required"
    )


def test_few_pictures_that_may_be_lost_whole_are_said_to_be_few() -> None:
    """Thirty pictures of which none was lost do not show that less than two in a hundred are."""
    still = tuple(Cluster(size=50, regressed=0, fixed=0) for _ in range(30))

    found = only(root(regressed=0, fixed=0, total=1_500, both=900, clusters=still))

    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.explanation.endswith(
        "its samples share 30 pictures, and where these are lost whole it takes 149 to exclude it"
    )


def test_biased_near_ties_stop_no_rise() -> None:
    """Where more was fixed for good than regressed in near ties, nothing fell."""
    verdict = only(with_near_ties(axis(0, 20, both=30), 9, 0))

    assert (verdict.outcome, verdict.near_ties_biased) == (Outcome.PASS, True)
    assert verdict.difference > 0


def test_near_ties_that_could_show_nothing_cost_nothing() -> None:
    """Three near ties cannot be significant, and are in no family; four are."""
    three, four = (only(with_near_ties(axis(0, both=60), count, 0)) for count in (3, 4))

    assert (three.test.family, three.near_test) == (1, None)
    assert four.test.family == 2
    assert four.near_test is not None
    assert four.near_test.p_value == paired.mcnemar_worse(4, 0)


def test_near_ties_of_one_picture_are_one() -> None:
    """Eight near ties of two pictures that fell together are no evidence."""
    pictures = (Cluster(size=4, regressed=0, fixed=0),) * 20
    near = [
        replace(each, candidate=replace(each.candidate, cluster=f"picture {at // 4}"))
        for at, each in enumerate(flips("r" * 24))
    ]

    two = only(replace(axis(0, total=80, both=40, clusters=pictures), flips=tuple(near[:8])))
    six = only(replace(axis(0, total=80, both=40, clusters=pictures), flips=tuple(near)))

    assert (two.outcome, two.near_test) == (Outcome.PASS, None)
    assert (six.outcome, six.near_ties_biased) == (Outcome.FAIL, True)
    assert six.near_test is not None
    assert six.near_test.p_value == 0.5**6


def test_a_verdict_holds_the_numbers_of_its_comparison() -> None:
    """What a report shows of a change, it has from the verdict alone."""
    found = replace(axis(5, 3, both=40, unparseable=1), flips=flips("rrf"))

    verdict = only(found)

    assert (verdict.dimension, verdict.total) == (AXIS, 83)
    assert (verdict.baseline, verdict.candidate) == (
        found.pairs.before,
        found.candidate_accuracy,
    )
    assert (verdict.difference, verdict.regressed, verdict.fixed) == (found.pairs.difference, 5, 3)
    assert (verdict.near_ties, verdict.confidence, verdict.margin) == (3, 0.9, "")
    assert verdict.test == SignificanceTest(
        name="mid-p McNemar", p_value=found.p_worse, adjusted=found.p_worse, family=1
    )


@given(trees, st.randoms())
def test_the_order_of_the_dimensions_is_nothing(
    found: list[Comparison], chance: random.Random
) -> None:
    """Each dimension has the same verdict wherever it stands."""
    judged = {each.dimension: each for each in verdicts(found)}
    shuffled = verdicts(chance.sample(found, len(found)))

    assert {each.dimension: each for each in shuffled} == judged


@given(trees)
def test_a_candidate_without_regressed_samples_never_fails(found: list[Comparison]) -> None:
    """Whatever is fixed, and however small the benchmark."""
    kept = [
        replace(
            each,
            pairs=replace(
                each.pairs, regressed=0, both_correct=each.pairs.both_correct + each.pairs.regressed
            ),
        )
        for each in found
    ]

    assert all(each.outcome is not Outcome.FAIL for each in verdicts(kept))


@given(trees)
def test_two_models_are_not_both_worse_than_the_other(found: list[Comparison]) -> None:
    """No dimension fails in both directions, and p-values are probabilities."""
    back = [
        replace(
            each, pairs=replace(each.pairs, regressed=each.pairs.fixed, fixed=each.pairs.regressed)
        )
        for each in found
    ]

    for one, other in zip(verdicts(found), verdicts(back), strict=True):
        assert {one.outcome, other.outcome} != {Outcome.FAIL}
        assert 0 < one.test.p_value <= one.test.adjusted <= 1
        assert 0 < one.detectable_drop <= 1


def test_the_level_sets_the_interval() -> None:
    """Each side of a root's interval is wrong with probability alpha."""
    found = root(regressed=45, fixed=45, total=1_500)

    assert only(found, alpha=0.01).interval == found.interval(0.98)
    assert isinstance(only(found).interval, Interval)


@pytest.mark.parametrize("margin", [0.0, -0.02, 1.0, float("nan")])
def test_a_margin_lies_between_0_and_1(margin: float) -> None:
    """Without one, only a candidate that is significantly better could pass."""
    with pytest.raises(SettingsError, match=f"the margin {margin:g} is not a fraction between"):
        verdicts([], margin=margin)


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_a_level_lies_below_one_half(alpha: float) -> None:
    """At one half the interval would have no width."""
    with pytest.raises(SettingsError, match=f"alpha is {alpha}, which is not a level"):
        verdicts([], alpha=alpha)


# Explanations.

COUNTING = "shapes.fine-grained-perception.counting"


def explanation(*found: Comparison, margin: float = 0.02) -> str:
    """The sentence about the first of these."""
    return verdicts(found, margin=margin)[0].explanation


def counting(regressed: int, fixed: int, *, both: int = 12, total: int = 40) -> Comparison:
    return comparison(COUNTING, regressed=regressed, fixed=fixed, both=both, total=total)


OTHERS = [comparison(f"shapes.x{at}", regressed=3, fixed=3, both=20, total=40) for at in range(17)]


def flips(kinds: str) -> tuple[Flip, ...]:
    """Near ties that regressed or were fixed (r, f); correct, and unparseable now (u)."""
    correct = ScoredAnswer(sample="s", mark=Mark.CORRECT, answer="A", margin=0.01)
    incorrect = replace(correct, mark=Mark.INCORRECT, answer="B")
    unparseable = ScoredAnswer(sample="s", mark=Mark.UNPARSEABLE, answer="")
    known = {
        "r": Flip(baseline=correct, candidate=incorrect, near_tie=True),
        "f": Flip(baseline=incorrect, candidate=correct, near_tie=True),
        "u": Flip(baseline=correct, candidate=unparseable, near_tie=False),
    }
    return tuple(known[kind] for kind in kinds)


def test_a_regression_is_told_with_its_integers() -> None:
    """By how much, out of what, how improbable it is, and beside how many others."""
    assert explanation(counting(26, 0), *OTHERS) == (
        f"{COUNTING} fell by 0.650 (0.950 to 0.300; 26 regressed, 0 fixed of 40),"
        " p = 7.5e-9 (mid-p McNemar), 1.3e-7 after Holm, 18 tests: significantly worse"
    )


def test_a_score_of_another_kind_is_explanation() -> None:
    """What it is made of stands behind the counts."""
    found = replace(counting(26, 0), score="a mean of 27 dimensions")

    assert explanation(found).startswith(
        f"{COUNTING} fell by 0.650 (0.950 to 0.300; 26 regressed, 0 fixed of 40; the score is"
        " a mean of 27 dimensions), p = "
    )


def test_no_regression_tells_what_would_have_been_seen() -> None:
    """Not significantly worse is not the same as unchanged, and the sentence says how far."""
    assert explanation(counting(4, 2)) == (
        f"{COUNTING} fell by 0.050 (0.400 to 0.350; 4 regressed, 2 fixed of 40),"
        " p = 0.23 (mid-p McNemar): not significantly worse;"
        " detectable drop 0.155 (power 0.8)"
    )


@pytest.mark.parametrize(
    ("regressed", "fixed", "moved"),
    [
        (0, 0, "neither fell nor rose (0.300 to 0.300; 0 regressed, 0 fixed of 40)"),
        (2, 2, "neither fell nor rose (0.350 to 0.350; 2 regressed, 2 fixed of 40)"),
        (1, 3, "rose by 0.050 (0.325 to 0.375; 1 regressed, 3 fixed of 40)"),
    ],
)
def test_what_did_not_fall_is_told_as_well(regressed: int, fixed: int, moved: str) -> None:
    """A rise, and nothing at all."""
    assert explanation(counting(regressed, fixed)).startswith(f"{COUNTING} {moved}, p = ")


def test_near_ties_and_unparseable_answers_are_told_beside_the_counts() -> None:
    """The accuracies are those of the counts: near ties are put back to what they were."""
    found = replace(counting(1, 0), flips=flips("rrfu"))

    assert explanation(found).startswith(
        f"{COUNTING} fell by 0.025 (0.325 to 0.300; 1 regressed, 0 fixed of 40;"
        " 3 near ties not counted, 2 regressed and 1 fixed; 1 became unparseable), p = "
    )
    assert "; 1 near tie not counted, 0 regressed and 1 fixed)" in explanation(
        replace(counting(1, 0), flips=flips("f"))
    )


def test_clusters_are_told_with_their_test() -> None:
    """Two pictures that regressed whole."""
    fell = (Cluster(size=4, regressed=4, fixed=0),) * 2
    found = replace(
        comparison(COUNTING, regressed=8, fixed=0, total=80),
        clusters=(*fell, *[Cluster(size=4, regressed=0, fixed=0)] * 18),
    )

    assert (
        "8 regressed, 0 fixed of 80), p = 0.25 (cluster sign-flip of 20 clusters): not"
        in explanation(found)
    )


@pytest.mark.parametrize(
    ("regressed", "fixed", "end"),
    [
        (30, 30, "worse by less than the margin 0.02, if at all"),
        (22, 6, "significantly worse, but by less than the margin 0.02"),
        (60, 45, "perhaps worse by more than the margin 0.02"),
        (60, 31, "significantly worse, perhaps by more than the margin 0.02"),
        (100, 30, "significantly worse, by more than the margin 0.02"),
    ],
)
def test_a_root_is_told_beside_its_margin(regressed: int, fixed: int, end: str) -> None:
    """Its interval, and whether a fall is certain, possible, or smaller than what is allowed."""
    found = comparison("shapes", regressed=regressed, fixed=fixed, both=800, total=1_500)
    interval = paired.newcombe(found.pairs, 0.9)

    said = explanation(found)
    assert said.partition(", p = ")[0].endswith(
        f"{regressed} regressed, {fixed} fixed of 1500),"
        f" 90% {interval.low:.4f} to {interval.high:.4f}"
    )
    assert said.partition(" (mid-p McNemar): ")[2].partition(";")[0] == end


def test_a_difference_that_is_rounded_to_0_has_no_sign() -> None:
    """No interval ends at -0.000."""
    found = [
        comparison("shapes", regressed=regressed, fixed=20, both=300, total=900)
        for regressed in range(20, 60)
    ]

    assert all(" -0.000" not in explanation(each) for each in found)
    assert any("to 0.000," in explanation(each) for each in found)


def test_a_rise_that_shows_nothing_is_explanation() -> None:
    """Nothing fell, and too little is known: with the number of samples that it takes."""
    found = comparison("shapes", regressed=12, fixed=12, both=120, total=250)

    assert explanation(found).endswith(
        ": too few samples to exclude a fall by more than the margin 0.02;"
        " with 24 flips in 250 samples, about 1484 samples would decide it (power 0.8)"
    )


def test_too_few_clusters_are_explanation() -> None:
    """How many there are, and how many it takes."""
    found = replace(
        comparison("shapes", regressed=0, fixed=0, total=400),
        clusters=(Cluster(size=40, regressed=0, fixed=0),) * 10,
    )

    assert explanation(found).endswith(": its samples share 10 pictures, and 20 are required")


@pytest.mark.parametrize(
    ("clusters", "total", "required"),
    [(4, 40, "4 pictures of 5"), (0, 3, "3 samples of 4")],
)
def test_a_dimension_that_nothing_could_fail_is_explanation(
    clusters: int, total: int, required: str
) -> None:
    """How many pictures, or samples, it takes for a fall to 0 to be significant."""
    found = replace(
        comparison(COUNTING, regressed=total, fixed=0, total=total),
        clusters=(Cluster(size=10, regressed=10, fixed=0),) * clusters,
    )

    assert verdicts([found], min_items=2)[0].explanation.endswith(
        f": {required} that are required to judge it alone;"
        " counts in shapes.fine-grained-perception"
    )


def test_too_few_samples_after_correction_are_told() -> None:
    """Six pictures that regressed whole have p = 0.016, and 0.016 times 24 is no significance."""
    six = (Cluster(size=10, regressed=10, fixed=0),) * 6
    found = replace(comparison(COUNTING, regressed=60, fixed=0, total=60), clusters=six)
    others = [comparison(f"{COUNTING}{at}", regressed=4, fixed=4, total=83) for at in range(23)]

    assert verdicts([found, *others])[0].explanation.endswith(
        "not significantly worse; too few samples after correction"
    )


def test_a_small_dimension_is_told_where_it_counts() -> None:
    """It is not gated, and its parent is judged."""
    assert explanation(counting(5, 1, both=4, total=12)) == (
        f"{COUNTING} fell by 0.333 (0.750 to 0.417; 5 regressed, 1 fixed of 12): 12 samples of 30"
        " that are required to judge it alone; counts in shapes.fine-grained-perception"
    )


def test_unparseable_answers_are_told_with_their_model() -> None:
    """Whose they are, how many, and how many would be allowed."""
    found = replace(counting(0, 0), baseline_unparseable=3)
    both = replace(found, flips=flips("uu"))

    assert explanation(found, *OTHERS) == (
        f"{COUNTING} cannot be compared: of 40 answers 3 by the baseline and 3 by the candidate"
        " are unparseable, at most 2 (0.05) are allowed"
    )
    assert " 3 by the baseline and 5 by the candidate are " in explanation(both)
    assert " of 40 answers 3 by the candidate are " in explanation(
        replace(counting(3, 0), flips=flips("uuu"))
    )
