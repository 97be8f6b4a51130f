"""Wording that benchmarks share: options as a list, a question and its pictures as one turn."""

from __future__ import annotations

import string
from collections.abc import Sequence

from pytest_mmbench.records import Picture, Prompt, Turn

LETTERS = string.ascii_uppercase


def letters(options: Sequence[str]) -> tuple[str, ...]:
    """`("A", "B", ...)`, one for each option."""
    return tuple(LETTERS[: len(options)])


def inline_options(options: Sequence[str]) -> str:
    """`Options: A: one, B: two`, the way in which MMStar writes them inside its questions."""
    listed = ", ".join(f"{letter}: {text}" for letter, text in zip(LETTERS, options, strict=False))
    return f"Options: {listed}"


def single_turn(pictures: Sequence[Picture], text: str) -> Prompt:
    """One user turn: the pictures first, then the text."""
    return Prompt(turns=(Turn(role="user", parts=(*pictures, text)),))
