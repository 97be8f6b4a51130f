from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stat_vectors import vectors
from views import SILENT, outcomes, sample_views, scored, seen, vision_of

from pytest_mmbench.errors import DataError
from pytest_mmbench.gates.stats import paired
from pytest_mmbench.gates.vision.measures import Contrast, NotMeasured, Unparseable, measure
from pytest_mmbench.gates.vision.outcomes import (
    NOT_ASKED,
    OutcomeCounts,
    SampleViews,
    View,
    ViewOutcomes,
    count_outcomes,
)

replies = st.sampled_from([seen(right=True), seen(right=False), SILENT, NOT_ASKED])
each_outcome = st.builds(
    ViewOutcomes,
    options=st.sampled_from([0, 2, 3, 4]),
    target=st.just("A"),
    with_image=replies.filter(lambda each: each.mark is not None),
    without_image=replies.filter(lambda each: each.mark is not None),
    mismatched=replies,
    llm_text=replies,
)
samples = st.lists(each_outcome, min_size=1, max_size=60)


def as_sample_views(some: list[ViewOutcomes]) -> list[SampleViews]:
    return [SampleViews(sample=str(at), outcomes=outcome) for at, outcome in enumerate(some)]


@pytest.mark.parametrize(("inputs", "expected"), vectors("mg_ml", "vision.json"))
def test_gain_and_leakage_agree_with_the_vectors(
    inputs: dict[str, float], expected: dict[str, float]
) -> None:
    """Raw as MMStar defines them, and above chance: also where a model refuses to guess."""
    with_image, without_image, llm_text = (
        round(1000 * inputs[name]) for name in ("S_v", "S_wv", "S_t")
    )
    vision = vision_of(
        scored(
            1000,
            with_image=with_image,
            without_image=without_image,
            llm_text=llm_text,
            open_questions=1000 - round(4000 * inputs["chance"]),  # which makes that mean chance
        )
    )

    assert vision.chance == pytest.approx(inputs["chance"])
    assert vision.gain == pytest.approx(expected["MG"], abs=1e-9)
    assert vision.leakage == pytest.approx(expected["ML"], abs=1e-9)
    assert isinstance(vision.leakage_contrast, Contrast)
    assert float(vision.leakage_contrast.difference) == pytest.approx(expected["leak_signed"])
    assert vision.gain_above_chance == pytest.approx(expected["MG_floored"], abs=1e-9)
    assert vision.leakage_above_chance == pytest.approx(expected["ML_floored"], abs=1e-9)


@pytest.mark.parametrize(("inputs", "expected"), vectors("mg_ml_items", "vision.json"))
def test_samples_agree_with_the_vectors(
    inputs: dict[str, list[int]], expected: dict[str, float]
) -> None:
    """Forty samples: scores, who was right where, intervals, and the test of the gain."""
    every = zip(
        *(inputs[name] for name in ("with_image", "without_image", "text_llm")), strict=True
    )
    vision = vision_of(
        Counter(
            ViewOutcomes(
                options=4,
                target="A",
                with_image=seen(right=bool(sighted)),
                without_image=seen(right=bool(blind)),
                llm_text=seen(right=bool(text)),
            )
            for sighted, blind, text in every
        )
    )

    assert (vision.with_image, vision.without_image, vision.llm_text) == pytest.approx(
        (expected["S_v"], expected["S_wv"], expected["S_t"]), abs=1e-12
    )
    pairs = vision.gain_contrast.pairs
    assert (pairs.both_correct, pairs.fixed, pairs.regressed, pairs.both_wrong) == tuple(
        expected[name] for name in ("both", "earned", "hurt", "neither")
    )
    gain = vision.gain_contrast.bounds(0.025)
    assert gain.low == pytest.approx(expected["MG_newcombe10_low"], abs=1e-8)
    assert gain.high == pytest.approx(expected["MG_newcombe10_high"], abs=1e-8)
    helps = expected["mcnemar_midp_one_sided_image_helps"]
    assert vision.gain_contrast.p_value() == pytest.approx(helps, abs=1e-12)
    assert isinstance(vision.leakage_contrast, Contrast)
    leaked = vision.leakage_contrast.bounds(0.025)
    assert leaked.low == pytest.approx(expected["leak_low"], abs=1e-8)
    assert leaked.high == pytest.approx(expected["leak_high"], abs=1e-8)
    assert vision.leakage == pytest.approx(expected["ML"], abs=1e-12)


def test_a_base_model_that_was_not_asked_has_no_score() -> None:
    """Leakage is absent then; a base model that gets nothing right has a score, and it is 0."""
    absent = vision_of(scored(40, with_image=30, without_image=10))
    nothing = vision_of(scored(40, with_image=30, without_image=10, llm_text=0))

    assert {
        absent.llm_text,
        absent.leakage,
        absent.leakage_above_chance,
    } == {NotMeasured.NOT_ASKED}
    assert (nothing.llm_text, nothing.leakage) == (0.0, 0.25)


def test_a_model_at_chance_has_no_vision_share() -> None:
    """There is nothing above guessing to share out, which is neither 0 nor an error."""
    at_chance = vision_of(scored(40, with_image=10, without_image=4))
    above = vision_of(scored(40, with_image=11, without_image=4))

    assert at_chance.share is NotMeasured.NOT_ABOVE_CHANCE
    assert above.share == 1.0


def test_a_share_is_what_the_text_does_not_know() -> None:
    """Of 0.5 above chance, 0.3 are known unseen: two fifths come from the picture."""
    vision = vision_of(scored(400, with_image=300, without_image=220))

    assert vision.share == pytest.approx(0.4)


def test_samples_count_where_they_were_asked_both_ways() -> None:
    """A sample without the picture counts only in the view in which it was asked."""
    part = Counter({ViewOutcomes(options=2, target="A", with_image=seen(right=True)): 7}) + Counter(
        outcomes(both=1, earned=2, neither=1)
    )

    vision = vision_of(part)

    assert vision.gain_contrast.total == 4
    assert vision.with_image == 0.75
    assert vision.chance == 0.25
    assert vision.unparseable == (
        Unparseable(view=View.WITH_IMAGE, answers=0, total=11),
        Unparseable(view=View.WITHOUT_IMAGE, answers=0, total=4),
    )


def test_unreadable_answers_are_not_right_and_are_counted() -> None:
    """They lower a score, and stand on their own beside it."""
    silent = ViewOutcomes(options=4, target="A", with_image=seen(right=True), without_image=SILENT)

    vision = vision_of(Counter({silent: 3}) + Counter(outcomes(both=1)))

    assert vision.without_image == 0.25
    assert vision.unparseable[1] == Unparseable(view=View.WITHOUT_IMAGE, answers=3, total=4)


def test_nothing_is_measured_without_the_second_view() -> None:
    """The error names the dimension and the condition that is missing."""
    with pytest.raises(DataError) as told:
        measure(
            "shapes.math", {ViewOutcomes(options=4, target="A", with_image=seen(right=True)): 3}
        )

    assert str(told.value) == (
        "mmbench: no sample of 'shapes.math' was asked both with its picture and without it.\n"
        "  what to do   ask it under the condition no-image too, or leave the dimension out"
    )


@given(samples)
def test_the_gain_is_earned_less_hurt(some: list[ViewOutcomes]) -> None:
    """MG times the number of samples is a whole number: those earned, less those hurt."""
    vision = vision_of(count_outcomes(as_sample_views(some)))

    pairs = vision.gain_contrast.pairs
    assert vision.gain_contrast.difference * len(some) == pairs.fixed - pairs.regressed
    assert pairs.total == len(some)


@given(samples, st.randoms(use_true_random=False))
def test_the_order_of_samples_changes_nothing(some: list[ViewOutcomes], lot: Any) -> None:
    """Permuted samples give the same record."""
    shuffled = list(some)
    lot.shuffle(shuffled)

    assert vision_of(count_outcomes(as_sample_views(shuffled))) == vision_of(
        count_outcomes(as_sample_views(some))
    )


@given(samples)
def test_measures_keep_their_ranges(some: list[ViewOutcomes]) -> None:
    """Leakage is never negative; a share is at most 1, and 1 - share is what the text knows."""
    vision = vision_of(count_outcomes(as_sample_views(some)))

    for leakage in (vision.leakage, vision.leakage_above_chance):
        assert isinstance(leakage, NotMeasured) or 0 <= leakage <= 1
    if isinstance(vision.share, NotMeasured):
        assert vision.with_image <= vision.chance
    else:
        assert vision.share <= 1
        if vision.without_image >= vision.chance:
            known = (vision.without_image - vision.chance) / (vision.with_image - vision.chance)
            assert vision.share == pytest.approx(1 - known)
    assert vision.gain_above_chance <= vision.gain + 1e-12


@given(samples)
def test_bounds_contain_the_gain(some: list[ViewOutcomes]) -> None:
    """A stricter level never narrows them, and they are the ends of Newcombe's interval."""
    gain = vision_of(count_outcomes(as_sample_views(some))).gain_contrast

    narrow, wide = gain.bounds(0.1), gain.bounds(0.01)

    assert wide.low <= narrow.low <= gain.difference + Fraction(1, 10**9)
    assert gain.difference - Fraction(1, 10**9) <= narrow.high <= wide.high
    assert narrow == paired.newcombe(gain.pairs, 0.8)


def test_samples_of_one_fate_are_told_apart_by_their_ids() -> None:
    """Counting forgets the ids and nothing else."""
    counted: OutcomeCounts = outcomes(both=2, hurt=1)

    assert len({sample.sample for sample in sample_views(counted)}) == 3
    assert count_outcomes(sample_views(counted)) == Counter({f: n for f, n in counted.items() if n})
