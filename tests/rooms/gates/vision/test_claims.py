from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from views import SILENT, bounds, outcomes, scored, seen, vision_of

from pytest_mmbench.errors import SettingsError
from pytest_mmbench.gates.stats.paired import Pairs
from pytest_mmbench.gates.vision.claims import ClaimVerdict, VisionClaim, judge_gain
from pytest_mmbench.gates.vision.measures import Vision
from pytest_mmbench.gates.vision.outcomes import OutcomeCounts, ViewOutcomes
from pytest_mmbench.records import Outcome


def gained(
    counts: OutcomeCounts,
    *,
    min_gain: str = "0.05",
    min_share: str = "0",
    dimension: str = "shapes",
) -> ClaimVerdict:
    return judge_gain(
        vision_of(counts, dimension),
        min_gain=min_gain,
        min_share=min_share,
        alpha=0.05,
        unparseable_limit=0.05,
    )


def test_a_model_that_sees_passes() -> None:
    """The sentence has both scores, the gain with its bounds, and what the text gives away."""
    found = gained(outcomes(both=173, earned=530, hurt=4, neither=13))
    shown = bounds(Pairs(both_correct=173, fixed=530, regressed=4, both_wrong=13))

    assert found.outcome is Outcome.PASS
    assert found.claim is VisionClaim.GAIN
    assert found.explanation == (
        f"shapes: the picture helps: 0.976 with it, 0.246 without (gain 0.731, {shown}, 0.726 over"
        " chance; at least 0.05 required); 177 of 720 correct without the picture, chance 0.25"
    )


def test_a_model_that_answers_from_the_text_fails() -> None:
    """As many right with the picture as without it: no gain, whatever the score."""
    found = gained(outcomes(both=698, neither=22))
    shown = bounds(Pairs(both_correct=698, fixed=0, regressed=0, both_wrong=22))

    assert found.outcome is Outcome.FAIL
    assert found.explanation == (
        "shapes: answers do not need the picture: 0.969 with it, 0.969 without (gain 0.000,"
        f" {shown}; at least 0.05 required); 698 of 720 correct without the picture, chance 0.25"
    )


def test_a_model_that_guesses_fails() -> None:
    """At chance with the picture there is nothing that the picture could have added."""
    found = gained(outcomes(both=60, earned=125, hurt=118, neither=417))
    shown = bounds(Pairs(both_correct=60, fixed=125, regressed=118, both_wrong=417))

    assert found.outcome is Outcome.FAIL
    assert found.explanation == (
        "shapes: answers with the picture are close to guesses: 0.257 with it, 0.247 without (gain"
        f" 0.010, {shown}, 0.007 over chance; at least 0.05 required); 178 of 720 correct without"
        " the picture, chance 0.25"
    )


def test_refusing_to_guess_is_no_gain() -> None:
    """A model at chance that says nothing unseen gains 0.25 raw, and nothing above chance."""
    refusing = scored(720, with_image=184, without_image=0)

    found = gained(refusing)

    assert found.vision.gain == pytest.approx(0.2556, abs=1e-4)
    assert found.outcome is Outcome.FAIL
    assert "answers with the picture are close to guesses" in found.explanation


@pytest.mark.parametrize(
    ("counts", "outcome", "end"),
    [
        (outcomes(both=40), Outcome.INCONCLUSIVE,
         "2 times as many alike would fail; 40 of 40 correct without the picture, chance 0.25"),
        (outcomes(both=59), Outcome.FAIL, "59 of 59 correct without the picture, chance 0.25"),
        (outcomes(earned=5), Outcome.PASS, "0 of 5 correct without the picture, chance 0.25"),
        (outcomes(earned=4), Outcome.INCONCLUSIVE,
         "2 times as many alike would pass; 0 of 4 correct without the picture, chance 0.25"),
        (outcomes(both=8, hurt=12), Outcome.FAIL,
         "20 of 20 correct without the picture, chance 0.25"),
    ],
)  # fmt: skip
def test_small_dimensions_decide_if_they_can(
    counts: OutcomeCounts, outcome: Outcome, end: str
) -> None:
    """There is no least size; where nothing can be told, the sentence says what would tell."""
    found = gained(counts)

    assert found.outcome is outcome
    assert found.explanation.endswith(end)


def test_it_cannot_be_told() -> None:
    """Twice 26 of 40 is no evidence for a gain, and none against one of 0.05."""
    counts = outcomes(both=24, earned=2, hurt=2, neither=12)
    found = gained(counts, dimension="shapes.math.digits")
    shown = bounds(Pairs(both_correct=24, fixed=2, regressed=2, both_wrong=12))

    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.explanation == (
        "shapes.math.digits: picture gain not established: 0.650 with it, 0.650"
        f" without (gain 0.000, {shown}; at least 0.05 required); 3 times as many alike would fail;"
        " 26 of 40 correct without the picture, chance 0.25"
    )
    assert gained({outcome: 2 * n for outcome, n in counts.items()}).outcome is Outcome.INCONCLUSIVE
    assert gained({outcome: 3 * n for outcome, n in counts.items()}).outcome is Outcome.FAIL


@given(st.integers(1, 200))
def test_a_bound_at_its_limit_shows_on_which_side_it_lies(earned: int) -> None:
    """It has as many decimals as tell it from the least gain."""
    counts = outcomes(both=300, earned=earned, neither=320)
    low = vision_of(counts).gain_contrast.bounds(0.05).low
    limit = f"{max(0.0, low):.3f}"

    shown = gained(counts, min_gain=limit).explanation.split("90% ")[1].split(" to ")[0]

    assert (Fraction(shown) < Fraction(limit)) == (low < Fraction(limit))


@pytest.mark.parametrize(
    ("asked", "outcome"), [(400, Outcome.FAIL), (40, Outcome.FAIL), (24, Outcome.INCONCLUSIVE)]
)
def test_a_share_can_be_asked_for(asked: int, outcome: Outcome) -> None:
    """Of what is above chance, less than half comes from the picture; 24 samples say so roughly."""
    tenth = asked // 8
    counts = outcomes(both=5 * tenth, earned=3 * tenth)

    found = gained(counts, min_share="0.6")

    assert gained(counts).outcome is Outcome.PASS
    assert gained(counts, min_share="0.5").outcome is Outcome.PASS
    assert found.outcome is outcome
    assert "the picture adds too little, a vision share of 0.500: " in found.explanation
    assert "; at least 0.05 and a vision share of 0.60 required)" in found.explanation
    assert found.statement.endswith("; 2 times as many alike would fail") == (asked < 30)


@pytest.mark.parametrize(
    ("silent", "told"),
    [
        (
            ViewOutcomes(options=4, target="A", with_image=SILENT, without_image=seen(right=True)),
            "3 of 40 answers with the picture are unparseable, at most 2 (0.05) are allowed",
        ),
        (
            ViewOutcomes(options=4, target="A", with_image=seen(right=True), without_image=SILENT),
            "3 of 40 answers without the picture are unparseable, at most 2 (0.05) are allowed",
        ),
        (
            ViewOutcomes(options=4, target="A", with_image=SILENT, without_image=SILENT),
            "; ".join(
                f"3 of 40 answers {how} the picture are unparseable, at most 2 (0.05) are allowed"
                for how in ("with", "without")
            ),
        ),
    ],
)
def test_unreadable_answers_are_no_evidence(silent: ViewOutcomes, told: str) -> None:
    """More than 5 % in a view that is needed: invalid, and the sentence says in which."""
    found = gained(Counter({silent: 3}) + Counter(outcomes(earned=37)))

    assert found.outcome is Outcome.INVALID
    assert found.explanation == f"shapes cannot be judged: {told}"


def test_unreadable_answers_up_to_the_limit_are_judged() -> None:
    """Two of 40 are exactly 5 %; what is unreadable in a view that is not needed is no matter."""
    silent = ViewOutcomes(options=4, target="A", with_image=seen(right=True), without_image=SILENT)
    swapped = ViewOutcomes(
        options=4,
        target="A",
        with_image=seen(right=True),
        without_image=seen(right=False),
        mismatched=SILENT,
        llm_text=SILENT,
    )

    assert gained(Counter({silent: 2}) + Counter(outcomes(earned=38))).outcome is Outcome.PASS
    assert gained({swapped: 40}).outcome is Outcome.PASS


def test_samples_that_were_not_asked_unseen_forbid_a_verdict() -> None:
    """A gain on those that are left could pass by leaving out."""
    half = ViewOutcomes(options=4, target="A", with_image=seen(right=False))

    found = gained(Counter({half: 1}) + Counter(outcomes(earned=40)))

    assert found.outcome is Outcome.INVALID
    assert found.explanation == (
        "shapes cannot be judged: of 41 samples only 40 have answers without the picture, parseable"
        " or not"
    )


def test_open_questions_have_no_chance() -> None:
    """It is 0, and the sentence says why."""
    every = gained(scored(100, with_image=40, without_image=10, open_questions=100))
    some = gained(scored(100, with_image=40, without_image=10, open_questions=60))

    assert every.explanation.endswith("correct without the picture, chance 0 (open questions)")
    assert some.explanation.endswith("chance 0.1 (60 open questions count 0)")


def test_no_gain_at_all_may_be_asked_for() -> None:
    """With a least gain of 0 a picture must help at all; harm fails, nothing is neither."""
    assert gained(outcomes(both=50, earned=20), min_gain="0").outcome is Outcome.PASS
    assert gained(outcomes(both=50, hurt=20), min_gain="0").outcome is Outcome.FAIL
    assert gained(outcomes(both=70), min_gain="0").outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("written", ["5", "-0.1", "five percent", ""])
def test_a_least_gain_that_is_no_fraction_is_an_error(written: str) -> None:
    """It is refused as a threshold would be."""
    with pytest.raises(SettingsError, match="is not a fraction between 0 and 1"):
        gained(outcomes(both=3), min_gain=written)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 20), st.integers(0, 60))
def test_a_pass_is_a_gain_by_every_measure(both: int, earned: int, hurt: int, neither: int) -> None:
    """What passes gains at least the margin, raw and above chance; what fails may not."""
    if not both + earned + hurt + neither:
        return
    found = gained(outcomes(both=both, earned=earned, hurt=hurt, neither=neither))

    vision: Vision = found.vision
    if found.outcome is Outcome.PASS:
        assert min(vision.gain, vision.gain_above_chance) >= 0.05
    if found.outcome is Outcome.FAIL:
        assert vision.gain_above_chance < 0.05
