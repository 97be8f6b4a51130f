from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_mmbench.scorers.regions import Box, Point, PolygonArea, box_iou, decimal_text

COORDINATES = st.fractions(min_value=-5, max_value=1000, max_denominator=100)
SCALES = st.fractions(min_value=Fraction(1, 50), max_value=50, max_denominator=100)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """A box with an area."""
    x1, y1 = draw(COORDINATES), draw(COORDINATES)
    return Box(x1, y1, x1 + draw(SCALES), y1 + draw(SCALES))


POINTS = st.builds(Point, COORDINATES, COORDINATES)
POLYGONS = st.lists(POINTS, min_size=3, max_size=7).map(lambda corners: PolygonArea(tuple(corners)))


@given(boxes(), boxes())
def test_overlap_is_symmetric_and_1_only_of_the_same_box(one: Box, other: Box) -> None:
    """Who is compared with whom does not matter, and nothing but the box itself overlaps wholly."""
    overlap = box_iou(one, other)

    assert overlap == box_iou(other, one)
    assert 0 <= overlap <= 1
    assert (overlap == 1) == (one == other)


@given(boxes(), boxes(), SCALES, SCALES)
def test_overlap_does_not_depend_on_the_frame(
    one: Box, other: Box, across: Fraction, down: Fraction
) -> None:
    """Pixels and shares of a picture give the same fraction, whatever the picture's form is."""
    assert box_iou(one.scaled(across, down), other.scaled(across, down)) == box_iou(one, other)


@given(st.lists(st.integers(0, 6), min_size=8, max_size=8))
def test_overlap_counts_cells(sides: list[int]) -> None:
    """On a grid it is the number of cells that both hold over the number that any holds."""
    one, other = (Box(*map(Fraction, sides[at : at + 4])).upright() for at in (0, 4))
    cells = [
        {(x, y) for x in range(int(box.x1), int(box.x2)) for y in range(int(box.y1), int(box.y2))}
        for box in (one, other)
    ]
    union = cells[0] | cells[1]

    assert box_iou(one, other) == (Fraction(len(cells[0] & cells[1]), len(union)) if union else 0)


@given(boxes(), POINTS)
def test_a_box_is_the_polygon_of_its_corners(box: Box, point: Point) -> None:
    """Both hold the same points, have the same area, and hold what lies on an edge."""
    corners = [(box.x1, box.y1), (box.x2, box.y1), (box.x2, box.y2), (box.x1, box.y2)]
    polygon = PolygonArea(tuple(Point(*corner) for corner in corners))
    edge = Point(box.x1, min(max(point.y, box.y1), box.y2))

    assert polygon.area == box.area
    assert polygon.bounds == box
    for place in (point, edge, box.center, *polygon.corners):
        assert polygon.holds(place) == box.holds(place)


@given(POLYGONS, POINTS)
def test_where_a_polygon_begins_does_not_matter(polygon: PolygonArea, point: Point) -> None:
    """Neither does the direction in which it is drawn."""
    corners = polygon.corners

    assert PolygonArea(corners[1:] + corners[:1]).holds(point) == polygon.holds(point)
    assert PolygonArea(corners[::-1]).holds(point) == polygon.holds(point)


@given(POLYGONS)
def test_the_interior_of_a_polygon_is_inside(polygon: PolygonArea) -> None:
    """Also where the polygon is bent so that its middle is outside."""
    assume(polygon.area > 0)

    assert polygon.holds(polygon.interior())


def test_a_notch_is_outside() -> None:
    """A point between two arms of a polygon is not in it, and one on their edges is."""
    corners = [(0, 0), (9, 0), (9, 9), (6, 9), (6, 3), (3, 3), (3, 9), (0, 9)]
    polygon = PolygonArea(tuple(Point(Fraction(x), Fraction(y)) for x, y in corners))

    assert not polygon.holds(Point(Fraction(5), Fraction(5)))
    assert polygon.holds(Point(Fraction(3), Fraction(5)))
    assert polygon.holds(Point(Fraction(7), Fraction(5)))
    assert polygon.holds(polygon.interior())


@given(st.decimals(-1000, 1000, places=4) | st.integers())
def test_a_decimal_number_keeps_its_value(number: int) -> None:
    """What is written can be read again, and has no digit too many."""
    text = decimal_text(Fraction(number))

    assert Fraction(text) == Fraction(number)
    assert "." not in text or not text.endswith(("0", "."))
    assert decimal_text(Fraction(1, 3)) == "1/3"
