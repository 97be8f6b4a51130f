"""Encoded pictures decoded to RGB, when they are shown or a little earlier.

Transparent ones are laid on white, like paper: without their alpha, as `convert("RGB")` shows
them, black ink on a clear ground is one black area.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Final

import PIL.Image
import PIL.ImageMath
import PIL.ImageOps

from pytest_mmbench.errors import DataError, MMBenchError
from pytest_mmbench.records import Picture, Request

MAX_PIXELS = 178_956_970
"""Of one picture: 512 MB in RGB. Pillow's own bound, which any library may lift."""
_RGB_BYTES = 3
_ADDRESS: Final = re.compile(r" ?<[\w.]+ object at 0x[0-9a-fA-F]+>")
"""How Pillow calls bytes in memory: it tells nobody anything, and is another one in every run."""
_SIXTEEN_BITS = "I;16"
"""How Pillow's names of modes with 16 bits of grey begin."""
_GREYS: Final = 256
_MOST: Final = 255
TRANSPARENT: Final = "transparent"
"""Key of `Image.info` of a decoded picture that was so somewhere."""
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
            alpha = _alpha(image)
            if alpha is not None and image.mode == "P":
                image = image.convert("RGBA")  # Pillow warns of any other way
            if image.mode.startswith(_SIXTEEN_BITS) or _is_deep(image):
                # Pillow would show every grey above 255 as white.
                image = image.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
            rgb = image.convert("RGB")
            if alpha is None or not _has_clear_parts(alpha):
                return rgb
            return _lay_on_ground(rgb, alpha)
    except (MemoryError, MMBenchError):
        raise
    except Exception as error:  # what Pillow raises on damaged pictures has no common kind
        raise DataError(
            f"picture {picture.name!r} cannot be read.",
            sample=sample,
            **picture.location(),
            reason=_ADDRESS.sub("", str(error)),
            what_to_do="open it in a viewer; copy or download the benchmark's data again",
        ) from error


def check_pixels(size: tuple[int, int]) -> None:
    """Refuses by its header what would take gigabytes; a picture of one colour packs to nothing."""
    width, height = size
    if width * height > MAX_PIXELS:
        raise ValueError(f"it has {width:,} x {height:,} pixels, and {MAX_PIXELS:,} is the most")


def _lay_on_ground(rgb: PIL.Image.Image, alpha: PIL.Image.Image) -> PIL.Image.Image:
    """The colours on white; on black where nothing but white would be seen of them."""
    _, most_opaque = alpha.getextrema()
    for colour in ("white", "black"):
        ground = PIL.Image.new("RGB", rgb.size, colour)
        ground.paste(rgb, mask=alpha)
        if not most_opaque or ground.getextrema() != ((_MOST, _MOST),) * 3:
            break
    ground.info[TRANSPARENT] = True
    return ground


def _is_deep(image: PIL.Image.Image) -> bool:
    """Whether it has 32 bits of grey, of which some files use the lower half."""
    if image.mode != "I":
        return False
    darkest, lightest = image.getextrema()
    return darkest >= 0 and _GREYS <= lightest < _GREYS**2  # type: ignore[operator]


def _alpha(image: PIL.Image.Image) -> PIL.Image.Image | None:
    """How opaque each pixel is, from 0 to 255; None if the picture has no transparency."""
    if not image.has_transparency_data:
        return None
    clear = image.info.get("transparency")
    if image.mode.startswith(_SIXTEEN_BITS):
        if not isinstance(clear, int):
            return None
        # Pillow compares the clear grey with eight bits.
        opaque: PIL.Image.Image = PIL.ImageMath.lambda_eval(
            lambda bands: (bands["grey"] != clear) * 255, grey=image.convert("I")
        )
        return opaque.convert("L")
    if image.mode in ("La", "RGBa"):  # colours that are multiplied by alpha already
        image = image.convert(image.mode.upper())
    return image.convert("RGBA").getchannel("A")


def _has_clear_parts(alpha: PIL.Image.Image) -> bool:
    least, _ = alpha.getextrema()
    return least < _MOST  # type: ignore[operator]


def is_shown_anew(content: bytes) -> bool:
    """Whether releases before 0.2 showed an encoded picture otherwise; False for what is broken.

    Those are pictures with transparent parts, and with 32 bits of grey.
    """
    try:
        with PIL.Image.open(io.BytesIO(content)) as image:
            alpha = _alpha(image)
            return _is_deep(image) if alpha is None else _has_clear_parts(alpha)
    except Exception:  # noqa: BLE001  whoever shows it raises the error
        return False


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
