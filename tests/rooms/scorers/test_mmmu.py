from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Answer, Mark, Sample
from pytest_mmbench.scorers.mmmu import (
    MMMUChoice,
    MMMUOpen,
    matches,
    random_letter,
    read_candidates,
    read_open,
)

OPTIONS = ("two", "three", "a dog", "threefold")


@pytest.mark.parametrize("text", ["", "B.three", "b", "B\n", "three", "I see nothing", "(E) E "])
def test_without_a_candidate_nothing_is_read(text: str) -> None:
    """A letter needs brackets or spaces, and an option's text an answer of more than five words."""
    assert read_candidates(text, OPTIONS) == ""


def test_of_two_texts_at_one_place_the_first_option_wins() -> None:
    """An option that begins like another one hides it, unless it comes first."""
    text = "all of them are threefold things"

    assert read_candidates(text, ("threefold", "three")) == "A"
    assert read_candidates(text, ("three", "threefold")) == "A"


def test_punctuation_is_taken_off_once_and_in_order() -> None:
    """A comma behind a full stop goes, and the one that comes out below it stays."""
    assert read_candidates("B.,", OPTIONS) == "B"
    assert read_candidates("B,.", OPTIONS) == ""


@given(st.lists(st.sampled_from("ABCD"), min_size=1), st.sampled_from(["({})", " {} "]))
def test_the_last_letter_counts(said: list[str], form: str) -> None:
    """Of any number of letters that are written alike the last one is read."""
    assert read_candidates("or".join(map(form.format, said)), OPTIONS) == said[-1]


def test_a_draw_depends_on_the_sample_alone() -> None:
    """Two texts without a candidate get the same option, in any order of asking."""
    sample = Sample(id="val_7", dimension="d", question="", options=OPTIONS, target="A")
    answers = [Answer(sample="val_7", text=text) for text in ("", "no idea", "b")]

    assert {MMMUChoice()(sample, answer).answer for answer in answers} == {
        random_letter("val_7", OPTIONS)
    }


def test_draws_are_even() -> None:
    """Silence scores at chance: of 4,000 samples each option gets 1,000, give or take 4 sigma."""
    counts = Counter(random_letter(f"validation_Math_{number}", OPTIONS) for number in range(4000))

    assert set(counts) == set("ABCD")
    assert all(abs(count - 1000) < 4 * 27.4 for count in counts.values())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [""]),
        ("Four.", ["four"]),
        ("The answer is 4.5", [4.5]),
        ("so it is 12 cm", ["12 cm", 12.0]),
        ("x", [" x", "x "]),
        ("1,234 m", ["1,234 m", 1234.0, 234.0]),
        ("2.5e3 m", ["2.5e3 m", 2500.0, 2.0, 3.0]),
        ("12.5e3e", ["12.5e3e", 12500.0, 12.0]),
        ("3.14159", [3.14]),
        ("it is red\nand this blue", ["red", "blue"]),
        ("it is :\nred", ["it is :\nred"]),
        ("x = 2\ny = 3", [3.0]),
        ("the result is", ["is"]),
        ("the final answer ", ["answer"]),
    ],
)
def test_everything_that_it_may_stand_for(text: str, found: list[str | float]) -> None:
    """The end after an announcement, or the whole text, and every number in that."""
    assert read_open(text) == found


def test_a_number_is_no_text() -> None:
    """Gold numbers are compared by value, gold texts are looked for in texts."""
    assert matches([1.5], ["1.50"])
    assert matches(["15 dogs"], ["dog"])
    assert not matches([15.0], ["5"])
    assert not matches(["15 dogs"], ["5"])
    assert not matches([float("nan")], ["nan"])


def test_any_accepted_answer_is_right() -> None:
    """A gold list means that each of its texts will do."""
    sample = Sample(
        id="s", dimension="d", question="", options=(), target="five", accepted=("5", "V")
    )

    marks = [MMMUOpen()(sample, Answer(sample="s", text=text)).mark for text in ("5.00", "six")]

    assert marks == [Mark.CORRECT, Mark.INCORRECT]
