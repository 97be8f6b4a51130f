import random
from collections import Counter
from dataclasses import replace

import pytest
from clean_questions import clean
from scipy.stats import binom

from pytest_mmbench.lint.findings import QuestionSet
from pytest_mmbench.lint.keys import ALPHA, letter_balance, longest_option
from pytest_mmbench.records import LETTERS, Sample


def keyed(targets: str, options: int = 4) -> QuestionSet:
    """Questions with these targets."""
    texts = tuple(f"{letter} is it" for letter in LETTERS[:options])
    return QuestionSet(
        samples=tuple(
            replace(clean()[0], id=str(at), options=texts, target=target)
            for at, target in enumerate(targets)
        )
    )


@pytest.mark.parametrize("total", [20, 100, 400])
def test_a_letter_is_named_from_the_exact_bound_on(total: int) -> None:
    """Scipy's binomial tail at alpha / 8 says from how many on A is too frequent."""
    bound = next(
        number
        for number in range(total + 1)
        if binom.sf(number - 1, total, 0.25) <= ALPHA / 8 and number / total >= 0.3
    )
    rest = "BCD" * total

    above = letter_balance(keyed("A" * bound + rest[: total - bound]))
    below = letter_balance(keyed("A" * (bound - 1) + rest[: total - bound + 1]))

    assert above[0].examples[0].place == "A of 4"
    assert below == []


def test_each_number_of_options_is_a_key_of_its_own() -> None:
    """Two options are balanced at one half each, four at one quarter."""
    two, four = keyed("AB" * 60, options=2), keyed("ABCD" * 30)

    assert letter_balance(QuestionSet(samples=(*two.samples, *four.samples))) == []


def test_keys_that_are_drawn_are_hardly_ever_named() -> None:
    """Of 200 sets of 60 questions with a random key, at most two are out of balance."""
    draws = random.Random(3)

    named = sum(
        bool(letter_balance(keyed("".join(draws.choices("ABCD", k=60))))) for _ in range(200)
    )

    assert named <= 2


def lengths(hits: int, total: int) -> QuestionSet:
    """Questions of which so many have the longest option for target."""
    samples: list[Sample] = []
    for at in range(total):
        target = "ABCD"[at % 4]
        longest = target if at < hits else "ABCD"[(at + 1) % 4]
        options = tuple(
            f"{LETTERS[number + at % 7]} {'word' * (1 + (letter == longest))} {at}"
            for number, letter in enumerate("ABCD")
        )
        samples.append(replace(clean()[0], id=str(at), options=options, target=target))
    return QuestionSet(samples=tuple(samples))


def test_long_options_are_named_from_the_exact_bound_on() -> None:
    """Scipy's binomial tail says how often the longest option may be the correct one."""
    bound = next(number for number in range(101) if binom.sf(number - 1, 100, 0.25) <= ALPHA)

    (finding,) = longest_option(lengths(bound, 100))

    assert finding.examples[0].text.startswith(f"{bound} of 100, where chance is 25")
    assert longest_option(lengths(bound - 1, 100)) == []


def test_yes_is_longer_than_no_and_that_is_no_habit() -> None:
    """Options that all questions share have the lengths that they have."""
    samples = [
        replace(clean()[0], id=str(at), options=("Yes", "No"), target="A") for at in range(60)
    ]

    assert longest_option(QuestionSet(samples=tuple(samples))) == []
    assert Counter(each.target for each in samples) == {"A": 60}
