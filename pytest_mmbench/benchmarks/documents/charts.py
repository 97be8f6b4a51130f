"""Bar charts: values that are written on the bars, values read off an axis, extremes."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Final

from pytest_mmbench.benchmarks.documents.page import (
    FAINT,
    WHITE,
    Colour,
    Line,
    Mark,
    Page,
    Rectangle,
    Text,
)
from pytest_mmbench.benchmarks.documents.words import GOODS
from pytest_mmbench.benchmarks.draws import Axis, Question, without

WIDTH: Final = 448
HEIGHT: Final = 336
LEFT: Final = 64
BOTTOM: Final = 280
"""Where 0 lies, in pixels from the top."""
UNIT: Final = 2
"""Pixels of one unit of value; the axis ends at 100."""
SLOT: Final = 92
"""Pixels from the middle of a bar to the next."""
HALF: Final = 26
"""Half the width of a bar."""
FILLS: Final[tuple[Colour, ...]] = (
    (72, 118, 200),
    (222, 132, 60),
    (92, 160, 96),
    (164, 104, 180),
    (206, 88, 88),
    (110, 150, 160),
)
TITLES: Final = ("Sold this week", "In the store", "Orders", "Boxes delivered")
READINGS: Final = tuple(map(str, range(10, 101, 10)))
"""Values that lie on a line of the grid."""


def _chart(random: Random, values: Mapping[str, int], *, axis: bool) -> Page:
    """Four bars in any order, with the values on them or with an axis beside them."""
    marks: list[Mark] = [
        Text(text=random.choice(TITLES), at=(WIDTH // 2, 28), size=22, anchor="mm")
    ]
    marks += _grid() if axis else []
    fill = random.choice(FILLS)
    for at, name in enumerate(random.sample(list(values), len(values))):
        middle, top = LEFT + SLOT // 2 + SLOT * at, BOTTOM - UNIT * values[name]
        marks.append(
            Rectangle(corner=(middle - HALF, top), opposite=(middle + HALF, BOTTOM), fill=fill)
        )
        marks.append(Text(text=name, at=(middle, BOTTOM + 24), anchor="mm"))
        if not axis:
            marks.append(Text(text=str(values[name]), at=(middle, top - 14), anchor="mm"))
    marks.append(Line(start=(LEFT, BOTTOM), end=(WIDTH - 12, BOTTOM)))
    return Page(width=WIDTH, height=HEIGHT, ground=WHITE, marks=tuple(marks))


def _grid() -> list[Mark]:
    marks: list[Mark] = []
    for value in range(0, 101, 10):
        top = BOTTOM - UNIT * value
        marks.append(Line(start=(LEFT, top), end=(WIDTH - 12, top), ink=FAINT, width=1))
        if value % 20 == 0:
            marks.append(Text(text=str(value), at=(LEFT - 12, top), size=18, anchor="rm"))
    return marks


def _named(random: Random, question: Question, answer: str) -> dict[str, int]:
    """The answer for the bar that the question names, the other options for others."""
    name = question.about[0]
    others = random.sample(without(GOODS, name), 3)
    values = zip(others, without(question.options, answer), strict=True)
    return {name: int(answer), **{other: int(value) for other, value in values}}


def _ask_value(random: Random, values: tuple[str, ...]) -> Question:
    name = random.choice(GOODS)
    return Question(
        stem=f"What is the value of {name} in the chart?",
        options=tuple(random.sample(values, 4)),
        about=(name,),
    )


def ask_data_labels(random: Random) -> Question:
    """Ask for the value that is written on a bar."""
    return _ask_value(random, tuple(map(str, range(11, 100))))


def show_data_labels(random: Random, question: Question, answer: str) -> Page:
    """Write each option on a bar of its height."""
    return _chart(random, _named(random, question, answer), axis=False)


def ask_axes(random: Random) -> Question:
    """Ask for a value that has to be read off the axis."""
    return _ask_value(random, READINGS)


def show_axes(random: Random, question: Question, answer: str) -> Page:
    """Draw bars that end at lines of the grid, of which every other one is labelled."""
    return _chart(random, _named(random, question, answer), axis=True)


def ask_extremes(random: Random) -> Question:
    """Ask which bar is the highest or the lowest."""
    extreme = random.choice(("highest", "lowest"))
    return Question(
        stem=f"Which bar in the chart is the {extreme}?",
        options=tuple(random.sample(GOODS, 4)),
        about=(extreme,),
    )


def show_extremes(random: Random, question: Question, answer: str) -> Page:
    """Draw a bar for each option, the answer's at the extreme by 10 or more."""
    values = sorted(map(int, random.sample(READINGS, 4)))
    extreme = values.pop(-1 if question.about == ("highest",) else 0)
    random.shuffle(values)
    others = dict(zip(without(question.options, answer), values, strict=True))
    return _chart(random, {answer: extreme, **others}, axis=True)


AXES: Final[dict[str, Axis[Page]]] = {
    "data-labels": Axis(ask=ask_data_labels, show=show_data_labels),
    "axes": Axis(ask=ask_axes, show=show_axes),
    "extremes": Axis(ask=ask_extremes, show=show_extremes),
}
