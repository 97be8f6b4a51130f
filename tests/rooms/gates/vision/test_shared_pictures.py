from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from views import outcomes, seen

from pytest_mmbench.gates.stats import clusters, paired
from pytest_mmbench.gates.stats.clusters import Cluster
from pytest_mmbench.gates.vision.claims import judge_gain, reaches_margin
from pytest_mmbench.gates.vision.measures import Vision, measure
from pytest_mmbench.gates.vision.outcomes import (
    SampleViews,
    View,
    ViewOutcomes,
    count_outcomes,
    join_views,
    shared_pictures,
)
from pytest_mmbench.records import Mark, Outcome
from pytest_mmbench.results.rows import SampleResult

EARNED, BOTH, HURT, NEITHER = (
    ViewOutcomes(
        options=4, target="A", with_image=seen(right=sighted), without_image=seen(right=blind)
    )
    for sighted, blind in ((True, False), (True, True), (False, True), (False, False))
)
each_outcome = st.sampled_from([EARNED, BOTH, HURT, NEITHER])


def vision_of(sample_views: list[SampleViews]) -> Vision:
    return measure("shapes", count_outcomes(sample_views), shared_pictures(sample_views))


def pictures(*groups: tuple[ViewOutcomes, ...]) -> list[SampleViews]:
    """Each group shows a picture of its own."""
    return [
        SampleViews(sample=f"{at}-{place}", outcomes=outcome, cluster=str(at))
        for at, group in enumerate(groups)
        for place, outcome in enumerate(group)
    ]


def verdict(sample_views: list[SampleViews]) -> Outcome:
    return judge_gain(
        vision_of(sample_views), min_gain="0.05", alpha=0.05, unparseable_limit=0.05
    ).outcome


def test_samples_of_one_picture_are_one_cluster() -> None:
    """What was gained and lost is counted by picture; samples alone are clusters of one."""
    sample_views = [
        *pictures((EARNED, EARNED, HURT), (BOTH,)),
        SampleViews(sample="x", outcomes=EARNED),
    ]

    gain = vision_of(sample_views).gain_contrast

    assert sorted(gain.clusters, key=lambda each: (each.size, each.fixed)) == [
        Cluster(size=1, regressed=0, fixed=0),
        Cluster(size=1, regressed=0, fixed=1),
        Cluster(size=3, regressed=1, fixed=2),
    ]


def test_without_shared_pictures_there_are_no_clusters() -> None:
    """A picture of its own for each sample is the usual case."""
    assert vision_of(pictures((EARNED,), (BOTH,))).gain_contrast.clusters == ()


@given(st.lists(st.lists(each_outcome, min_size=1, max_size=4).map(tuple), min_size=2, max_size=30))
def test_clusters_add_up_to_the_pairs(groups: list[tuple[ViewOutcomes, ...]]) -> None:
    """Nothing is lost or counted twice by sorting samples by picture."""
    gain = vision_of(pictures(*groups)).gain_contrast

    if gain.clusters:
        assert sum(each.size for each in gain.clusters) == gain.total
        assert sum(each.regressed for each in gain.clusters) == gain.pairs.regressed
        assert sum(each.fixed for each in gain.clusters) == gain.pairs.fixed
    assert gain.effective <= gain.total
    alone = paired.newcombe(gain.pairs, 0.9)
    assert gain.bounds(0.05).low <= alone.low
    assert gain.bounds(0.05).high >= alone.high


def test_a_picture_is_one_witness() -> None:
    """Seven pictures of four samples each that flip together are seven flips, not 28."""
    gain = vision_of(
        pictures(*[(EARNED,) * 4] * 5, *[(HURT,) * 4] * 2, *[(BOTH,) * 4] * 20)
    ).gain_contrast

    assert gain.p_value() == clusters.sign_flip_worse(
        [Cluster(size=4, regressed=4, fixed=0)] * 5 + [Cluster(size=4, regressed=0, fixed=4)] * 2
    )
    assert gain.p_value() > 0.2
    assert paired.mcnemar_worse(regressed=20, fixed=8) < 0.05


def test_what_is_sure_of_samples_may_be_unsure_of_pictures() -> None:
    """The same 160 samples pass if each has its picture, and do not if four share one."""
    flips = [EARNED] * 28 + [HURT] * 4
    together = pictures(*[(flip,) * 4 for flip in flips[::4]], *[(BOTH,) * 4] * 32)
    alone = [SampleViews(sample=sample.sample, outcomes=sample.outcomes) for sample in together]

    assert verdict(alone) is Outcome.PASS
    assert verdict(together) is Outcome.INCONCLUSIVE


def test_few_pictures_decide_nothing() -> None:
    """19 pictures bear no bounds, 20 do, however many samples they have."""
    assert verdict(pictures(*[(EARNED,) * 8] * 19)) is Outcome.INCONCLUSIVE
    assert verdict(pictures(*[(EARNED,) * 8] * 20)) is Outcome.PASS
    assert verdict(pictures(*[(BOTH,) * 8] * 19)) is Outcome.INCONCLUSIVE


def test_a_blind_model_needs_many_pictures_to_fail() -> None:
    """Without a change, pictures count and not samples: 59 fail where 0.05 is needed."""
    assert verdict(pictures(*[(BOTH,) * 4] * 58)) is Outcome.INCONCLUSIVE
    assert verdict(pictures(*[(BOTH,) * 4] * 59)) is Outcome.FAIL


def test_the_sentence_counts_the_pictures() -> None:
    """Who reads the bounds has to know what they rest on."""
    vision = vision_of(pictures(*[(EARNED,) * 4] * 30, (BOTH, BOTH)))

    found = judge_gain(vision, min_gain="0.05", alpha=0.05, unparseable_limit=0.05)

    assert " from 31 pictures, 0.750 over chance; at least 0.05 required)" in found.explanation


def test_the_order_of_pictures_changes_nothing() -> None:
    """Permuted samples give the same record, to the last bit."""
    groups = [(EARNED, BOTH), (HURT, HURT, EARNED), (NEITHER,), (BOTH, EARNED, EARNED)] * 8
    sample_views = pictures(*groups)
    shuffled = Random(4).sample(sample_views, len(sample_views))

    assert vision_of(shuffled) == vision_of(sample_views)


def test_clusters_come_with_the_rows() -> None:
    """Rows that share a picture make samples that do."""
    rows = [
        SampleResult(
            sample=sample, mark=Mark.CORRECT, answer="A", target="A", options=4, cluster=cluster
        )
        for sample, cluster in (("1", "p"), ("2", "p"), ("3", ""))
    ]

    sample_views = join_views({View.WITH_IMAGE: rows, View.WITHOUT_IMAGE: rows})

    assert [sample.cluster for sample in sample_views] == ["p", "p", ""]
    assert shared_pictures(sample_views) == [Counter({sample_views[0].outcomes: 2})]


def test_a_bound_from_pictures_decides_for_both_gates() -> None:
    """The rule of evidence is the same for samples and for pictures."""
    known = vision_of(pictures(*[(EARNED, EARNED)] * 25)).gain_contrast

    assert reaches_margin(known, known.chance, 0.05)
    assert known.effective == pytest.approx(25, abs=1)
    assert measure("shapes", outcomes(earned=50)).gain_contrast.effective == 50
