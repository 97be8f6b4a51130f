"""Points, boxes and polygons in a picture, and how far they agree: exactly, in fractions.

A coordinate counts in a frame: 1 by 1, 100 by 100, 1000 by 1000, or the picture's own pixels. x
grows to the right and y downwards. A box holds its edges, and a polygon its outline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

FEWEST_CORNERS: Final = 3
"""Of a polygon."""
NOTHING: Final = Fraction(0)


class Frame(NamedTuple):
    """The width and the height of a picture, in the unit of its coordinates."""

    width: Fraction
    height: Fraction


class Point(NamedTuple):
    """A place in a picture."""

    x: Fraction
    y: Fraction

    def scaled(self, across: Fraction, down: Fraction) -> Point:
        """The same place where widths count `across` times as much, and heights `down` times."""
        return Point(self.x * across, self.y * down)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle along the edges of its picture; (x1, y1) is its corner at the top left."""

    x1: Fraction
    y1: Fraction
    x2: Fraction
    y2: Fraction

    def upright(self) -> Box:
        """The same box, whichever of its corners it was given by."""
        (x1, x2), (y1, y2) = sorted((self.x1, self.x2)), sorted((self.y1, self.y2))
        return Box(x1, y1, x2, y2)

    @property
    def area(self) -> Fraction:
        """In squares of the frame's unit."""
        return (self.x2 - self.x1) * (self.y2 - self.y1)

    @property
    def center(self) -> Point:
        """The middle of it."""
        return Point((self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2)

    @property
    def bounds(self) -> Box:
        """Itself: the smallest box around it."""
        return self

    def scaled(self, across: Fraction, down: Fraction) -> Box:
        """As of a point."""
        return Box(self.x1 * across, self.y1 * down, self.x2 * across, self.y2 * down)

    def holds(self, point: Point) -> bool:
        """Whether a point lies inside, or on an edge."""
        return self.x1 <= point.x <= self.x2 and self.y1 <= point.y <= self.y2

    def interior(self) -> Point:
        """A point inside."""
        return self.center


@dataclass(frozen=True, slots=True)
class PolygonArea:
    """An area with straight edges; where they cross, every second part of it is inside."""

    corners: tuple[Point, ...]

    @property
    def area(self) -> Fraction:
        """Of what its edges enclose; 0 if all corners lie on one line."""
        edges = pairwise((*self.corners, self.corners[0]))
        return abs(sum((a.x * b.y - b.x * a.y for a, b in edges), NOTHING)) / 2

    @property
    def bounds(self) -> Box:
        """The smallest box around it."""
        across, down = zip(*self.corners, strict=True)
        return Box(min(across), min(down), max(across), max(down))

    def scaled(self, across: Fraction, down: Fraction) -> PolygonArea:
        """As of a point."""
        return PolygonArea(tuple(corner.scaled(across, down) for corner in self.corners))

    def holds(self, point: Point) -> bool:
        """Whether a point lies inside, or on an edge."""
        inside = False
        for start, end in pairwise((*self.corners, self.corners[0])):
            side = (end.x - start.x) * (point.y - start.y) - (end.y - start.y) * (point.x - start.x)
            if side == 0 and Box(*start, *end).upright().holds(point):
                return True
            # An edge counts at one of its ends only, so that a corner counts once.
            if (start.y <= point.y) != (end.y <= point.y):
                inside ^= (side > 0) == (end.y > start.y)
        return inside

    def interior(self) -> Point:
        """A point inside: the middle of the widest stretch halfway between two corners' heights."""
        heights = sorted({corner.y for corner in self.corners})
        stretches: list[tuple[Fraction, Point]] = []
        for above, below in pairwise(heights):
            y = (above + below) / 2
            crossings = sorted(
                start.x + (end.x - start.x) * (y - start.y) / (end.y - start.y)
                for start, end in pairwise((*self.corners, self.corners[0]))
                if (start.y <= y) != (end.y <= y)
            )
            for left, right in zip(crossings[::2], crossings[1::2], strict=True):
                stretches.append((right - left, Point((left + right) / 2, y)))
        return max(stretches)[1]


Region: TypeAlias = Box | PolygonArea


def box_iou(one: Box, other: Box) -> Fraction:
    """Intersection over union, from 0 to 1; 0 where both have no area."""
    across = min(one.x2, other.x2) - max(one.x1, other.x1)
    down = min(one.y2, other.y2) - max(one.y1, other.y1)
    shared = max(across, NOTHING) * max(down, NOTHING)
    union = one.area + other.area - shared
    return shared / union if union else NOTHING


def decimal_text(number: Fraction) -> str:
    """A number as short as decimals have it, exactly where they can: `0.5`, `12`.

    What has no end as a decimal is written as a fraction: `1/3`.
    """
    digits, rest = 0, number.denominator
    for factor in (2, 5):
        count = 0
        while rest % factor == 0:
            rest, count = rest // factor, count + 1
        digits = max(digits, count)
    if rest != 1:
        return str(number)
    whole = abs(number.numerator) * 10**digits // number.denominator
    text = str(whole).rjust(digits + 1, "0")
    sign = "-" if number < 0 else ""
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else f"{sign}{text}"


def numbers_text(numbers: Sequence[Fraction]) -> str:
    """Numbers in brackets, such as `[12, 0.5]`."""
    return f"[{', '.join(map(decimal_text, numbers))}]"
