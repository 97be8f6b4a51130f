import re

from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.benchmarks.prompts import bracketed_lines, interleaved
from pytest_mmbench.records import Picture

NUMBERED = re.compile(r"<image (?P<number>\d)>")
COUNTED = re.compile(r"<img>")
ONE, TWO, THREE = (Picture(name=name, read=bytes) for name in ("one", "two", "three"))


def test_options_in_brackets() -> None:
    """One to a line, as MMMU and MathVista list them."""
    assert bracketed_lines(("one", "two")) == "(A) one\n(B) two"


def test_pictures_stand_where_their_marks_are() -> None:
    """Numbered marks may come in any order, and twice."""
    prompt = interleaved("see <image 2>, not <image 1> or <image 2>.", [ONE, TWO], NUMBERED)

    assert prompt.turns[0].parts == ("see ", TWO, ", not ", ONE, " or ", TWO, ".")


def test_marks_without_numbers_are_counted() -> None:
    """The first mark is the first picture."""
    prompt = interleaved("<img>: a. <img>:", [ONE, TWO], COUNTED)

    assert prompt.turns[0].parts == (ONE, ": a. ", TWO, ":")


def test_pictures_without_a_mark_come_first() -> None:
    """None is dropped in silence."""
    prompt = interleaved("what is <image 2>?", [ONE, TWO, THREE], NUMBERED)

    assert prompt.turns[0].parts == (ONE, THREE, "what is ", TWO, "?")


def test_a_turn_without_anything_is_an_empty_text() -> None:
    """Neither question nor picture: the turn is there all the same."""
    assert interleaved("<img>", [], COUNTED, missing="").turns[0].parts == ("",)


def test_marks_of_pictures_that_are_not_there() -> None:
    """The words stay, or something else stands for them."""
    assert interleaved("<img>: a. <img>", [], COUNTED).turns[0].parts == ("<img>: a. <img>",)
    assert interleaved("<img>: a. <img>", [ONE], COUNTED, missing="").turns[0].parts == (
        ONE,
        ": a. ",
    )


@given(st.lists(st.sampled_from(["<img>", "a", " ", "<im", "g>"])), st.integers(0, 3))
def test_every_picture_is_shown_and_no_word_is_lost(words: list[str], count: int) -> None:
    """Whatever the text, its words and all pictures are in the prompt."""
    text, pictures = "".join(words), [ONE, TWO, THREE][:count]

    prompt = interleaved(text, pictures, COUNTED, missing="")

    texts = [part for part in prompt.turns[0].parts if isinstance(part, str)]
    assert "".join(texts) == COUNTED.sub("", text)
    assert sorted(each.name for each in prompt.pictures) == sorted(each.name for each in pictures)
