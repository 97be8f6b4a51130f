from dataclasses import replace

import pytest
from clean_questions import clean

from pytest_mmbench.lint.findings import QuestionSet
from pytest_mmbench.lint.questions import absent_pictures, named_answers
from pytest_mmbench.records import Sample


def questions(
    *texts: str, options: tuple[str, ...] = ("cedar", "delta"), target: str = "A"
) -> QuestionSet:
    """Questions without pictures in these words."""
    return QuestionSet(
        samples=tuple(
            Sample(id=str(at), dimension="a", question=text, options=options, target=target)
            for at, text in enumerate(texts)
        )
    )


@pytest.mark.parametrize(
    "question",
    ["Is it cedar or delta?", "Is it a cedarwood?", "Which is it?", "Is it delta?"],
)
def test_questions_that_name_no_answer(question: str) -> None:
    """Both options, a part of a word, none, or a wrong one."""
    assert named_answers(questions(question)) == []


def test_a_set_that_names_options_at_random() -> None:
    """Where wrong options are named as often as chance has it, a name is no hint."""
    texts = ["Is it cedar?"] * 5 + ["Is it delta?"] * 5

    assert named_answers(questions(*texts)) == []


def test_short_options_are_named_by_accident() -> None:
    """A number or a short word stands in many questions."""
    assert named_answers(questions("What is 3 less 1?", options=("3", "2"))) == []


@pytest.mark.parametrize(
    ("question", "is_pointing"),
    [
        ("What is shown in the picture?", True),
        ("Look at the following bar chart.", True),
        ("What is depicted above?", True),
        ("Draw the graph of the function.", False),
        ("How many pictures fit on a wall?", False),
        ("Who imagines the future?", False),
    ],
)
def test_words_that_point_to_a_picture(question: str, *, is_pointing: bool) -> None:
    """A picture with an article before it is one; a graph is one of a function as well."""
    found = absent_pictures(questions(question))

    assert [each.check for each in found] == ["no-picture"] * is_pointing


def test_a_picture_that_is_there_is_missed_by_nobody() -> None:
    """The same words with a picture are as they should be."""
    sample = replace(clean()[0], question="What is in <image 1> and the picture?")

    assert absent_pictures(QuestionSet(samples=(sample,))) == []
