"""Signs: how far it is to a place, where an arrow points, when a shop opens."""

from __future__ import annotations

from random import Random
from typing import Final

from pytest_mmbench.benchmarks.documents.page import (
    WHITE,
    Colour,
    InkPolygon,
    Mark,
    Page,
    Point,
    Rectangle,
    Text,
    entries,
)
from pytest_mmbench.benchmarks.documents.words import PLACES
from pytest_mmbench.benchmarks.draws import Axis, Question, without

WIDTH: Final = 448
HEIGHT: Final = 288
MARGIN: Final = 16
BOARDS: Final[tuple[Colour, ...]] = ((255, 244, 196), (214, 236, 214), (214, 228, 250), WHITE)
GROUND: Final[Colour] = (186, 192, 198)
TOPS: Final = (60, 116, 172, 228)
"""Middles of four rows."""
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
OPENINGS: Final = tuple(
    f"{hour:02d}:{quarter:02d}" for hour in range(6, 12) for quarter in (15, 45)
)
CLOSINGS: Final = tuple(f"{hour}:{half:02d}" for hour in range(15, 21) for half in (0, 30))
ARROW: Final[tuple[Point, ...]] = (
    (-18, -6),
    (2, -6),
    (2, -16),
    (20, 0),
    (2, 16),
    (2, 6),
    (-18, 6),
)
"""Pointing to the right, around its middle."""
ARROWS_LEFT: Final = 72
"""Pixels from the left to the middles of arrows."""
QUARTER_TURNS: Final = {"right": 0, "down": 1, "left": 2, "up": 3}
"""Clockwise."""


def _board(random: Random, marks: list[Mark]) -> Page:
    board = Rectangle(
        corner=(MARGIN, MARGIN),
        opposite=(WIDTH - MARGIN, HEIGHT - MARGIN),
        fill=random.choice(BOARDS),
        outline=(60, 60, 66),
    )
    return Page(width=WIDTH, height=HEIGHT, ground=GROUND, marks=(board, *marks))


def ask_distances(random: Random) -> Question:
    """Ask how far it is to one place."""
    place = random.choice(PLACES)
    kilometres = random.sample(range(2, 100), 4)
    return Question(
        stem=f"How many kilometres is it to {place}?",
        options=tuple(map(str, kilometres)),
        about=(place,),
    )


def show_distances(random: Random, question: Question, answer: str) -> Page:
    """Signpost four places, each with one of the distances."""
    place = question.about[0]
    others = random.sample(without(PLACES, place), 3)
    rows = [(place, answer), *zip(others, without(question.options, answer), strict=True)]
    random.shuffle(rows)
    signposts = ((name, f"{distance} km") for name, distance in rows)
    return _board(random, entries(signposts, left=48, right=400, tops=TOPS, size=28))


def ask_directions(random: Random) -> Question:
    """Ask to which of four places an arrow points."""
    direction = random.choice(tuple(QUARTER_TURNS))
    return Question(
        stem=f"Which place stands beside the arrow that points {direction}?",
        options=tuple(random.sample(PLACES, 4)),
        about=(direction,),
    )


def show_directions(random: Random, question: Question, answer: str) -> Page:
    """Give each place an arrow of its own, the answer the one that is asked for."""
    direction = question.about[0]
    others = random.sample(without(tuple(QUARTER_TURNS), direction), 3)
    rows = [(answer, direction), *zip(without(question.options, answer), others, strict=True)]
    random.shuffle(rows)
    marks: list[Mark] = []
    for (place, towards), top in zip(rows, TOPS, strict=True):
        points = ARROW
        for _ in range(QUARTER_TURNS[towards]):
            points = tuple((-y, x) for x, y in points)
        marks.append(InkPolygon(points=tuple((ARROWS_LEFT + x, top + y) for x, y in points)))
        marks.append(Text(text=place, at=(124, top), size=28))
    return _board(random, marks)


def ask_hours(random: Random) -> Question:
    """Ask when a shop opens on one day."""
    day = random.choice(DAYS)
    return Question(
        stem=f"At what time does the shop open on {day}?",
        options=tuple(random.sample(OPENINGS, 4)),
        about=(day,),
    )


def show_hours(random: Random, question: Question, answer: str) -> Page:
    """List the hours of six days; each other option is when it opens on another day."""
    day = question.about[0]
    unused = [time for time in OPENINGS if time not in question.options]
    times = [*without(question.options, answer), *random.sample(unused, 2)]
    random.shuffle(times)
    opening = {day: answer, **dict(zip(without(DAYS, day), times, strict=True))}
    rows = [(each, f"{opening[each]} - {random.choice(CLOSINGS)}") for each in DAYS]
    heading = Text(text="Opening hours", at=(WIDTH // 2, 44), size=26, anchor="mm")
    hours = entries(rows, left=56, right=392, tops=range(88, 88 + 6 * 32, 32), size=22)
    return _board(random, [heading, *hours])


AXES: Final[dict[str, Axis[Page]]] = {
    "distances": Axis(ask=ask_distances, show=show_distances),
    "directions": Axis(ask=ask_directions, show=show_directions),
    "hours": Axis(ask=ask_hours, show=show_hours),
}
