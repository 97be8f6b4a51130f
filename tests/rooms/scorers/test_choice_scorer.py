import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Answer, Mark, Sample
from pytest_mmbench.scorers.choice_scorer import (
    FIRST_CHARACTER,
    PREFIX_CHOICE,
    REFUSALS,
    infer,
    infer_letter,
    infer_text,
    read_filtered,
    read_llava,
    read_prefix,
)

OPTIONS = ("two", "three", "four", "five")


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "B"),
        ("b", "B"),
        ("\n B. three", "B"),
        ("B.three", "B"),
        ("**B**", "B"),
        ("B)", "B"),
        ("b. three", ""),
        ("B three", ""),
        ("three", ""),
        ("E.", ""),
        ("", ""),
        ("\u212a", ""),
    ],
)
def test_the_filter_and_the_exact_match(text: str, letter: str) -> None:
    """A capital with a full stop opens the answer, else all of it is the letter."""
    assert read_filtered(text, OPTIONS) == letter


@given(st.sampled_from("ABCD"), st.text(string.punctuation), st.text(string.punctuation))
def test_punctuation_around_a_letter_does_not_count(letter: str, before: str, after: str) -> None:
    """The answer is right in whatever marks it is wrapped."""
    assert read_filtered(f" {before}{letter.lower()}{after}\n", OPTIONS) == letter


NUMBERS = ("1", "2", "3", "4")


def published(text: str, gold: str) -> bool:
    """The rule as it is written down: which places of an answer are compared with the gold."""
    text, gold = text.lower().strip().replace("\n", " "), gold.lower()
    places = [("", 0), ("(", 1), ("option ", 7), ("the answer is ", 14)]
    return any(text.startswith(start) and text[at : at + 1] == gold for start, at in places)


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "B"),
        (" b. two\n", "B"),
        ("(C) three", "C"),
        ("Option D", "D"),
        ("The answer is A.", "A"),
        ("the answer\nis B", "B"),
        ("a photo of a dog", "A"),
        ("because", "B"),
        ("Answer: D", "A"),
    ],
)
def test_the_letter_at_the_beginning(text: str, letter: str) -> None:
    """The published rule takes the first letter, after four openings, and minds no word."""
    assert read_prefix(text, NUMBERS) == letter


@pytest.mark.parametrize("text", ["", "(", "option", "nan", "**B**", "I say B", "E", "it is B"])
def test_everything_else_is_no_answer(text: str) -> None:
    """What the rule does not know is never right."""
    assert read_prefix(text, NUMBERS) == ""


@given(
    st.text(max_size=30) | st.text("ABCD(option the answer is.\n", max_size=30),
    st.sampled_from("ABCD"),
)
def test_it_agrees_with_the_published_rule(text: str, gold: str) -> None:
    """For every text and every gold letter, right is what the authors' program counts as right."""
    sample = Sample(id="s", dimension="d.e", question="q", options=NUMBERS, target=gold)

    score = PREFIX_CHOICE(sample, Answer(sample="s", text=text))

    assert (score.mark is Mark.CORRECT) == published(text, gold)
    assert score.mark is not Mark.UNPARSEABLE


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "B"),
        (" B ", "B"),
        ("B. three", "B"),
        ("B.three", ""),
        (" B. three", ""),
        ("B\nthree", "B"),
        ("I think. The answer is C", "C"),
        ("The answer is C. Or the answer is B.", "C"),
        ("Because\nThe answer is B\n", "B"),
        ("the answer is B", ""),
        ("The answer is (B)", ""),
        ("The answer is E.", ""),
        ("", ""),
        ("AB", ""),
    ],
)
def test_llava_knows_three_forms(text: str, letter: str) -> None:
    """A bare letter, one with a full stop and a space at the beginning, and a sentence."""
    assert read_llava(text, ("two", "three", "four", "five")) == letter


@given(st.text() | st.text("ABCD abcd(\n", max_size=6), st.sampled_from("ABCD"))
def test_the_first_character_decides(text: str, target: str) -> None:
    """An answer is right if it begins with the capital, after white space or not."""
    sample = Sample(id="s", dimension="d", question="", options=("1", "2", "3", "4"), target=target)

    mark = FIRST_CHARACTER(sample, Answer(sample="s", text=text)).mark

    assert (mark is Mark.CORRECT) == text.strip().startswith(target)


THREE = ("two", "three", "four")


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "B"),
        ("B a b c", "B"),
        ("B a b c d", ""),
        ("x y z B a b c", "B"),
        ("B a b c B", ""),
        ("{B}", "B"),
        ("B-", ""),
        ("A B", ""),
        ("D", ""),
        ("Z", "Z"),
        ("Z B", "B"),
        ("B or C, but the answer is C", "C"),
        ("the answer is d", ""),
        ("the answer is bananas", "B"),
    ],
)
def test_the_only_letter_near_the_end(text: str, letter: str) -> None:
    """Where a letter stands first decides; then comes what the answer is said to be."""
    assert infer_letter(text, THREE) == letter


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_is_heard_before_any_letter(refusal: str) -> None:
    """Four sentences decline to choose, whatever else is said."""
    assert infer_letter(f"{refusal} B", THREE) == "Z"
    assert infer(f"{refusal} B", THREE) == ""


def test_texts_are_looked_for_in_short_answers() -> None:
    """Up to twice the length of all options, in any case, inside words; one of them only."""
    assert infer_text("xxxxxxxxxxxxxxxxxxxTHREE", THREE) == "B"
    assert infer_text("xxxxxxxxxxxxxxxxxxxxTHREE", THREE) == ""
    assert infer_text("two, three", THREE) == ""
    assert infer("B or C: threes", THREE) == "B"
