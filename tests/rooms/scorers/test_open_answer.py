import pytest

from pytest_mmbench.records import Answer, Mark, Sample
from pytest_mmbench.scorers.open_answer import StrictOpen, is_number, read_open, read_phrase


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
