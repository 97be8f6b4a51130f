import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, poisson_binom
from stat_vectors import vectors
from views import MMSTAR

from pytest_mmbench.gates.stats import binomial
from pytest_mmbench.gates.stats.chance import at_least, guess, guess_every_rotation, mean

numbers_of_options = st.dictionaries(st.sampled_from([0, 1, 2, 3, 4, 5, 9]), st.integers(0, 12))


def exactly(right: int, options: dict[int, int]) -> Fraction:
    """The same tail, sample by sample in exact fractions."""
    terms = [Fraction(1)]
    for each, samples in options.items():
        for _ in range(samples):
            chance = guess(each)
            terms = [
                missed * (1 - chance) + met * chance
                for missed, met in zip([*terms, Fraction(0)], [Fraction(0), *terms], strict=True)
            ]
    return sum(terms[max(0, right) :], start=Fraction(0))


@pytest.mark.parametrize(("inputs", "expected"), vectors("poisson_binomial_sf_ge", "vision.json"))
def test_the_tail_agrees_with_the_vectors(
    inputs: dict[str, Any], expected: dict[str, float]
) -> None:
    """Tail and mean agree with exact rationals; a binomial at the mean chance has a larger tail."""
    options = {int(each): samples for each, samples in inputs["option_counts"].items()}
    asked = sum(options.values())

    tail = at_least(inputs["k"], options)

    assert tail == pytest.approx(expected["p_value"], rel=1e-12)
    assert float(mean(options) * asked) == pytest.approx(expected["mean"], rel=1e-12)
    plain = binomial.upper_tail(inputs["k"], asked, mean(options))
    assert plain == pytest.approx(expected["p_value_binomial_at_mean_rate"], abs=1e-9)
    assert tail <= plain + 1e-15


@given(numbers_of_options, st.data())
def test_the_tail_agrees_with_exact_fractions(options: dict[int, int], data: st.DataObject) -> None:
    """Also with open questions, single options, and beyond the ends of the possible scores."""
    right = data.draw(st.integers(-1, sum(options.values()) + 1))

    exact = exactly(right, options)

    assert at_least(right, options) == pytest.approx(float(exact), rel=1e-12, abs=0)


@pytest.mark.parametrize("right", [300, 400, 420, 480, 700, 1199, 1200])
def test_equal_questions_are_a_binomial(right: int) -> None:
    """With equally many options throughout, the tail is that of scipy's binomial."""
    assert at_least(right, {4: 1200}) == pytest.approx(binom.sf(right - 1, 1200, 0.25), rel=1e-9)


@pytest.mark.parametrize("right", [800, 830, 900, 950])
def test_unequal_questions_agree_with_scipy(right: int) -> None:
    """2,400 questions with three numbers of options agree with scipy's Poisson-binomial."""
    options = {2: 800, 3: 100, 4: 1500}
    chances = [1 / each for each, samples in options.items() for _ in range(samples)]

    tail = at_least(right, options)

    assert tail == pytest.approx(poisson_binom.sf(right - 1, chances), rel=1e-6)


def test_a_far_tail_is_no_rounding_error() -> None:
    """All but one of 200 and 100 questions: a probability of 1e-120, to nine digits."""
    options = {4: 200, 2: 100}

    one_missed = 4.0**-200 * 2.0**-100 * (1 + 200 * 3 + 100)

    assert at_least(299, options) == pytest.approx(one_missed, rel=1e-9, abs=0)
    assert at_least(300, options) == pytest.approx(4.0**-200 * 2.0**-100, rel=1e-9, abs=0)


def test_a_large_benchmark_has_a_tail_too() -> None:
    """24,000 questions with five numbers of options are summed, and the tail falls."""
    options = {2: 8000, 3: 1000, 4: 13000, 5: 1000, 6: 1000}

    tails = [at_least(right, options) for right in (7900, 7950, 8000, 8200, 9000)]

    assert tails == sorted(tails, reverse=True)
    assert tails[1] == pytest.approx(0.5, abs=0.005)
    assert 0 < tails[-1] < 1e-40


@given(numbers_of_options, st.integers(-2, 60))
def test_more_right_guesses_are_never_likelier(options: dict[int, int], right: int) -> None:
    """The tail falls from 1 to 0."""
    assert 0 <= at_least(right + 1, options) <= at_least(right, options) <= 1


def test_an_open_question_is_never_guessed() -> None:
    """It has no options; it lowers the mean chance, and changes no tail."""
    assert guess(0) == 0
    assert mean({4: 1, 0: 1}) == Fraction(1, 8)
    assert at_least(3, {4: 10, 0: 50}) == at_least(3, {4: 10})
    assert at_least(1, {0: 50}) == 0


def test_the_mean_chance_is_exact() -> None:
    """Thirds do not round."""
    assert mean({2: 1, 3: 1, 4: 1}) == Fraction(13, 36)


@pytest.mark.parametrize(("inputs", "expected"), vectors("circular_chance", "vision.json"))
def test_guessing_every_rotation(inputs: dict[str, Any], expected: dict[str, Any]) -> None:
    """It takes as many guesses as there are options; one favourite text would do as well."""
    for options, independent, consistent in zip(
        inputs["m"],
        expected["independent_guess"],
        expected["content_consistent_guess"],
        strict=True,
    ):
        assert float(guess_every_rotation(options)) == pytest.approx(independent, rel=1e-15)
        assert float(guess(options)) == pytest.approx(consistent, rel=1e-15)
    assert guess_every_rotation(0) == 0


def test_mmstar_lists_no_chance_for_mmbench() -> None:
    """Its random choice under CircularEval is 0.0 percent; ours would be printed as 0.4."""
    listed = MMSTAR["on_six_benchmarks"]["random_choice"]["MMB"]

    assert listed == 0.0
    assert math.floor(1000 * guess_every_rotation(4)) / 10 == 0.3
