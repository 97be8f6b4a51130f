import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.lint.damage import damaged_texts, script, unlike_the_rest
from pytest_mmbench.lint.findings import QuestionSet
from pytest_mmbench.records import Sample


def asked(*questions: str, target: str = "12") -> QuestionSet:
    """Open questions in these words."""
    return QuestionSet(
        samples=tuple(
            Sample(id=str(at), dimension="a", question=text, options=(), target=target)
            for at, text in enumerate(questions)
        )
    )


@pytest.mark.parametrize(
    "text",
    [
        "na\u00efve caf\u00e9, 5 \u00b5m, 20 \u00b0C",
        "\u4e2d\u6587 \u0440\u0443\u0441\u0441\u043a\u0438\u0439 \u05e2\u05d1\u05e8\u05d9\u05ea",
        "a < b > c & d, x<y>z",
        "line one\n\tline two",
        "\U0001f469\u200d\U0001f52c",
        "fa\u00e7ade \u2018quoted\u2019 \u2013 dash",
    ],
)
def test_texts_that_are_as_they_should_be(text: str) -> None:
    """Accents, other scripts, signs of mathematics, lines, joined emoji."""
    assert damaged_texts(asked(text)) == []


@given(st.text(st.characters(min_codepoint=0xC0, max_codepoint=0x24F), min_size=1))
def test_utf_8_that_was_read_as_latin_1_is_found(text: str) -> None:
    """Whatever letters with accents it was."""
    damaged = text.encode().decode("latin-1")

    assert "mojibake" in [each.check for each in damaged_texts(asked(f"The word {damaged}."))]


@pytest.mark.parametrize(
    ("text", "name"), [("What is it?", "LATIN"), ("\u4f55\u3067\u3059\u304b", "CJK"), ("1 + 1", "")]
)
def test_the_script_of_a_text(text: str, name: str) -> None:
    """That of most of its letters; kana count with the signs that they stand beside."""
    assert script(text) == name


def test_a_set_of_two_languages_is_meant_to_be_one() -> None:
    """Only a few questions in another script are named."""
    halves = asked(*["What is it?"] * 10, *["\u4ec0\u4e48"] * 10)

    assert unlike_the_rest(halves) == []


def test_a_word_among_numbers() -> None:
    """One answer of another kind than the rest of its leaf is named."""
    numbers = asked(*["How many are there?"] * 39)
    word = Sample(id="word", dimension="a", question="How many?", options=(), target="many")

    (finding,) = unlike_the_rest(QuestionSet(samples=(*numbers.samples, word)))

    assert (finding.check, finding.samples) == ("mixed-answers", ("word",))
