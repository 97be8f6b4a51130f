"""The pixels of painted pictures: integer arithmetic, so that every machine makes the same.

Sizes are those that a model is shown: upright by EXIF, as `models.pictures.decode` turns pictures.
"""

from __future__ import annotations

import hashlib
import io
import random
from dataclasses import dataclass
from itertools import product
from typing import Final

import PIL.ExifTags
import PIL.Image
import PIL.ImageFilter

from pytest_mmbench.images import png
from pytest_mmbench.images.decode import decode
from pytest_mmbench.records import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A picture that is to be painted over."""

    picture: Picture
    sample: str
    """The id, for messages."""
    seed_text: str
    """Seeds what is random. No two seeds, conditions, samples or places in a sample share one."""


SHARPNESS: Final = 32
"""The shorter side of a picture has this many standard deviations of its blur."""


_ON_ITS_SIDE: Final = range(5, 9)
"""Values of EXIF's orientation that swap width and height."""


_ORIENTED: Final = (b"eXIf", b"Raw profile type exif", b"XML:com.adobe.xmp")
"""What a PNG that has an orientation holds, maybe behind its pixels."""


def flat(original: Original, colour: tuple[int, int, int]) -> bytes:
    """A picture of one colour. Of the original only the header is decoded."""
    return png.one_colour(upright_size(original), colour)


def noise(original: Original) -> bytes:
    """Bytes of SHAKE-128 (FIPS 202) over the lot. Of the original only the header is decoded."""
    width, height = upright_size(original)
    lot = original.seed_text.encode("utf-8", "surrogatepass")
    return png.rgb((width, height), hashlib.shake_128(lot).digest(3 * width * height))


def blurred(original: Original) -> bytes:
    """The picture without what is fine in it.

    Pillow approximates the Gaussian by three box filters in integer arithmetic (after Gwosdek et
    al. 2011) and continues the edges outwards.
    """
    whole = decode(original.picture, sample=original.sample)
    soft = PIL.ImageFilter.GaussianBlur(min(whole.size) / SHARPNESS)
    return png.rgb(whole.size, whole.filter(soft).tobytes())


def shuffled(original: Original, grid: int) -> bytes:
    """The picture cut into `grid` by `grid` equal patches, none of which stays where it was.

    Up to `grid` - 1 columns on the right and rows at the bottom that no patch holds stay in their
    place, so that every pixel is still there. A picture with fewer columns or rows than the grid is
    cut at each of them; a single pixel stays as it is.
    """
    whole = decode(original.picture, sample=original.sample)
    columns, rows = (min(grid, side) for side in whole.size)
    width, height = whole.width // columns, whole.height // rows
    boxes = [
        (x * width, y * height, (x + 1) * width, (y + 1) * height)
        for y, x in product(range(rows), range(columns))
    ]
    mixed = whole.copy()
    for box, source in zip(
        boxes, random_cycle(len(boxes), random.Random(original.seed_text)), strict=True
    ):
        mixed.paste(whole.crop(boxes[source]), box)
    return png.rgb(mixed.size, mixed.tobytes())


def random_cycle(size: int, lot: random.Random) -> list[int]:
    """A permutation that is a single cycle, each equally likely (Sattolo 1986): nothing stays."""
    order = list(range(size))
    for at in range(size - 1, 0, -1):
        other = lot.randrange(at)
        order[at], order[other] = order[other], order[at]
    return order


def upright_size(original: Original) -> tuple[int, int]:
    """Width and height in pixels as they are shown, from the header.

    Raises:
        DataError: there is no picture to have a size.
    """
    encoded = original.picture.read()
    try:
        with PIL.Image.open(io.BytesIO(encoded)) as opened:
            width, height = opened.size
            return (height, width) if _lies(opened, encoded) else (width, height)
    except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError):
        # Whatever is wrong with it, decoding tells it best.
        return decode(original.picture, sample=original.sample).size


def _lies(opened: PIL.Image.Image, encoded: bytes) -> bool:
    """Whether the size that Pillow read is that of a picture on its side."""
    if opened.format == "TIFF":
        return False  # its size is upright from the beginning
    if opened.format == "PNG" and not any(mark in encoded for mark in _ORIENTED):
        return False  # Pillow would decode the pixels to look behind them
    return opened.getexif().get(PIL.ExifTags.Base.Orientation) in _ON_ITS_SIDE
