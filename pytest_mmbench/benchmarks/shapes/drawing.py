"""Pictures of scenes: 128 by 128 pixels, one 32-pixel tile per cell, always the same bytes."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from math import cos, pi, sin
from typing import Final, TypeAlias

from PIL import Image, ImageDraw

from pytest_mmbench.benchmarks.shapes.scene import DIRECTIONS, GAUGE_TOP, SIDE, GridCell, Scene

TILE: Final = 32
"""Side of a cell, in pixels."""
FINE: Final = 4
"""Tiles are drawn this many times larger and averaged down, which smooths their edges."""
FULL: Final = TILE * FINE
MIDDLE: Final = FULL / 2
Colour: TypeAlias = tuple[int, int, int]
Point: TypeAlias = tuple[float, float]
INKS: Final[dict[str, Colour]] = {
    "red": (222, 38, 38),
    "orange": (247, 140, 20),
    "yellow": (250, 220, 30),
    "green": (36, 150, 60),
    "blue": (35, 90, 225),
    "purple": (130, 45, 180),
    "pink": (248, 130, 190),
    "brown": (130, 78, 36),
    "": (40, 40, 40),
}
PAPERS: Final[dict[str, Colour]] = {
    "white": (255, 255, 255),
    "grey": (178, 178, 178),
    "black": (24, 24, 24),
    "yellow": (255, 240, 150),
    "green": (170, 228, 170),
    "blue": (165, 205, 250),
    "purple": (205, 178, 240),
    "pink": (252, 190, 214),
}
FACE: Final[Colour] = (250, 250, 250)
"""What dials and the empty part of gauges are filled with."""
RADII: Final = {"small": 0.20, "medium": 0.31, "large": 0.44}
"""Half the extent of a shape, as a fraction of its cell."""
SEGMENTS: Final = {
    "0": "abcdef",
    "1": "bc",
    "2": "abged",
    "3": "abgcd",
    "4": "fgbc",
    "5": "afgcd",
    "6": "afgedc",
    "7": "abc",
    "8": "abcdefg",
    "9": "abcdfg",
}
"""Digit to its strokes in the usual seven-segment naming."""
STROKES: Final[dict[str, tuple[Point, Point]]] = {
    "a": ((0.31, 0.16), (0.69, 0.16)),
    "b": ((0.69, 0.16), (0.69, 0.5)),
    "c": ((0.69, 0.5), (0.69, 0.84)),
    "d": ((0.31, 0.84), (0.69, 0.84)),
    "e": ((0.31, 0.5), (0.31, 0.84)),
    "f": ((0.31, 0.16), (0.31, 0.5)),
    "g": ((0.31, 0.5), (0.69, 0.5)),
}


def draw(scene: Scene) -> Image.Image:
    """Draw a scene as an RGB picture of 128 by 128 pixels."""
    picture = Image.new("RGB", (SIDE * TILE, SIDE * TILE), PAPERS[scene.ground])
    for place, cell in enumerate(scene.cells):
        if cell.kind != "empty":
            below, right = divmod(place, SIDE)
            picture.paste(tile(cell, scene.ground), (right * TILE, below * TILE))
    return picture


def png(scene: Scene) -> bytes:
    """Encode the picture of a scene as PNG; equal scenes give equal bytes."""
    encoded = BytesIO()
    # Encoding takes longer than drawing; this level takes half the time of the usual one.
    draw(scene).save(encoded, format="PNG", compress_level=3)
    return encoded.getvalue()


@lru_cache(maxsize=4096)
def tile(cell: GridCell, ground: str) -> Image.Image:
    """Draw one cell on its ground, 32 by 32 pixels."""
    large = Image.new("RGB", (FULL, FULL), PAPERS[ground])
    pen = ImageDraw.Draw(large)
    ink = INKS[cell.colour]
    edge = (240, 240, 240) if ground == "black" else (50, 50, 50)
    match cell.kind:
        case "shape":
            _draw_shape(pen, cell, ink, edge)
        case "digit":
            _draw_strokes(pen, [STROKES[name] for name in SEGMENTS[cell.value]], ink)
        case "dial":
            _draw_dial(pen, DIRECTIONS.index(cell.value), ink, edge)
        case "gauge":
            _draw_gauge(pen, int(cell.value), ink)
        case "bar":
            pen.rectangle((0.14 * FULL, 0, 0.86 * FULL, FULL), fill=ink)
        case "sign":
            _draw_sign(pen, cell.value, ink)
    return large.reduce(FINE)


def _point_at(radius: float, turns: float) -> Point:
    angle = 2 * pi * turns
    return MIDDLE + radius * FULL * sin(angle), MIDDLE - radius * FULL * cos(angle)


def _draw_shape(pen: ImageDraw.ImageDraw, cell: GridCell, ink: Colour, edge: Colour) -> None:
    radius = RADII[cell.size]
    if cell.value == "circle":
        near, far = MIDDLE - radius * FULL, MIDDLE + radius * FULL
        pen.ellipse((near, near, far, far), fill=ink, outline=edge, width=FINE)
        return
    pen.polygon(_outline(cell.value, radius), fill=ink, outline=edge, width=FINE)


def _outline(name: str, radius: float) -> list[Point]:
    match name:
        case "square":
            return [_point_at(radius * 1.25, turn / 8) for turn in (1, 3, 5, 7)]
        case "triangle":
            return [_point_at(radius * 1.15, turn / 3) for turn in range(3)]
        case "diamond":
            return [_point_at(radius * (1.1, 0.7)[turn % 2], turn / 4) for turn in range(4)]
        case "star":
            return [_point_at(radius * (1.15, 0.48)[turn % 2], turn / 10) for turn in range(10)]
        case _:
            return _plus_outline(radius)


def _plus_outline(radius: float) -> list[Point]:
    long, short = radius * FULL, radius * FULL * 0.36
    corners = [(-short, -long), (short, -long), (short, -short), (long, -short)]
    points: list[Point] = []
    for _ in range(4):
        points += corners[:3]
        corners = [(-y, x) for x, y in corners]
    return [(MIDDLE + x, MIDDLE + y) for x, y in points]


def _draw_strokes(pen: ImageDraw.ImageDraw, lines: list[tuple[Point, Point]], ink: Colour) -> None:
    width = 0.13 * FULL
    for (x0, y0), (x1, y1) in lines:
        ends = ((x0 * FULL, y0 * FULL), (x1 * FULL, y1 * FULL))
        pen.line(ends, fill=ink, width=round(width))
        for x, y in ends:
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=ink)


def _draw_dial(pen: ImageDraw.ImageDraw, eighth: int, ink: Colour, edge: Colour) -> None:
    near, far = 0.06 * FULL, 0.94 * FULL
    pen.ellipse((near, near, far, far), fill=FACE, outline=edge, width=FINE)
    turns = eighth / 8
    hand = [_point_at(0.40, turns), _point_at(0.17, turns + 0.3), _point_at(0.17, turns - 0.3)]
    pen.polygon(hand, fill=ink, outline=ink, width=FINE)


def _draw_gauge(pen: ImageDraw.ImageDraw, reading: int, ink: Colour) -> None:
    left, right, top, bottom = 0.25 * FULL, 0.75 * FULL, 0.06 * FULL, 0.94 * FULL
    step = (bottom - top) / GAUGE_TOP
    for level in range(GAUGE_TOP):
        box = (left, bottom - step * (level + 1), right, bottom - step * level)
        fill = ink if level < reading else FACE
        pen.rectangle(box, fill=fill, outline=ink, width=FINE)


def _draw_sign(pen: ImageDraw.ImageDraw, sign: str, ink: Colour) -> None:
    if sign == "+":
        _draw_strokes(pen, [((0.25, 0.5), (0.75, 0.5)), ((0.5, 0.25), (0.5, 0.75))], ink)
        return
    bend = [
        ((0.34, 0.27), (0.5, 0.16)),
        ((0.5, 0.16), (0.66, 0.27)),
        ((0.66, 0.27), (0.5, 0.52)),
        ((0.5, 0.52), (0.5, 0.62)),
        ((0.5, 0.82), (0.5, 0.82)),
    ]
    _draw_strokes(pen, bend, ink)
