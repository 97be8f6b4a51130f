from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from views import SILENT, bounds, scored, seen, vision_of

from pytest_mmbench.gates.stats.paired import Pairs
from pytest_mmbench.gates.vision.claims import ClaimVerdict, VisionClaim, judge_leakage
from pytest_mmbench.gates.vision.outcomes import OutcomeCounts, ViewOutcomes
from pytest_mmbench.records import Interval, Outcome


def leaked(counts: OutcomeCounts, *, max_leakage: str = "0.05") -> ClaimVerdict:
    return judge_leakage(
        vision_of(counts), max_leakage=max_leakage, alpha=0.05, unparseable_limit=0.05
    )


def test_what_a_model_learned_from_texts_of_pictures_fails() -> None:
    """It knows unseen what its base model does not: the benchmark was in its training."""
    found = leaked(scored(720, with_image=600, without_image=441, llm_text=216))
    shown = bounds(Pairs(both_correct=216, fixed=225, regressed=0, both_wrong=279))

    assert found.outcome is Outcome.FAIL
    assert found.claim is VisionClaim.LEAKAGE
    assert found.explanation == (
        "shapes: answers leaked: 0.613 without the picture, 0.300 by the base model (leakage 0.312,"
        f" {shown}; at most 0.05 allowed); 441 of 720 correct without the picture, chance 0.25"
    )


def test_a_base_model_that_refuses_makes_no_leakage() -> None:
    """MMStar's worst, 17.6 points, is an answer at chance less a refusal: nothing above chance."""
    found = leaked(scored(1500, with_image=575, without_image=372, llm_text=108))
    shown = bounds(Pairs(both_correct=108, fixed=264, regressed=0, both_wrong=1128))

    assert found.vision.leakage == pytest.approx(0.176)
    assert found.outcome is Outcome.PASS
    assert found.explanation == (
        "shapes: little leaked: 0.248 without the picture, 0.072 by the base model (leakage 0.176,"
        f" {shown}, 0.000 over chance; at most 0.05 allowed); 372 of 1500 correct without the"
        " picture, chance 0.25"
    )


def test_a_leakage_that_may_be_noise_is_inconclusive() -> None:
    """More than is allowed, and not surely."""
    found = leaked(scored(60, with_image=40, without_image=24, llm_text=20))

    assert found.outcome is Outcome.INCONCLUSIVE
    assert "leakage not established" in found.explanation


def test_less_than_the_base_model_is_no_leakage() -> None:
    """What is published is cut at 0, number and bounds alike; what was tested is told uncut."""
    found = leaked(scored(720, with_image=600, without_image=200, llm_text=260))

    assert found.outcome is Outcome.PASS
    shown = bounds(Pairs(both_correct=200, fixed=0, regressed=60, both_wrong=460))
    assert f"(leakage -0.083, {shown}; " in found.explanation
    assert shown.count("-0.") == 2
    assert found.vision.leakage == 0
    assert found.vision.leakage_bounds(0.05) == Interval(low=0, high=0)


def test_no_base_model_is_no_leakage_of_zero() -> None:
    """What nobody measured cannot pass."""
    found = leaked(scored(720, with_image=600, without_image=200))

    assert found.outcome is Outcome.INVALID
    assert found.explanation == (
        "shapes cannot be judged: no base model was asked, so that its leakage is unknown"
    )


def test_a_base_model_that_was_asked_less_forbids_a_verdict() -> None:
    """Three of 720 samples without leakage say nothing of the others."""
    alone = ViewOutcomes(
        options=4, target="A", with_image=seen(right=True), without_image=seen(right=True)
    )
    counts = Counter({alone: 717}) + Counter(scored(3, with_image=3, without_image=1, llm_text=1))

    found = leaked(counts)

    assert found.outcome is Outcome.INVALID
    assert found.explanation == (
        "shapes cannot be judged: of 720 samples only 3 have answers of the base model, parseable"
        " or not"
    )


def test_an_unreadable_base_model_is_no_evidence() -> None:
    """A base model that does not answer in the expected form says nothing about leakage."""
    silent = ViewOutcomes(
        options=4,
        target="A",
        with_image=seen(right=True),
        without_image=seen(right=True),
        llm_text=SILENT,
    )

    found = leaked({silent: 40})

    assert found.outcome is Outcome.INVALID
    assert found.explanation == (
        "shapes cannot be judged: 40 of 40 answers of the base model are unparseable, at most 2"
        " (0.05) are allowed"
    )


@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_a_failed_leakage_is_one_by_every_measure(
    asked: int, with_image: int, without_image: int, llm_text: int
) -> None:
    """What fails leaks more than is allowed, raw and above chance; what passes does not."""
    found = leaked(
        scored(asked, with_image=with_image, without_image=without_image, llm_text=llm_text)
    )

    raw, floored = found.vision.leakage, found.vision.leakage_above_chance
    assert isinstance(raw, float)
    assert isinstance(floored, float)
    if found.outcome is Outcome.FAIL:
        assert min(raw, floored) > 0.05
    if found.outcome is Outcome.PASS:
        assert floored <= 0.05


@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 60))
def test_bounds_hold_the_leakage_that_they_belong_to(
    asked: int, without_image: int, llm_text: int
) -> None:
    """Cut as the number is, the interval still lies around it."""
    vision = vision_of(
        scored(asked, with_image=asked, without_image=without_image, llm_text=llm_text)
    )

    bounds = vision.leakage_bounds(0.05)

    assert isinstance(bounds, Interval)
    assert isinstance(vision.leakage, float)
    assert bounds.low <= vision.leakage <= bounds.high
