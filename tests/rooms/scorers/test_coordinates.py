from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.scorers.box_text import read_box, read_point
from pytest_mmbench.scorers.coordinates import Convention, Coordinates, Corners, Located
from pytest_mmbench.scorers.regions import Box, Frame, Point, PolygonArea

CONVENTIONS = st.builds(
    Convention, coordinates=st.sampled_from(Coordinates), corners=st.sampled_from(Corners)
)
DECIMALS = st.integers(0, 100_000).map(lambda number: Fraction(number, 100))
FRAMES = st.none() | st.builds(Frame, *[st.integers(1, 5000).map(Fraction)] * 2)
POINTS = st.builds(Point, DECIMALS, DECIMALS)
BOXES = st.builds(Box, *[DECIMALS] * 4).map(Box.upright)
POLYGONS = st.lists(POINTS, min_size=3, max_size=5).map(lambda corners: PolygonArea(tuple(corners)))


@given(CONVENTIONS, POINTS | BOXES | POLYGONS, FRAMES)
def test_what_is_written_is_read_again(
    convention: Convention, region: Point | Box | PolygonArea, frame: Frame | None
) -> None:
    """Every region in every convention, with the frame in which its numbers count."""
    written = convention.text(Located(region, frame))

    assert convention.read(written) == Located(region, frame)


@given(CONVENTIONS, BOXES, POINTS, FRAMES)
def test_a_reference_is_an_answer_that_agrees_with_it(
    convention: Convention, box: Box, point: Point, frame: Frame | None
) -> None:
    """The text of a target, said by a model, is read as the same place."""
    assert read_box(convention.text(Located(box, frame)), convention) == Located(box, frame)
    assert read_point(convention.text(Located(point, frame)), convention) == Located(point, frame)


@given(BOXES, st.integers(1, 4000), st.integers(1, 4000))
def test_conventions_agree_on_one_place(box: Box, width: int, height: int) -> None:
    """The same box in shares, percent, thousandths and pixels is one box of the picture."""
    box = box.scaled(Fraction(1, 1000), Fraction(1, 1000))
    size = Frame(Fraction(width), Fraction(height))
    for coordinates in Coordinates:
        frame = coordinates.frame or size
        written = box.scaled(frame.width, frame.height)

        assert Located(written, coordinates.frame).within(size) == box


@pytest.mark.parametrize("text", ["", "[1, 2] of 3", "dog", "[1, 2, 3, 4] of", "[a]"])
def test_another_text_is_no_place(text: str) -> None:
    """References are written by this project alone; what it did not write is an error."""
    with pytest.raises(ValueError, match=r"no place|unpack"):
        Convention(coordinates=Coordinates.UNIT).read(text)
