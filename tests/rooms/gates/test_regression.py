import random
from dataclasses import replace
from typing import Any

import pytest
from comparisons import comparison, verdicts
from hypothesis import given
from hypothesis import strategies as st
from stat_vectors import vectors

from pytest_mmbench.errors import SettingsError
from pytest_mmbench.gates.comparison import Comparison
from pytest_mmbench.gates.flips import Flip
from pytest_mmbench.gates.regression import RegressionVerdict
from pytest_mmbench.gates.stats import multiplicity, paired
from pytest_mmbench.gates.stats.clustered import Cluster
from pytest_mmbench.gates.stats.paired import Pairs
from pytest_mmbench.records import Interval, Mark, Outcome
from pytest_mmbench.results.rows import ScoredAnswer

AXIS = "b.math.counting"


def root(*, lost: int, gained: int, asked: int, **more: Any) -> Comparison:
    return comparison("b", lost=lost, gained=gained, asked=asked, **more)


def axis(lost: int, gained: int = 0, asked: int = 83, at: int = 0, **more: Any) -> Comparison:
    return comparison(f"{AXIS}{at or ''}", lost=lost, gained=gained, asked=asked, **more)


def only(found: Comparison, **settings: Any) -> RegressionVerdict:
    (verdict,) = verdicts([found], **settings)
    return verdict


small = st.integers(0, 40)
trees = st.lists(
    st.builds(
        lambda path, both, lost, gained, neither: Comparison(
            dimension=path,
            pairs=Pairs(both_correct=both, regressed=lost, fixed=gained, both_wrong=neither + 1),
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
    assert (verdict.outcome is Outcome.FAIL) == expected["inferior"]


@pytest.mark.parametrize(
    ("lost", "gained", "outcome"),
    [
        (30, 30, Outcome.PASS),
        (20, 60, Outcome.PASS),
        (22, 6, Outcome.PASS),
        (60, 45, Outcome.INCONCLUSIVE),
        (60, 30, Outcome.INCONCLUSIVE),
        (100, 30, Outcome.FAIL),
    ],
)
def test_a_root_is_judged_by_its_margin(lost: int, gained: int, outcome: Outcome) -> None:
    """It passes above the margin, fails below it, and says so if the interval spans it."""
    verdict = only(root(lost=lost, gained=gained, asked=1_500, both=800))

    low, high = verdict.interval.low, verdict.interval.high
    told = {Outcome.PASS: low > -0.02, Outcome.FAIL: high < -0.02}
    assert verdict.outcome is outcome
    assert told.get(outcome, low <= -0.02 <= high)
    assert verdict.margin == "0.02"


def test_an_interval_rests_on_twenty_clusters() -> None:
    """A root whose samples show fewer pictures is inconclusive, however clear it looks."""
    few = (Cluster(size=50, regressed=0, fixed=5),) * 19
    more = (*few, few[0])

    verdict = only(root(lost=0, gained=95, asked=950, clusters=few))

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert only(root(lost=0, gained=100, asked=1_000, clusters=more)).outcome is Outcome.PASS


def test_a_root_knows_whether_its_margin_can_be_kept() -> None:
    """Reliable means that an unchanged candidate with as many flips passes four times in five."""
    reliable = only(root(lost=45, gained=45, asked=1_500), margin=0.02)
    hopeless = only(root(lost=12, gained=12, asked=250), margin=0.02)

    assert (
        paired.smallest_provable_margin(90 / 1_500, 1_500)
        < 0.02
        < paired.smallest_provable_margin(24 / 250, 250)
    )
    assert (reliable.reliable, hopeless.reliable) == (True, False)
    assert only(root(lost=12, gained=12, asked=250), margin=0.06).reliable
    assert only(axis(12, 12)).reliable


def test_a_dimension_fails_if_it_is_significantly_worse() -> None:
    """Seven lost without a gain are significant alone; beside 23 others they are not."""
    others = [axis(4, 4, at=at) for at in range(1, 24)]

    alone, among = only(axis(7)), verdicts([axis(7), *others])[0]

    assert (alone.outcome, alone.family, alone.adjusted) == (Outcome.FAIL, 1, alone.p_value)
    assert (among.outcome, among.family) == (Outcome.PASS, 24)
    assert among.adjusted == pytest.approx(24 * among.p_value)
    assert verdicts([axis(8), *others])[0].outcome is Outcome.FAIL
    assert among.detectable_drop == among.comparison.detectable_drop(level=0.05 / 24)
    assert among.detectable_drop > alone.detectable_drop


def test_all_levels_of_a_benchmark_are_one_family() -> None:
    """Capabilities and axes are judged together, another benchmark's and the root are not."""
    paths = ["b.x", "b.x.one", "b.x.two", "other.y"]
    found = [comparison(path, lost=9, gained=1, asked=60) for path in paths]
    judged = verdicts([root(lost=27, gained=3, asked=180), *found])

    assert [each.family for each in judged] == [1, 3, 3, 3, 1]
    p_values = [each.p_value for each in judged[1:4]]
    assert [each.adjusted for each in judged[1:4]] == multiplicity.holm(p_values)


def test_a_small_dimension_is_measured_and_in_no_family() -> None:
    """Fewer samples than `min_items` are shown, whatever they lost, and cost the others nothing."""
    judged = verdicts([axis(29, asked=29), axis(9, at=1)])

    assert [each.outcome for each in judged] == [Outcome.NOT_GATED, Outcome.FAIL]
    assert [each.family for each in judged] == [1, 1]
    assert only(axis(30, asked=30)).outcome is Outcome.FAIL


def test_a_root_is_judged_however_small_it_is() -> None:
    """There is nothing above it that could be judged instead."""
    assert only(root(lost=0, gained=1, asked=10)).outcome is Outcome.INCONCLUSIVE


def test_unreadable_answers_are_no_regression() -> None:
    """More than the limit, of either model, and nothing is said of the capability."""
    lost = Flip(
        baseline=ScoredAnswer(sample="s", mark=Mark.CORRECT, answer="A"),
        candidate=ScoredAnswer(sample="s", mark=Mark.UNPARSEABLE, answer=""),
        near_tie=False,
    )
    silent = replace(axis(5, asked=40), flips=(lost,) * 3)

    judged = verdicts([axis(30, at=1, unreadable=5), silent, axis(9, at=2, unreadable=4)])

    assert silent.candidate_unparseable == 3
    assert [each.outcome for each in judged] == [Outcome.INVALID, Outcome.INVALID, Outcome.FAIL]
    assert judged[2].family == 1
    assert only(root(lost=300, gained=0, asked=1_000, unreadable=51)).outcome is Outcome.INVALID


def test_clusters_are_judged_by_their_own_test() -> None:
    """Eight losses on two pictures are two, and no regression."""
    pictures = (
        *[Cluster(size=4, regressed=4, fixed=0)] * 2,
        *[Cluster(size=4, regressed=0, fixed=0)] * 18,
    )

    verdict = only(axis(8, asked=80, clusters=pictures))

    assert only(axis(8, asked=80)).outcome is Outcome.FAIL
    assert (verdict.outcome, verdict.p_value) == (Outcome.PASS, 0.25)


def test_too_few_pictures_pass_nothing() -> None:
    """Four pictures that lost everything have p = 0.0625, so that no loss at all could fail."""
    four = (Cluster(size=10, regressed=10, fixed=0),) * 4
    five = (*four, four[0])

    blind = axis(40, asked=40, clusters=four)

    assert only(blind).outcome is Outcome.NOT_GATED
    assert only(blind, alpha=0.1).outcome is Outcome.FAIL
    assert only(axis(50, asked=50, clusters=five)).outcome is Outcome.FAIL
    assert [each.family for each in verdicts([blind, axis(4, at=1)])] == [1, 1]


def test_near_ties_that_only_lose_are_pointed_out() -> None:
    """They do not count, but noise would have gained about as many as it lost."""
    right = ScoredAnswer(sample="s", mark=Mark.CORRECT, answer="A", margin=0.1)
    wrong = replace(right, mark=Mark.INCORRECT, answer="B")
    lost = Flip(baseline=right, candidate=wrong, near_tie=True)
    gained = Flip(baseline=wrong, candidate=right, near_tie=True)

    one_way = only(replace(axis(0, both=60), flips=(lost,) * 9 + (gained,)))
    both_ways = only(replace(axis(0, both=60), flips=(lost,) * 5 + (gained,) * 5))

    assert (one_way.outcome, one_way.near_ties_biased) == (Outcome.PASS, True)
    assert (both_ways.outcome, both_ways.near_ties_biased) == (Outcome.PASS, False)


@given(trees, st.randoms())
def test_the_order_of_the_dimensions_is_nothing(
    found: list[Comparison], chance: random.Random
) -> None:
    """Each dimension has the same verdict wherever it stands."""
    judged = {each.comparison.dimension: each for each in verdicts(found)}
    shuffled = verdicts(chance.sample(found, len(found)))

    assert {each.comparison.dimension: each for each in shuffled} == judged


@given(trees)
def test_a_candidate_that_lost_nothing_never_fails(found: list[Comparison]) -> None:
    """Whatever it gained, and however small the benchmark."""
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
        assert 0 < one.p_value <= one.adjusted <= 1
        assert 0 < one.detectable_drop <= 1


def test_the_level_sets_the_interval() -> None:
    """Each side of a root's interval is wrong with probability alpha."""
    found = root(lost=45, gained=45, asked=1_500)

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
