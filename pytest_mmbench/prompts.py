"""Wording that benchmarks share: options as a list, a question and its pictures as one turn."""

from __future__ import annotations

import string
from collections.abc import Sequence

from pytest_mmbench.records import Ask, Method, Picture, Prompt, Request, Sample, Turn

LETTERS = string.ascii_uppercase


def letters(options: Sequence[str]) -> tuple[str, ...]:
    """`("A", "B", ...)`, one for each option."""
    return tuple(LETTERS[: len(options)])


def inline_options(options: Sequence[str]) -> str:
    """`Options: A: one, B: two`, the way in which MMStar writes them inside its questions."""
    listed = ", ".join(f"{letter}: {text}" for letter, text in zip(LETTERS, options, strict=False))
    return f"Options: {listed}"


def lettered_lines(options: Sequence[str]) -> str:
    """`A. one` and `B. two`, each on a line of its own."""
    return "\n".join(f"{at}. {text}" for at, text in zip(LETTERS, options, strict=False))


def single_turn(pictures: Sequence[Picture], text: str) -> Prompt:
    """One user turn: the pictures first, then the text."""
    return Prompt(turns=(Turn(role="user", parts=(*pictures, text)),))


def choice_request(sample: Sample, method: Method, prompt: Prompt, *, new_tokens: int) -> Request:
    """What is asked about a multiple-choice question: a text, or which option is the likeliest."""
    if method is Method.GENERATE:
        return Request(sample=sample.id, ask=Ask.GENERATE, prompt=prompt, new_tokens=new_tokens)
    options = letters(sample.options) if method is Method.RANK_LETTER else sample.options
    return Request(sample=sample.id, ask=Ask.RANK, prompt=prompt, options=options)
