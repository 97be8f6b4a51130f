"""What a picture is as a whole: its size, whether it is clear or plain, and what it looks like."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from functools import cache
from operator import mul
from statistics import median
from typing import Final

import PIL.Image

from pytest_mmbench.errors import MMBenchError
from pytest_mmbench.images.decode import TRANSPARENT, decode
from pytest_mmbench.records import Picture

THUMBNAIL: Final = 32
"""Pixels of a side of what two pictures are compared by."""
_FREQUENCIES: Final = 8
"""Of the cosine transform, in each direction: 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFacts:
    """One picture, read and decoded once; or the reason why it cannot be."""

    name: str
    problem: str = ""
    """Why it cannot be shown; empty if it can. Then nothing else of it is known."""
    width: int = 0
    height: int = 0
    is_transparent: bool = False
    """Whether some of it is clear; the rest is of what is shown on a ground."""
    is_plain: bool = False
    """Whether all of it has one colour."""
    digest: str = ""
    """The same for pictures whose pixels are the same, in hexadecimal."""
    perceptual_hash: int = 0
    """64 bits, of which few differ between pictures that look alike."""
    thumbnail: bytes = b""
    """RGB of 32 x 32 pixels, each the mean of a part of it."""


def picture_facts(picture: Picture, *, sample: str) -> PictureFacts:
    """Reads a picture, decodes it as a model is shown it, and measures it."""
    try:
        content = picture.read()
        image = decode(replace(picture, read=lambda: content), sample=sample)
    except (MMBenchError, OSError, ValueError) as error:
        facts = getattr(error, "facts", {})
        return PictureFacts(name=picture.name, problem=facts.get("reason") or str(error))
    size = (THUMBNAIL, THUMBNAIL)
    thumbnail = image.resize(size, PIL.Image.Resampling.BOX)
    pixels = hashlib.sha256(repr(image.size).encode())
    pixels.update(image.tobytes())
    return PictureFacts(
        name=picture.name,
        width=image.width,
        height=image.height,
        is_transparent=TRANSPARENT in image.info,
        is_plain=all(low == high for low, high in image.getextrema()),
        digest=pixels.hexdigest(),
        perceptual_hash=perceptual_hash(thumbnail),
        thumbnail=thumbnail.tobytes(),
    )


def perceptual_hash(thumbnail: PIL.Image.Image) -> int:
    """64 bits that say which low frequencies of the grey picture are above their median.

    The thumbnail has 32 x 32 pixels. Another size, format or brightness of the picture changes few
    of the bits. Source: the discrete cosine transform as C. Zauner, "Implementation and
    benchmarking of perceptual image hash functions", 2010, describes it, with the median.
    """
    grey = thumbnail.convert("L").tobytes()
    rows = [grey[start : start + THUMBNAIL] for start in range(0, len(grey), THUMBNAIL)]
    waves = _waves()
    across = [[sum(map(mul, row, wave)) for row in rows] for wave in waves]
    weights = [sum(map(mul, column, wave)) for column in across for wave in waves]
    # The first is the brightness of all of it.
    middle = median(weights[1:])
    return sum((weight > middle) << place for place, weight in enumerate(weights))


@cache
def _waves() -> tuple[tuple[float, ...], ...]:
    """Cosines of the lowest frequencies at the middle of each pixel."""
    return tuple(
        tuple(
            math.cos(math.pi * frequency * (2 * place + 1) / (2 * THUMBNAIL))
            for place in range(THUMBNAIL)
        )
        for frequency in range(_FREQUENCIES)
    )


def thumbnail_distance(one: bytes, other: bytes) -> int:
    """The largest difference between two thumbnails, at any pixel, in any colour: 0 to 255."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))
