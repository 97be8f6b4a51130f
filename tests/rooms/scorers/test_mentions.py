import pytest

from pytest_mmbench.scorers.mentions import known

OPTIONS = ("red fox", "fox", "$\\frac{1}{2}$", "4 cm")


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("a red fox runs", ["a"]),
        ("the fox runs", ["b"]),
        ("foxes run", []),
        ("it is 1/2 of it", ["c"]),
        ("it is 31/2 of it", []),
        ("4cm long", ["d"]),
        ("14 cm long", []),
        ("(b) and option d", ["b", "d"]),
        ("no fox, but (a)", ["a"]),
        ("(b) is wrong", []),
        ("b = 3", []),
        ("the fox (b) runs", ["b"]),
        ("the fox (a) runs", ["b", "a"]),
        ("the fox (e) runs", ["b"]),
    ],
)
def test_letters_and_texts_are_mentioned(text: str, letters: list[str]) -> None:
    """The longest text that stands there, as whole words, and letters that stand for options."""
    assert [each.letter for each in known(OPTIONS).mentions(text)] == letters


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("option b is larger than option a", "b"),
        ("(c) is most similar to the first (a)", "c"),
        ("it is most similar to (a)", "a"),
        ("(b), while (a) is small", "b"),
        ("(a) and (b)", "ab"),
    ],
)
def test_what_is_compared_with_is_not_spoken_of(text: str, letters: str) -> None:
    """Unless nothing else is mentioned."""
    assert known(OPTIONS).concluded(text) == letters


@pytest.mark.parametrize(
    ("text", "letters"),
    [("a red fox", "a"), ("0.5", "c"), ("x = 4", "d"), ("4 m", ""), ("4.5", ""), ("", "")],
)
def test_a_text_is_an_option_word_for_word_or_in_value(text: str, letters: str) -> None:
    """Units count where both have one."""
    assert known(OPTIONS).exactly(text) == letters


def test_twins_are_both_meant() -> None:
    """One text of two options settles on neither."""
    assert known(("red", "red")).exactly("red") == "ab"
