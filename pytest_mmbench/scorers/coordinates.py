"""How coordinates are written: in which unit, in which order, and as which text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final, Generic, NamedTuple, TypeVar

from pytest_mmbench.scorers.regions import Box, Frame, Point, PolygonArea, Region, numbers_text

_WRITTEN = re.compile(
    r"(?P<numbers>[-\d\[\], .]+?)(?P<pixels> px)?(?: of (?P<width>[\d.]+) x (?P<height>[\d.]+))?"
)
_NUMBER = re.compile(r"-?[\d.]+")
_POINT_NUMBERS: Final = 2
R = TypeVar("R", bound=Box | PolygonArea | Point)


class Coordinates(StrEnum):
    """In which unit the coordinates of a picture count."""

    UNIT = "0-1"
    PERCENT = "0-100"
    THOUSAND = "0-1000"
    PIXELS = "pixels"
    """Of the picture as it is sent, upright."""

    @property
    def frame(self) -> Frame | None:
        """Width and height of any picture; None where the picture itself decides."""
        sides = {"0-1": 1, "0-100": 100, "0-1000": 1000}
        return square(sides[self]) if self in sides else None


class Corners(StrEnum):
    """What the four numbers of a box are, in their order; of a point, whether x comes first."""

    XYXY = "xyxy"
    XYWH = "xywh"
    """A corner at the top left, and width and height."""
    YXYX = "yxyx"

    def box(self, numbers: Sequence[Fraction]) -> Box:
        """The box of four numbers, whose corners stand as they are written."""
        one, two, three, four = numbers
        if self is Corners.YXYX:
            return Box(two, one, four, three)
        if self is Corners.XYWH:
            return Box(one, two, one + three, two + four)
        return Box(one, two, three, four)

    def point(self, numbers: Sequence[Fraction]) -> Point:
        """The point of two numbers."""
        return Point(*(reversed(numbers) if self is Corners.YXYX else numbers))

    def numbers(self, region: Box | Point) -> tuple[Fraction, ...]:
        """The numbers of a box or a point, in this order."""
        if isinstance(region, Point):
            return (region.y, region.x) if self is Corners.YXYX else (region.x, region.y)
        x1, y1, x2, y2 = region.x1, region.y1, region.x2, region.y2
        if self is Corners.YXYX:
            return y1, x1, y2, x2
        return (x1, y1, x2 - x1, y2 - y1) if self is Corners.XYWH else (x1, y1, x2, y2)


class Located(NamedTuple, Generic[R]):
    """A place in a picture, and the frame in which its numbers count."""

    region: R
    frame: Frame | None
    """None: pixels of a picture whose size is not said."""

    def within(self, size: Frame) -> R:
        """The same place where the picture is 1 wide and 1 high; `size` is its size in pixels."""
        frame = self.frame or size
        return self.region.scaled(1 / frame.width, 1 / frame.height)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """How coordinates are written."""

    coordinates: Coordinates
    corners: Corners = Corners.XYXY

    def text(self, located: Located[R]) -> str:
        """As answers are shown: `[10, 20, 30, 40]`, with its frame if another one is asked for."""
        region, frame = located
        if isinstance(region, PolygonArea):
            numbers = [numbers_text(self.corners.numbers(corner)) for corner in region.corners]
            text = f"[{', '.join(numbers)}]"
        else:
            text = numbers_text(self.corners.numbers(region))
        if frame == self.coordinates.frame:
            return text
        size = numbers_text(frame or ())[1:-1].replace(", ", " x ")
        return f"{text} of {size}" if frame else f"{text} px"

    def read(self, text: str) -> Located[Region | Point]:
        """The place of such a text; a `ValueError` of another one."""
        match = _WRITTEN.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r} is no place in a picture")
        frame = None if match["pixels"] else self.coordinates.frame
        if match["width"]:
            frame = Frame(Fraction(match["width"]), Fraction(match["height"]))
        numbers = [Fraction(number) for number in _NUMBER.findall(match["numbers"])]
        region: Region | Point
        if match["numbers"].startswith("[["):
            pairs = zip(numbers[::2], numbers[1::2], strict=True)
            region = PolygonArea(tuple(self.corners.point(pair) for pair in pairs))
        elif len(numbers) == _POINT_NUMBERS:
            region = self.corners.point(numbers)
        else:
            region = self.corners.box(numbers)
        return Located(region, frame)


def square(side: int) -> Frame:
    """The frame of pictures that count so much on each side."""
    return Frame(Fraction(side), Fraction(side))
