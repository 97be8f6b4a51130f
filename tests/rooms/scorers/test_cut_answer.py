from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Answer, Mark, Sample
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.choice_scorer import PREFIX_CHOICE
from pytest_mmbench.scorers.cut_answer import score_answer
from pytest_mmbench.scorers.item_list import ListScorer
from pytest_mmbench.scorers.open_answer import StrictOpen
from pytest_mmbench.scorers.text_measures import equal
from pytest_mmbench.scorers.text_scorer import StrictText
from pytest_mmbench.scorers.yes_no import STRICT_YES_NO

CHOICE = Sample(
    id="1",
    dimension="a.b",
    question="Which colour?",
    options=("red", "red and blue", "green"),
    target="B",
)
OPEN = Sample(id="1", dimension="a.b", question="How many?", options=(), target="12")
YES_NO = Sample(id="1", dimension="a.b", question="Is it?", options=("Yes", "No"), target="A")


def read(
    text: str, sample: Sample = CHOICE, scorer: Scorer | None = None, *, cut_short: bool = True
) -> str:
    answer = Answer(sample="1", text=text, cut_short=cut_short)
    score = score_answer(scorer or StrictChoice(), sample, answer)
    assert (score.mark is Mark.UNPARSEABLE) == (not score.answer)
    return score.answer


@pytest.mark.parametrize(
    "text",
    [
        "B",
        "(B).",
        "red and blue",
        "B) red and blue, since the",
        "B\n\nExplanation: the pic",
        "The answer is B. The picture shows a c",
        "<think>It is A.</think>The answer is B. It",
        "First.\n**Answer: B**\nbecause",
        "The correct option is (B) red and blue. It",
    ],
)
def test_a_plain_answer_is_read_whatever_would_have_followed(text: str) -> None:
    """It came first, stands on a line of its own, or is stated; only then was the text cut."""
    assert read(text) == read(text, cut_short=False) == "B"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The answer is",
        "red",
        "The answer is red",
        "So the answer is B",
        "Looking at the options, B seems",
        "<think>The answer is B. But wa",
        "[THINK]The answer is B.\n",
        "◁think▷The answer is B. No",
        "<|channel|>analysis<|message|>The answer is B. Hm",
        "<think>It is <answer>B</answer>",
    ],
)
def test_what_the_end_decides_is_not_read(text: str) -> None:
    """A thought that never ended, and a statement that may have gone on, settle on nothing."""
    assert read(text) == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", ""),
        ("The answer is 12", ""),
        ("It is 12 or 1", ""),
        ("The answer is 12. This follows fr", "12"),
        ("\\boxed{12} is what we get, bec", "12"),
    ],
)
def test_a_number_at_the_end_may_be_half_of_another(text: str, number: str) -> None:
    """Twelve may have become 125; one that is stated before the end is read."""
    assert read(text, OPEN, StrictOpen()) == number


@pytest.mark.parametrize(
    ("options", "text", "letter"),
    [
        (("a cat", "a dog"), "A", ""),
        (("a cat", "a dog"), "B", "B"),
        (("cat", "dog"), "A", "A"),
        (("1", "12"), "1", ""),
        (("1", "12"), "12", "B"),
    ],
)
def test_an_option_that_begins_another_one_is_not_plain(
    options: tuple[str, ...], text: str, letter: str
) -> None:
    """`A` may be the letter, or the article of what was cut."""
    assert read(text, replace(CHOICE, options=options)) == letter


@pytest.mark.parametrize(("text", "letter"), [("Yes", "A"), ("Yes, the dog", "A"), ("It is", "")])
def test_yes_may_come_first(text: str, letter: str) -> None:
    """A word that is an option needs nothing behind it."""
    assert read(text, YES_NO, STRICT_YES_NO) == letter


@given(st.text(max_size=60))
def test_a_whole_answer_is_read_as_it_stands(text: str) -> None:
    """So is any answer that a published rule reads, as its authors would have read it."""
    for scorer, cut_short in ((StrictChoice(), False), (PREFIX_CHOICE, True)):
        answer = Answer(sample="1", text=text, cut_short=cut_short)
        assert score_answer(scorer, CHOICE, answer) == scorer(CHOICE, answer)


words = st.lists(
    st.sampled_from(["A", "B", "(C)", "red", "blue", "the answer is", "so", "because", ".", "\n"]),
    max_size=12,
).map(" ".join)


@given(words, st.sampled_from(["x", "A", "no", "green"]))
def test_the_last_word_never_decides(text: str, fragment: str) -> None:
    """Whatever a text of several words was about to say last, it is read alike."""
    if any(map(str.isalpha, text)):
        assert read(f"{text} {fragment}") == read(f"{text} {fragment}ish")


@pytest.mark.parametrize(
    "scorer",
    [
        StrictOpen(),
        StrictText(rule="strict-exact", measure=equal),
        ListScorer(is_graded=True, ordered=False),
    ],
)
@pytest.mark.parametrize("text", ["", "amber", "amber, green and", "The colours are amber, g"])
def test_what_was_cut_says_no_words_that_are_not_its_own(scorer: Scorer, text: str) -> None:
    """How it could go on is no answer, and no item of a list."""
    colours = Sample(id="1", dimension="a.b", question="Which?", options=(), target="amber; green")

    assert read(text, colours, scorer) == ""
