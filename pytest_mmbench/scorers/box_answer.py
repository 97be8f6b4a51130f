r"""Boxes and points, scored: by their overlap with a reference, and by whether they lie inside one.

A box is correct if its intersection over union with the reference, or with the nearest of several,
reaches a threshold; without a threshold that fraction is what it earns. A point is correct inside
the reference, its edges included. Numbers are compared as they are written, exactly.

The published rules beside the strict ones:

* RefCOCO, as lmms-eval reads it (`tasks/refcoco/utils_rec.py`): the first four numbers in square
  brackets, with commas between them; no brackets are a box of no size. Corners in the wrong order
  overlap with nothing. Intersection over union of at least 0.5; it computes in floating point, here
  a box at exactly 0.5 is always correct.
* ScreenSpot-Pro, as lmms-eval reads it (`tasks/screenspot_pro/utils.py`): the middle of the first
  four numbers in a tag `<bbox>`, or else the first pair in brackets, or x and y with a number each,
  or the middle of four numbers if the text speaks of a box, or the first two numbers. Percent count
  in hundredths, and of coordinates from 0 to 1 what is above 1 in pixels. The edges of the element
  are inside, as in the authors' `eval_screenspot_pro.py`, which leaves reading to each model.

Numbers of more than 300 digits are none here, and tags with more than 300 characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from pytest_mmbench.records import NOTHING, Answer, Mark, Sample, Score
from pytest_mmbench.scorers.box_text import read_box, read_point
from pytest_mmbench.scorers.coordinates import Convention, Coordinates, Located, R, square
from pytest_mmbench.scorers.regions import Box, Frame, Point, Region, box_iou

INSIDE: Final = "inside "
"""Before each area that a correct point may lie in, among a sample's accepted answers."""
SizeOf = Callable[[str], Frame]
"""The size of a sample's picture in pixels."""
_PLAIN = r"-?\d{1,300}(?:\.\d{1,300})?"
_FIRST_BOX = re.compile(rf"\[\s*({_PLAIN}),\s*({_PLAIN}),\s*({_PLAIN}),\s*({_PLAIN})\s*\]")
_PERCENT = rf"{_PLAIN}%?"
_TAG = re.compile(r"<\s*bbox[^>]{0,300}>")
_TAG_END = re.compile(r"<\s*/\s*bbox\s*>")
_PAIR = re.compile(rf"[\[(]\s*({_PERCENT})(?:\s*+,\s*+|\s++)({_PERCENT})\s*[\])]")
_X = re.compile(rf"['\"]?x['\"]?\s*[:=]\s*({_PERCENT})")
_Y = re.compile(rf"['\"]?y['\"]?\s*[:=]\s*({_PERCENT})")
_NUMBERS = re.compile(_PERCENT)
_WORDS_OF_BOXES: Final = ("box", "rect")
_BOX_NUMBERS: Final = 4
_POINT_NUMBERS: Final = 2


def read_first_box(text: str, convention: Convention) -> Located[Box] | None:
    """The first four numbers in square brackets, whose corners stand as they are written."""
    match = _FIRST_BOX.search(text)
    if not match:
        return None
    numbers = [Fraction(number) for number in match.groups()]
    return Located(convention.corners.box(numbers), convention.coordinates.frame)


def read_first_point(text: str, convention: Convention) -> Located[Point] | None:
    """The point that lmms-eval takes from an answer to ScreenSpot-Pro."""
    entries = _first_entries(text)
    if not entries:
        return None
    numbers = [Fraction(entry.rstrip("%")) / (100 if "%" in entry else 1) for entry in entries]
    corners = convention.corners
    is_box = len(numbers) == _BOX_NUMBERS
    point = corners.box(numbers).center if is_box else corners.point(numbers)
    frame = convention.coordinates.frame
    if convention.coordinates is Coordinates.UNIT and max(point) > 1:
        frame = None
    elif any("%" in entry for entry in entries):
        frame = Coordinates.UNIT.frame
    return Located(point, frame)


def read_point_or_center(text: str, convention: Convention) -> Located[Point] | None:
    """The point that a text settles on, or else the middle of the box that it settles on."""
    located = read_point(text, convention)
    if located or not (box := read_box(text, convention)):
        return located
    return Located(box.region.center, box.frame)


def _first_entries(text: str) -> list[str]:
    """Four numbers of a box, or two of a point, as they are written; none if there are fewer."""
    small = text.lower()
    tag = _TAG.search(small)
    end = _TAG_END.search(small, tag.end()) if tag else None
    if tag and end:
        tagged = _NUMBERS.findall(small[tag.end() : end.start()])
        if len(tagged) >= _BOX_NUMBERS:
            return tagged[:_BOX_NUMBERS]
    if pair := _PAIR.search(text):
        return list(pair.groups())
    across = _X.search(small)
    down = _Y.search(small, across.end()) if across else None
    if across and down:
        return [across[1], down[1]]
    entries = _NUMBERS.findall(text)
    if len(entries) >= _BOX_NUMBERS and any(word in small for word in _WORDS_OF_BOXES):
        return entries[:_BOX_NUMBERS]
    return entries[:_POINT_NUMBERS] if len(entries) >= _POINT_NUMBERS else []


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxScorer:
    """Scores a box by its overlap with the nearest of the references."""

    rule: str
    read: Callable[[str, Convention], Located[Box] | None]
    convention: Convention
    """How a box is asked for. References are written in the same way, or with their frame."""
    threshold: Fraction | None
    """The least intersection over union of a correct box; None: it is what the box earns."""
    size_of: SizeOf = field(repr=False, compare=False)

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """By the nearest reference; what has no box is unparseable, or incorrect as published."""
        located = self.read(answer.text, self.convention)
        if located is None:
            return _no_reading(sample, self.rule)
        overlap = max(
            box_iou(box, area.bounds)
            for box, area in _pairs(located, self, sample, (sample.target, *sample.accepted))
        )
        is_correct = overlap >= (1 if self.threshold is None else self.threshold)
        return Score(
            sample=sample.id,
            mark=Mark.CORRECT if is_correct else Mark.INCORRECT,
            answer=self.convention.text(located),
            partial=overlap if self.threshold is None and not is_correct else NOTHING,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PointScorer:
    """Scores a point by whether it lies in one of the areas of the references."""

    rule: str
    read: Callable[[str, Convention], Located[Point] | None]
    convention: Convention
    """As of a box. Areas are the accepted answers that begin with `INSIDE`."""
    size_of: SizeOf = field(repr=False, compare=False)

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct inside, edges included; what has no point is as what has no box."""
        located = self.read(answer.text, self.convention)
        if located is None:
            return _no_reading(sample, self.rule)
        areas = [text.removeprefix(INSIDE) for text in sample.accepted if text.startswith(INSIDE)]
        pairs = _pairs(located, self, sample, areas)
        mark = Mark.CORRECT if any(area.holds(point) for point, area in pairs) else Mark.INCORRECT
        return Score(sample=sample.id, mark=mark, answer=self.convention.text(located))


def _pairs(
    located: Located[R], scorer: BoxScorer | PointScorer, sample: Sample, areas: Sequence[str]
) -> Iterator[tuple[R, Region]]:
    """An answer and each of these areas, in one frame."""
    for text in areas:
        area = scorer.convention.read(text)
        if isinstance(area.region, Point):
            raise TypeError(f"{text!r} is no area")
        if area.frame == located.frame:
            yield located.region, area.region
            continue
        # The size is asked for only where pixels meet another frame.
        has_pixels = None in (area.frame, located.frame)
        size = scorer.size_of(sample.id) if has_pixels else square(1)
        yield located.within(size), Located(area.region, area.frame).within(size)


def _no_reading(sample: Sample, rule: str) -> Score:
    mark = Mark.UNPARSEABLE if rule.startswith("strict") else Mark.INCORRECT
    return Score(sample=sample.id, mark=mark, answer="")
