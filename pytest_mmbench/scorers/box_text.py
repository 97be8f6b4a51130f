"""Which box, or which point, a text gives as its answer.

Known are four numbers in brackets of any kind (`[10, 20, 30, 40]`, `(10,20),(30,40)`, JSON with
`bbox_2d`, `<box>` with brackets inside or without), keys with a number each (`x1: 10`, `x_min=10`,
`left`, `width`, XML), two corners in words, the location tokens of PaliGemma, which count y first
and in 1024ths, and four numbers without brackets where the text or its last statement is nothing
else. A point has two numbers, or the keys x and y.

Coordinates count as the `Convention` has it, and never as their size would suggest, unless the text
itself says how: `10%`, `12 px`, `[10, 20, 30, 40] of 640 x 480`, keys, location tokens. A text that
gives several boxes that differ settles on none, unless it states one of them or corrects itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from typing import Final

from pytest_mmbench.scorers.coordinates import Convention, Coordinates, Corners, Located, square
from pytest_mmbench.scorers.phrases import bare, correction, denied, plain_lines, sentence, stated
from pytest_mmbench.scorers.regions import Box, Frame, Point

NUMBER: Final = r"[-+]?(?:\d{1,12}(?:\.\d{0,20})?|\.\d{1,20})(?:e[-+]?\d{1,2})?"
"""A coordinate; longer ones are none."""
_UNIT = r"(?:\s?(?:px|pixels?)\b|\s?%)"
_ENTRY = rf"(?<![\w.]){NUMBER}(?:{_UNIT}|(?![\w.]))"
_RUN = re.compile(rf"{_ENTRY}(?:[\s,;()\[\]{{}}]{{1,12}}{_ENTRY})+")
_ENTRIES = re.compile(rf"(?P<number>{NUMBER})(?P<unit>{_UNIT})?")
_LOCATIONS = re.compile(r"<loc\d{4}>(?:\s?<loc\d{4}>)+")
_DIGITS = re.compile(r"\d+")
_KEYED = re.compile(
    r"(?<![\w-])(?P<key>[xy][\s_-]?(?:min|max|[012])?|left|top|right|bottom|w|h|width|height)"
    rf"(?:[\"']?\s?[:=>]|\sis\b|\sof\b)\s?[\"']?(?P<number>{NUMBER})"
    rf"(?:(?P<unit>{_UNIT})|(?![\w.]))"
)
_LOCATION_SIDE: Final = 1024
_REACH: Final = 60
"""Characters between the keys of one box."""
_CORNER_KEYS: Final = (
    ("x1", "y1", "x2", "y2"),
    ("x0", "y0", "x1", "y1"),
    ("xmin", "ymin", "xmax", "ymax"),
    ("left", "top", "right", "bottom"),
)
_SIZE_KEYS: Final = (
    ("x", "y", "width", "height"),
    ("x", "y", "w", "h"),
    ("left", "top", "width", "height"),
)
_AROUND: Final[Mapping[str, str]] = dict(zip("([{>\"'", ")]}<\"'", strict=True))
"""What closes the numbers of a box, by what opens them."""
_SUFFIX = re.compile(
    rf"[\s)\]}}]{{0,12}}(?P<pixels>px|pixels?)?\b"
    rf"(?:\s?of (?P<width>{NUMBER}) x (?P<height>{NUMBER})(?![\w.]))?"
)
_CORNER = rf"[^()\[\]\n]{{0,40}}[(\[]\s?({_ENTRY}),\s?({_ENTRY})\s?[)\]]"
_CORNERS_IN_WORDS = re.compile(
    rf"\b(?:top|upper)[\s-]left{_CORNER}[^()\[\]\n]{{0,40}}\b(?:bottom|lower)[\s-]right{_CORNER}"
)
"""`The top-left corner is (10, 20), the bottom-right one (30, 40)`"""
_BOX_NUMBERS: Final = 4
_POINT_NUMBERS: Final = 2
MOST_BOXES: Final = 1000
"""Of a text that are looked at; one that lists more settles on none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A box or a point that stands in a text."""

    start: int
    located: Located[Box | Point]
    is_marked: bool
    """Whether brackets, keys or tokens say that it is one."""
    text: str


def read_box(text: str, convention: Convention) -> Located[Box] | None:
    """The box that a text settles on; None if there is none, or several that differ."""
    region, frame = _settled(text, convention, _BOX_NUMBERS) or (None, None)
    return Located(region, frame) if isinstance(region, Box) else None


def read_point(text: str, convention: Convention) -> Located[Point] | None:
    """The point that a text settles on; a box is none."""
    region, frame = _settled(text, convention, _POINT_NUMBERS) or (None, None)
    return Located(region, frame) if isinstance(region, Point) else None


def _settled(text: str, convention: Convention, count: int) -> Located[Box | Point] | None:
    """What `read_box` (`count` is 4) or `read_point` (2) gives."""
    lines = plain_lines(text)
    if not any(sign.isdecimal() for sign in lines):
        return None
    candidates = [*islice(_candidates(lines, convention, count), MOST_BOXES)]
    if len(candidates) == MOST_BOXES:
        return None
    candidates = [each for each in candidates if not denied(lines, each.start)]
    after = correction(lines)
    begin = len(lines) - len(after)
    corrected = [each for each in candidates if after and each.start >= begin]
    chosen = corrected or _stated(lines, candidates)
    if not chosen:
        whole = bare(lines)
        chosen = [each for each in candidates if each.is_marked or bare(each.text) == whole]
    marked = [each for each in chosen if each.is_marked]
    settled = {each.located for each in marked or chosen}
    return settled.pop() if len(settled) == 1 else None


def _stated(lines: str, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Those in the last statement that has any."""
    for rest in stated(lines):
        start = len(lines) - len(rest)
        end = start + max(len(sentence(rest)), 1)
        if within := [each for each in candidates if start <= each.start <= end]:
            return within
    return []


def _candidates(lines: str, convention: Convention, count: int) -> Iterator[_Candidate]:
    """Every box (`count` is 4) or point (2) of a text."""
    yield from _in_runs(lines, convention, count)
    yield from _in_tokens(lines, count)
    yield from _behind_keys(lines, convention, count)
    if count == _BOX_NUMBERS:
        for match in _CORNERS_IN_WORDS.finditer(lines):
            entries = [_ENTRIES.match(entry) for entry in match.groups()]
            yield from _candidate(match.span(), [e for e in entries if e], lines, convention)


def _in_runs(lines: str, convention: Convention, count: int) -> Iterator[_Candidate]:
    for run in _RUN.finditer(lines):
        entries = [*_ENTRIES.finditer(run[0])]
        opening = lines[max(0, run.start() - 2) : run.start()].strip()[-1:]
        closing = lines[run.end() : run.end() + 2].strip()[:1]
        # `<box>` is taken for a special token, as `<bos>` is; its end stays.
        is_marked = opening in _AROUND or closing == "<"
        is_complete = closing == _AROUND.get(opening, closing) and closing not in (",", ";")
        # Several boxes in a list are read each; two points are no point.
        is_count = len(entries) % count == 0 and (count == _BOX_NUMBERS or len(entries) == count)
        if is_count and is_complete:
            for at in range(0, len(entries), count):
                part = entries[at : at + count]
                yield from _candidate(run.span(), part, lines, convention, is_marked=is_marked)


def _candidate(
    span: tuple[int, int],
    entries: Sequence[re.Match[str]],
    lines: str,
    convention: Convention,
    *,
    is_marked: bool = True,
) -> Iterator[_Candidate]:
    """The box or point of numbers in a row; none if they do not say how they count."""
    units = {(entry["unit"] or "").strip() for entry in entries}
    is_known, frame = _frame(units, _SUFFIX.match(lines, span[1]), convention)
    if is_known:
        numbers = [Fraction(entry["number"]) for entry in entries]
        located = Located(_region(convention.corners, numbers), frame)
        text = lines[slice(*span)]
        yield _Candidate(start=span[0], located=located, is_marked=is_marked, text=text)


def _region(corners: Corners, numbers: Sequence[Fraction]) -> Box | Point:
    is_box = len(numbers) == _BOX_NUMBERS
    return corners.box(numbers).upright() if is_box else corners.point(numbers)


def _frame(
    units: set[str], suffix: re.Match[str] | None, convention: Convention
) -> tuple[bool, Frame | None]:
    """Whether a text does not contradict itself, and the frame that it names or is asked for."""
    if len(units) > 1:
        return False, None
    if suffix and suffix["width"]:
        frame = Frame(Fraction(suffix["width"]), Fraction(suffix["height"]))
        return min(frame) > 0, frame
    if units == {"%"}:
        return True, Coordinates.PERCENT.frame
    if units != {""} or (suffix and suffix["pixels"]):
        return True, None
    return True, convention.coordinates.frame


def _in_tokens(lines: str, count: int) -> Iterator[_Candidate]:
    for run in _LOCATIONS.finditer(lines):
        numbers = [Fraction(digits) for digits in _DIGITS.findall(run[0])]
        if len(numbers) == count:
            region = _region(Corners.YXYX, numbers)
            located = Located(region, square(_LOCATION_SIDE))
            yield _Candidate(start=run.start(), located=located, is_marked=True, text=run[0])


def _behind_keys(lines: str, convention: Convention, count: int) -> Iterator[_Candidate]:
    known = (*_CORNER_KEYS, *_SIZE_KEYS) if count == _BOX_NUMBERS else (("x", "y"),)
    for group in _key_groups(lines):
        by_key = {_key(entry): entry for entry in group}
        keys = next((keys for keys in known if set(keys) == set(by_key)), None)
        if keys:
            # Keys say themselves what their numbers are.
            corners = Corners.XYWH if keys in _SIZE_KEYS else Corners.XYXY
            span = group[0].start(), group[-1].end()
            entries = [by_key[key] for key in keys]
            yield from _candidate(span, entries, lines, replace(convention, corners=corners))


def _key(entry: re.Match[str]) -> str:
    return re.sub(r"[\s_-]", "", entry["key"])


def _key_groups(lines: str) -> Iterator[list[re.Match[str]]]:
    """Keys that stand near each other, none twice."""
    group: list[re.Match[str]] = []
    for entry in _KEYED.finditer(lines):
        is_far = group and entry.start() - group[-1].end() > _REACH
        if is_far or _key(entry) in map(_key, group):
            yield group
            group = []
        group.append(entry)
    if group:
        yield group
