"""Pictures in words: scenes of `shapes`, where their shapes lie, and bars of any length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from pytest_mmbench.benchmarks.shapes.scene import SIDE, GridCell, Scene
from pytest_mmbench.scorers.regions import Box, Frame

CELL: Final = 32
"""Side of a cell, in pixels."""
WIDTH: Final = SIDE * CELL
FRAME: Final = Frame(Fraction(WIDTH), Fraction(WIDTH))
"""The size of every picture, in pixels."""
EXTENTS: Final[Mapping[str, tuple[tuple[int, int, int, int], ...]]] = {
    "circle": ((9, 9, 23, 23), (6, 6, 26, 26), (1, 1, 31, 31)),
    "square": ((10, 10, 22, 22), (7, 7, 25, 25), (3, 3, 29, 29)),
    "triangle": ((9, 8, 23, 20), (6, 4, 26, 22), (1, 0, 31, 25)),
    "diamond": ((11, 8, 21, 24), (9, 5, 23, 27), (6, 0, 26, 32)),
    "cross": ((9, 9, 23, 23), (6, 6, 26, 26), (1, 1, 31, 31)),
    "star": ((9, 8, 23, 22), (5, 4, 27, 26), (0, 0, 32, 30)),
}
"""The pixels of its cell that a small, a medium and a large shape reach, as a box."""
SIZE_NAMES: Final = ("small", "medium", "large")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar that begins at the left edge of the picture."""

    colour: str
    pixels: int
    """How long it is, of 128."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarPicture:
    """Four quarters of a picture, from top to bottom, with a bar or none."""

    bars: tuple[Bar | None, ...]


OpenPicture: TypeAlias = Scene | BarPicture


def box_of(place: int, cell: GridCell) -> Box:
    """The box of a shape in pixels of its picture; its place counts from 0 in reading order."""
    below, right = divmod(place, SIDE)
    x1, y1, x2, y2 = EXTENTS[cell.value][SIZE_NAMES.index(cell.size)]
    across, down = right * CELL, below * CELL
    return Box(*map(Fraction, (across + x1, down + y1, across + x2, down + y2)))
