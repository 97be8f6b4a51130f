import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Answer, Mark, Sample
from pytest_mmbench.scorers.choice_scorer import PREFIX_CHOICE, read_prefix

OPTIONS = ("1", "2", "3", "4")


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
    assert read_prefix(text, OPTIONS) == letter


@pytest.mark.parametrize("text", ["", "(", "option", "nan", "**B**", "I say B", "E", "it is B"])
def test_everything_else_is_no_answer(text: str) -> None:
    """What the rule does not know is never right."""
    assert read_prefix(text, OPTIONS) == ""


@given(
    st.text(max_size=30) | st.text("ABCD(option the answer is.\n", max_size=30),
    st.sampled_from("ABCD"),
)
def test_it_agrees_with_the_published_rule(text: str, gold: str) -> None:
    """For every text and every gold letter, right is what the authors' program counts as right."""
    sample = Sample(id="s", dimension="d.e", question="q", options=OPTIONS, target=gold)

    score = PREFIX_CHOICE(sample, Answer(sample="s", text=text))

    assert (score.mark is Mark.CORRECT) == published(text, gold)
    assert score.mark is not Mark.UNPARSEABLE
