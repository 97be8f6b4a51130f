"""Conditions of words: pictures left out, questions left out, options rotated."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.conditions.text import image, no_image, no_question, options_only, rotated
from pytest_mmbench.records import LETTERS, Picture, Sample


def unread() -> bytes:
    raise AssertionError("a picture was read")


SAMPLE = Sample(
    id="q1",
    dimension="art.colour",
    question="Which colour is <image 1>?",
    options=("red", "green", "blue", "grey"),
    target="B",
    pictures=(Picture(name="1.png", read=unread),),
    cluster="1",
    unit="u1",
)


@st.composite
def questions(draw: st.DrawFn) -> Sample:
    options = tuple(draw(st.lists(st.text(max_size=4), min_size=1, max_size=26)))
    target = draw(st.sampled_from(LETTERS[: len(options)]))
    return replace(SAMPLE, options=options, target=target)


def right(sample: Sample) -> str:
    return sample.options[LETTERS.index(sample.target)]


def test_without_the_image_the_words_stay() -> None:
    """The placeholder too: what a prompt says of pictures is its benchmark's business."""
    assert no_image([SAMPLE], seed=0) == [replace(SAMPLE, pictures=())]


def test_without_the_question_picture_and_options_stay() -> None:
    """It is what stands in for `options-only` where a picture is needed."""
    assert no_question([SAMPLE], seed=0) == [replace(SAMPLE, question="")]


def test_options_only() -> None:
    """Neither question nor picture; the same options and the same target."""
    assert options_only([SAMPLE], seed=0) == [replace(SAMPLE, question="", pictures=())]


def test_a_rotation_by_one() -> None:
    """The first option goes to the end, and the target to the letter before."""
    (turned,) = rotated(1)([SAMPLE], seed=0)

    assert turned == replace(SAMPLE, options=("green", "blue", "grey", "red"), target="A")


@given(questions(), st.integers(1, 999))
def test_the_right_answer_keeps_its_text(sample: Sample, by: int) -> None:
    """Whatever the rotation, the target's letter stands before the same text, also among twins."""
    (turned,) = rotated(by)([sample], seed=0)
    moved = (LETTERS.index(turned.target) + by - LETTERS.index(sample.target)) % len(sample.options)

    assert right(turned) == right(sample)
    assert moved == 0


def test_letters_that_stand_for_options_stay() -> None:
    """Where texts could not be read out of a question, letters are its options: nothing moves."""
    lettered = replace(SAMPLE, options=("A", "B", "C"), target="B")

    assert rotated(1)([lettered], seed=0) == [lettered]


@given(questions())
def test_as_many_rotations_as_options_are_none(sample: Sample) -> None:
    """A rotation by the number of options is the sample as it was."""
    count = len(sample.options)
    turned = [sample]
    for _ in range(count):
        turned = rotated(1)(turned, seed=0)

    assert turned == [sample]
    assert rotated(count)([sample], seed=0) == image([sample], seed=0)


@given(questions(), st.integers(1, 99), st.integers(1, 99))
def test_rotations_add_up(sample: Sample, one: int, other: int) -> None:
    """One rotation after another is the rotation by their sum."""
    twice = rotated(other)(rotated(one)([sample], seed=0), seed=0)

    assert twice == rotated(one + other)([sample], seed=0)


@given(st.integers(2, 26))
def test_rotations_show_the_right_answer_at_every_letter(count: int) -> None:
    """Once each, which is what asking under every rotation rests on."""
    sample = replace(SAMPLE, options=tuple(map(str, range(count))), target="A")
    targets = [rotated(by)([sample], seed=0)[0].target for by in range(1, count)]

    assert sorted([sample.target, *targets]) == list(LETTERS[:count])


def test_an_open_question_has_nothing_to_rotate() -> None:
    """It stays as it is, its accepted answers included."""
    asked = replace(SAMPLE, options=(), target="42", accepted=("forty-two",))

    assert rotated(3)([asked], seed=0) == [asked]
