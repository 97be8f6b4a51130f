import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Answer, Mark, Sample
from pytest_mmbench.scorers.mathvista import AnswerType, ExpectedAnswer, StrictTyped, read_list


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
        (AnswerType.INTEGER, "There are 4.0 of them.", "4", Mark.CORRECT),
        (AnswerType.INTEGER, "4.2", "4", Mark.INCORRECT),
        (AnswerType.INTEGER, "4 or 5", "4", Mark.UNPARSEABLE),
        (AnswerType.FLOAT, "1.24", "1.2", Mark.CORRECT),
        (AnswerType.FLOAT, "1.25", "1.2", Mark.CORRECT),
        (AnswerType.FLOAT, "1.26", "1.2", Mark.INCORRECT),
        (AnswerType.FLOAT, "6/5", "1.2", Mark.CORRECT),
        (AnswerType.FLOAT, "no idea", "1.2", Mark.UNPARSEABLE),
        (AnswerType.LIST, "[0, 2.0]", "[0, 2]", Mark.CORRECT),
        (AnswerType.LIST, "[2, 0]", "[0, 2]", Mark.INCORRECT),
        (AnswerType.LIST, "0, 2", "[0, 2]", Mark.UNPARSEABLE),
        (AnswerType.INTEGER, "4", "", Mark.INCORRECT),
    ],
)
def test_values_are_compared(type: AnswerType, text: str, target: str, mark: Mark) -> None:
    """Whole numbers exactly, decimal ones to the gold's places, lists item by item."""
    scorer = StrictTyped(expected={"s": ExpectedAnswer(type=type, precision=1)})
    sample = Sample(id="s", dimension="d", question="", options=(), target=target)

    assert scorer(sample, Answer(sample="s", text=text)).mark is mark
