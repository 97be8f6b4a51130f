"""Pictures show what their answers say, found out from the pictures alone."""

import hashlib
import re
from collections import Counter
from fractions import Fraction

import pytest
from PIL import Image, ImageChops

from pytest_mmbench.benchmarks.shapes.drawing import INKS, PAPERS, TILE, tile
from pytest_mmbench.benchmarks.shapes.scene import (
    COLOURS,
    EMPTY,
    PLURALS,
    SHAPES,
    SIZES,
    GridCell,
    Scene,
    shape,
)
from pytest_mmbench.benchmarks.shapes_open.drawing import draw_open, open_png
from pytest_mmbench.benchmarks.shapes_open.pictures import WIDTH, OpenPicture, box_of
from pytest_mmbench.benchmarks.shapes_open.questions import CAPABILITY_OF, OpenRecord, make_record

COUNT = 120
NAMED = re.compile(rf"({'|'.join(COLOURS)}) ({'|'.join(SHAPES)})\b")


def records(axis: str, count: int = COUNT) -> list[OpenRecord]:
    """The first records of an axis."""
    return [make_record(5, axis, number) for number in range(count)]


def cells(picture: OpenPicture) -> list[GridCell]:
    """What stands in the cells of a scene that are not empty."""
    assert isinstance(picture, Scene)
    return [cell for cell in picture.cells if cell != EMPTY]


def kinds(picture: OpenPicture) -> list[tuple[str, str]]:
    """Colour and shape of everything in a scene."""
    return [(cell.colour, cell.value) for cell in cells(picture)]


def named(record: OpenRecord) -> tuple[str, str]:
    """The colour and the shape that a question names."""
    match = NAMED.search(record.question)
    assert match
    return match[1], match[2]


def bar_pixels(picture: OpenPicture, colour: str) -> int:
    """How many columns of a drawn picture have ink of a colour, without a gap from the left."""
    drawn = draw_open(picture)
    columns = [
        any(drawn.getpixel((x, y)) == INKS[colour] for y in range(WIDTH)) for x in range(WIDTH)
    ]
    assert columns == sorted(columns, reverse=True)
    return sum(columns)


def test_counts() -> None:
    """As many as the answer says, of all and of a colour."""
    for record in records("all"):
        assert len(cells(record.pictures[0])) == int(record.answer)
    for record in records("of-a-colour"):
        colour = record.question.split()[2]
        count = sum(cell.colour == colour for cell in cells(record.pictures[0]))
        assert count == int(record.answer)


@pytest.mark.parametrize("axis", ["same-question", "same-picture"])
def test_yes_and_no(axis: str) -> None:
    """Of two in a row one is yes; the colour and the shape of a no are there, not together."""
    for record in records(axis):
        colour, name = named(record)
        present = kinds(record.pictures[0])
        assert ((colour, name) in present) == (record.answer == "yes")
        assert {colour} & {each for each, _ in present}
        assert {name} & {each for _, each in present}
    for first, second in zip(records(axis)[::2], records(axis)[1::2], strict=True):
        assert {first.answer, second.answer} == {"yes", "no"}
        assert first.unit == second.unit
        assert (first.question == second.question) == (axis == "same-question")
        assert (first.pictures == second.pictures) == (axis == "same-picture")


@pytest.mark.parametrize("axis", ["box", "point"])
def test_places(axis: str) -> None:
    """The shape is there once, in the cell of the answer, and its box holds all of its pixels."""
    for record in records(axis):
        (picture,) = record.pictures
        assert isinstance(picture, Scene)
        assert kinds(picture).count(named(record)) == 1
        cell = picture.cells[int(record.answer)]
        assert (cell.colour, cell.value) == named(record)
        below, right = divmod(int(record.answer), 4)
        alone = draw_open(picture).crop(
            (right * TILE, below * TILE, (right + 1) * TILE, (below + 1) * TILE)
        )
        edges = ImageChops.difference(
            alone, Image.new("RGB", alone.size, PAPERS["white"])
        ).getbbox()
        assert edges
        offsets = (right * TILE, below * TILE) * 2
        expected = [edge + offset for edge, offset in zip(edges, offsets, strict=True)]
        box = record.box
        assert box is not None
        assert [box.x1, box.y1, box.x2, box.y2] == expected


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_reaches_as_far_as_its_box(name: str) -> None:
    """In each size and colour, to the pixel; and its middle is filled."""
    paper = Image.new("RGB", (TILE, TILE), PAPERS["white"])
    for colour in COLOURS:
        for size in SIZES:
            cell = shape(name, colour, size)
            drawn, box = tile(cell, "white"), box_of(0, cell)
            edges = (int(box.x1), int(box.y1), int(box.x2), int(box.y2))
            assert ImageChops.difference(drawn, paper).getbbox() == edges
            middle = (int(box.center.x), int(box.center.y))
            assert drawn.getpixel(middle) == INKS[colour]


def test_which_picture() -> None:
    """One of three has the shape, and all of them have its colour and its form."""
    for record in records("which-picture"):
        place = ("first", "second", "third").index(record.answer)
        holds = [named(record) in kinds(picture) for picture in record.pictures]
        assert holds == [at == place for at in range(3)]
        for picture in record.pictures:
            assert named(record)[0] in {colour for colour, _ in kinds(picture)}
            assert named(record)[1] in {name for _, name in kinds(picture)}


def test_in_both() -> None:
    """The shapes that two pictures share, each once."""
    for record in records("in-both"):
        first, second = map(kinds, record.pictures)
        assert len({*first} & {*second}) == int(record.answer)
        assert len({*first}) == len(first) == len({*second}) == len(second) == 5


def test_more_and_larger() -> None:
    """The answer is the one of which there are more, or which covers more of its cell."""
    for record in records("more"):
        names = Counter(PLURALS[name] for _, name in kinds(record.pictures[0]))
        other = next(each for each in record.answers if each != record.answer)
        assert names[record.answer] > names[other] > 0
    for record in records("larger"):
        sizes = {
            cell.colour: SIZES.index(cell.size)
            for cell in cells(record.pictures[0])
            if cell.colour in record.answers
        }
        other = next(each for each in record.answers if each != record.answer)
        assert sizes[record.answer] > sizes[other]


def test_bars_have_the_length_that_is_asked_for() -> None:
    """To the pixel, and so has the ratio of two bars."""
    for record in records("length", 8):
        colour = record.question.split()[4]
        assert Fraction(bar_pixels(record.pictures[0], colour), WIDTH) == Fraction(record.answer)
    for record in records("ratio", 8):
        words = record.question.split()
        one, other = (bar_pixels(record.pictures[0], words[at]) for at in (7, 11))
        assert Fraction(other, one) == Fraction(record.answer)


@pytest.mark.parametrize("axis", CAPABILITY_OF)
def test_pictures_differ_when_answers_differ(axis: str) -> None:
    """Two records with one text and different answers never share their pictures."""
    answers: dict[tuple[str, tuple[OpenPicture, ...]], set[str]] = {}
    for record in records(axis):
        answers.setdefault((record.question, record.pictures), set()).add(record.answer)

    assert all(len(each) == 1 for each in answers.values())


@pytest.mark.parametrize(
    ("axis", "pixels"),
    [
        ("all", "570a98489b5de79b"),
        ("same-picture", "b710379445ad5302"),
        ("box", "c896f5a589ae0bf2"),
        ("in-both", "16891141e60e3560"),
        ("ratio", "7e0909becc7b6b62"),
    ],
)
def test_pixels_are_the_same_on_every_machine(axis: str, pixels: str) -> None:
    """A digest of the first picture of the published set; a change of it is a new version."""
    picture = make_record(20260419, axis, 0).pictures[0]

    assert hashlib.sha256(draw_open(picture).tobytes()).hexdigest()[:16] == pixels
    assert open_png(picture) == open_png(picture)
