"""Encoded pictures decoded to RGB, when they are shown or a little earlier."""

from __future__ import annotations

import io
from dataclasses import replace

import PIL.Image
import PIL.ImageOps

from pytest_mmbench.errors import DataError, MMBenchError
from pytest_mmbench.records import Picture, Request

MAX_PIXELS = 178_956_970
"""Of one picture: 512 MB in RGB. Pillow's own bound, which any library may lift."""
_RGB_BYTES = 3
_SIXTEEN_BITS = "I;16"
"""How Pillow's names of modes with 16 bits of grey begin."""
_WAITING_BYTES = 512 * 1024 * 1024
"""Of decoded pictures that may wait for their turn."""
_WAITING_BATCHES = 2
"""How many batches of requests may wait."""


class DecodedPicture:
    """The `read` of a picture that is decoded already; the decoded image can be taken once."""

    __slots__ = ("_encoded", "_image")

    def __init__(self, encoded: bytes, image: PIL.Image.Image) -> None:
        self._encoded = encoded
        self._image: PIL.Image.Image | None = image

    def __call__(self) -> bytes:
        """The encoded bytes, as `Picture.read` gives them."""
        return self._encoded

    def take(self) -> PIL.Image.Image | None:
        """The image at the first call, None afterwards: it takes far more memory than its bytes."""
        image, self._image = self._image, None
        return image


def decode(picture: Picture, *, sample: str) -> PIL.Image.Image:
    """The picture in RGB, turned upright by its EXIF orientation as transformers' loader does."""
    if isinstance(picture.read, DecodedPicture) and (ready := picture.read.take()):
        return ready
    try:
        with PIL.Image.open(io.BytesIO(picture.read())) as file:
            check_pixels(file.size)
            image = PIL.ImageOps.exif_transpose(file)
            if image.mode.startswith(_SIXTEEN_BITS):
                # Pillow would show every grey above 255 as white.
                image = image.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
            return image.convert("RGB")
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


def check_pixels(size: tuple[int, int]) -> None:
    """Refuses by its header what would take gigabytes; a picture of one colour packs to nothing."""
    width, height = size
    if width * height > MAX_PIXELS:
        raise ValueError(f"it has {width:,} x {height:,} pixels, and {MAX_PIXELS:,} is the most")


def bytes_per_request(batch_size: int) -> int:
    """Bytes of decoded pictures that each of the requests that wait may hold."""
    return _WAITING_BYTES // (_WAITING_BATCHES * batch_size)


def decode_ahead(request: Request, *, max_bytes: int) -> Request:
    """The request with its pictures decoded, if all of them together take at most `max_bytes`.

    What cannot be decoded stays as it is: whoever shows it raises the error.
    """

    def decoded(part: str | Picture) -> str | Picture:
        if isinstance(part, str):
            return part
        image = decode(part, sample=request.sample)
        return replace(part, read=DecodedPicture(part.read(), image))

    try:
        size = 0
        for picture in request.prompt.pictures:
            with PIL.Image.open(io.BytesIO(picture.read())) as file:
                size += file.width * file.height * _RGB_BYTES
        if size > max_bytes:
            return request
        turns = [
            replace(turn, parts=tuple(map(decoded, turn.parts))) for turn in request.prompt.turns
        ]
    except Exception:  # noqa: BLE001  also what warnings become where they are errors
        return request
    return replace(request, prompt=replace(request.prompt, turns=tuple(turns)))
