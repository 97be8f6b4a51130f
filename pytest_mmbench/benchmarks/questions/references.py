"""Boxes and areas as the rows of a file write them, each checked against its picture.

A box is four numbers in one list, or in a column each. An area may also be a polygon: a list of
points, or its coordinates in a row as COCO has them. Lists of either are several places, of which
each is correct.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from pytest_mmbench.benchmarks.readers.foreign_text import parse_literal
from pytest_mmbench.benchmarks.readers.rows import Row, field_text
from pytest_mmbench.errors import DataError, shorten
from pytest_mmbench.scorers.coordinates import Convention, Corners
from pytest_mmbench.scorers.regions import FEWEST_CORNERS, Box, Frame, PolygonArea, Region

EDGE: Final = Fraction(1, 500)
"""Share of a side by which a place may reach beyond its picture, as rounded ones do."""
DEEPEST: Final = 3
"""Lists in lists: several polygons, their points, and the coordinates of each."""
_NUMBER = re.compile(
    r"[-+]?(?:\d{1,12}(?:\.\d{0,20})?|\.\d{1,20})(?:e[-+]?\d{1,2})?", re.IGNORECASE
)
_POINT_NUMBERS: Final = 2
_BOX_NUMBERS: Final = 4


def read_size(row: Row, columns: Sequence[str]) -> Frame | None:
    """Width and height of a row's picture in pixels: one column with both, or two; None without.

    Raises:
        DataError: they are no two numbers above 0.
    """
    if not columns:
        return None
    stored = [_value(row, column) for column in columns]
    sides = stored[0] if len(columns) == 1 else stored
    if not isinstance(sides, list) or len(sides) != _POINT_NUMBERS:
        raise row.error(columns[0], f"is {shorten(repr(sides))}, which is no width and height.")
    frame = Frame(*(_number(row, columns[0], side) for side in sides))
    if min(frame) <= 0:
        raise row.error(columns[0], f"is {shorten(repr(sides))}, and no side is 0 or below.")
    return frame


def read_regions(
    row: Row, columns: Sequence[str], convention: Convention, size: Frame | None
) -> list[Region]:
    """The places that these columns of a row hold: one column of lists, or one for each number.

    Raises:
        DataError: there is none; or one has a coordinate that is no number, too few corners, no
            size, or reaches beyond its picture. `size` is the picture's in pixels, if it is known.
    """
    whole = _value(row, columns[0])
    if len(columns) > 1:
        whole = [_value(row, column) for column in columns]
    if not isinstance(whole, list) or not whole:
        problem = f"is {shorten(repr(whole))}, which is no list of coordinates."
        raise row.error(columns[0], problem, what_to_do="write a box as [x1, y1, x2, y2]")
    reader = _RegionReader(row, columns[0], convention)
    regions = [*reader.regions(whole, DEEPEST)]
    for region in regions:
        _check_inside(row, columns[0], region, convention.coordinates.frame or size)
    return regions


def _value(row: Row, column: str) -> object:
    """A field: as it is, or a list that is written as text."""
    value = row.fields.get(column)
    if isinstance(value, str) and value.strip().startswith("["):
        try:
            value = parse_literal(value)
        except ValueError as error:
            raise row.error(column, "is no list.", reason=str(error)) from error
    if isinstance(value, tuple):
        value = list(value)
    if not isinstance(value, list) and not field_text(value):
        row.text(column)  # which says that it is empty
    return value


def _number(row: Row, column: str, value: object) -> Fraction:
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    if isinstance(value, bool) or not _NUMBER.fullmatch(text):
        raise row.error(column, f"holds {shorten(repr(value))}, which is no coordinate.")
    return Fraction(text)


class _RegionReader:
    """Reads the places of one field."""

    def __init__(self, row: Row, column: str, convention: Convention) -> None:
        self._row = row
        self._column = column
        self._corners = convention.corners

    def regions(self, values: list[object], depth: int) -> Iterator[Region]:
        """Of a list of numbers one, of a list of points one, of any other list several."""
        lists = [value for value in values if isinstance(value, list | tuple)]
        if not lists:
            yield self._of_numbers(values)
        elif len(lists) < len(values) or depth == 1:
            raise self._error("mixes numbers and lists.")
        elif all(len(each) == _POINT_NUMBERS for each in lists):
            yield self._polygon([value for each in lists for value in each])
        else:
            for each in lists:
                yield from self.regions(list(each), depth - 1)

    def _of_numbers(self, values: list[object]) -> Region:
        if len(values) == _BOX_NUMBERS:
            return self._box(values)
        if len(values) == _POINT_NUMBERS:
            remedy = "write the box or the polygon that a correct answer lies in"
            raise self._error("holds a point, which has no size.", what_to_do=remedy)
        if len(values) % 2 or len(values) < 2 * FEWEST_CORNERS:
            raise self._error(f"holds {len(values)} numbers, which are no box and no polygon.")
        return self._polygon(values)

    def _box(self, values: list[object]) -> Box:
        box = self._corners.box([_number(self._row, self._column, value) for value in values])
        if box.upright() != box:
            other = Corners.XYXY if self._corners is Corners.XYWH else Corners.XYWH
            raise self._error(
                f"is {shorten(repr(values))}, whose second corner is not below and right of the "
                f"first as {self._corners}.",
                what_to_do=f'if it is written as {other}, set target-corners = "{other}"; else '
                "swap the corners",
            )
        if not box.area:
            raise self._error(f"is {shorten(repr(values))}, a box without an area.")
        return box

    def _polygon(self, values: Sequence[object]) -> PolygonArea:
        numbers = [_number(self._row, self._column, value) for value in values]
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        corners = tuple(self._corners.point(pair) for pair in pairs)
        if len(corners) < FEWEST_CORNERS:
            problem = f"has {len(corners)} corners, and a polygon has {FEWEST_CORNERS} at least."
            remedy = "write a box as four numbers in one list"
            raise self._error(problem, what_to_do=remedy)
        polygon = PolygonArea(corners)
        if not polygon.area:
            raise self._error("is a polygon without an area.")
        return polygon

    def _error(self, problem: str, *, what_to_do: str = "") -> DataError:
        return self._row.error(self._column, problem, what_to_do=what_to_do)


def _check_inside(row: Row, column: str, region: Region, frame: Frame | None) -> None:
    """Refuses what reaches beyond the picture; of unknown pixels, what lies before its origin."""
    bounds = region.bounds
    slack = Frame(*(side * EDGE for side in frame)) if frame else Frame(Fraction(1), Fraction(1))
    is_before = bounds.x1 < -slack.width or bounds.y1 < -slack.height
    is_behind = frame is not None and (
        bounds.x2 > frame.width + slack.width or bounds.y2 > frame.height + slack.height
    )
    if is_before or is_behind:
        size = f", which counts {float(frame.width):g} by {float(frame.height):g}" if frame else ""
        reach = ", ".join(f"{float(each):g}" for each in (bounds.x1, bounds.y1))
        end = ", ".join(f"{float(each):g}" for each in (bounds.x2, bounds.y2))
        raise row.error(
            column,
            f"reaches from ({reach}) to ({end}), beyond its picture{size}.",
            what_to_do="correct the row, or target-coordinates and target-corners",
        )
