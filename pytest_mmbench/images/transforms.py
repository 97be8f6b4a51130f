"""The pixels of altered pictures: integer arithmetic, so that every machine makes the same.

Encoded bytes are part of a request's key, and a compressor's output changes with its version: PNG
files are written uncompressed (W3C, *Portable Network Graphics (PNG) Specification*; RFC 1950 and
1951 for stored blocks). Sizes are upright by EXIF, as `images.decode.decode` turns pictures.
"""

from __future__ import annotations

import hashlib
import io
import random
import struct
import zlib
from itertools import product
from typing import Final

import PIL.ExifTags
import PIL.Image
import PIL.ImageFilter

from pytest_mmbench.images import Original
from pytest_mmbench.images.decode import decode

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PALETTE, _TRUECOLOUR = 3, 2
_ZLIB: Final = b"\x78\x01"
_BLOCK_BYTES: Final = 0xFFFF
"""The most that one stored block holds."""


def one_colour_png(size: tuple[int, int], colour: tuple[int, int, int]) -> bytes:
    """A picture whose pixels, one bit each, all point to the one colour of its palette."""
    width, height = size
    row = bytes(1 + (width + 7) // 8)
    palette = _png_chunk(b"PLTE", bytes(colour))
    return _png_file(size, 1, _PALETTE, palette + _png_chunk(b"IDAT", zlib_stored(row * height)))


def rgb_png(size: tuple[int, int], pixels: bytes) -> bytes:
    """A picture of red, green and blue bytes, row by row from the top."""
    stride = 3 * size[0]
    rows = (pixels[start : start + stride] for start in range(0, len(pixels), stride))
    # Each row begins with the number of its filter: none.
    lines = b"\0" + b"\0".join(rows)
    return _png_file(size, 8, _TRUECOLOUR, _png_chunk(b"IDAT", zlib_stored(lines)))


def zlib_stored(content: bytes) -> bytes:
    """A zlib stream that holds the content as it is."""
    stream = [_ZLIB]
    for start in range(0, len(content), _BLOCK_BYTES):
        block = content[start : start + _BLOCK_BYTES]
        is_last = start + _BLOCK_BYTES >= len(content)
        stream += (struct.pack("<BHH", is_last, len(block), len(block) ^ 0xFFFF), block)
    return b"".join((*stream, zlib.adler32(content).to_bytes(4, "big")))


def _png_file(size: tuple[int, int], depth: int, kind: int, body: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, 0)
    return b"".join((_SIGNATURE, _png_chunk(b"IHDR", header), body, _png_chunk(b"IEND", b"")))


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(content, zlib.crc32(kind))
    return b"".join((struct.pack(">I", len(content)), kind, content, struct.pack(">I", check)))


SHARPNESS: Final = 32
"""The shorter side of a picture has this many standard deviations of its blur."""
_SIDEWAYS: Final = range(5, 9)
"""Values of EXIF's orientation that swap width and height."""
_ORIENTATION_MARKS: Final = (b"eXIf", b"Raw profile type exif", b"XML:com.adobe.xmp")
"""What a PNG that has an orientation holds, maybe behind its pixels."""


def flat(original: Original, colour: tuple[int, int, int]) -> bytes:
    """A picture of one colour. Of the original only the header is decoded."""
    return one_colour_png(upright_size(original), colour)


def noise(original: Original) -> bytes:
    """Bytes of SHAKE-128 (FIPS 202) of the seed text; only the original's header is decoded."""
    width, height = upright_size(original)
    seed = original.seed_text.encode("utf-8", "surrogatepass")
    return rgb_png((width, height), hashlib.shake_128(seed).digest(3 * width * height))


def blurred(original: Original) -> bytes:
    """The picture without its fine detail.

    Pillow approximates the Gaussian by three box filters in integer arithmetic (after Gwosdek et
    al. 2011) and continues the edges outwards.
    """
    image = decode(original.picture, sample=original.sample)
    gaussian = PIL.ImageFilter.GaussianBlur(min(image.size) / SHARPNESS)
    return rgb_png(image.size, image.filter(gaussian).tobytes())


def shuffled(original: Original, grid: int) -> bytes:
    """The picture cut into `grid` by `grid` equal patches, none of which stays where it was.

    Up to `grid` - 1 columns on the right and rows at the bottom that no patch holds stay in their
    place. A picture with fewer columns or rows than the grid is cut at each of them.
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
    return rgb_png(result.size, result.tobytes())


def random_cycle(size: int, generator: random.Random) -> list[int]:
    """A permutation that is a single cycle, each equally likely (Sattolo 1986): nothing stays."""
    order = list(range(size))
    for at in range(size - 1, 0, -1):
        other = generator.randrange(at)
        order[at], order[other] = order[other], order[at]
    return order


def upright_size(original: Original) -> tuple[int, int]:
    """Width and height in pixels as they are shown, from the header."""
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
    except Exception:  # noqa: BLE001 - EXIF of others makes Pillow raise anything
        # The error of decoding says best what is wrong with it.
        return decode(original.picture, sample=original.sample).size
