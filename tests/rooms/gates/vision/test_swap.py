from collections import Counter
from typing import Any

import pytest
from stat_vectors import vectors
from views import outcomes

from pytest_mmbench.gates.vision.measures import NotMeasured, Swap, measure
from pytest_mmbench.gates.vision.outcomes import ViewOutcome, ViewOutcomes
from pytest_mmbench.records import Mark


def answered(letter: str, key: str) -> ViewOutcome:
    if not letter.strip():
        return ViewOutcome(mark=Mark.UNPARSEABLE, answer="")
    return ViewOutcome(mark=Mark.CORRECT if letter == key else Mark.INCORRECT, answer=letter)


def swapped(real: str, other: str, keyed: str) -> Swap | NotMeasured:
    """Letters with the real picture and with another one; a space is unreadable."""
    counts = Counter(
        ViewOutcomes(
            options=4,
            target=key,
            with_image=answered(own, key),
            without_image=answered("A", key),
            mismatched=answered(swap, key),
        )
        for own, swap, key in zip(real, other, keyed, strict=True)
    )
    return measure("shapes", counts).swap


def found(real: str, other: str, keyed: str) -> Swap:
    swap = swapped(real, other, keyed)
    assert isinstance(swap, Swap)
    return swap


@pytest.mark.parametrize(("inputs", "expected"), vectors("image_insensitivity", "vision.json"))
def test_the_vectors_are_met(inputs: dict[str, str], expected: dict[str, float]) -> None:
    """Ten samples: what stays the same, and what stays right."""
    swap = found(inputs["real"], inputs["swapped"], inputs["gold"])

    assert swap.insensitivity == pytest.approx(expected["insensitivity_rate"])
    assert swap.correct / swap.total == pytest.approx(expected["correct_real"])
    assert swap.still_correct_share == pytest.approx(expected["still_right_after_swap_given_right"])


def test_a_blind_model_does_not_notice() -> None:
    """The same answers whatever the picture: insensitive throughout, and everything stays right."""
    swap = found("ABCDAB", "ABCDAB", "ABCDDD")

    assert (swap.insensitivity, swap.still_correct_share) == (1.0, 1.0)


def test_unreadable_answers_agree_with_nothing() -> None:
    """Two silences are no same answer; but what becomes unreadable is no longer right."""
    swap = found("AB  ", "A  C", "ABCC")

    assert (swap.total, swap.parseable, swap.same) == (4, 1, 1)
    assert (swap.correct, swap.still_correct) == (2, 1)


def test_what_has_no_number_says_why() -> None:
    """Nothing readable, nothing right, nothing asked: three different things, and none is 0."""
    silent, wrong = found("  ", "AB", "AB"), found("BB", "AB", "AA")

    assert silent.insensitivity is NotMeasured.UNPARSEABLE
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
