import random
from collections.abc import Callable
from fractions import Fraction
from math import isclose
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Answer, Mark, Sample, Score
from pytest_mmbench.scorers.box_answer import (
    INSIDE,
    BoxScorer,
    PointScorer,
    read_first_box,
    read_first_point,
    read_point_or_center,
)
from pytest_mmbench.scorers.box_text import read_box, read_point
from pytest_mmbench.scorers.coordinates import Convention, Coordinates, Corners
from pytest_mmbench.scorers.regions import Frame

THOUSAND = Convention(coordinates=Coordinates.THOUSAND)
UNIT = Convention(coordinates=Coordinates.UNIT)
HALF = Fraction(1, 2)


def size_of(sample: str) -> Frame:
    """Every picture is 640 pixels wide and 480 high."""
    assert sample == "s"
    return Frame(Fraction(640), Fraction(480))


def unknown_size(sample: str) -> Frame:
    """Fails: a size must not be asked for where none is needed."""
    raise AssertionError(f"{sample} was opened")


def sample(target: str, *accepted: str) -> Sample:
    """A question whose correct answers these are."""
    return Sample(
        id="s", dimension="d", question="Where?", options=(), target=target, accepted=accepted
    )


def strict_box(
    threshold: Fraction | None = HALF,
    *,
    convention: Convention = THOUSAND,
    size: Callable[[str], Frame] = unknown_size,
) -> BoxScorer:
    """The strict rule."""
    return BoxScorer(
        rule="strict", read=read_box, convention=convention, threshold=threshold, size_of=size
    )


def strict_point(convention: Convention = THOUSAND) -> PointScorer:
    """The strict rule."""
    return PointScorer(rule="strict", read=read_point, convention=convention, size_of=unknown_size)


def scored(scorer: BoxScorer | PointScorer, asked: Sample, text: str) -> Score:
    """The score of a text."""
    return scorer(asked, Answer(sample="s", text=text))


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("[0, 0, 100, 100]", Mark.CORRECT),
        ("[0, 0, 100, 50]", Mark.CORRECT),
        ("[0, 0, 100, 49.999]", Mark.INCORRECT),
        ("[0, 0, 0, 0]", Mark.INCORRECT),
        ("[200, 200, 300, 300]", Mark.INCORRECT),
        ("it is a dog", Mark.UNPARSEABLE),
    ],
)
def test_a_box_at_the_threshold_is_correct(text: str, mark: Mark) -> None:
    """Exactly at it, and not a thousandth below; a box without area overlaps with nothing."""
    assert scored(strict_box(), sample("[0, 0, 100, 100]"), text).mark is mark


def test_without_a_threshold_a_box_earns_its_overlap() -> None:
    """An exact fraction, which is 1 for the reference alone."""
    half = scored(strict_box(None), sample("[0, 0, 100, 100]"), "[0, 0, 100, 200] or so")
    shifted = scored(strict_box(None), sample("[0, 0, 100, 100]"), "[50, 0, 150, 100]")
    whole = scored(strict_box(None), sample("[0, 0, 100, 100]"), "[0, 0, 100, 100]")

    assert half.mark is Mark.INCORRECT
    assert half.credit == Fraction(1, 2)
    assert shifted.credit == Fraction(1, 3)
    assert whole.mark is Mark.CORRECT
    assert whole.credit == 1


def test_the_nearest_of_several_references_counts() -> None:
    """Each of them is correct by itself."""
    asked = sample("[0, 0, 10, 10]", "[500, 500, 600, 600]")

    assert scored(strict_box(), asked, "[500, 500, 600, 600]").mark is Mark.CORRECT
    assert scored(strict_box(), asked, "[0, 0, 10, 10]").mark is Mark.CORRECT
    assert scored(strict_box(), asked, "[0, 0, 600, 600]").mark is Mark.INCORRECT


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("[64, 48, 320, 240] of 640 x 480", "[100, 100, 500, 500]"),
        ("[64, 48, 320, 240] px", "[100, 100, 500, 500]"),
        ("[0.1, 0.1, 0.5, 0.5] of 1 x 1", "[100, 100, 500, 500]"),
        ("[100, 100, 500, 500]", "[64px, 48px, 320px, 240px]"),
        ("[64, 48, 320, 240] px", "[10%, 10%, 50%, 50%]"),
        ("[100, 100, 500, 500]", "[64, 48, 320, 240] of 640 x 480"),
    ],
)
def test_a_reference_may_count_in_another_frame(target: str, text: str) -> None:
    """Both are compared as shares of the picture, exactly."""
    assert scored(strict_box(None, size=size_of), sample(target), text).mark is Mark.CORRECT


def test_pixels_are_compared_with_pixels() -> None:
    """Then nobody has to know how large the picture is."""
    pixels = Convention(coordinates=Coordinates.PIXELS, corners=Corners.XYWH)
    scorer = strict_box(None, convention=pixels)

    assert scored(scorer, sample("[10, 10, 20, 20]"), "[10, 10, 20, 20]").mark is Mark.CORRECT
    assert scored(scorer, sample("[10, 10, 20, 20]"), "[10, 10, 20, 10]").credit == HALF


AREA = "[400, 80, 430, 96]"
NOTCHED = "[[0, 0], [900, 0], [900, 900], [600, 900], [600, 300], [300, 300], [300, 900], [0, 900]]"


@pytest.mark.parametrize(
    ("area", "text", "mark"),
    [
        (AREA, "(410, 90)", Mark.CORRECT),
        (AREA, "(400, 80)", Mark.CORRECT),
        (AREA, "(430, 96)", Mark.CORRECT),
        (AREA, "(399.999, 90)", Mark.INCORRECT),
        (AREA, "(90, 410)", Mark.INCORRECT),
        (AREA, "[400, 80, 430, 96]", Mark.UNPARSEABLE),
        (AREA, "the OK button", Mark.UNPARSEABLE),
        (NOTCHED, "(450, 500)", Mark.INCORRECT),
        (NOTCHED, "(300, 500)", Mark.CORRECT),
        (NOTCHED, "(700, 500)", Mark.CORRECT),
    ],
)
def test_a_point_is_correct_inside(area: str, text: str, mark: Mark) -> None:
    """Edges and corners included; a box is no point."""
    asked = sample("[1, 1]", f"{INSIDE}[1, 1, 2, 2]", f"{INSIDE}{area}")

    assert scored(strict_point(), asked, text).mark is mark


def test_by_a_rule_of_its_own_a_box_stands_for_its_center() -> None:
    """A point still comes before a box."""
    scorer = PointScorer(
        rule="strict point-or-center",
        read=read_point_or_center,
        convention=THOUSAND,
        size_of=unknown_size,
    )
    asked = sample("[415, 88]", f"{INSIDE}{AREA}")

    assert scored(scorer, asked, "[0, 0, 830, 176]") == scored(scorer, asked, "[415, 88]")
    assert scored(scorer, asked, "[0, 0, 830, 176] at (0, 0)").mark is Mark.INCORRECT
    assert scored(scorer, asked, "a button").mark is Mark.UNPARSEABLE


@given(st.text("[]()0123456789.,-% xyboxpt:\n", max_size=40))
def test_scoring_raises_nothing(text: str) -> None:
    """By each rule; a box or a point that was read is shown."""
    box = BoxScorer(
        rule="official", read=read_first_box, convention=UNIT, threshold=HALF, size_of=size_of
    )
    point = PointScorer(rule="official", read=read_first_point, convention=UNIT, size_of=size_of)
    for scorer in (box, point, strict_box(size=size_of), strict_point()):
        score = scored(scorer, sample("[0, 0, 1, 1]", f"{INSIDE}[0, 0, 1, 1]"), text)

        assert (score.mark is Mark.UNPARSEABLE) <= scorer.rule.startswith("strict")
        assert score.mark is not Mark.CORRECT or score.answer


PIECES = [
    *("[", "]", "[", "]", "(", ")", ", ", ", ", ", ", ",", " ", "\n", "%", "x: ", "y: ", "'x'="),
    *(
        "box",
        "The element is at ",
        "<bbox>",
        "</bbox>",
        "0.1",
        "0.25",
        "0.5",
        "0.75",
        "1",
        "0",
        "-1",
    ),
    *("0.30", "12", "480.5", "click", "[0.1, 0.2, 0.6, 0.7]", "[0.25, 0.25, 0.75, 0.75]"),
    *("[0.5, 0.5]", "(0.2, 0.9)", "[0.6, 0.7, 0.1, 0.2]", "[0, 0, 1, 1]", "rectangle"),
]
FUZZED = 10_000


def fuzzed_texts(seed: int) -> list[str]:
    """Texts of pieces that answers are made of, the same in every run."""
    draw = random.Random(seed)
    return ["".join(draw.choices(PIECES, k=draw.randint(1, 9))) for _ in range(FUZZED)]


def published_number(text: str) -> float | None:
    """A number as a minus, digits, and perhaps a dot with digits behind it."""
    whole, dot, rest = text.removeprefix("-").partition(".")
    is_number = whole.isdecimal() and (rest.isdecimal() or not dot)
    return float(text) if is_number else None


def published_box(text: str) -> list[float]:
    """The first four numbers with commas between square brackets; four zeros if there are none."""
    for part in text.split("[")[1:]:
        if "]" in part:
            entries = part[: part.index("]")].split(",")
            # Nothing stands before a comma but the number; behind it, white space may.
            stripped = [entry.lstrip() for entry in entries]
            if stripped:
                stripped[-1] = stripped[-1].rstrip()
            numbers = [published_number(entry) for entry in stripped]
            if len(numbers) == 4 and None not in numbers:
                return [number for number in numbers if number is not None]
    return [0.0] * 4


def published_overlap(one: list[float], other: list[float]) -> float:
    """Intersection over union in floating point; of a box without size nothing."""
    across = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    down = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    union = sum(areas) - across * down
    return across * down / union if union else 0.0


def test_the_published_rule_for_boxes_is_refcoco_s() -> None:
    """On 10,000 fuzzed answers: the same box, and the same mark where no rounding decides."""
    scorer = BoxScorer(
        rule="official", read=read_first_box, convention=UNIT, threshold=HALF, size_of=unknown_size
    )
    asked, gold = sample("[0.1, 0.2, 0.6, 0.7]"), [0.1, 0.2, 0.6, 0.7]
    marks = []
    for text in fuzzed_texts(11):
        overlap = published_overlap(gold, published_box(text))
        score = scored(scorer, asked, text)
        marks.append(score.mark)
        assert isclose(overlap, 0.5, abs_tol=1e-9) or (overlap >= 0.5) == (
            score.mark is Mark.CORRECT
        ), text

    assert min(marks.count(Mark.CORRECT), marks.count(Mark.INCORRECT)) > FUZZED // 20


class Scanner:
    """Reads numbers, brackets and tags out of a text from left to right, without patterns."""

    def __init__(self, text: str) -> None:
        self.text = text

    def number(self, at: int) -> int:
        """Where a number that begins there ends, its percent sign included; 0 if none does."""
        end = at + self.text.startswith("-", at)
        begin = end
        while self.text[end : end + 1].isdecimal():
            end += 1
        if end == begin:
            return 0
        if self.text.startswith(".", end) and self.text[end + 1 : end + 2].isdecimal():
            end += 1
            while self.text[end : end + 1].isdecimal():
                end += 1
        return end + self.text.startswith("%", end)

    def blanks(self, at: int) -> int:
        """Where white space that begins there ends."""
        while self.text[at : at + 1].isspace():
            at += 1
        return at

    def numbers(self, start: int, end: int) -> list[str]:
        """All numbers of a part."""
        part, at, found = Scanner(self.text[start:end]), 0, []
        while at < len(part.text):
            stop = part.number(at)
            if stop:
                found.append(part.text[at:stop])
            at = max(at + 1, stop)
        return found

    def pair(self) -> list[str]:
        """The first two numbers in brackets with a comma or white space between them."""
        for at, sign in enumerate(self.text):
            begin = self.blanks(at + 1) if sign in "[(" else 0
            end = self.number(begin) if begin else 0
            if not end:
                continue
            gap = self.blanks(end)
            comma = self.text.startswith(",", gap)
            second = self.blanks(gap + 1) if comma else gap
            stop = self.number(second) if comma or gap > end else 0
            if stop and self.text[self.blanks(stop) : self.blanks(stop) + 1] in ("]", ")"):
                return [self.text[begin:end], self.text[second:stop]]
        return []

    def named(self, name: str, start: int) -> tuple[str, int] | None:
        """The number behind a name and a colon or an equals sign, and where it ends."""
        for at in range(start, len(self.text)):
            if self.text[at].lower() != name:
                continue
            end = at + 1
            end += self.text[end : end + 1] in ("'", '"') if self.text[end : end + 1] else 0
            end = self.blanks(end)
            if self.text[end : end + 1] in (":", "="):
                begin = self.blanks(end + 1)
                if stop := self.number(begin):
                    return self.text[begin:stop], stop
        return None


def published_point(text: str) -> tuple[float, float] | None:
    """The point as lmms-eval's rule for ScreenSpot-Pro takes it, in shares of the picture."""
    scanner, small = Scanner(text), text.lower()
    found: list[str] = []
    start, end = small.find("<bbox>"), small.find("</bbox>", small.find("<bbox>") + 1)
    if 0 <= start < end and len(scanner.numbers(start + 6, end)) >= 4:
        found = scanner.numbers(start + 6, end)[:4]
    elif pair := scanner.pair():
        found = pair
    elif (x := scanner.named("x", 0)) and (y := scanner.named("y", x[1])):
        found = [x[0], y[0]]
    else:
        numbers = scanner.numbers(0, len(text))
        is_box = len(numbers) >= 4 and ("box" in small or "rect" in small)
        found = numbers[: 4 if is_box else 2] if len(numbers) >= 2 else []
    values = [float(each.rstrip("%")) / (100 if "%" in each else 1) for each in found]
    if not values:
        return None
    x_value, y_value = values[:2]
    if len(values) == 4:
        x_value, y_value = (values[0] + values[2]) / 2, (values[1] + values[3]) / 2
    is_pixels = x_value > 1 or y_value > 1
    return (x_value / 640, y_value / 480) if is_pixels else (x_value, y_value)


def test_the_published_rule_for_points_is_screenspot_pro_s() -> None:
    """On 10,000 fuzzed answers: the same mark where no rounding decides."""
    scorer = PointScorer(rule="official", read=read_first_point, convention=UNIT, size_of=size_of)
    asked, edges = sample("[0.4, 0.5]", f"{INSIDE}[0.2, 0.05, 0.6, 0.95]"), (0.2, 0.6, 0.05, 0.95)
    marks = []
    for text in fuzzed_texts(12):
        point = published_point(text)
        score = scored(scorer, asked, text)
        marks.append(score.mark)
        x, y = point or (9.0, 9.0)
        near = [(x, edges[0]), (x, edges[1]), (y, edges[2]), (y, edges[3])]
        is_inside = edges[0] <= x <= edges[1] and edges[2] <= y <= edges[3]
        is_rounded = any(isclose(one, other, abs_tol=1e-9) for one, other in near)
        assert is_rounded or is_inside == (score.mark is Mark.CORRECT), text

    assert min(marks.count(Mark.CORRECT), marks.count(Mark.INCORRECT)) > FUZZED // 20


@pytest.mark.parametrize(
    "text",
    [
        *("[1" + " " * 100_000, "[1," * 30_000, "<bbox" * 20_000, "x " * 50_000, "x: 1 " * 20_000),
        *(
            "1" * 100_000,
            "[" * 100_000,
            "1 " * 50_000,
            "<bbox>" + "1 " * 50_000,
            "[1, 2, 3, " * 9000,
        ),
    ],
    ids=lambda text: text[:10],
)
@pytest.mark.parametrize("read", [read_first_box, read_first_point])
def test_a_published_rule_takes_no_long_time(
    read: Callable[[str, Convention], object], text: str
) -> None:
    """It grows with the length of the text; one that grows with its square takes minutes."""
    begun = process_time()
    read(text, UNIT)

    assert process_time() - begun < 10
