"""What a picture is as a whole: its size, whether it is clear or plain, and what it looks like."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from operator import mul
from typing import Final

import PIL.Image
import PIL.ImageChops
import PIL.ImageStat

from pytest_mmbench.errors import MMBenchError
from pytest_mmbench.images.decode import TRANSPARENT, decode
from pytest_mmbench.records import Picture

SIDE: Final = 48
"""Pixels of a side of the thumbnail that two pictures are compared by."""
BLOCKS: Final = 8
"""Parts of a picture, in each direction, whose brightness is compared first."""
MOST_RESIDUAL: Final = 0.2
"""Of a picture's own contrast, that may be left of two thumbnails' difference: a correlation of
0.98."""
MOST_LOCAL: Final = 20
"""How often the largest difference may be as large as the mean one: another size or format changes
a picture everywhere, a digit that is replaced in one place."""
SMALL_CHANGE: Final = 4
"""Of 255, a difference that may be anywhere."""
LARGE_CHANGE: Final = 64
"""Of 255, a difference that no format makes, but another colour."""
EDGE: Final = 16
"""Of 255, between two neighbours in a thumbnail."""
LEAST_TOUCHED: Final = 0.5
"""Share of the edges at which a copy in another size or format differs at all."""
_LEVELS: Final = 256
_SQUARES: Final = tuple(level * level for level in range(_LEVELS))


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFacts:
    """One picture, read and decoded once; or the reason why it cannot be."""

    name: str
    problem: str = ""
    """Why it cannot be shown; empty if it can. Then nothing else of it is known."""
    width: int = 0
    height: int = 0
    is_transparent: bool = False
    """Whether some of it is clear: it is laid on a ground."""
    contrast: float = 0.0
    """Standard deviation of the colours of its thumbnail."""
    is_plain: bool = False
    """Whether all of it has one colour."""
    digest: str = ""
    """The same for pictures whose pixels are the same, in hexadecimal."""
    thumbnail: bytes = b""
    """RGB of 48 x 48 pixels, each the mean of a part of it."""
    brightness: tuple[int, ...] = ()
    """Mean brightness of 8 x 8 parts of it, row by row, from 0 to 255."""
    tint: tuple[int, ...] = ()
    """Its mean colour, as Cb and Cr of JPEG."""


def picture_facts(picture: Picture, *, sample: str) -> PictureFacts:
    """Reads a picture, decodes it as a model is shown it, and measures it."""
    try:
        content = picture.read()
        image = decode(replace(picture, read=lambda: content), sample=sample)
    except (MMBenchError, OSError, ValueError) as error:
        facts = getattr(error, "facts", {})
        return PictureFacts(name=picture.name, problem=facts.get("reason") or str(error))
    pixels = hashlib.sha256(repr(image.size).encode())
    pixels.update(image.tobytes())
    thumbnail = image.resize((SIDE, SIDE), PIL.Image.Resampling.BOX)
    colours = thumbnail.convert("YCbCr")
    blocks = colours.getchannel("Y").resize((BLOCKS, BLOCKS), PIL.Image.Resampling.BOX)
    return PictureFacts(
        name=picture.name,
        width=image.width,
        height=image.height,
        is_transparent=TRANSPARENT in image.info,
        contrast=math.sqrt(sum(PIL.ImageStat.Stat(thumbnail).var) / len(thumbnail.getbands())),
        is_plain=len(image.getcolors(1) or ()) == 1,
        digest=pixels.hexdigest(),
        thumbnail=thumbnail.tobytes(),
        brightness=tuple(blocks.tobytes()),
        tint=tuple(map(round, PIL.ImageStat.Stat(colours).mean[1:])),
    )


def look_alike(one: PictureFacts, other: PictureFacts) -> bool:
    """Whether two pictures are one in another size, format or quality.

    What is left of the difference of their thumbnails has to be small against the contrast of each,
    nowhere much larger than elsewhere, and at most edges: where another text stands on the same
    form, all other edges are untouched. A crop or a mirror image is another picture.
    """
    first, second = (
        PIL.Image.frombytes("RGB", (SIDE, SIDE), facts.thumbnail) for facts in (one, other)
    )
    difference = PIL.ImageChops.difference(first, second)
    counts = difference.histogram()
    colours = [counts[start : start + _LEVELS] for start in range(0, len(counts), _LEVELS)]
    squares = sum(sum(map(mul, colour, _SQUARES)) for colour in colours)
    residual = math.sqrt(squares / len(one.thumbnail))
    largest = max(level for colour in colours for level, count in enumerate(colour) if count)
    most = min(LARGE_CHANGE, max(SMALL_CHANGE, MOST_LOCAL * residual))
    if residual > MOST_RESIDUAL * min(one.contrast, other.contrast) or largest > most:
        return False
    edges = _where(PIL.ImageChops.difference(first, PIL.ImageChops.offset(first, 1, 0)), EDGE)
    touched = PIL.ImageChops.darker(edges, _where(difference, 1))
    return touched.histogram()[-1] >= LEAST_TOUCHED * edges.histogram()[-1]


def _where(image: PIL.Image.Image, least: int) -> PIL.Image.Image:
    """White where any colour has so many levels, and black elsewhere."""
    red, green, blue = image.split()
    brightest = PIL.ImageChops.lighter(PIL.ImageChops.lighter(red, green), blue)
    return brightest.point([_LEVELS - 1 if level >= least else 0 for level in range(_LEVELS)])
