from fractions import Fraction

import pytest
from credit_results import credit_results
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.gates.vision.claims import judge_gain, judge_leakage
from pytest_mmbench.gates.vision.measures import Vision, measure
from pytest_mmbench.gates.vision.outcomes import (
    View,
    count_outcomes,
    join_views,
    shared_pictures,
)
from pytest_mmbench.records import Outcome

CREDITS = st.fractions(0, 1, max_denominator=4)


def vision_of(views: dict[View, list[Fraction]], *, to_a_picture: int = 1) -> Vision:
    """Open questions, with what each earned in each view."""
    samples = join_views(
        {
            view: credit_results(credits, to_a_picture=to_a_picture)
            for view, credits in views.items()
        }
    )
    return measure("b", count_outcomes(samples), shared_pictures(samples))


def halves(*counts: int) -> list[Fraction]:
    """So many that earn nothing, a half, and everything."""
    return [Fraction(at, 2) for at, count in enumerate(counts) for _ in range(count)]


@given(st.lists(st.tuples(CREDITS, CREDITS), min_size=1, max_size=12), st.sampled_from([1, 3]))
def test_the_gain_is_that_of_mean_credits(
    credits: list[tuple[Fraction, Fraction]], to_a_picture: int
) -> None:
    """Whether pictures are shared or not, and within its bounds."""
    sighted, blind = map(list, zip(*credits, strict=True))
    views = {View.WITH_IMAGE: sighted, View.WITHOUT_IMAGE: blind}

    gain = vision_of(views, to_a_picture=to_a_picture).gain_contrast

    assert gain.difference == (sum(sighted) - sum(blind)) / len(credits)
    bounds = gain.bounds(0.05)
    assert bounds.low - 1e-9 <= gain.difference <= bounds.high + 1e-9
    assert gain.times(2).difference == gain.difference


def test_a_picture_that_adds_half_of_each_answer_helps() -> None:
    """No answer without it is right in full, nor any with it, and yet it helps."""
    views = {View.WITH_IMAGE: halves(0, 60), View.WITHOUT_IMAGE: halves(60)}

    verdict = judge_gain(vision_of(views), min_gain="0.05", alpha=0.05, unparseable_limit=0.05)

    assert verdict.outcome is Outcome.PASS
    assert "the picture helps: 0.500 with it, 0.000 without" in verdict.explanation
    assert "0 of 60 right in full without the picture" in verdict.explanation


def test_parts_that_are_known_without_the_picture_fail() -> None:
    """Three quarters of each answer, with the picture or without."""
    known = [Fraction(3, 4)] * 80
    views = {View.WITH_IMAGE: known, View.WITHOUT_IMAGE: known}

    verdict = judge_gain(vision_of(views), min_gain="0.05", alpha=0.05, unparseable_limit=0.05)

    assert verdict.outcome is Outcome.FAIL
    assert "answers do not need the picture" in verdict.explanation


def test_leakage_of_parts() -> None:
    """What the model knows in part without the picture, and its base model does not, has leaked."""
    views = {
        View.WITH_IMAGE: halves(0, 80),
        View.WITHOUT_IMAGE: halves(0, 80),
        View.LLM_TEXT: halves(80),
    }

    verdict = judge_leakage(
        vision_of(views), max_leakage="0.05", alpha=0.05, unparseable_limit=0.05
    )

    assert verdict.outcome is Outcome.FAIL
    assert vision_of(views).leakage == pytest.approx(0.5)


def test_a_shared_picture_is_one_observation() -> None:
    """Sixty half answers about fifteen pictures say less than about sixty."""
    views = {View.WITH_IMAGE: halves(0, 60), View.WITHOUT_IMAGE: halves(60)}
    alone, shared = (vision_of(views, to_a_picture=size).gain_contrast for size in (1, 4))

    assert shared.p_value() == pytest.approx(0.5**15)
    assert alone.p_value() == pytest.approx(0.5**60)
    assert shared.bounds(0.05).low < alone.bounds(0.05).low
