"""The seam between a prompt and an option."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.models.encoder import continuation_tokens, with_gap


def letters(text: str) -> list[int]:
    """One token per letter: nothing reaches across a seam."""
    return [ord(letter) for letter in text]


class Words:
    """A tokenizer that numbers whole words with their leading space, as SentencePiece has them."""

    def __init__(self) -> None:
        self.vocabulary: list[str] = []

    def __call__(self, text: str) -> list[int]:
        lines = ("▁" + text.replace(" ", "▁")).replace("\n", "▁\n")
        pieces = [piece for piece in lines.replace("▁", " ▁").split(" ") if piece]
        self.vocabulary += [piece for piece in pieces if piece not in self.vocabulary]
        return [self.vocabulary.index(piece) for piece in pieces]

    def text(self, tokens: tuple[int, ...]) -> list[str]:
        return [self.vocabulary[token] for token in tokens]


@given(prompt=st.text(max_size=20), option=st.text(min_size=1, max_size=20))
def test_where_no_token_reaches_across_the_option_is_itself(prompt: str, option: str) -> None:
    """Prompt and option together are then the prompt's tokens and the option's."""
    assert continuation_tokens(letters, option, after=prompt) == tuple(letters(option))


def test_a_word_after_a_word_keeps_its_space() -> None:
    """The usual case: the template's white space makes the option a word of its own."""
    words = Words()
    tokens = continuation_tokens(words, with_gap("a cat", " "), after="Is this a dog? ASSISTANT:")
    assert words.text(tokens) == ["▁a", "▁cat"]


def test_an_option_that_grows_together_with_the_prompt_is_not_lost() -> None:
    """Without white space the last word of the prompt would change: the option stands alone."""
    words = Words()
    tokens = continuation_tokens(words, "cat", after="Is this a dog? ASSISTANT:")
    assert words.text(tokens) == ["▁cat"]


def test_an_empty_option_has_no_tokens() -> None:
    """Its likelihood would mean nothing; the caller refuses it."""
    assert continuation_tokens(letters, "", after="Answer:") == ()


@pytest.mark.parametrize(
    ("option", "text"), [("cat", " cat"), (" cat", " cat"), ("\ncat", "\ncat")]
)
def test_an_option_gets_white_space_once(option: str, text: str) -> None:
    """A benchmark that writes its own is left alone."""
    assert with_gap(option, " ") == text
