"""Encoded pictures made into RGB ones."""

from __future__ import annotations

import io

import PIL.Image
import PIL.ImageOps

from pytest_mmbench.errors import DataError
from pytest_mmbench.records import Picture


def decode(picture: Picture, *, sample: str) -> PIL.Image.Image:
    """The picture in RGB, turned upright by its EXIF orientation as transformers' loader does.

    Raises:
        DataError: The bytes are cut short, or are not a picture.
    """
    try:
        with PIL.Image.open(io.BytesIO(picture.read())) as opened:
            return PIL.ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError) as error:
        raise DataError(
            f"picture {picture.name!r} cannot be read.",
            sample=sample,
            reason=str(error),
            what_to_do="open it in a viewer; copy or download the benchmark's data again",
        ) from error
