import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from views import MMSTAR

from pytest_mmbench.gates.shortcuts import (
    MMSTAR_MIN_MODELS,
    BlindOutcome,
    ShortcutRule,
    known_to_text_models,
    surely_known,
    under_every_condition,
    under_every_rotation,
)
from pytest_mmbench.records import Mark

ABNORMAL = 6
"""Of MMStar's eight text models, so many knew each sample that its paper calls abnormal."""
RIGHT, WRONG, UNREADABLE = Mark.CORRECT, Mark.INCORRECT, Mark.UNPARSEABLE
marks = st.lists(st.sampled_from(Mark), max_size=9).map(tuple)
unseen = st.builds(
    BlindOutcome,
    sample=st.text("abc", min_size=1),
    options=st.sampled_from([0, 2, 3, 4]),
    rotations=marks,
    conditions=marks,
    text_models=marks,
)


def test_right_wherever_the_option_stands() -> None:
    """All four rotations right: a candidate, of which guessing would make one in 256."""
    samples = [
        BlindOutcome(sample="known", options=4, rotations=(RIGHT,) * 4),
        BlindOutcome(sample="once", options=4, rotations=(RIGHT, WRONG, RIGHT, RIGHT)),
        BlindOutcome(sample="silent", options=4, rotations=(RIGHT, RIGHT, RIGHT, UNREADABLE)),
        BlindOutcome(sample="two", options=2, rotations=(RIGHT, RIGHT)),
    ]

    found = under_every_rotation(samples)

    assert found.rule is ShortcutRule.ROTATIONS
    assert found.samples == ("known", "two")
    assert found.total == 4
    assert found.expected_by_chance == pytest.approx(3 / 256 + 1 / 4)
    # Whoever prefers one text, knowing nothing, is right as often as a single guess.
    assert found.expected_by_fixed_option == pytest.approx(3 / 4 + 1 / 2)


def opinions(right: list[float], wrong: list[float], options: int = 4) -> list[BlindOutcome]:
    """Samples whose answer is the same under every rotation, with these margins."""
    return [
        BlindOutcome(
            sample=f"{mark} {at}",
            options=options,
            rotations=(mark,) * options,
            same_option=True,
            margin=margin,
        )
        for mark, margins in ((RIGHT, right), (WRONG, wrong))
        for at, margin in enumerate(margins)
    ]


def test_what_is_surely_known_is_surer_than_any_luck() -> None:
    """Three wrong opinions of four options tell of one right one that is lucky."""
    samples = opinions([9.0] * 60 + [2.0] * 30, [2.0] * 90)

    found = surely_known(samples)

    assert found.rule is ShortcutRule.KNOWN
    assert len(found.samples) == 60
    assert found.expected_by_chance == 1
    assert found.total == 180


def test_a_short_list_is_not_trusted() -> None:
    """One false discovery is always expected: nineteen samples cannot have one in twenty."""
    assert surely_known(opinions([9.0] * 19, [])).samples == ()
    assert len(surely_known(opinions([9.0] * 20, [])).samples) == 20


def test_an_opinion_is_held_wherever_the_option_stands() -> None:
    """A letter that is always chosen is none."""
    habit = [
        BlindOutcome(sample=str(at), options=2, rotations=(RIGHT, WRONG), margin=9.0)
        for at in range(50)
    ]

    assert surely_known(habit).samples == ()


@given(st.integers(30, 300), st.integers(0, 60), st.integers(0, 60), st.randoms())
def test_hardly_any_that_is_listed_is_luck(
    known: int, lucky: int, unlucky: int, dice: random.Random
) -> None:
    """Whatever the margins, what is expected by luck is at most a twentieth of the list."""
    margins = [dice.random() for _ in range(known + lucky + unlucky)]
    samples = opinions(margins[: known + lucky], margins[known + lucky :])

    found = surely_known(samples)

    assert found.expected_by_chance <= len(found.samples) / 20
    assert set(found.samples) <= {each.sample for each in samples if RIGHT in each.rotations}


def test_rotations_that_were_not_asked_are_not_right() -> None:
    """A sample without all of its rotations is not judged, nor is an open question."""
    samples = [
        BlindOutcome(sample="part", options=4, rotations=(RIGHT,) * 3),
        BlindOutcome(sample="open", options=0),
    ]

    assert under_every_rotation(samples).total == 0


def test_right_whatever_was_taken_from_the_picture() -> None:
    """Right under each of three conditions; a guess does that at least once in 64 times."""
    samples = [
        BlindOutcome(sample="known", options=4, conditions=(RIGHT,) * 3),
        BlindOutcome(sample="blurred", options=4, conditions=(RIGHT, WRONG, WRONG)),
        BlindOutcome(sample="open", options=0, conditions=(RIGHT,)),
        BlindOutcome(sample="unasked", options=4),
    ]

    found = under_every_condition(samples)

    assert found.rule is ShortcutRule.CONDITIONS
    assert found.samples == ("known", "open")
    assert found.total == 3
    assert found.expected_by_chance == pytest.approx(2 / 64)


@pytest.mark.parametrize(("hits", "dropped"), [(2, False), (3, True), (8, True)])
def test_mmstar_drops_what_more_than_two_of_eight_know(hits: int, *, dropped: bool) -> None:
    """Its filter keeps samples with at most two hits."""
    known = (RIGHT,) * hits + (WRONG,) * (8 - hits)
    sample = BlindOutcome(sample="1", options=4, text_models=known)

    assert (known_to_text_models([sample]).samples == ("1",)) == dropped
    assert (known_to_text_models([sample], ABNORMAL).samples == ("1",)) == (hits >= 6)


@pytest.mark.parametrize(("least", "share"), [(MMSTAR_MIN_MODELS, 0.321), (ABNORMAL, 1 / 237)])
def test_luck_of_eight_text_models(least: int, share: float) -> None:
    """Eight that guess would know a third of all samples by one rule, one in 237 by the other."""
    samples = [
        BlindOutcome(sample=str(at), options=4, text_models=(WRONG,) * 8) for at in range(1000)
    ]

    found = known_to_text_models(samples, least)

    assert found.rule is ShortcutRule.TEXT_MODELS
    assert found.expected_by_chance == pytest.approx(1000 * binom.sf(least - 1, 8, 0.25))
    assert found.expected_by_chance / 1000 == pytest.approx(share, rel=0.01)


def test_abnormal_hits_are_far_above_luck() -> None:
    """MMStar counts at least 10 percent of each benchmark, where guessing would make 0.4."""
    (hits,) = MMSTAR["abnormal_hits"]["rows"]

    assert (hits["ScienceQA"], hits["AI2D"]) == (57.2, 46.2)
    assert min(share for name, share in hits.items() if name != "model") > 10
    assert 100 * binom.sf(ABNORMAL - 1, 8, 0.25) < 0.5


def test_too_few_text_models_judge_nothing() -> None:
    """A sample that two models were asked cannot be known to three."""
    sample = BlindOutcome(sample="1", options=4, text_models=(RIGHT,) * 2)

    assert known_to_text_models([sample]).total == 0


@given(st.lists(unseen, max_size=20))
def test_candidates_are_among_what_was_asked(samples: list[BlindOutcome]) -> None:
    """Each rule finds a part of what it can speak of, in the given order; luck is no more."""
    names = [each.sample for each in samples]
    for rule in (under_every_rotation, under_every_condition, known_to_text_models):
        found = rule(samples)

        assert len(found.samples) <= found.total <= len(samples)
        assert 0 <= found.expected_by_chance <= found.total
        assert (
            found.expected_by_fixed_option == 0
            or found.expected_by_chance <= found.expected_by_fixed_option <= found.total
        )
        rest = iter(names)
        assert all(each in rest for each in found.samples)
