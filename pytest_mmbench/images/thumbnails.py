"""Thumbnails of samples, small enough to lie in a report by the hundreds."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Final

import PIL.Image

from pytest_mmbench.images.decode import decode
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Sample

SIDE: Final = 256
"""Pixels of the longer side of a picture; of the height of several in a row."""
MAX_PICTURES: Final = 4
"""Of one sample that are shown."""
_GAP: Final = 8
"""Pixels between two pictures."""
_BACKGROUND: Final = (128, 128, 128)
_QUALITY: Final = 75


class Thumbnails:
    """WebP pictures of at most 256 pixels, encoded anew: no EXIF of a file comes into a report."""

    def __init__(self, benchmarks: Mapping[str, Benchmark]) -> None:
        self._benchmarks = benchmarks

    def __call__(self, benchmark: str, sample: str) -> bytes:
        """The thumbnail of a sample; empty if it has no picture."""
        return thumbnail(self._benchmarks[benchmark].sample(sample))


def thumbnail(sample: Sample) -> bytes:
    """The picture of a sample, or its first few in a row, in WebP; empty if it has none."""
    images: list[PIL.Image.Image] = []
    for picture in sample.pictures[:MAX_PICTURES]:
        image = decode(picture, sample=sample.id)
        image.thumbnail((SIDE, SIDE), PIL.Image.Resampling.BICUBIC, reducing_gap=2.0)
        images.append(image)
    if not images:
        return b""
    row = images[0]
    if len(images) > 1:
        width = sum(image.width for image in images) + _GAP * (len(images) - 1)
        row = PIL.Image.new("RGB", (width, max(image.height for image in images)), _BACKGROUND)
        left = 0
        for image in images:
            row.paste(image, (left, (row.height - image.height) // 2))
            left += image.width + _GAP
    encoded = io.BytesIO()
    row.save(encoded, format="WEBP", quality=_QUALITY, method=2)
    return encoded.getvalue()
