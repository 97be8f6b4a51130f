from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Answer, Sample
from pytest_mmbench.scorers.mmmu import MMMUChoice, random_letter, read_candidates

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
