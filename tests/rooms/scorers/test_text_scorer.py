"""Short answers by a measure: of the whole text, or of what it gives as its answer."""

from fractions import Fraction

import pytest

from pytest_mmbench.records import Answer, Mark, Sample, Score
from pytest_mmbench.scorers.anls import anls
from pytest_mmbench.scorers.text_measures import equal, relaxed, relaxed_exactly
from pytest_mmbench.scorers.text_scorer import PublishedText, StrictText
from pytest_mmbench.scorers.vqa import vqa_accuracy

PUBLISHED = PublishedText(rule="anls", measure=anls)
STRICT = StrictText(rule="strict-anls", measure=anls)


def scored(scorer: PublishedText | StrictText, text: str, *golds: str) -> Score:
    """The score of an answer to an open question."""
    target, *accepted = golds
    sample = Sample(
        id="1", dimension="d", question="", options=(), target=target, accepted=tuple(accepted)
    )
    return scorer(sample, Answer(sample="1", text=text))


@pytest.mark.parametrize(
    ("text", "gold", "published", "strict"),
    [
        ("Nikon", "Nikon", "1", "1"),
        ("The brand is Nikon.", "Nikon", "0", "1"),
        ("I see a camera.\nAnswer: **Nikan**", "Nikon", "0", "4/5"),
        ("\\boxed{\\text{Nikon}}", "Nikon", "0", "1"),
        ("It says 12.50 dollars.", "12.50", "0", "1"),
        ("The answer is no.", "No", "0", "1"),
        ("the moon is full", "The moon is full", "1", "1"),
        ("", "Nikon", "0", None),
        ("Let me look at the picture first.\nThere is a camera in it.", "Nikon", "0", None),
    ],
)
def test_whole_texts_and_readings(text: str, gold: str, published: str, strict: str | None) -> None:
    """Prose earns nothing by the published rule, and what it says by the strict one."""
    reading = scored(STRICT, text, gold)

    assert scored(PUBLISHED, text, gold).credit == Fraction(published)
    assert reading.credit == Fraction(strict or 0)
    assert (reading.mark is Mark.UNPARSEABLE) == (strict is None)


def test_a_part_is_incorrect_and_earns() -> None:
    """What is right in part has the mark of a wrong answer and a credit."""
    score = scored(PUBLISHED, " Nikan\n", "Canon", "Nikon")

    assert (score.mark, score.answer) == (Mark.INCORRECT, "Nikan")
    assert score.partial == Fraction(6, 7)


@pytest.mark.parametrize(
    ("text", "credit"),
    [("The total is about 103.", 1), ("It is 106 in total, as 100 + 6 = 106.", 0), ("103 %", 1)],
)
def test_a_number_in_a_sentence(text: str, credit: int) -> None:
    """A strict relaxed rule reads the number; the published one wants it alone."""
    strict = StrictText(rule="strict-relaxed", measure=relaxed_exactly)

    assert scored(strict, text, "100").credit == credit
    assert not scored(PublishedText(rule="relaxed", measure=relaxed), text, "100").credit


def test_ten_people() -> None:
    """Whoever says what three of ten said earns nine tenths, in a sentence by the strict rule."""
    golds = ["stop", "stop", "stop", *(f"word {at}" for at in range(7))]
    strict = StrictText(rule="strict-vqa", measure=vqa_accuracy)

    assert scored(strict, "The sign says stop.", *golds).partial == Fraction(9, 10)
    assert scored(strict, "Stop", *golds).partial == Fraction(9, 10)


def test_a_long_reference_may_be_said() -> None:
    """A phrase may have twice the words of the longest reference."""
    gold = "one two three four five six seven eight nine ten"
    strict = StrictText(rule="strict-exact", measure=equal)

    assert scored(strict, f"The answer is: {gold}.", gold).mark is Mark.CORRECT
