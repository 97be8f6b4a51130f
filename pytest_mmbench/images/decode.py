"""Encoded pictures made into RGB ones, when they are shown or a little earlier."""

from __future__ import annotations

import io
from dataclasses import replace

import PIL.Image
import PIL.ImageOps

from pytest_mmbench.errors import DataError, MMBenchError
from pytest_mmbench.records import Picture, Request, Turn

_RGB_BYTES = 3


_SIXTEEN_BITS = "I;16"
"""How Pillow's names of such modes begin."""


_WAITING = 512 * 1024 * 1024
"""Bytes of decoded pictures that may wait for their turn."""


_BATCHES = 2
"""How many batches of requests may wait."""


class DecodedPicture:
    """The encoded bytes of a picture, and the picture itself until somebody takes it."""

    __slots__ = ("_encoded", "_images")

    def __init__(self, encoded: bytes, image: PIL.Image.Image) -> None:
        self._encoded = encoded
        self._images = [image]

    def __call__(self) -> bytes:
        """The encoded bytes, as `Picture.read` gives them."""
        return self._encoded

    def take(self) -> list[PIL.Image.Image]:
        """The picture the first time, and nothing afterwards: it takes far more memory."""
        taken, self._images = self._images, []
        return taken


def decode(picture: Picture, *, sample: str) -> PIL.Image.Image:
    """The picture in RGB, turned upright by its EXIF orientation as transformers' loader does.

    Raises:
        DataError: The bytes are cut short, or are not a picture.
    """
    waiting = picture.read.take() if isinstance(picture.read, DecodedPicture) else []
    if waiting:
        return waiting[0]
    try:
        with PIL.Image.open(io.BytesIO(picture.read())) as opened:
            return _eight_bits(PIL.ImageOps.exif_transpose(opened)).convert("RGB")
    except (MemoryError, MMBenchError):
        raise
    except Exception as error:  # what Pillow raises on damaged pictures has no common kind
        raise DataError(
            f"picture {picture.name!r} cannot be read.",
            sample=sample,
            **picture.location(),
            reason=str(error),
            what_to_do="open it in a viewer; copy or download the benchmark's data again",
        ) from error


def _eight_bits(image: PIL.Image.Image) -> PIL.Image.Image:
    """The same picture with the upper half of each 16 bits of grey.

    Pillow does that to colours by itself, and would show every grey above 255 as white.
    """
    if not image.mode.startswith(_SIXTEEN_BITS):
        return image
    return image.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")


def bytes_per_request(batch_size: int) -> int:
    """Bytes of decoded pictures that each of the requests that wait may hold."""
    return _WAITING // (_BATCHES * batch_size)


def decode_ahead(request: Request, *, max_bytes: int) -> Request:
    """The same request, its pictures decoded if all of them together take at most so many bytes.

    `decode` then gives each of them once without decoding it again. What cannot be decoded stays as
    it is: whoever shows it will tell.
    """
    try:
        if _size(request) > max_bytes:
            return request
        turns = tuple(_turn(turn, request.sample) for turn in request.prompt.turns)
    except Exception:  # noqa: BLE001  also what warnings become where they are errors
        return request
    return replace(request, prompt=replace(request.prompt, turns=turns))


def _turn(turn: Turn, sample: str) -> Turn:
    parts = (
        part
        if isinstance(part, str)
        else replace(part, read=DecodedPicture(part.read(), decode(part, sample=sample)))
        for part in turn.parts
    )
    return replace(turn, parts=tuple(parts))


def _size(request: Request) -> int:
    """Bytes of all pixels, read from the headers."""
    total = 0
    for picture in request.prompt.pictures:
        with PIL.Image.open(io.BytesIO(picture.read())) as opened:
            total += opened.width * opened.height * _RGB_BYTES
    return total
