from collections import Counter
from itertools import permutations
from statistics import fmean, pvariance
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom
from stat_vectors import vectors

from pytest_mmbench.gates.stats.permutation import (
    LetterChoice,
    LetterPermutation,
    letter_permutation_test,
)


def choices(chosen: str, keyed: str, options: int = 4) -> Counter[LetterChoice]:
    return Counter(
        LetterChoice(options=options, answer=letter, target=key)
        for letter, key in zip(chosen, keyed, strict=True)
    )


def every_deal(chosen: str, keyed: str) -> list[int]:
    """How many are right after each permutation of the answers."""
    return [
        sum(letter == key for letter, key in zip(dealt, keyed, strict=True))
        for dealt in permutations(chosen)
    ]


@pytest.mark.parametrize(("inputs", "expected"), vectors("option_prior_null", "vision.json"))
def test_the_vectors_are_met(inputs: dict[str, Any], expected: dict[str, float]) -> None:
    """What is right, expected and its variance; and no deal of 1,999 gets as many right."""
    found = letter_permutation_test(choices(inputs["pred"], inputs["gold"]), "7")

    assert found.correct == expected["matches"]
    assert found.expected == pytest.approx(expected["expected_matches"], abs=1e-12)
    assert found.variance == pytest.approx(expected["var_matches"], abs=1e-12)
    assert found.tail == 1 / 2000


@settings(max_examples=40)
@given(st.data(), st.integers(2, 7))
def test_moments_are_those_of_all_permutations(data: st.DataObject, size: int) -> None:
    """Mean and variance agree with a count over every permutation of a few answers."""
    letters = st.text("ABC", min_size=size, max_size=size)
    chosen, keyed = data.draw(letters), data.draw(letters)

    found = letter_permutation_test(choices(chosen, keyed), "0", permutations=1)

    dealt = every_deal(chosen, keyed)
    assert found.expected == pytest.approx(fmean(dealt), abs=1e-12)
    assert found.variance == pytest.approx(pvariance(dealt), abs=1e-12)


@pytest.mark.parametrize(
    ("chosen", "keyed"), [("AABBCD", "AABBCD"), ("AAABBC", "AABBCC"), ("ABCDAB", "BADCBA")]
)
def test_the_tail_is_that_of_all_permutations(chosen: str, keyed: str) -> None:
    """20,000 deals come as near to the exact tail as their number allows, six standard errors."""
    found = letter_permutation_test(choices(chosen, keyed), "11", permutations=20_000)

    dealt = every_deal(chosen, keyed)
    exact = sum(each >= found.correct for each in dealt) / len(dealt)
    assert found.tail == pytest.approx(exact, abs=6 * (exact * (1 - exact) / 20_000) ** 0.5 + 1e-4)


def test_one_letter_throughout_is_explained_by_habit() -> None:
    """Whoever always says B is right wherever the key says B, in every deal."""
    found = letter_permutation_test(choices("B" * 40, "ABCB" * 10), "0")

    assert found == LetterPermutation(correct=20, expected=20.0, variance=0.0, tail=1.0)


def test_questions_with_other_numbers_of_options_are_dealt_apart() -> None:
    """Answers to yes-no questions are never dealt to questions with four options."""
    apart = choices("A" * 10, "A" * 10, options=2) + choices("B" * 10, "B" * 10)

    assert letter_permutation_test(apart, "0").expected == 20
    assert (
        letter_permutation_test(choices("A" * 10 + "B" * 10, "A" * 10 + "B" * 10), "0").expected
        == 10
    )


def test_open_questions_and_silence() -> None:
    """Open questions have no letters; an unreadable answer is dealt out, and is never right."""
    answers = choices("AB", "AB") + choices("xy", "xy", options=0)

    assert letter_permutation_test(answers, "0").correct == 2
    assert letter_permutation_test(answers, "0").expected == 1
    silent = Counter({LetterChoice(options=4, answer="", target="A"): 3})
    assert letter_permutation_test(silent, "0") == LetterPermutation(
        correct=0, expected=0.0, variance=0.0, tail=1.0
    )


def test_lots_depend_on_the_generator_alone() -> None:
    """The same seed gives the same tail, another one nearly the same."""
    answers = choices("AABCD" * 12, "ABCDA" * 6 + "DABCA" * 6)

    one, same, other = (letter_permutation_test(answers, seed).tail for seed in ("1", "1", "2"))

    assert one == same
    assert other == pytest.approx(one, abs=0.06)


@pytest.mark.parametrize("met", range(8, 17))
def test_the_tail_of_two_letters_is_hypergeometric(met: int) -> None:
    """30 answers A among 20 keys A and 30 keys B: scipy's tail, within six standard errors."""
    keys = "A" * met + "B" * (30 - met) + "A" * (20 - met) + "B" * met
    exact = hypergeom(50, 20, 30).sf(met - 1)

    found = letter_permutation_test(choices("A" * 30 + "B" * 20, keys), "5", permutations=4000)

    assert found.correct == 2 * met
    assert found.tail == pytest.approx(exact, abs=6 * (exact * (1 - exact) / 4000) ** 0.5 + 5e-4)
