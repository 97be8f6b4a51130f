"""Encoded pictures, whole and broken."""

from __future__ import annotations

import io
from typing import Any

import PIL.Image
import PIL.ImageOps
import pytest

from pytest_mmbench.errors import DataError
from pytest_mmbench.images import is_shown_anew
from pytest_mmbench.images.decode import TRANSPARENT, decode, decode_ahead
from pytest_mmbench.records import Picture, Prompt, Request, RequestType, Turn


def encoded(image: PIL.Image.Image, kind: str = "PNG", **more: Any) -> bytes:
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


def test_sixteen_bits_of_grey_are_not_white() -> None:
    """X-rays and depth maps are saved so: all but the darkest were shown as one white area."""
    deep = PIL.Image.new("I;16", (4, 1))
    for at, grey in enumerate((0, 255, 0x4E20, 0xFFFF)):
        deep.putpixel((at, 0), grey)
    seen = shown(encoded(deep))
    assert [seen.getpixel((at, 0)) for at in range(4)] == [(g, g, g) for g in (0, 0, 0x4E, 0xFF)]


SIDE = 6
INK = (2, 2, 4, 4)
"""The box of what is drawn."""


def drawn(mode: str, ground: Any, ink: Any, kind: str = "PNG", **more: Any) -> bytes:
    """A square of ink in the middle of a picture of one colour."""
    image = PIL.Image.new(mode, (SIDE, SIDE), ground)
    image.paste(ink, INK)
    return encoded(image, kind, **more)


def palette(**more: Any) -> bytes:
    """Black ink on a black ground, which alone is clear."""
    image = PIL.Image.new("P", (SIDE, SIDE), 1)
    image.putpalette(bytes(768))
    image.paste(0, INK)
    return encoded(image, **more)


CLEAR, BLACK = (0, 0, 0, 0), (0, 0, 0, 255)
ON_CLEAR = {
    "RGBA": drawn("RGBA", CLEAR, BLACK),
    "grey with alpha": drawn("LA", (0, 0), (0, 255)),
    "palette, one clear entry": palette(transparency=1),
    "palette, alpha of each entry": palette(transparency=b"\xff\x00"),
    "GIF": palette(kind="GIF", transparency=1),
    "WebP": drawn("RGBA", CLEAR, BLACK, "WEBP", lossless=True),
    "TIFF": drawn("RGBA", CLEAR, BLACK, "TIFF"),
    "TGA": drawn("RGBA", CLEAR, BLACK, "TGA"),
    "one clear grey": drawn("L", 7, 0, transparency=7),
    "one clear colour": drawn("RGB", (7, 7, 7), (0, 0, 0), transparency=(7, 7, 7)),
    "one clear grey of 16 bits": drawn("I;16", 1000, 0, transparency=1000),
    "one clear bit": drawn("1", 1, 0, transparency=1),
}


@pytest.mark.parametrize("kind", ON_CLEAR)
def test_black_ink_on_a_clear_ground_is_seen(kind: str) -> None:
    """Without alpha all of it would be black."""
    seen = shown(ON_CLEAR[kind])
    assert seen.mode == "RGB"
    assert seen.getpixel((0, 0)) == (255, 255, 255)
    assert seen.getpixel((3, 3)) == (0, 0, 0)
    assert TRANSPARENT in seen.info
    assert is_shown_anew(ON_CLEAR[kind])


def test_half_clear_is_half_white() -> None:
    """As ink that is thinned."""
    assert shown(drawn("RGBA", (0, 0, 0, 51), BLACK)).getpixel((0, 0)) == (204, 204, 204)


def test_white_ink_is_seen_too() -> None:
    """On white it would be lost; what is clear all over is a white sheet."""
    seen = shown(drawn("RGBA", (255, 255, 255, 0), (255, 255, 255, 255)))
    assert [seen.getpixel(at) for at in ((0, 0), (3, 3))] == [(0, 0, 0), (255, 255, 255)]
    assert shown(drawn("RGBA", CLEAR, CLEAR)).getpixel((3, 3)) == (255, 255, 255)


OPAQUE = {
    "RGBA": drawn("RGBA", (1, 2, 3, 255), BLACK),
    "palette": palette(transparency=b"\xff\xff"),
    "grey with alpha": drawn("LA", (3, 255), (0, 255)),
    "RGB": drawn("RGB", (1, 2, 3), (0, 0, 0)),
    "JPEG": drawn("RGB", (1, 2, 3), (0, 0, 0), "JPEG"),
    "CMYK": drawn("CMYK", (0, 0, 0, 0), (0, 0, 0, 255), "TIFF"),
    "bits": drawn("1", 1, 0),
    "no picture": b"no picture",
    "cut short": drawn("RGBA", CLEAR, BLACK)[:40],
}


@pytest.mark.parametrize("kind", OPAQUE)
def test_what_is_opaque_is_shown_as_ever(kind: str) -> None:
    """Its stored answers are still right."""
    assert not is_shown_anew(OPAQUE[kind])
    if kind not in ("no picture", "cut short"):
        with PIL.Image.open(io.BytesIO(OPAQUE[kind])) as image:
            plain = image.convert("RGBA").convert("RGB") if image.mode == "P" else image
            assert shown(OPAQUE[kind]).tobytes() == plain.convert("RGB").tobytes()
        assert TRANSPARENT not in shown(OPAQUE[kind]).info


def test_a_file_of_32_bits_of_grey_is_not_white() -> None:
    """Some programs write 16 bits of grey so."""
    content = drawn("I", 0x4E20, 0xFFFF, "TIFF")
    assert shown(content).getpixel((0, 0)) == (0x4E, 0x4E, 0x4E)
    assert is_shown_anew(content)


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


@pytest.mark.parametrize("flipped", [0x01, 0x3E])
def test_a_flipped_byte_of_exif_makes_a_bad_picture(flipped: int) -> None:
    """Pillow lets through what its parsers stumble over, here struct.error and TypeError."""
    exif = PIL.Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    content = bytearray(encoded(PIL.Image.new("RGB", (4, 4)), "JPEG", exif=exif))
    content[content.index(b"\x01\x0f\x00\x02") + 1] = flipped
    with pytest.raises(DataError, match="cannot be read"):
        shown(bytes(content))


def test_too_little_memory_is_no_bad_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """A smaller batch may still have room for it."""

    def full(_: PIL.Image.Image) -> None:
        raise MemoryError

    monkeypatch.setattr(PIL.ImageOps, "exif_transpose", full)
    with pytest.raises(MemoryError):
        shown(encoded(PIL.Image.new("RGB", (3, 2))))


PIXELS = 30 * 20 * 3
"""Bytes of one of the pictures below."""


def request(*contents: bytes) -> Request:
    """Pictures between texts."""
    parts: list[str | Picture] = []
    for at, content in enumerate(contents):
        parts += [f"text {at}", Picture(name=str(at), read=lambda content=content: content)]  # type: ignore[misc]
    return Request(
        sample="q1",
        type=RequestType.LOGLIKELIHOOD,
        prompt=Prompt(turns=(Turn(role="user", parts=tuple(parts)),)),
    )


def noise() -> bytes:
    """A picture of 30 by 20 pixels."""
    return encoded(PIL.Image.effect_noise((30, 20), 50))


def test_pictures_decoded_beforehand_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places, texts, bytes and pixels stay; each picture waits for one use, and is then gone."""
    asked = request(noise(), noise())
    plain = [decode(each, sample="q1").tobytes() for each in asked.prompt.pictures]
    ready = decode_ahead(asked, max_bytes=2 * PIXELS)

    assert ready == asked
    assert [p.read() for p in ready.prompt.pictures] == [p.read() for p in asked.prompt.pictures]
    with monkeypatch.context() as patch:
        patch.setattr(PIL.Image, "open", None)
        assert [decode(each, sample="q1").tobytes() for each in ready.prompt.pictures] == plain
        with pytest.raises(DataError):
            decode(ready.prompt.pictures[0], sample="q1")
    assert decode(ready.prompt.pictures[0], sample="q1").tobytes() == plain[0]


def test_what_takes_too_much_memory_waits_encoded() -> None:
    """All pictures of a request count together, by their pixels."""
    asked = request(noise(), noise())

    assert decode_ahead(asked, max_bytes=2 * PIXELS - 1) is asked
    assert decode_ahead(asked, max_bytes=2 * PIXELS) is not asked
    assert decode_ahead(request(), max_bytes=0).prompt.pictures == ()


@pytest.mark.parametrize("content", [b"", b"no picture", noise()[:-60], noise()[:50]])
def test_what_cannot_be_decoded_is_told_when_it_is_shown(content: bytes) -> None:
    """A thread that works ahead keeps quiet."""
    asked = request(noise(), content)

    assert decode_ahead(asked, max_bytes=10 * PIXELS) is asked


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("most_pixels", [100, 400])
def test_what_may_be_a_bomb_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, most_pixels: int
) -> None:
    """Whether Pillow refuses its size, or warns where warnings are errors."""
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", most_pixels)
    asked = request(noise())

    assert decode_ahead(asked, max_bytes=10 * PIXELS) is asked
