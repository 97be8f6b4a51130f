"""Questions with their pictures and their answers, each drawn from seed, axis and number alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Final

from pytest_mmbench.benchmarks.draws import digest
from pytest_mmbench.benchmarks.shapes.scene import Scene
from pytest_mmbench.benchmarks.shapes_open.axes import (
    AXES,
    AnswerKind,
    OpenQuestion,
    ask_presence,
    show_presence,
)
from pytest_mmbench.benchmarks.shapes_open.pictures import OpenPicture, box_of
from pytest_mmbench.scorers.regions import Box

CAPABILITIES: Final[dict[str, tuple[str, ...]]] = {
    "counting": ("all", "of-a-colour"),
    "yes-no": ("same-question", "same-picture"),
    "grounding": ("box", "point"),
    "several-pictures": ("which-picture", "in-both"),
    "comparing": ("more", "larger"),
    "measuring": ("length", "ratio"),
}
"""Capability to its axes, in the order in which reports show them."""
CAPABILITY_OF: Final[dict[str, str]] = {
    axis: capability for capability, axes in CAPABILITIES.items() for axis in axes
}
"""Axis to the capability that it belongs to."""
DEFAULT_SEED: Final = 20260419
"""Published seed of the default set."""
CACHE_SIZE: Final = 4_096
"""A run asks some six times for each."""
DEFAULT_PER_AXIS: Final = 40
"""Samples per axis in the default set: 12 x 40 = 480 in all."""
TWINS: Final = 2
"""Samples in a row that ask the same question, with two different answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRecord:
    """One question with its answer and the pictures that make it correct."""

    question: str
    answer: str
    """As its axis has it: of a place the number of its cell."""
    answers: tuple[str, ...]
    """All that the question could have."""
    kind: AnswerKind
    pictures: tuple[OpenPicture, ...]
    box: Box | None
    """Of the shape that is asked for, in pixels; None where no place is."""
    unit: str
    """The same for samples that count together; empty where each counts by itself."""
    group: int
    """The number of the twins, or of the four of yes and no, that it is one of."""
    picture_key: str
    """The same for records with the same pictures, in one axis."""


@lru_cache(maxsize=CACHE_SIZE)
def make_record(seed: int, axis: str, number: int) -> OpenRecord:
    """Draw one record; equal arguments give equal records, whatever was drawn before.

    The question is drawn from the number of its pair of twins, and the answer independently of its
    text; the pictures last.
    """
    if axis in CAPABILITIES["yes-no"]:
        return _yes_no_record(seed, axis, number)
    pair, twin = divmod(number, TWINS)
    drawn = AXES[axis]
    question = drawn.ask(Random(digest(f"{seed}/{axis}/{pair}")))
    answer = question.answers[answer_place(seed, axis, pair, twin, len(question.answers))]
    pictures = drawn.show(Random(digest(f"{seed}/{axis}/{number}/picture")), question, answer)
    box = None
    if drawn.kind in (AnswerKind.BOX, AnswerKind.POINT) and isinstance(pictures[0], Scene):
        place = int(answer)
        box = box_of(place, pictures[0].cells[place])
    return OpenRecord(
        question=question.stem,
        answer=answer,
        answers=question.answers,
        kind=drawn.kind,
        pictures=pictures,
        box=box,
        unit="",
        group=pair,
        picture_key=str(number),
    )


def answer_place(seed: int, axis: str, pair: int, twin: int, count: int) -> int:
    """Which of so many answers is correct: two different ones for two twins.

    Every `count` consecutive pairs of an axis use each answer twice, in a seeded order.
    """
    cycle, place = divmod(pair, count)
    order = list(range(count))
    Random(digest(f"{seed}/{axis}/{cycle}/answers")).shuffle(order)
    return order[(place + twin) % count]


def _yes_no_record(seed: int, axis: str, number: int) -> OpenRecord:
    """One of four: two questions about each of two pictures, of which each answers one by yes."""
    group, place = divmod(number, TWINS * TWINS)
    questions = ask_presence(Random(digest(f"{seed}/{axis}/{group}")))
    # What follows each other in an axis belongs together.
    asked, shown = divmod(place, TWINS)
    if axis == "same-picture":
        asked, shown = shown, asked
    flip = digest(f"{seed}/{axis}/{group}/order") % TWINS
    asked ^= flip
    picture = show_presence(
        Random(digest(f"{seed}/{axis}/{group}/{shown}/picture")), questions[shown]
    )
    question: OpenQuestion = questions[asked]
    return OpenRecord(
        question=question.stem,
        answer="yes" if asked == shown else "no",
        answers=question.answers,
        kind=AnswerKind.YES_NO,
        pictures=(picture,),
        box=None,
        unit=f"{axis}-{number // TWINS}",
        group=group,
        picture_key=f"{group}-{shown}",
    )
