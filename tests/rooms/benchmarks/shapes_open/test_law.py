"""The law of the benchmark: the text alone says nothing about the answer."""

from collections import Counter, defaultdict
from itertools import chain
from math import sqrt

import pytest

from pytest_mmbench.benchmarks.shapes_open.questions import (
    CAPABILITY_OF,
    OpenRecord,
    answer_place,
    make_record,
)

DRAWN = 600
SIGMAS = 4.5
"""Allowed distance from chance; a fair axis exceeds it once in some 150,000 tries."""


def draw(axis: str, seed: int) -> list[OpenRecord]:
    """Records of an axis."""
    return [make_record(seed, axis, number) for number in range(DRAWN)]


@pytest.mark.parametrize("axis", CAPABILITY_OF)
def test_twins_ask_the_same_and_are_answered_differently(axis: str) -> None:
    """Each question is there with another answer, so that no rule about texts knows both."""
    group = 4 if axis == "same-picture" else 2
    for at in range(0, 200, group):
        twins = [make_record(3, axis, number) for number in range(at, at + group)]
        answers: dict[str, set[str]] = defaultdict(set)
        for record in twins:
            assert record.answer in record.answers
            answers[record.question].add(record.answer)
        assert all(len(each) == 2 for each in answers.values())


@pytest.mark.parametrize("axis", CAPABILITY_OF)
def test_who_knows_every_text_stays_at_chance(axis: str) -> None:
    """The best answer by text, learned from one set, is worth nothing on another."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for record in draw(axis, 31):
        counts[record.question][record.answer] += 1
    later = draw(axis, 32)
    chance = [1 / len(record.answers) for record in later]
    guesses = [
        (counts[record.question].most_common(1) or [(record.answers[0], 0)])[0][0]
        for record in later
    ]
    right = sum(guess == record.answer for guess, record in zip(guesses, later, strict=True))
    spread = sqrt(sum(share * (1 - share) for share in chance))

    # Twins share a text, so that one of them at most is guessed: that narrows the spread.
    assert abs(right - sum(chance)) < SIGMAS * spread


@pytest.mark.parametrize("count", [2, 3, 5, 6, 8, 13, 16])
def test_answers_are_balanced(count: int) -> None:
    """Over a cycle of pairs each answer is right twice, and two twins never have the same one."""
    pairs = [
        [answer_place(7, "axis", pair, twin, count) for twin in (0, 1)] for pair in range(3 * count)
    ]

    assert all(first != second for first, second in pairs)
    for cycle in range(3):
        places = Counter(chain.from_iterable(pairs[cycle * count : (cycle + 1) * count]))
        assert places == dict.fromkeys(range(count), 2)


def test_a_record_depends_on_nothing_but_its_number() -> None:
    """Whatever was drawn before, and another seed draws others."""
    assert make_record(1, "more", 7) == make_record(1, "more", 7)
    assert make_record(1, "more", 7) != make_record(2, "more", 7)
