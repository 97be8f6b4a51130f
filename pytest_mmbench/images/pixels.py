"""The pixels of altered pictures: integer arithmetic, so that every machine makes the same.

Sizes are those that a model is shown: upright by EXIF, as `images.decode.decode` turns pictures.
"""

from __future__ import annotations

import hashlib
import io
import random
from itertools import product
from typing import Final

import PIL.ExifTags
import PIL.Image
import PIL.ImageFilter

from pytest_mmbench.images import png
from pytest_mmbench.images.decode import decode
from pytest_mmbench.images.identity import Original

SHARPNESS: Final = 32
"""The shorter side of a picture has this many standard deviations of its blur."""
_SIDEWAYS: Final = range(5, 9)
"""Values of EXIF's orientation that swap width and height."""
_ORIENTATION_MARKS: Final = (b"eXIf", b"Raw profile type exif", b"XML:com.adobe.xmp")
"""What a PNG that has an orientation holds, maybe behind its pixels."""


def flat(original: Original, colour: tuple[int, int, int]) -> bytes:
    """A picture of one colour. Of the original only the header is decoded."""
    return png.one_colour(upright_size(original), colour)


def noise(original: Original) -> bytes:
    """Bytes of SHAKE-128 (FIPS 202) of the seed text; only the original's header is decoded."""
    width, height = upright_size(original)
    seed = original.seed_text.encode("utf-8", "surrogatepass")
    return png.rgb((width, height), hashlib.shake_128(seed).digest(3 * width * height))


def blurred(original: Original) -> bytes:
    """The picture without what is fine in it.

    Pillow approximates the Gaussian by three box filters in integer arithmetic (after Gwosdek et
    al. 2011) and continues the edges outwards.
    """
    image = decode(original.picture, sample=original.sample)
    gaussian = PIL.ImageFilter.GaussianBlur(min(image.size) / SHARPNESS)
    return png.rgb(image.size, image.filter(gaussian).tobytes())


def shuffled(original: Original, grid: int) -> bytes:
    """The picture cut into `grid` by `grid` equal patches, none of which stays where it was.

    Up to `grid` - 1 columns on the right and rows at the bottom that no patch holds stay in their
    place, so that every pixel is still there. A picture with fewer columns or rows than the grid is
    cut at each of them; a single pixel stays as it is.
    """
    image = decode(original.picture, sample=original.sample)
    columns, rows = (min(grid, side) for side in image.size)
    width, height = image.width // columns, image.height // rows
    boxes = [
        (x * width, y * height, (x + 1) * width, (y + 1) * height)
        for y, x in product(range(rows), range(columns))
    ]
    order = random_cycle(len(boxes), random.Random(original.seed_text))
    result = image.copy()
    for box, source in zip(boxes, order, strict=True):
        result.paste(image.crop(boxes[source]), box)
    return png.rgb(result.size, result.tobytes())


def random_cycle(size: int, generator: random.Random) -> list[int]:
    """A permutation that is a single cycle, each equally likely (Sattolo 1986): nothing stays."""
    order = list(range(size))
    for at in range(size - 1, 0, -1):
        other = generator.randrange(at)
        order[at], order[other] = order[other], order[at]
    return order


def upright_size(original: Original) -> tuple[int, int]:
    """Width and height in pixels as they are shown, from the header.

    Raises:
        DataError: there is no picture to have a size.
    """
    encoded = original.picture.read()
    try:
        with PIL.Image.open(io.BytesIO(encoded)) as image:
            width, height = image.size
            if image.format == "TIFF":
                is_sideways = False  # its size is upright from the beginning
            elif image.format == "PNG" and not any(mark in encoded for mark in _ORIENTATION_MARKS):
                is_sideways = False  # Pillow would decode the pixels to look behind them
            else:
                is_sideways = image.getexif().get(PIL.ExifTags.Base.Orientation) in _SIDEWAYS
            return (height, width) if is_sideways else (width, height)
    except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError):
        # The error of decoding says best what is wrong with it.
        return decode(original.picture, sample=original.sample).size
