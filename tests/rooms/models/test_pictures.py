"""Encoded pictures, whole and broken."""

from __future__ import annotations

import io

import PIL.Image
import pytest

from pytest_mmbench.errors import DataError
from pytest_mmbench.models.pictures import decode
from pytest_mmbench.records import Picture


def encoded(image: PIL.Image.Image, kind: str = "PNG", **more: object) -> bytes:
    """The picture's bytes."""
    stream = io.BytesIO()
    image.save(stream, kind, **more)
    return stream.getvalue()


def shown(content: bytes) -> PIL.Image.Image:
    """Decode as a picture of sample `q1`."""
    return decode(Picture(name="cats/1.png", read=lambda: content), sample="q1")


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "I;16"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    """Processors are given nothing else."""
    kind = "TIFF" if mode == "CMYK" else "PNG"
    assert shown(encoded(PIL.Image.new(mode, (3, 2)), kind)).mode == "RGB"


def test_pictures_are_turned_upright() -> None:
    """A camera's orientation mark is followed."""
    lying = PIL.Image.new("RGB", (4, 2))
    exif = lying.getexif()
    exif[0x0112] = 6
    assert shown(encoded(lying, "JPEG", exif=exif)).size == (2, 4)


@pytest.mark.parametrize("keep", [0, 4, 40, 400])
def test_a_picture_cut_short_is_named_with_its_sample(keep: int) -> None:
    """It is an error of the data, never an answer of the model."""
    whole = encoded(PIL.Image.effect_noise((30, 30), 50))
    with pytest.raises(DataError) as caught:
        shown(whole[:keep])
    text = str(caught.value)
    assert text.startswith("mmbench: picture 'cats/1.png' cannot be read.")
    assert "sample       q1" in text
