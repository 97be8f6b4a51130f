"""Altered pictures and uncompressed PNG files: sizes, pixels, and what is not read for them."""

import io
import random
import zlib
from collections import Counter

import numpy as np
import PIL.Image
import PIL.ImageFile
import PIL.PngImagePlugin
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from pytest_mmbench.conditions import condition
from pytest_mmbench.errors import DataError
from pytest_mmbench.images.decode import decode
from pytest_mmbench.images.transforms import one_colour_png, random_cycle, rgb_png, zlib_stored
from pytest_mmbench.records import Picture, Sample

SIDES = st.integers(1, 30)
FLAT = {"grey": (127, 127, 127), "black": (0, 0, 0), "white": (255, 255, 255)}
ALTERED = [*FLAT, "noise", "blur", "patch-shuffle", "patch-shuffle-3"]
ORIENTATION = 0x0112


def encoded(image: PIL.Image.Image, kind: str = "PNG", **more: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **more)
    return stream.getvalue()


def asked(*contents: bytes, id: str = "q1") -> Sample:
    pictures = tuple(
        Picture(name=f"{at}.png", read=lambda content=content: content)  # type: ignore[misc]
        for at, content in enumerate(contents)
    )
    return Sample(
        id=id, dimension="art.colour", question="?", options=(), target="x", pictures=pictures
    )


def altered(name: str, *contents: bytes, seed: int = 0) -> list[PIL.Image.Image]:
    """What a model is shown."""
    (sample,) = condition(name)([asked(*contents)], seed=seed)
    return [decode(each, sample=sample.id) for each in sample.pictures]


def speckled(width: int, height: int, seed: int = 0) -> PIL.Image.Image:
    """No two pixels alike, as far as 24 bits go."""
    pixels = random.Random(seed).randbytes(3 * width * height)
    return PIL.Image.frombytes("RGB", (width, height), pixels)


def colours(image: PIL.Image.Image) -> Counter[bytes]:
    whole = image.tobytes()
    return Counter(whole[at : at + 3] for at in range(0, len(whole), 3))


@given(SIDES, SIDES, st.sampled_from(ALTERED))
def test_every_size_stays(width: int, height: int, name: str) -> None:
    """A processor cuts and counts tokens by size: it must not change."""
    (image,) = altered(name, encoded(speckled(width, height)))

    assert image.size == (width, height)


@given(SIDES, SIDES, st.sampled_from(sorted(FLAT)))
def test_flat_pictures_have_one_colour(width: int, height: int, name: str) -> None:
    """127 for grey, and the ends of the scale."""
    (image,) = altered(name, encoded(speckled(width, height)))

    assert colours(image) == {bytes(FLAT[name]): width * height}


def test_noise_is_what_the_standard_says() -> None:
    """The bytes that `openssl dgst -shake128 -xoflen 12` gives for "7 noise q1 0" and "... 1"."""
    small = encoded(speckled(2, 2))
    first, second = altered("noise", small, small, seed=7)

    assert first.tobytes().hex() == "914c8d7e0a8f66f6f68e4348"
    assert second.tobytes().hex() == "f0b7ad245f07d5edbbb95ad7"


def test_noise_differs_between_samples_and_seeds() -> None:
    """Otherwise a model could learn the one picture that means nothing."""
    content = encoded(speckled(9, 9))
    drawn = {
        condition("noise")([asked(content, id=id)], seed=seed)[0].pictures[0].read()
        for id in ("q1", "q2", "q3")
        for seed in (0, 1, 2)
    }

    assert len(drawn) == 9


@given(SIDES, SIDES, st.integers(2, 9), st.integers(0, 99))
def test_shuffling_keeps_every_pixel(width: int, height: int, grid: int, seed: int) -> None:
    """Also where the sides are no multiples of the grid, or smaller than it."""
    whole = speckled(width, height)
    (mixed,) = altered(f"patch-shuffle-{grid}", encoded(whole), seed=seed)

    assert colours(mixed) == colours(whole)


@given(st.integers(4, 30), st.integers(4, 30), st.integers(0, 99))
def test_no_patch_stays_where_it_was(width: int, height: int, seed: int) -> None:
    """Every patch of the grid holds what another held; what is left over stays."""
    whole = speckled(width, height)
    (mixed,) = altered("patch-shuffle", encoded(whole), seed=seed)
    across, down = width // 4, height // 4
    boxes = [
        (x * across, y * down, (x + 1) * across, (y + 1) * down) for x in range(4) for y in range(4)
    ]
    before = [whole.crop(box).tobytes() for box in boxes]
    after = [mixed.crop(box).tobytes() for box in boxes]

    assert sorted(after) == sorted(before)
    assert all(one != other for one, other in zip(before, after, strict=True))
    for rest in ((4 * across, 0, width, height), (0, 4 * down, width, height)):
        assert mixed.crop(rest).tobytes() == whole.crop(rest).tobytes()


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 99))
def test_a_picture_smaller_than_the_grid_is_cut_into_pixels(
    width: int, height: int, seed: int
) -> None:
    """Each goes elsewhere; one that is alone has nowhere to go."""
    whole = speckled(width, height)
    (mixed,) = altered("patch-shuffle", encoded(whole), seed=seed)
    before, after = whole.tobytes(), mixed.tobytes()
    stay = [before[at : at + 3] == after[at : at + 3] for at in range(0, len(before), 3)]

    assert stay == [width * height == 1] * (width * height)


@given(st.integers(1, 50), st.integers(0, 999))
def test_a_random_cycle_visits_everything(size: int, seed: int) -> None:
    """A single cycle: from anywhere one comes everywhere, and back after as many steps."""
    order = random_cycle(size, random.Random(seed))
    at, seen = 0, []
    for _ in range(size):
        at = order[at]
        seen.append(at)

    assert sorted(seen) == list(range(size))
    assert at == 0


def test_every_cycle_can_come_up() -> None:
    """Of four things there are 3! = 6 cycles, and each is drawn about every sixth time."""
    generator = random.Random(0)
    drawn = Counter(tuple(random_cycle(4, generator)) for _ in range(6_000))

    # Binomial with n = 6000 and p = 1/6 has a standard deviation of 29; five of them.
    assert len(drawn) == 6
    assert all(abs(times - 1_000) < 145 for times in drawn.values())


def test_blur_is_a_gaussian_of_a_32nd_of_the_shorter_side() -> None:
    """Against SciPy's on smooth and on hard content, to within one of 255 levels on average."""
    whole = speckled(160, 96).resize((160, 96), box=(0, 0, 20, 12))
    whole.paste((255, 0, 0), (80, 0, 160, 48))
    (soft,) = altered("blur", encoded(whole))
    pixels = np.asarray(whole, dtype=float)
    expected = gaussian_filter(pixels, sigma=(3, 3, 0), mode="nearest")

    assert np.abs(np.asarray(soft, dtype=float) - expected).mean() < 1
    assert np.abs(pixels - expected).mean() > 5


def test_blur_leaves_a_flat_picture_alone() -> None:
    """Edges are continued outwards, and nothing darkens."""
    (soft,) = altered("blur", encoded(PIL.Image.new("RGB", (70, 50), (9, 130, 250))))

    assert colours(soft) == {bytes((9, 130, 250)): 3_500}


ALPHA_KINDS = ["RGBA", "LA", "P", "L", "1"]


@pytest.mark.parametrize("mode", ALPHA_KINDS)
@pytest.mark.parametrize("name", ALTERED)
def test_every_mode_can_be_altered(mode: str, name: str) -> None:
    """Whatever was published, a model is shown RGB of the same size."""
    (image,) = altered(name, encoded(PIL.Image.new(mode, (13, 7))))

    assert (image.mode, image.size) == ("RGB", (13, 7))


def turned(kind: str, orientation: int) -> bytes:
    lying = PIL.Image.new("RGB", (24, 16), (200, 30, 40))
    exif = lying.getexif()
    exif[ORIENTATION] = orientation
    return encoded(lying, kind, exif=exif)


@pytest.mark.parametrize("orientation", range(10))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_sizes_are_upright(kind: str, orientation: int) -> None:
    """As the model's own room decodes it, for every value of EXIF and two that are none."""
    content = turned(kind, orientation)
    upright = decode(asked(content).pictures[0], sample="q1").size

    assert [altered(name, content)[0].size for name in ALTERED] == [upright] * len(ALTERED)
    if orientation in (5, 6, 7, 8):
        assert upright == (16, 24)


def behind_the_pixels(png: bytes) -> bytes:
    """The file with its EXIF chunk moved to the end, where the specification allows it too."""
    start = png.index(b"eXIf") - 4
    end = start + 12 + int.from_bytes(png[start : start + 4], "big")
    last = png.index(b"IEND") - 4
    return png[:start] + png[end:last] + png[start:end] + png[last:]


def by_xmp(orientation: int) -> bytes:
    told = PIL.PngImagePlugin.PngInfo()
    packet = f'<x tiff:Orientation="{orientation}"/>'
    told.add_itxt("XML:com.adobe.xmp", packet)
    return encoded(PIL.Image.new("RGB", (24, 16)), pnginfo=told)


def by_text(orientation: int) -> bytes:
    """As ImageMagick writes EXIF into a PNG: in hexadecimal digits, under a keyword."""
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = orientation
    told = PIL.PngImagePlugin.PngInfo()
    digits = exif.tobytes().hex()
    told.add_text("Raw profile type exif", f"\nexif\n{len(digits) // 2:8}\n{digits}\n")
    return encoded(PIL.Image.new("RGB", (24, 16)), pnginfo=told)


@pytest.mark.parametrize(
    "content",
    [behind_the_pixels(turned("PNG", 6)), by_xmp(6), by_text(6)],
    ids=["exif at the end", "xmp", "text"],
)
def test_orientations_in_unusual_places(content: bytes) -> None:
    """They are found wherever the decoder finds them."""
    assert decode(asked(content).pictures[0], sample="q1").size == (16, 24)
    assert altered("grey", content)[0].size == (16, 24)


@pytest.mark.parametrize("name", [*FLAT, "noise"])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_the_header_is_enough_for_the_size(
    name: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No pixel of the original is decoded where none is shown."""
    content = encoded(speckled(40, 30), kind)
    (sample,) = condition(name)([asked(content)], seed=0)

    def refuse(_: object) -> None:
        raise AssertionError("pixels were decoded")

    monkeypatch.setattr(PIL.ImageFile.ImageFile, "load", refuse)
    altered_bytes = sample.pictures[0].read()
    monkeypatch.undo()

    assert PIL.Image.open(io.BytesIO(altered_bytes)).size == (40, 30)


@pytest.mark.parametrize("name", ALTERED)
@pytest.mark.parametrize("content", [b"", b"no picture", encoded(speckled(9, 9))[:20]])
def test_what_is_no_picture_cannot_be_altered(name: str, content: bytes) -> None:
    """It is an error of the data that names the picture as it was published."""
    (sample,) = condition(name)([asked(content)], seed=0)
    with pytest.raises(DataError, match=r"picture '0\.png' cannot be read"):
        sample.pictures[0].read()


@pytest.mark.parametrize("name", ALTERED)
def test_altered_pictures_are_called_after_condition_and_original(name: str) -> None:
    """So they can be written into a folder of their own beside the published ones."""
    (sample,) = condition(name)([asked(b"", b"")], seed=0)

    assert [each.name for each in sample.pictures] == [f"{name}/0.png", f"{name}/1.png"]


PNG_SIDES = st.integers(1, 40)
CHANNELS = st.integers(0, 255)


def opened(encoded: bytes) -> PIL.Image.Image:
    image = PIL.Image.open(io.BytesIO(encoded))
    image.load()
    return image


@given(PNG_SIDES, PNG_SIDES, st.randoms(use_true_random=False))
def test_pixels_come_back_as_they_were(width: int, height: int, generator: object) -> None:
    """Pillow reads what was written, byte by byte."""
    pixels = generator.randbytes(3 * width * height)  # type: ignore[attr-defined]
    image = opened(rgb_png((width, height), pixels))

    assert (image.mode, image.size) == ("RGB", (width, height))
    assert image.tobytes() == pixels


@given(PNG_SIDES, PNG_SIDES, st.tuples(CHANNELS, CHANNELS, CHANNELS))
def test_one_colour_comes_back_as_it_was(
    width: int, height: int, colour: tuple[int, int, int]
) -> None:
    """Every pixel has it, and the picture has its size."""
    image = opened(one_colour_png((width, height), colour)).convert("RGB")

    assert image.size == (width, height)
    assert image.getcolors() == [(width * height, colour)]


@given(st.binary(max_size=300), st.sampled_from([0, 1, 65_534, 65_535, 65_536, 131_070, 200_000]))
def test_stored_streams_are_zlib_streams(content: bytes, zeros: int) -> None:
    """Whole, with a right checksum, at and around the longest block."""
    whole = content + bytes(zeros)
    if whole:
        assert zlib.decompress(zlib_stored(whole)) == whole


def test_the_file_is_what_the_specification_says() -> None:
    """One red pixel, written out by hand; `gzip` gave the checksum of the chunk of pixels."""
    parts = (
        "89504e470d0a1a0a",
        "0000000d 49484452 00000001 00000001 08 02 00 00 00 907753de",
        "0000000f 49444154 7801 01 0400 fbff 00 ff0000 03010100 8d1de582",
        "00000000 49454e44 ae426082",
    )
    assert rgb_png((1, 1), b"\xff\x00\x00") == bytes.fromhex("".join(parts))
