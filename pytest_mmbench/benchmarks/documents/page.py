"""A page in words: the texts, lines, boxes and shapes that lie on it, from back to front."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

Colour: TypeAlias = tuple[int, int, int]
Point: TypeAlias = tuple[int, int]
INK: Final[Colour] = (30, 30, 34)
FAINT: Final[Colour] = (130, 130, 136)
"""Of rules and small print."""
WHITE: Final[Colour] = (255, 255, 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One line of text."""

    text: str
    at: Point
    size: int = 20
    """Pixels of the font, which are a little more than the height of a capital and its foot."""
    anchor: str = "lm"
    """Which point of it lies there, as Pillow names them: `lm` the left end, halfway up; `rm` the
    right end, `mm` the middle."""
    ink: Colour = INK


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectangle:
    """A box with a fill, an outline or both."""

    corner: Point
    """Its first pixel, left above."""
    opposite: Point
    """Its last pixel, right below."""
    fill: Colour | None = None
    outline: Colour | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A straight line."""

    start: Point
    end: Point
    ink: Colour = INK
    width: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class InkPolygon:
    """A filled shape."""

    points: tuple[Point, ...]
    ink: Colour = INK


Mark: TypeAlias = Text | Rectangle | Line | InkPolygon


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A picture in words; equal pages are drawn alike."""

    width: int
    height: int
    ground: Colour
    marks: tuple[Mark, ...]

    @property
    def texts(self) -> tuple[Text, ...]:
        """Everything that can be read on it, in the order in which it is drawn."""
        return tuple(mark for mark in self.marks if isinstance(mark, Text))


def entries(
    rows: Iterable[tuple[str, str]], *, left: int, right: int, tops: Sequence[int], size: int = 20
) -> list[Mark]:
    """Rows of a name on the left and what belongs to it on the right; `tops` are their middles."""
    marks: list[Mark] = []
    for (name, value), top in zip(rows, tops, strict=True):
        marks.append(Text(text=name, at=(left, top), size=size))
        marks.append(Text(text=value, at=(right, top), size=size, anchor="rm"))
    return marks
