from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Answer, Mark, Sample
from pytest_mmbench.scorers.mathvista import (
    ExpectedAnswer,
    ExpectedType,
    NearestChoice,
    StrictTyped,
    TypedOpen,
    convert_answer,
    quoted,
    read_list,
    read_option,
)

# Extractions and predictions of the outputs that the authors ship for InstructBLIP and for random
# guesses (results/instruct_blip2, results/random; pid).
CHOICES = {
    "3": ("135\u00b0", "140\u00b0", "145\u00b0", "150\u00b0"),
    "5": ("97", "102", "107", "122"),
    "6": ("6cm", "7cm", "4cm", "5cm"),
    "7": ("half", "quarter", "o'clock", "quarter to", "quarter past"),
    "9": ("15", "13", "11", "8"),
    "10": ("A", "B", "C", "D", "E"),
    "15": ("Tilapia", "Common water flea", "Great diving beetle", "Tadpole"),
}


@pytest.mark.parametrize(
    ("pid", "extraction", "prediction"),
    [
        ("3", "B", "140\u00b0"),
        ("3", "D", "150\u00b0"),
        ("5", "E", "97"),
        ("6", "D", "5cm"),
        ("7", "quarter", "quarter"),
        ("7", "C", "o'clock"),
        ("9", "B", "13"),
        ("10", "A", "A"),
        ("15", "D", "Tadpole"),
    ],
)
def test_it_agrees_with_shipped_predictions(pid: str, extraction: str, prediction: str) -> None:
    """What the authors' program made of an extraction is what is made of it here."""
    assert read_option(extraction, CHOICES[pid]) == prediction


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ('The answer is "4".', "4"),
        ('So. The answer is "4". Or The answer is "5". Yes', '4". Or The answer is "5'),
        ('The answer is "4\n".\nThe answer is "5".', "5"),
        ('The answer is "".', ""),
        ('The answer is ".', 'The answer is ".'),
        ("The answer is 4.", "The answer is 4."),
    ],
)
def test_quotation_marks_hold_the_answer(text: str, inside: str) -> None:
    """In the first line that has them complete, as much as they can hold."""
    assert quoted(text) == inside


@pytest.mark.parametrize(
    ("type", "text", "reading"),
    [
        (ExpectedType.INTEGER, " 4 ", "4"),
        (ExpectedType.INTEGER, "4.0", "4"),
        (ExpectedType.INTEGER, "-2.9", "-2"),
        (ExpectedType.INTEGER, "1_000", "1000"),
        (ExpectedType.INTEGER, "four", ""),
        (ExpectedType.INTEGER, "nan", ""),
        (ExpectedType.INTEGER, "inf", ""),
        (ExpectedType.INTEGER, "1" * 5000, ""),
        (ExpectedType.FLOAT, "3.14159", "3.14"),
        (ExpectedType.FLOAT, "3", "3.0"),
        (ExpectedType.FLOAT, "2.675", "2.67"),
        (ExpectedType.FLOAT, "about 3", ""),
        (ExpectedType.LIST, "[0, 1]", "[0, 1]"),
        (ExpectedType.LIST, 'The answer is "[0, 1]".', "[0, 1]"),
    ],
)
def test_an_open_answer_is_made_one_of_its_kind(
    type: ExpectedType, text: str, reading: str
) -> None:
    """Whole numbers are cut, decimal ones rounded as floats are, lists taken as they are."""
    assert convert_answer(text, ExpectedAnswer(type=type, precision=2)) == reading


def test_options_of_one_text_are_right_together() -> None:
    """The texts are compared, not the letters."""
    sample = Sample(id="s", dimension="d", question="", options=("4", "5", "5"), target="C")

    score = NearestChoice()(sample, Answer(sample="s", text="B"))

    assert (score.mark, score.answer) == (Mark.CORRECT, "B")


def test_each_sample_has_its_own_kind() -> None:
    """The expected kind is looked up by the sample's id."""
    expected = {
        "1": ExpectedAnswer(type=ExpectedType.FLOAT, precision=1),
        "2": ExpectedAnswer(type=ExpectedType.INTEGER),
    }
    reading = [
        TypedOpen(expected=expected)(
            Sample(id=id, dimension="d", question="", options=(), target=""),
            Answer(sample=id, text="1.25"),
        ).answer
        for id in expected
    ]

    assert reading == ["1.2", "1"]


@cache
def textbook(one: str, other: str) -> int:
    """Levenshtein's recurrence as it is taught."""
    if not one or not other:
        return len(one) + len(other)
    kept = textbook(one[1:], other[1:]) + (one[0] != other[0])
    return min(kept, 1 + textbook(one[1:], other), 1 + textbook(one, other[1:]))


@given(st.text("ab c", max_size=7), st.lists(st.text("ab c", max_size=7), min_size=1))
def test_the_nearest_option_is_levenshteins(text: str, options: list[str]) -> None:
    """For all short texts the option is the first of those that the recurrence finds nearest."""
    nearest = min(options, key=lambda option: textbook(text.strip(), option))

    assert read_option(text, options) in (nearest, text)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("[0, 2, 1]", "[0, 2, 1]"),
        ("The list is [0,2,1].", "[0, 2, 1]"),
        ("[3] or [4]? Answer: [\u22123]", "[-3]"),
        ("[1, 2] and [1,2]", "[1, 2]"),
        ("[1, 2] or [2, 1]", ""),
        ("[a, b]", ""),
        ("[]", ""),
        ("[[1, 2], [3]]", ""),
        ("1, 2", ""),
    ],
)
def test_one_list_of_numbers_is_read(text: str, items: str) -> None:
    """Spaces do not matter; two lists, or items that are no numbers, do."""
    assert read_list(text) == items


@given(st.lists(st.integers(-99, 99), min_size=1))
def test_a_list_as_python_writes_it_is_read(numbers: list[int]) -> None:
    """The form that the question asks for is understood."""
    assert read_list(f"Answer: {numbers}") == str(numbers)


@pytest.mark.parametrize(
    ("type", "text", "target", "mark"),
    [
        (ExpectedType.INTEGER, "There are 4.0 of them.", "4", Mark.CORRECT),
        (ExpectedType.INTEGER, "4.2", "4", Mark.INCORRECT),
        (ExpectedType.INTEGER, "4 or 5", "4", Mark.UNPARSEABLE),
        (ExpectedType.FLOAT, "1.24", "1.2", Mark.CORRECT),
        (ExpectedType.FLOAT, "1.25", "1.2", Mark.CORRECT),
        (ExpectedType.FLOAT, "1.26", "1.2", Mark.INCORRECT),
        (ExpectedType.FLOAT, "6/5", "1.2", Mark.CORRECT),
        (ExpectedType.FLOAT, "no idea", "1.2", Mark.UNPARSEABLE),
        (ExpectedType.LIST, "[0, 2.0]", "[0, 2]", Mark.CORRECT),
        (ExpectedType.LIST, "[2, 0]", "[0, 2]", Mark.INCORRECT),
        (ExpectedType.LIST, "0, 2", "[0, 2]", Mark.UNPARSEABLE),
        (ExpectedType.INTEGER, "4", "", Mark.INCORRECT),
    ],
)
def test_values_are_compared(type: ExpectedType, text: str, target: str, mark: Mark) -> None:
    """Whole numbers exactly, decimal ones to the gold's places, lists item by item."""
    scorer = StrictTyped(expected={"s": ExpectedAnswer(type=type, precision=1)})
    sample = Sample(id="s", dimension="d", question="", options=(), target=target)

    assert scorer(sample, Answer(sample="s", text=text)).mark is mark
