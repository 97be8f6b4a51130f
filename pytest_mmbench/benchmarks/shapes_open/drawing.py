"""Pictures as PNG: scenes as `shapes` draws them, and bars whose edges are those of pixels."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

from pytest_mmbench.benchmarks.shapes.drawing import INKS, PAPERS, draw
from pytest_mmbench.benchmarks.shapes.scene import Scene
from pytest_mmbench.benchmarks.shapes_open.pictures import CELL, WIDTH, BarPicture, OpenPicture

INSET: Final = 6
"""Pixels above and below a bar."""


def draw_open(picture: OpenPicture) -> Image.Image:
    """Draw a picture in RGB, 128 by 128 pixels."""
    return draw(picture) if isinstance(picture, Scene) else _draw_bars(picture)


def _draw_bars(picture: BarPicture) -> Image.Image:
    drawn = Image.new("RGB", (WIDTH, WIDTH), PAPERS["white"])
    pen = ImageDraw.Draw(drawn)
    for place, bar in enumerate(picture.bars):
        if bar is not None:
            top, bottom = place * CELL + INSET, (place + 1) * CELL - INSET
            pen.rectangle((0, top, bar.pixels - 1, bottom - 1), fill=INKS[bar.colour])
    return drawn


def open_png(picture: OpenPicture) -> bytes:
    """Encode a picture as PNG; equal pictures give equal bytes."""
    encoded = BytesIO()
    draw_open(picture).save(encoded, format="PNG", compress_level=3)
    return encoded.getvalue()
