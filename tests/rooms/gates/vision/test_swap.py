from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stat_vectors import vectors
from statsmodels.stats.inter_rater import cohens_kappa  # type: ignore[import-untyped]
from views import outcomes

from pytest_mmbench.gates.vision.contrast import NotMeasured
from pytest_mmbench.gates.vision.measures import measure
from pytest_mmbench.gates.vision.outcomes import ViewOutcome, ViewOutcomes, view_outcome
from pytest_mmbench.gates.vision.swap import Swap
from pytest_mmbench.records import Mark

LETTERS = "ABCD"


def answered(letter: str, key: str) -> ViewOutcome:
    if not letter.strip():
        return view_outcome(Mark.UNPARSEABLE, "")
    return view_outcome(Mark.CORRECT if letter == key else Mark.INCORRECT, letter)


def swapped(real: str, other: str, keyed: str) -> Swap | NotMeasured:
    """Letters with the real picture and with another one; a space is unreadable."""
    fates = Counter(
        ViewOutcomes(
            options=4,
            target=key,
            with_image=answered(own, key),
            without_image=answered("A", key),
            mismatched=answered(swap, key),
        )
        for own, swap, key in zip(real, other, keyed, strict=True)
    )
    return measure("shapes", fates).swap


def found(real: str, other: str, keyed: str) -> Swap:
    swap = swapped(real, other, keyed)
    assert isinstance(swap, Swap)
    return swap


@pytest.mark.parametrize(("inputs", "expected"), vectors("image_insensitivity", "vision.json"))
def test_the_vectors_are_met(inputs: dict[str, str], expected: dict[str, float]) -> None:
    """Ten samples: what stays the same, how much of it by chance, and what stays right."""
    swap = found(inputs["real"], inputs["swapped"], inputs["gold"])

    assert swap.insensitivity == pytest.approx(expected["insensitivity_rate"])
    assert float(swap.agreement) == pytest.approx(expected["chance_agreement"])
    assert swap.kappa == pytest.approx(expected["insensitivity_kappa"])
    assert swap.correct / swap.total == pytest.approx(expected["correct_real"])
    assert swap.still_correct_share == pytest.approx(expected["still_right_after_swap_given_right"])


@given(st.data(), st.integers(2, 40))
def test_kappa_is_cohens(data: st.DataObject, size: int) -> None:
    """It agrees with statsmodels wherever that is defined."""
    letters = st.text(LETTERS, min_size=size, max_size=size)
    real, other = data.draw(letters), data.draw(letters)

    swap = found(real, other, "A" * size)

    table = [[0] * 4 for _ in LETTERS]
    for own, swapped_for in zip(real, other, strict=True):
        table[LETTERS.index(own)][LETTERS.index(swapped_for)] += 1
    if swap.agreement == 1:
        assert swap.kappa is NotMeasured.ONE_ANSWER
    else:
        expected = cohens_kappa(table, return_results=False)
        assert swap.kappa == pytest.approx(float(expected), abs=1e-12)


def test_a_blind_model_does_not_notice() -> None:
    """The same answers whatever the picture: insensitive throughout, and everything stays right."""
    swap = found("ABCDAB", "ABCDAB", "ABCDDD")

    assert (swap.insensitivity, swap.kappa, swap.still_correct_share) == (1.0, 1.0, 1.0)


def test_one_letter_throughout_agrees_by_chance_alone() -> None:
    """Whoever always says A agrees with itself, and nothing can be said beyond that."""
    swap = found("AAAA", "AAAA", "ABCD")

    assert swap.insensitivity == 1.0
    assert swap.kappa is NotMeasured.ONE_ANSWER


def test_unreadable_answers_agree_with_nothing() -> None:
    """Two silences are no same answer; but what becomes unreadable is no longer right."""
    swap = found("AB  ", "A  C", "ABCC")

    assert (swap.total, swap.parseable, swap.same) == (4, 1, 1)
    assert (swap.correct, swap.still_correct) == (2, 1)


def test_what_has_no_number_says_why() -> None:
    """Nothing readable, nothing right, nothing asked: three different things, and none is 0."""
    silent, wrong = found("  ", "AB", "AB"), found("BB", "AB", "AA")

    assert silent.insensitivity is silent.kappa is NotMeasured.UNPARSEABLE
    assert silent.agreement == Fraction(0)
    assert wrong.still_correct_share is NotMeasured.NONE_CORRECT
    assert measure("shapes", outcomes(both=3)).swap is NotMeasured.NOT_ASKED


def test_only_samples_with_both_pictures_count() -> None:
    """Where no other picture could be shown, there is nothing to compare."""
    alone: Any = ViewOutcomes(
        options=4, target="A", with_image=answered("A", "A"), without_image=answered("A", "A")
    )
    both = ViewOutcomes(
        options=4,
        target="A",
        with_image=answered("A", "A"),
        without_image=answered("A", "A"),
        mismatched=answered("B", "A"),
    )

    swap = measure("shapes", {alone: 9, both: 2}).swap

    assert isinstance(swap, Swap)
    assert (swap.total, swap.correct, swap.still_correct) == (2, 2, 0)
