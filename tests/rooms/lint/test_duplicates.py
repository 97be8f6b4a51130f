from dataclasses import replace

import pytest
from clean_questions import clean, question_set

from pytest_mmbench.lint.duplicates import duplicates
from pytest_mmbench.records import Sample

FIRST = replace(
    clean()[0], question="Does the harbour wall stand west of the market tower in spring?"
)


def checks(*samples: Sample) -> dict[str, tuple[str, ...]]:
    return {each.check: each.samples for each in duplicates(question_set(samples))}


@pytest.mark.parametrize(
    "question",
    [
        "Does the harbour wall stand west of the market tower in the spring, please?",
        "Does the harbor wall stand west of the market tower in spring",
        "Does that harbour wall of yours stand west of the market tower in spring then?",
        "According to this, does the harbour wall stand west of the market tower in spring?",
    ],
)
def test_other_words_for_the_same_question(question: str) -> None:
    """Words without content, one slip in a long word, and signs between words change nothing."""
    assert checks(FIRST, replace(FIRST, id="b", question=question)) == {"near-duplicate": ("b",)}


@pytest.mark.parametrize(
    "question",
    [
        "Does the harbour wall stand east of the market tower in spring?",
        "Does the market wall stand west of the harbour tower in spring?",
        "Does the harbour wall not stand west of the market tower in spring?",
        "Does the second harbour wall stand west of the market tower in spring?",
        "Does the harbour wall stand 3 m west of the market tower in spring?",
    ],
)
def test_another_question(question: str) -> None:
    """A word in the place of another, words that change places, a negation, a number."""
    assert checks(FIRST, replace(FIRST, id="b", question=question)) == {}


def test_the_same_words_about_another_picture() -> None:
    """What a set asks of each of its pictures is no duplicate."""
    other = replace(FIRST, id="b", pictures=clean()[1].pictures)

    assert checks(FIRST, other) == {}


def test_other_options_make_another_question() -> None:
    """The same words with another answer among other options contradict nothing."""
    other = replace(FIRST, id="b", options=("one", "two"), target="A")

    assert checks(FIRST, other) == {}


def test_options_in_another_order() -> None:
    """They are the same question, and the letter of the target another one."""
    turned = tuple(reversed(FIRST.options))
    target = "ABCD"[3 - "ABCD".index(FIRST.target)]

    assert checks(FIRST, replace(FIRST, id="b", options=turned, target=target)) == {
        "duplicate": ("b",)
    }


def test_open_answers_that_accept_each_other() -> None:
    """An answer that the earlier question accepts too is no contradiction."""
    question = replace(FIRST, options=(), target="colour", accepted=("hue",))

    assert checks(question, replace(question, id="b", target="Hue", accepted=())) == {
        "duplicate": ("b",)
    }
    assert checks(question, replace(question, id="b", target="shade", accepted=())) == {
        "contradiction": ("b",)
    }
