import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.benchmarks.multiple_choice import read_options

FOUR = ("one", "two", "three", "four")


@pytest.mark.parametrize(
    ("question", "options"),
    [
        ("Q?\nOptions: A: one, B: two, C: three, D: four", FOUR),
        ("Q?\nOptions:A: one,B: two, C:three, D: four ", FOUR),
        ("Q?\nOptions:\nA: one\nB: two\nC: three\nD: four", FOUR),
        ("Q?\nOptions:\nA. one\nB. two\nC. three\nD. four", FOUR),
        ("Q?\nChoices:\n(A) one\n(B) two\n(C) three\n(D) four", FOUR),
        ("Q?\nChoices: (A) one (B) two", ("one", "two")),
        ("Q?\nOptions: A: Yes, B: No, C: nan, D: nan", ("Yes", "No")),
        ("Q?\nOptions: A: in, out, B: 1,000, C: x: y, D: two", ("in, out", "1,000", "x: y", "two")),
        ("Q?\nOptions: A: 12:30, B: 1:15", ("12:30", "1:15")),
        (
            "Q?\nChoices:\n(A) one\n(B) both (A) and (C)\n(C) three",
            ("one", "both (A) and (C)", "three"),
        ),
        ("Options: of whom?\nOptions: A: one, B: two", ("one", "two")),
        ("Q?\nOptions: A: one, B: nan, C: three, D: nan", ("one", "nan", "three")),
    ],
)
def test_options_are_read_out_of_the_question(question: str, options: tuple[str, ...]) -> None:
    """Each published layout gives its texts; commas stay, and options that are missing go."""
    assert read_options(question).options == options


@pytest.mark.parametrize(
    "question",
    [
        "How many are there?",
        "Q?\nOptions: one, two, three",
        "Q?\nOptions: A: one",
        "Q?\nOptions: B: one, C: two",
        "Q?\nOptions: A: one, B: two, B: three, C: four",
        "Q?\nOptions: A: , B: two",
        "Q?\nOptions: A: nan, B: nan",
        "",
    ],
)
def test_what_is_ambiguous_is_not_read(question: str) -> None:
    """Where nobody knows where an option begins or ends, there are none, and nothing is cut off."""
    found = read_options(question)

    assert found.options == ()
    assert found.stem == question.strip()


words = st.text("abc XY,.", min_size=1, max_size=8).map(str.strip).filter(bool)


@given(words, st.lists(words.filter(lambda text: text.lower() != "nan"), min_size=2, max_size=4))
def test_what_was_written_is_read_back(stem: str, options: list[str]) -> None:
    """Any options in either layout come back, and the question without them."""
    inline = ", ".join(f"{at}: {text}" for at, text in zip("ABCD", options, strict=False))
    listed = "\n".join(f"({at}) {text}" for at, text in zip("ABCD", options, strict=False))

    for question in (f"{stem}\nOptions: {inline}", f"{stem}\nChoices:\n{listed}"):
        found = read_options(question)
        assert found.options == tuple(options)
        assert found.stem == stem
