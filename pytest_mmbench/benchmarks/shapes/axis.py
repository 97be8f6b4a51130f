"""What an axis is: a way to ask, and a way to show a scene in which one option is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pytest_mmbench.benchmarks.shapes.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from pytest_mmbench.benchmarks.shapes.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as text, drawn before anybody knows which option will be right."""

    stem: str
    options: tuple[str, ...]
    """Four different words in the order in which they are shown."""

    about: tuple[str, ...] = ()
    """What the stem names (a colour, a shape, a direction), for building the scene."""


class AskFunction(Protocol):
    """Draws a question; any of its options can be made right."""

    def __call__(self, random: Random, /) -> Question:
        """Draw from `random` alone."""
        ...


class ShowFunction(Protocol):
    """Draws a scene in which the answer, one of the options, is right and the others wrong."""

    def __call__(self, random: Random, question: Question, answer: str, /) -> Scene:
        """Draw from `random` alone, whichever option is named."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis of the benchmark: its questions, and the scenes that answer them."""

    ask: AskFunction
    show: ShowFunction


def without(words: Sequence[str], word: str) -> list[str]:
    """Give the words without one of them, in their order."""
    return [each for each in words if each != word]
