"""Published rules that only recipes use, one quirk a line."""

import pytest

from pytest_mmbench.scorers.choice_scorer import read_only_bracket
from pytest_mmbench.scorers.mmmu import read_last_answer
from pytest_mmbench.scorers.yes_no import read_lone_word

TEN = ("a child", "a sailor", "a baker", "a smith", "a cook", *(f"a {each}" for each in "12345"))


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("It is ink.\n\nAnswer: J", "J"),
        ("Answer: B\n\nNo, wait.\n\nAnswer: \\( C \\)", "C"),
        ("Answer: None of these", ""),
        ("Answer: (F)A. 4.66%; B. 6.20%", "F"),
        ("Perhaps (B). Or rather (D).", "D"),
        ("I would say that it shows a sailor on a ship", "I"),
        ("it seems to show a sailor on a ship", "B"),
        ("answer: C", "C"),
        ("", ""),
    ],
)
def test_the_last_answer_counts(text: str, letter: str) -> None:
    """MMMU-Pro looks behind the last `Answer:`, and else as MMMU does."""
    assert read_last_answer(text, TEN) == letter


def test_letters_are_not_looked_for_as_texts() -> None:
    """Options that stand in the picture have letters alone, and any word would hold some."""
    assert read_last_answer("nobody can say what this is about", tuple("ABCDEFGHIJ")) == ""
    assert read_last_answer("the picture shows (C) in the end", tuple("ABCDEFGHIJ")) == "C"


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("(B) 1\n\nThere is one.", "B"),
        ("It is (A), and again (A).", "A"),
        ("(A) or (B)", ""),
        ("Point C", ""),
        ("(b)", ""),
        ("(E)", ""),
    ],
)
def test_only_one_bracket_counts(text: str, letter: str) -> None:
    """BLINK's rule as far as no model is asked."""
    assert read_only_bracket(text, ("one", "two", "three", "four")) == letter


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Yes, they are equal.", "yes"),
        ("NO!", "no"),
        ("Nothing is known.", ""),
        ("Yes, there is no doubt.", ""),
        ("Eyes and noses", ""),
        ("no-one", "no"),
        ("no-one - or nobody", ""),
        ("yes: it is", ""),
        ("**No**", ""),
    ],
)
def test_one_of_both_words_counts(text: str, word: str) -> None:
    """VLMEvalKit's rule for HallusionBench as far as no model is asked."""
    assert read_lone_word(text) == word
