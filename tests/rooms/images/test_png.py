"""Uncompressed PNG files: that others read them, and what they are made of."""

import io
import zlib

import PIL.Image
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.images import png

SIDES = st.integers(1, 40)
CHANNELS = st.integers(0, 255)


def opened(encoded: bytes) -> PIL.Image.Image:
    image = PIL.Image.open(io.BytesIO(encoded))
    image.load()
    return image


@given(SIDES, SIDES, st.randoms(use_true_random=False))
def test_pixels_come_back_as_they_were(width: int, height: int, generator: object) -> None:
    """Pillow reads what was written, byte by byte."""
    pixels = generator.randbytes(3 * width * height)  # type: ignore[attr-defined]
    image = opened(png.rgb((width, height), pixels))

    assert (image.mode, image.size) == ("RGB", (width, height))
    assert image.tobytes() == pixels


@given(SIDES, SIDES, st.tuples(CHANNELS, CHANNELS, CHANNELS))
def test_one_colour_comes_back_as_it_was(
    width: int, height: int, colour: tuple[int, int, int]
) -> None:
    """Every pixel has it, and the picture has its size."""
    image = opened(png.one_colour((width, height), colour)).convert("RGB")

    assert image.size == (width, height)
    assert image.getcolors() == [(width * height, colour)]


@given(st.binary(max_size=300), st.sampled_from([0, 1, 65_534, 65_535, 65_536, 131_070, 200_000]))
def test_stored_streams_are_zlib_streams(content: bytes, zeros: int) -> None:
    """Whole, with a right checksum, at and around the longest block."""
    whole = content + bytes(zeros)
    if whole:
        assert zlib.decompress(png.stored(whole)) == whole


def test_the_file_is_what_the_specification_says() -> None:
    """One red pixel, written out by hand; `gzip` gave the checksum of the chunk of pixels."""
    parts = (
        "89504e470d0a1a0a",
        "0000000d 49484452 00000001 00000001 08 02 00 00 00 907753de",
        "0000000f 49444154 7801 01 0400 fbff 00 ff0000 03010100 8d1de582",
        "00000000 49454e44 ae426082",
    )
    assert png.rgb((1, 1), b"\xff\x00\x00") == bytes.fromhex("".join(parts))
