"""The tokens of an option, as the continuation of a prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Tokenize = Callable[[str], Sequence[int]]
"""Tokens of a text, without any special tokens of its own."""


_LINE_BREAK = "\n"


def continuation(tokenize: Tokenize, option: str, *, after: str) -> tuple[int, ...]:
    """The tokens that an option adds to the text before it.

    1. Text and option are tokenised together. If the text's own tokens come out unchanged, what
       follows them is the option.
    2. Otherwise a token reaches across the seam. The option is then tokenised after a line break,
       which keeps SentencePiece tokenizers from writing a space of their own before it.
    3. If that too changes the tokens before the seam, the option is tokenised alone.

    The result is empty only if the option adds nothing. An empty `after` begins with step 2.

    >>> letters = lambda text: [ord(letter) for letter in text]
    >>> continuation(letters, "no", after="Answer:")
    (110, 111)
    """
    for before in filter(None, (after, _LINE_BREAK)):
        kept, both = tuple(tokenize(before)), tuple(tokenize(before + option))
        if len(kept) < len(both) and both[: len(kept)] == kept:
            return both[len(kept) :]
    return tuple(tokenize(option))


def spaced(option: str, between: str) -> str:
    """The option with the white space that the template writes before an answer."""
    return option if option[:1].isspace() else between + option
