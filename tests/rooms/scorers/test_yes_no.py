import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Answer, Sample
from pytest_mmbench.scorers.choice_scorer import ChoiceScorer
from pytest_mmbench.scorers.yes_no import OPENING_YES_NO, STRICT_YES_NO, read_opening, read_word


@given(st.text() | st.text("yesno YESNO.,\n", max_size=8))
def test_four_characters_decide(text: str) -> None:
    """Of the first four, in small letters, a yes comes before a no."""
    four = text.lower()[:4]
    expected = "yes" if "yes" in four else "no" if "no" in four else ""

    assert read_opening(text) == expected


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("yes", "yes"),
        ("**No.**", "no"),
        ("Answer: NO", "no"),
        ("There is no bicycle.", "no"),
        ("\uff39\uff45\uff53", "yes"),
        ("<think>yes?</think>No", "no"),
        ("No doubt: yes", "yes"),
        ("Yes, and there is no other.", "yes"),
        ("Yes\n\nThere are no cars, but there is a bicycle.", "yes"),
        ("The sign says yes. The answer is no.", "no"),
        ("Yes. Wait, actually no.", "no"),
        ("The answer is no. Hold on, there is one. So yes.", "yes"),
        ("Yes. Wait, let me double-check. It is there.", "yes"),
        ("The answer is not yes.", ""),
        ("<think>yes", ""),
        ("No\nYes", ""),
        ("It is a yes or no question.", ""),
        ("yes, no", ""),
        ("Answer yes or no", ""),
        ("nope", ""),
        ("yes-man's no-go", ""),
        ("I have no way to tell", ""),
        ("", ""),
    ],
)
def test_exactly_one_of_the_words_is_read(text: str, word: str) -> None:
    """Parts of words and idioms say nothing."""
    assert read_word(text) == word


@pytest.mark.parametrize("scorer", [OPENING_YES_NO, STRICT_YES_NO])
@pytest.mark.parametrize(("options", "letter"), [(("Yes", "No"), "B"), (("no", "yes"), "A")])
def test_a_word_is_the_letter_of_its_option(
    scorer: ChoiceScorer, options: tuple[str, ...], letter: str
) -> None:
    """The options may stand in either order and case."""
    sample = Sample(id="s", dimension="d", question="", options=options, target="A")

    assert scorer(sample, Answer(sample="s", text="No.")).answer == letter
