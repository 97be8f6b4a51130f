import pytest

from pytest_mmbench.scorers.choice_scorer import REFUSALS, infer, infer_letter, infer_text

OPTIONS = ("two", "three", "four")


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
    assert infer_letter(text, OPTIONS) == letter


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_is_heard_before_any_letter(refusal: str) -> None:
    """Four sentences decline to choose, whatever else is said."""
    assert infer_letter(f"{refusal} B", OPTIONS) == "Z"
    assert infer(f"{refusal} B", OPTIONS) == ""


def test_texts_are_looked_for_in_short_answers() -> None:
    """Up to twice the length of all options, in any case, inside words; one of them only."""
    assert infer_text("xxxxxxxxxxxxxxxxxxxTHREE", OPTIONS) == "B"
    assert infer_text("xxxxxxxxxxxxxxxxxxxxTHREE", OPTIONS) == ""
    assert infer_text("two, three", OPTIONS) == ""
    assert infer("B or C: threes", OPTIONS) == "B"
