"""What an axis is: a question, and a scene in which one of its options is correct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from pytest_mmbench.benchmarks.shapes.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as text, drawn before the correct option is."""

    stem: str
    options: tuple[str, ...]
    """Four different words in the order in which they are shown."""

    about: tuple[str, ...] = ()
    """What the stem names (a colour, a shape, a direction), for building the scene."""


class AskFunction(Protocol):
    """Draws a question; any of its options can be made correct."""

    def __call__(self, random: Random, /) -> Question:
        """Draw from `random` alone."""
        ...


class ShowFunction(Protocol):
    """Draws a scene in which the answer, one of the options, is correct and the others wrong."""

    def __call__(self, random: Random, question: Question, answer: str, /) -> Scene:
        """Draw from `random` alone, whichever option is named."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis of the benchmark: its questions, and the scenes that answer them."""

    ask: AskFunction
    show: ShowFunction


def without(words: Sequence[str], excluded: str) -> list[str]:
    """Give the words without one of them, in their order."""
    return [word for word in words if word != excluded]
