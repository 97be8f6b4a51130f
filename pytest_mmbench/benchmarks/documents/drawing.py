"""Pictures of pages; the same bytes wherever the same Pillow is installed.

The font is the one that Pillow itself carries, and its basic layout asks no other library: what
fonts a machine has decides nothing.
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from pytest_mmbench.benchmarks.documents.page import InkPolygon, Line, Mark, Page, Rectangle, Text
from pytest_mmbench.errors import DataError


def draw(page: Page) -> Image.Image:
    """Draw a page as an RGB picture.

    Raises:
        DataError: this Pillow was built without FreeType, and so without a font.
    """
    picture = Image.new("RGB", (page.width, page.height), page.ground)
    pen = ImageDraw.Draw(picture)
    for mark in page.marks:
        _draw_mark(pen, mark)
    return picture


def _draw_mark(pen: ImageDraw.ImageDraw, mark: Mark) -> None:
    match mark:
        case Text():
            font = _font(mark.size)
            pen.text(mark.at, mark.text, fill=mark.ink, font=font, anchor=mark.anchor)
        case Rectangle():
            pen.rectangle((mark.corner, mark.opposite), fill=mark.fill, outline=mark.outline)
        case Line():
            pen.line((mark.start, mark.end), fill=mark.ink, width=mark.width)
        case InkPolygon():
            pen.polygon(mark.points, fill=mark.ink)


def png(page: Page) -> bytes:
    """Encode the picture of a page as PNG; equal pages give equal bytes."""
    encoded = BytesIO()
    draw(page).save(encoded, format="PNG", compress_level=3)
    return encoded.getvalue()


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    try:
        return ImageFont.load_default(size)
    except ImportError as error:
        raise DataError(
            "drawn documents need a Pillow with FreeType, and this one has none.",
            reason=str(error),
            what_to_do="install Pillow from a wheel: pip install --force-reinstall pillow",
        ) from error
