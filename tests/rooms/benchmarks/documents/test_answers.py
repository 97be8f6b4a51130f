"""Every page answers its question: a second reader finds the right option, and only that one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.benchmarks.documents.page import InkPolygon, Line, Page, Point, Rectangle
from pytest_mmbench.benchmarks.documents.questions import AXES, make_record

Reader = Callable[[str, Page], list[str]]


def _beside(page: Page, name: str) -> list[str]:
    """Texts to the right of the one that says `name`, on its line."""
    ((left, top),) = [each.at for each in page.texts if each.text == name]
    return [each.text for each in page.texts if each.at[1] == top and each.at[0] > left]


def _named(stem: str, page: Page, *, last: str = "") -> str:
    """The one text of the page that the question names."""
    words = {word.lower() for word in re.findall(r"[\w-]+", stem)}
    labels = [text.text for text in page.texts if text.text.removesuffix(last).lower() in words]
    (label,) = labels
    return label


def _distances(stem: str, page: Page) -> list[str]:
    return [text.removesuffix(" km") for text in _beside(page, _named(stem, page))]


def _tip(arrow: InkPolygon) -> str:
    """To which side one point is farthest out beyond all others."""
    sides = {"right": (1, 0), "left": (-1, 0), "down": (0, 1), "up": (0, -1)}

    def lead(side: str) -> int:
        across, down = sides[side]
        *_, second, first = sorted(across * x + down * y for x, y in arrow.points)
        return first - second

    return max(sides, key=lead)


def _directions(stem: str, page: Page) -> list[str]:
    arrows = [mark for mark in page.marks if isinstance(mark, InkPolygon)]
    wanted = stem.rstrip("?").rpartition(" ")[2]
    (points,) = [arrow.points for arrow in arrows if _tip(arrow) == wanted]
    low, high = min(y for _, y in points), max(y for _, y in points)
    return [each.text for each in page.texts if low <= each.at[1] <= high]


def _hours(stem: str, page: Page) -> list[str]:
    return [text.partition(" - ")[0] for text in _beside(page, _named(stem, page))]


def _prices(stem: str, page: Page) -> list[str]:
    return _beside(page, _named(stem, page))


def _totals(_: str, page: Page) -> list[str]:
    """What stands beside the word, which is also the sum of all that stands above it."""
    (total,) = (each for each in page.texts if each.text == "TOTAL")
    above = [
        int(each.text.replace(".", ""))
        for each in page.texts
        if re.fullmatch(r"\d+\.\d\d", each.text) and each.at[1] < total.at[1]
    ]
    (written,) = _beside(page, "TOTAL")
    assert sum(above) == int(written.replace(".", ""))
    return [written]


def _shops(_: str, page: Page) -> list[str]:
    return [min(page.texts, key=lambda text: text.at[1]).text]


def _bars(page: Page) -> dict[int, Rectangle]:
    """By the middle from left to right."""
    bars = [mark for mark in page.marks if isinstance(mark, Rectangle)]
    return {(bar.corner[0] + bar.opposite[0]) // 2: bar for bar in bars}


def _names(page: Page) -> dict[str, int]:
    """Names below the bars, and where their middles are."""
    lowest = max(text.at[1] for text in page.texts)
    return {each.text: each.at[0] for each in page.texts if each.at[1] == lowest}


def _data_labels(stem: str, page: Page) -> list[str]:
    names = _names(page)
    (middle,) = (at for name, at in names.items() if name in stem)
    top = _bars(page)[middle].corner[1]
    return [each.text for each in page.texts if each.at[0] == middle and each.at[1] < top]


def _axes(stem: str, page: Page) -> list[str]:
    (middle,) = (at for name, at in _names(page).items() if name in stem)
    heights = {int(each.text): each.at[1] for each in page.texts if re.fullmatch(r"\d+", each.text)}
    unit = (heights[0] - heights[100]) / 100
    value = (heights[0] - _bars(page)[middle].corner[1]) / unit
    assert value == round(value)
    return [str(round(value))]


def _extremes(stem: str, page: Page) -> list[str]:
    tops = {name: _bars(page)[at].corner[1] for name, at in _names(page).items()}
    extreme = min(tops.values()) if "highest" in stem else max(tops.values())
    return [name for name, top in tops.items() if top == extreme]


def _inside(box: Rectangle, at: Point) -> bool:
    (x0, y0), (x1, y1) = box.corner, box.opposite
    return x0 <= at[0] <= x1 and y0 <= at[1] <= y1


def _field(stem: str, page: Page, *, last: str = "") -> list[str]:
    """What stands in the first box below the label."""
    label = _named(stem, page, last=last)
    ((_, top),) = [each.at for each in page.texts if each.text == label]
    boxes = [mark for mark in page.marks if isinstance(mark, Rectangle) and mark.corner[1] > top]
    box = min(boxes, key=lambda each: each.corner[1])
    return [each.text for each in page.texts if _inside(box, each.at)]


def _numbers(stem: str, page: Page) -> list[str]:
    return _field(stem.replace("number", ""), page, last=" number")


def _boxes(_: str, page: Page) -> list[str]:
    lines = [mark for mark in page.marks if isinstance(mark, Line)]
    ticked = [
        box
        for box in page.marks
        if isinstance(box, Rectangle) and any(_inside(box, line.start) for line in lines)
    ]
    return [
        each.text
        for box in ticked
        for each in page.texts
        if box.corner[1] <= each.at[1] <= box.opposite[1]
    ]


READERS: dict[str, Reader] = {
    "distances": _distances,
    "directions": _directions,
    "hours": _hours,
    "prices": _prices,
    "totals": _totals,
    "shops": _shops,
    "data-labels": _data_labels,
    "axes": _axes,
    "extremes": _extremes,
    "fields": _field,
    "numbers": _numbers,
    "boxes": _boxes,
}


@pytest.mark.parametrize("axis", AXES)
def test_the_reader_finds_exactly_the_right_option(axis: str) -> None:
    """The second reader's only answer is the record's, so the other options are wrong."""
    for number in range(200):
        record = make_record(21, axis, number)
        assert READERS[axis](record.question, record.page) == [record.answer_text]


@given(st.integers(min_value=0), st.sampled_from(tuple(AXES)), st.integers(min_value=0))
def test_any_seed_gives_answerable_pages(seed: int, axis: str, number: int) -> None:
    """The law holds for every seed and number, not only for small ones."""
    record = make_record(seed, axis, number)
    assert READERS[axis](record.question, record.page) == [record.answer_text]


@pytest.mark.parametrize("axis", [axis for axis in AXES if axis != "axes"])
def test_every_option_stands_on_the_page(axis: str) -> None:
    """That a text was read does not single out the answer; off an axis, values are read by eye."""
    for number in range(100):
        record = make_record(22, axis, number)
        words = " ".join(each.text for each in record.page.texts)
        assert all(option in words for option in record.options)


def test_each_bar_has_the_value_of_an_option() -> None:
    """Whoever reads the axis, but of another bar, reads an option that is wrong."""
    for number in range(100):
        record = make_record(23, "axes", number)
        values = [
            value
            for name in _names(record.page)
            for value in _axes(f"What is the value of {name}?", record.page)
        ]
        assert sorted(values) == sorted(record.options)
