"""Every scene answers its question: a second reader finds the right option, and only that one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.benchmarks.shapes.questions import CAPABILITY_OF, make_record
from pytest_mmbench.benchmarks.shapes.scene import COLOURS, SHAPES, GridCell, Scene

AXES = tuple(CAPABILITY_OF)
ORDINALS = ["first", "second", "third", "fourth"]
ONE_WAY_TO_ARRANGE = {
    "#### .... .... ....": "row",
    "#... #... #... #...": "column",
    "#... .#.. ..#. ...#": "diagonal",
    "...# ..#. .#.. #...": "diagonal",
    "#..# .... .... #..#": "corners",
    "##.. ##.. .... ....": "block",
    "###. #.#. ###. ....": "ring",
    ".#.. ###. .#.. ....": "plus",
    "#.#. .#.# #.#. .#.#": "checkerboard",
    ".#.# #.#. .#.# #.#.": "checkerboard",
}
"""Occupied cells, pushed as far up and left as they go, to the word for them."""

Reader: TypeAlias = Callable[[str, Scene], Iterable[str]]


def _found(scene: Scene) -> list[tuple[int, int, GridCell]]:
    return [
        (place // 4, place % 4, cell)
        for place, cell in enumerate(scene.cells)
        if cell.kind != "empty"
    ]


def _once(words: Sequence[str], times: int = 1) -> list[str]:
    return [word for word, count in Counter(words).items() if count == times]


def _background(_: str, scene: Scene) -> Iterable[str]:
    return [scene.ground]


def _layout(_: str, scene: Scene) -> Iterable[str]:
    places = {(down, right) for down, right, _ in _found(scene)}
    full = len({down for down, _ in places}) == 4 and len({right for _, right in places}) == 4
    top = 0 if full else min(down for down, _ in places)
    left = 0 if full else min(right for _, right in places)
    picture = " ".join(
        "".join("#" if (down + top, right + left) in places else "." for right in range(4))
        for down in range(4)
    )
    return [ONE_WAY_TO_ARRANGE[picture]]


def _colour(_: str, scene: Scene) -> Iterable[str]:
    colours = [cell.colour for _, _, cell in _found(scene)]
    return [word for word, count in Counter(colours).items() if count > len(colours) / 2]


def _by_colour(stem: str, scene: Scene) -> Iterable[str]:
    (colour,) = set(COLOURS) & set(re.findall(r"\w+", stem))
    return [cell.value for _, _, cell in _found(scene) if cell.colour == colour]


def _counting(stem: str, scene: Scene) -> Iterable[str]:
    plural = stem.split()[2]
    (name,) = (name for name in SHAPES if plural in (f"{name}s", f"{name}es"))
    return [str(sum(cell.value == name for _, _, cell in _found(scene)))]


def _position(stem: str, scene: Scene) -> Iterable[str]:
    words = stem.rstrip("?").split()
    thing = words[-2] if words[-1] == "shape" else words[-1]
    return [
        ORDINALS[down if words[1] == "row" else right]
        for down, right, cell in _found(scene)
        if thing in (cell.value, cell.colour)
    ]


def _size(stem: str, scene: Scene) -> Iterable[str]:
    order = ["small", "medium", "large"]
    ranks = [order.index(cell.size) for _, _, cell in _found(scene)]
    extreme = max(ranks) if "largest" in stem else min(ranks)
    return [cell.colour for _, _, cell in _found(scene) if order.index(cell.size) == extreme]


def _relations(stem: str, scene: Scene) -> Iterable[str]:
    found = _found(scene)
    name = stem.rstrip("?").split()[-1]
    ((down, right),) = [(down, right) for down, right, cell in found if cell.value == name]
    steps = {"left": (0, -1), "right": (0, 1), "above": (-1, 0), "below": (1, 0)}
    (step,) = (move for word, move in steps.items() if f" {word} " in stem)
    goal = (down + step[0], right + step[1])
    return [cell.colour for below, beside, cell in found if (below, beside) == goal]


def _attribute(stem: str, scene: Scene) -> list[str]:
    shapes = stem.startswith("Which shape")
    return [cell.value if shapes else cell.colour for _, _, cell in _found(scene)]


def _matching(stem: str, scene: Scene) -> Iterable[str]:
    return _once(_attribute(stem, scene), times=2)


def _odd(stem: str, scene: Scene) -> Iterable[str]:
    return _once(_attribute(stem, scene))


def _sequences(_: str, scene: Scene) -> Iterable[str]:
    shown = [cell.colour for _, _, cell in _found(scene) if cell.value != "?"]
    assert scene.cells[len(shown)].value == "?"
    periods = [
        period
        for period in range(2, len(shown) // 2 + 1)
        if all(one == other for one, other in zip(shown, shown[period:], strict=False))
    ]
    return {shown[len(shown) % period] for period in periods}


def _symmetry(stem: str, scene: Scene) -> Iterable[str]:
    rows = [scene.cells[4 * down : 4 * down + 4] for down in range(4)]
    lines = rows if "left-right" in stem else [list(each) for each in zip(*rows, strict=True)]
    broken = [line for line in lines if list(line) != list(line)[::-1]]
    return [cell.colour for line in broken for cell in set(line) if cell.kind != "empty"]


def _bars(stem: str, scene: Scene) -> Iterable[str]:
    heights = Counter(cell.colour for _, _, cell in _found(scene))
    extreme = (max if "tallest" in stem else min)(heights.values())
    assert all(scene.cells[12 + right].kind == "bar" for right in range(4))
    return [colour for colour, height in heights.items() if height == extreme]


def _addition(_: str, scene: Scene) -> Iterable[str]:
    first, plus, second = _found(scene)
    assert plus[2].value == "+"
    assert (first[0], first[1] + 2) == (plus[0], plus[1] + 1) == (second[0], second[1])
    return [str(int(first[2].value) + int(second[2].value))]


def _comparison(stem: str, scene: Scene) -> Iterable[str]:
    digits = [(int(cell.value), cell.colour) for _, _, cell in _found(scene)]
    extreme = (max if "largest" in stem else min)(digit for digit, _ in digits)
    return [colour for digit, colour in digits if digit == extreme]


READERS: dict[str, Reader] = {
    "background": _background,
    "layout": _layout,
    "colour": _colour,
    "shape": _by_colour,
    "counting": _counting,
    "position": _position,
    "size": _size,
    "relations": _relations,
    "matching": _matching,
    "odd-one-out": _odd,
    "sequences": _sequences,
    "symmetry": _symmetry,
    "bar-charts": _bars,
    "dials": _by_colour,
    "gauges": _by_colour,
    "digits": _by_colour,
    "addition": _addition,
    "comparison": _comparison,
}


@pytest.mark.parametrize("axis", AXES)
def test_the_reader_finds_exactly_the_right_option(axis: str) -> None:
    """The second reader's only answer is the record's, so the other options are wrong."""
    for number in range(400):
        record = make_record(21, axis, number)
        assert list(READERS[axis](record.question, record.scene)) == [record.answer_text]


@given(st.integers(min_value=0), st.sampled_from(AXES), st.integers(min_value=0))
def test_any_seed_gives_answerable_scenes(seed: int, axis: str, number: int) -> None:
    """The law holds for every seed and number, not only for small ones."""
    record = make_record(seed, axis, number)
    assert list(READERS[axis](record.question, record.scene)) == [record.answer_text]
    assert len(record.scene.cells) == 16


@pytest.mark.parametrize("axis", ["shape", "dials", "gauges", "digits", "matching"])
def test_every_option_is_in_the_picture(axis: str) -> None:
    """Where options name things that can be seen, being seen does not single out the answer."""
    for number in range(200):
        record = make_record(22, axis, number)
        shown = {word for _, _, cell in _found(record.scene) for word in (cell.value, cell.colour)}
        assert set(record.options) <= shown
