"""Pictures: their size, their bytes, and that they show what the scene says."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pytest_mmbench.benchmarks.shapes.drawing import INKS, PAPERS, TILE, draw, png, tile
from pytest_mmbench.benchmarks.shapes.questions import CAPABILITY_OF, DEFAULT_SEED, make_record
from pytest_mmbench.benchmarks.shapes.scene import (
    COLOURS,
    DIRECTIONS,
    EMPTY,
    GAUGE_TOP,
    GROUNDS,
    SHAPES,
    SIZES,
    mark,
    scene_of,
    shape,
)

AXES = tuple(CAPABILITY_OF)
EVERY_CELL = [
    *(shape(name, colour, size) for name in SHAPES for colour in COLOURS for size in SIZES),
    *(mark("digit", str(digit), colour) for digit in range(10) for colour in COLOURS),
    *(mark("dial", way, colour) for way in DIRECTIONS for colour in COLOURS),
    *(mark("gauge", str(level), colour) for level in range(GAUGE_TOP + 1) for colour in COLOURS),
    *(mark("bar", "", colour) for colour in COLOURS),
    mark("sign", "+", ""),
    mark("sign", "?", ""),
]


def _pixels(picture: Image.Image) -> str:
    return hashlib.sha256(picture.tobytes()).hexdigest()[:16]


@given(st.integers(min_value=0, max_value=2**32), st.sampled_from(AXES))
@settings(max_examples=40)
def test_pictures_are_rgb_of_one_size(seed: int, axis: str) -> None:
    """Every picture is 128 pixels square, in colour, and the same each time."""
    scene = make_record(seed, axis, 0).scene
    picture = draw(scene)
    assert (picture.mode, picture.size) == ("RGB", (4 * TILE, 4 * TILE))
    assert png(scene) == png(scene)


def test_encoded_picture_is_the_drawn_one() -> None:
    """PNG loses nothing."""
    scene = make_record(1, "dials", 0).scene
    assert Image.open(BytesIO(png(scene))).tobytes() == draw(scene).tobytes()


def test_different_cells_look_different() -> None:
    """No two kinds of content share their pixels."""
    assert len({_pixels(tile(cell, "white")) for cell in EVERY_CELL}) == len(EVERY_CELL)


def test_grounds_are_told_apart() -> None:
    """The same cell on another ground gives another picture."""
    assert len({_pixels(draw(scene_of({}, ground))) for ground in GROUNDS}) == len(GROUNDS)
    assert set(PAPERS) == set(GROUNDS)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_shape_is_filled_with_its_colour(colour: str) -> None:
    """The middle pixel of a shape has the ink of its name."""
    for name in SHAPES:
        middle = tile(shape(name, colour, "medium"), "white").getpixel((TILE // 2, TILE // 2))
        assert middle == INKS[colour]


def test_larger_sizes_cover_more() -> None:
    """Small, medium and large shapes cover more and more of their cell."""
    for name in SHAPES:
        covered = [
            sum(
                pixel != 255
                for pixel in tile(shape(name, "blue", size), "white").getchannel("R").tobytes()
            )
            for size in SIZES
        ]
        assert covered[0] < 0.6 * covered[1] < 0.6 * 0.7 * covered[2]


def test_cells_stay_inside_their_tile() -> None:
    """A cell leaves its neighbours' pixels alone."""
    alone = draw(scene_of({5: shape("star", "red", "large")}))
    beside = draw(scene_of({5: shape("star", "red", "large"), 6: mark("bar", "", "blue")}))
    box = (TILE, TILE, 2 * TILE, 2 * TILE)
    assert alone.crop(box).tobytes() == beside.crop(box).tobytes()


def test_an_empty_scene_is_plain() -> None:
    """Nothing drawn leaves one colour."""
    assert draw(scene_of({0: EMPTY})).getcolors() == [(128 * 128, PAPERS["white"])]


@pytest.mark.parametrize("axis", AXES)
def test_pictures_differ_when_answers_differ(axis: str) -> None:
    """Two samples with one text and different answers never share a picture."""
    seen: dict[tuple[str, str], set[str]] = {}
    for number in range(200):
        record = make_record(9, axis, number)
        seen.setdefault((record.question, _pixels(draw(record.scene))), set()).add(
            record.answer_text
        )
    assert all(len(answers) == 1 for answers in seen.values())


@pytest.mark.parametrize(
    ("axis", "pixels"),
    [
        ("background", "fb129bf92cf5c139"),
        ("size", "4761733ce0d62360"),
        ("gauges", "1afb30d67e21ebc5"),
        ("digits", "d202c85910653e4b"),
    ],
)
def test_published_pictures_never_change(axis: str, pixels: str) -> None:
    """The default set's pictures stay what they were when scores were published."""
    assert _pixels(draw(make_record(DEFAULT_SEED, axis, 7).scene)) == pixels
