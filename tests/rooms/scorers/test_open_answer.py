from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Answer, Mark, Sample
from pytest_mmbench.scorers.number_answer import read_number
from pytest_mmbench.scorers.numerals import LONGEST
from pytest_mmbench.scorers.open_answer import (
    StrictOpen,
    is_number,
    read_open,
    read_phrase,
)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Transistor.", "transistor"),
        ("  the  *NPN* transistor ", "the *npn* transistor"),
        ("Answer: a transistor. It amplifies.", "a transistor"),
        ("It amplifies.\nSo the final answer is:\nTransistor\nThat is all.", "transistor"),
        ("", ""),
        ("First this.\nThen that.", ""),
        ("one two three four five six seven eight", "one two three four five six seven eight"),
        ("one two three four five six seven eight nine", ""),
    ],
)
def test_a_phrase_is_stated_or_the_whole_text(text: str, phrase: str) -> None:
    """What follows the last statement counts, or a text of one line and few words."""
    assert read_phrase(text) == phrase


@pytest.mark.parametrize("gold", ["4", "-4.5", "1,234", "$6.50", "45%", "2e-3", "1/3", ".5"])
def test_a_gold_can_be_a_number(gold: str) -> None:
    """Numbers are known with signs, groups, currency and percent."""
    assert is_number(gold)


@pytest.mark.parametrize("gold", ["", "four", "5 years", "x = 5", "[1, 2]", "nan", "1.2.3", "A4"])
def test_a_gold_can_be_words(gold: str) -> None:
    """Anything beside a number makes a gold a text."""
    assert not is_number(gold)


@pytest.mark.parametrize(
    ("text", "gold", "correct"),
    [
        ("4.50", "4.5", True),
        ("4.504", "4.5", True),
        ("4.53", "4.5", False),
        ("9/2", "4.5", True),
        ("0.0", "0.0031", False),
        ("3.1e-3", "0.0031", True),
        ("0.333", "1/3", True),
        ("1,234", "1234", True),
        ("The transistor", "transistor", True),
        ("An NPN transistor", "transistor", False),
        ("TRANSISTOR", "a transistor", True),
    ],
)
def test_values_and_words_are_compared(text: str, gold: str, correct: bool) -> None:  # noqa: FBT001
    """Numbers agree to two decimals or the gold's own, words to the letter but for an article."""
    assert read_open(text, gold).correct is correct


@pytest.mark.parametrize(
    ("text", "mark", "reading"),
    [
        ("5 years", Mark.CORRECT, "5 years"),
        ("It takes 60 months, as the table in the picture shows.", Mark.CORRECT, "60"),
        ("6 years", Mark.INCORRECT, "6 years"),
        ("It takes 6 or 7 years, as the table in the picture shows.", Mark.UNPARSEABLE, ""),
    ],
)
def test_any_accepted_answer_is_correct(text: str, mark: Mark, reading: str) -> None:
    """Each gold is read in its own way; the answer is unparseable only if none can be."""
    sample = Sample(
        id="s", dimension="d", question="", options=(), target="5 years", accepted=("60",)
    )

    score = StrictOpen()(sample, Answer(sample="s", text=text))

    assert (score.mark, score.answer) == (mark, reading)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4", "4"),
        ("4.", "4"),
        ("four", "4"),
        ("-4", "-4"),
        ("\u22124", "-4"),
        ("$1,234.50", "1234.50"),
        ("12cm", "12"),
        ("about 45 %", "45"),
        ("3/4", "3/4"),
        ("7 / 8", "7/8"),
        (".5", ".5"),
        ("1.5E3", "1.5e3"),
        ("1.2 \\times 10^{-3}", "1.2e-3"),
        ("3 \u00d7 10\u2075", "3e5"),
        ("\uff11\uff12", "12"),
        ("9.8 m/s^2", "9.8"),
        ("9.8 m/s\u00b2", "9.8"),
        ("5 and 5.0", "5"),
        ("There were 5 and 2 left. Answer: 3", "3"),
        ("**Answer:** 7 cubes\nI removed 3 of them.", "7"),
        ("The answer is 7. I hope this answer helps.", "7"),
        ("So the answer is 10 - 3 = 7", "7"),
        ("\\boxed{-7.50}", "-7.50"),
        ("<think>1 or 2?</think>3", "3"),
        ("It is not 5 but 6.", "6"),
        ("The answer is 5? No, the answer is 6.", "6"),
        ("-$5", "-5"),
        ("The loss is -\\$5.", "-5"),
        ("$45^\\circ$", "45"),
        ("\\boxed{45^{\\circ}}", "45"),
        ("\\boxed{1{,}234\\text{ m}}", "1234"),
        ("$-\\frac{3}{4}$", "-3/4"),
        ("\u7b54\u6848\u662f5\u3002\u56e0\u4e3a2+3=5", "5"),
        ("\u5171\u67097\u4e2a", "7"),
        ("\u6b63\u89e3\u306f7\u3067\u3059", "7"),
    ],
)
def test_it_reads_the_one_number(text: str, number: str) -> None:
    """Signs, groups, fractions, powers of ten, units and statements are understood."""
    assert read_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nan",
        "infinity",
        "3 or 4",
        "The answer is 3 or 4.",
        "Answer: 5. Or the answer is 6 or 7.",
        "5-3",
        "a = 5, b = 3",
        "10\u201312",
        "1,23",
        "1.2.3",
        "12/05/2020",
        "1 1/2",
        "2\u00bd",
        "1/0",
        "5.3/4",
        "1e3/4",
        "5.3/4 or 2",
        "2^3",
        "10\u00b2",
        "10\u207b\u2075",
        "10^{-3}",
        "x2",
        "3x2",
        "3rd",
        "3_000",
        "The answer is not 5.",
        "It isn't 5.",
        "<think>The answer is 5",
        "\\sqrt{2}",
        "2\u221a3",
        "1 + 2\u03c0",
        "5\\pi",
        "2x + 3",
        "2\\frac{1}{2}",
        "1" * (LONGEST + 1),
    ],
)
def test_it_settles_on_no_other(text: str) -> None:
    """Two values, and what only looks like a number, are no reading."""
    assert read_number(text) == ""


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9)).map(
    lambda number: format(number, "f")
)
FORMS = ["{}", "{}.", "The answer is {}.", "Answer: {} cm", "I count 2 and 9.\nAnswer: **{}**"]


@given(NUMBERS, st.sampled_from(FORMS))
def test_a_number_is_read_as_its_digits_say(number: str, form: str) -> None:
    """Whatever stands around it, the value is exactly that of the digits."""
    assert Fraction(read_number(form.format(number))) == Fraction(number)


@given(st.integers(-(10**12), 10**12))
def test_groups_of_three_change_no_value(number: int) -> None:
    """A whole number may be grouped by commas."""
    assert Fraction(read_number(f"{number:,}")) == number


@given(NUMBERS, NUMBERS)
def test_two_numbers_are_read_only_if_they_are_equal(one: str, other: str) -> None:
    """Nothing is chosen among different values."""
    assert (read_number(f"{one} or {other}") != "") == (Fraction(one) == Fraction(other))


@pytest.mark.parametrize(
    ("text", "correct"),
    [
        ("The brand is Nikon.", True),
        ("It says: the Nikon", True),
        ("<answer>Nikon</answer>", True),
        ("A camera.\n<answer>Nikon</answer>", True),
        ("<answer>Canon</answer>", False),
        ("The brand is not Nikon.", False),
        ("It is unclear whether it is Nikon.", False),
        ("It is a Nikon or a Canon.", False),
    ],
)
def test_a_sentence_or_a_tag_around_an_answer(text: str, correct: bool) -> None:  # noqa: FBT001
    """What is said of the subject, or stands in a tag for answers, is the answer."""
    assert read_open(text, "Nikon").correct is correct
