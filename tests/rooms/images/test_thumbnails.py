import io
from functools import partial

import numpy as np
import PIL.Image
import pytest

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.errors import DataError
from pytest_mmbench.images.thumbnails import SIDE, Thumbnails, thumbnail
from pytest_mmbench.records import Picture, Sample


def sample(*pictures: bytes) -> Sample:
    return Sample(
        id="s",
        dimension="a.b",
        question="?",
        options=(),
        target="A",
        pictures=tuple(Picture(name="p", read=partial(bytes, each)) for each in pictures),
    )


def encoded(width: int, height: int, colour: str = "red", **how: object) -> bytes:
    file = io.BytesIO()
    PIL.Image.new("RGB", (width, height), colour).save(file, format="JPEG", **how)
    return file.getvalue()


def opened(content: bytes) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(content))


def test_a_large_picture() -> None:
    """Its longer side becomes 256 pixels, its shape stays, and it is a WebP."""
    image = opened(thumbnail(sample(encoded(1024, 512))))

    assert (image.format, image.size) == ("WEBP", (SIDE, SIDE // 2))


def test_a_small_picture_is_not_blown_up() -> None:
    """A report shows the pixels that the model saw, where there are few."""
    assert opened(thumbnail(sample(encoded(40, 30)))).size == (40, 30)


def test_nothing_but_pixels() -> None:
    """Where a photograph was taken stays out of a report that is handed around."""
    exif = PIL.Image.Exif()
    exif[0x010E] = "taken at home"
    original = encoded(300, 300, exif=exif)
    assert b"taken at home" in original

    small = thumbnail(sample(original))

    assert b"taken at home" not in small
    assert not opened(small).getexif()


def test_upright() -> None:
    """A picture that says how it was held is shown upright, as models see it."""
    exif = PIL.Image.Exif()
    exif[0x0112] = 6

    assert opened(thumbnail(sample(encoded(100, 50, exif=exif)))).size == (50, 100)


def test_several_pictures() -> None:
    """Up to four stand in a row, each with its own colour."""
    colours = ["red", "lime", "blue", "white", "black"]

    row = np.asarray(opened(thumbnail(sample(*(encoded(64, 64, each) for each in colours)))))

    assert row.shape == (64, 4 * 64 + 3 * 8, 3)
    middles = row[32, 32::72]  # (picture, channel)
    assert middles.argmax(axis=1)[:3].tolist() == [0, 1, 2]
    assert middles[3].min() > 240


def test_no_picture() -> None:
    """A question that is text alone has none."""
    assert thumbnail(sample()) == b""


def test_a_damaged_picture() -> None:
    """It is named as it is wherever pictures are read."""
    with pytest.raises(DataError, match="picture 'p' cannot be read"):
        thumbnail(sample(b"no picture"))


def test_samples_of_a_benchmark() -> None:
    """Pictures are found by benchmark and id."""
    pictures = Thumbnails({"shapes": Shapes(per_axis=1)})

    assert opened(pictures("shapes", "counting-0000")).size == (128, 128)
