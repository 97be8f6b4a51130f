"""A picture in words, a four by four grid of cells on a plain ground, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

from pytest_mmbench.benchmarks.draws import Question

SIDE: Final = 4
"""Cells along each side of the grid."""
COLOURS: Final = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
GROUNDS: Final = ("white", "grey", "black", "yellow", "green", "blue", "purple", "pink")
SHAPES: Final = ("circle", "square", "triangle", "diamond", "cross", "star")
PLURALS: Final = {name: f"{name}s" for name in SHAPES} | {"cross": "crosses"}
SIZES: Final = ("small", "medium", "large")
ORDINALS: Final = ("first", "second", "third", "fourth")
DIRECTIONS: Final = (
    "north",
    "northeast",
    "east",
    "southeast",
    "south",
    "southwest",
    "west",
    "northwest",
)
"""Where a dial can point, clockwise from the top."""
GAUGE_TOP: Final = 5
"""Highest reading of a gauge; the lowest is 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCell:
    """One cell of the grid: what stands in it, in which colour and how large."""

    kind: str
    """empty, shape, digit, dial, gauge, bar or sign."""
    value: str = ""
    """The shape's name, the digit, the direction, the reading, or the sign (`+` or `?`)."""
    colour: str = ""
    size: str = ""
    """small, medium or large for shapes, nothing for the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A picture in words: sixteen cells in reading order, and the colour behind them."""

    cells: tuple[GridCell, ...]
    ground: str = "white"


EMPTY: Final = GridCell(kind="empty")


@cache
def shape(name: str, colour: str, size: str = "medium") -> GridCell:
    """The cell of one coloured shape."""
    return GridCell(kind="shape", value=name, colour=colour, size=size)


@cache
def mark(kind: str, value: str, colour: str) -> GridCell:
    """The cell of a digit, dial, gauge, bar or sign."""
    return GridCell(kind=kind, value=value, colour=colour)


def scene_of(cells: Mapping[int, GridCell], ground: str = "white") -> Scene:
    """The scene of cells by position (0 to 15 in reading order), empty elsewhere."""
    grid = [EMPTY] * (SIDE * SIDE)
    for position, cell in cells.items():
        grid[position] = cell
    return Scene(cells=tuple(grid), ground=ground)


def scatter(random: Random, cells: Sequence[GridCell], ground: str = "white") -> Scene:
    """A scene that holds the cells at random positions."""
    places = random.sample(range(SIDE * SIDE), len(cells))
    return scene_of(dict(zip(places, cells, strict=True)), ground)


def row(number: int) -> tuple[int, ...]:
    """Positions of one row, from left to right; rows count from 0 at the top."""
    return tuple(range(SIDE * number, SIDE * (number + 1)))


def column(number: int) -> tuple[int, ...]:
    """Positions of one column, from top to bottom; columns count from 0 at the left."""
    return tuple(range(number, SIDE * SIDE, SIDE))


def ask_word(random: Random, stem: str, words: Sequence[str]) -> Question:
    """Ask a question that any four of the words could answer."""
    return Question(stem=stem, options=tuple(random.sample(words, 4)))


def ask_of_colour(random: Random, stem: str, words: Sequence[str]) -> Question:
    """Ask what has a given colour, such as which shape."""
    colour = random.choice(COLOURS)
    options = tuple(random.sample(words, 4))
    return Question(stem=stem.format(colour=colour), options=options, about=(colour,))


def ask_extreme(random: Random, thing: str, extremes: Sequence[str]) -> Question:
    """Ask for the colour of the largest or the smallest thing."""
    extreme = random.choice(extremes)
    return Question(
        stem=f"What colour is the {extreme} {thing}?",
        options=tuple(random.sample(COLOURS, 4)),
        about=(extreme,),
    )
