"""Coarse and fine-grained perception: ground, layout, colour; shape, counting, position."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Final

from pytest_mmbench.benchmarks.draws import Axis, Question, without
from pytest_mmbench.benchmarks.shapes.scene import (
    COLOURS,
    GROUNDS,
    ORDINALS,
    PLURALS,
    SHAPES,
    SIDE,
    Scene,
    ask_of_colour,
    ask_word,
    column,
    row,
    scatter,
    scene_of,
    shape,
)

CORNERS: Final = (0, 3, 12, 15)
ANCHORS: Final = (0, 1, 4, 5)
"""Top left cells of the four three by three windows of the grid."""
LAYOUTS: Final[dict[str, tuple[tuple[int, ...], ...]]] = {
    "row": tuple(row(number) for number in range(SIDE)),
    "column": tuple(column(number) for number in range(SIDE)),
    "diagonal": ((0, 5, 10, 15), (3, 6, 9, 12)),
    "corners": (CORNERS,),
    "block": tuple((p, p + 1, p + 4, p + 5) for p in (0, 1, 2, 4, 5, 6, 8, 9, 10)),
    "ring": tuple((p, p + 1, p + 2, p + 4, p + 6, p + 8, p + 9, p + 10) for p in ANCHORS),
    "plus": tuple((p + 1, p + 4, p + 5, p + 6, p + 9) for p in ANCHORS),
    "checkerboard": ((0, 2, 5, 7, 8, 10, 13, 15), (1, 3, 4, 6, 9, 11, 12, 14)),
}
"""Arrangement to the sets of positions that show it; no two sets are equal."""
MOST_COUNTED: Final = 6


def show_background(random: Random, _: Question, answer: str) -> Scene:
    """Scatter shapes of every other colour over a ground of the answer's colour."""
    colours = without(COLOURS, answer)
    count = random.randint(2, 6)
    cells = [shape(random.choice(SHAPES), random.choice(colours)) for _ in range(count)]
    return scatter(random, cells, answer)


def show_layout(random: Random, _: Question, answer: str) -> Scene:
    """Arrange shapes of one kind and any colours as the answer says."""
    name = random.choice(SHAPES)
    palette = random.sample(COLOURS, random.randint(1, 3))
    positions = random.choice(LAYOUTS[answer])
    return scene_of({position: shape(name, random.choice(palette)) for position in positions})


def show_colour(random: Random, question: Question, answer: str) -> Scene:
    """Scatter the other options once each, and more shapes of the answer's colour than those."""
    others = [*without(question.options, answer), *random.choices(without(COLOURS, answer), k=2)]
    others = others[: random.randint(3, 5)]
    colours = others + [answer] * (len(others) + random.randint(1, 3))
    return scatter(random, [shape(random.choice(SHAPES), colour) for colour in colours])


def show_shape(random: Random, question: Question, answer: str) -> Scene:
    """Show all options, and only the answer in the colour asked for."""
    colours = random.sample(without(COLOURS, question.about[0]), 5)
    names = [*without(question.options, answer), *random.choices(SHAPES, k=2)]
    cells = [shape(name, colour) for name, colour in zip(names, colours, strict=True)]
    cells = cells[: random.randint(3, 5)]
    return scatter(random, [*cells, shape(answer, question.about[0])])


def ask_counting(random: Random) -> Question:
    """Ask how many shapes of one kind there are."""
    name = random.choice(SHAPES)
    numbers = [str(number) for number in range(1, MOST_COUNTED + 1)]
    return Question(
        stem=f"How many {PLURALS[name]} are there?",
        options=tuple(random.sample(numbers, 4)),
        about=(name,),
    )


def show_counting(random: Random, question: Question, answer: str) -> Scene:
    """Scatter the counted shapes among one to six of other kinds."""
    others = without(SHAPES, question.about[0])
    names = random.choices(others, k=random.randint(1, 6)) + [question.about[0]] * int(answer)
    return scatter(random, [shape(name, random.choice(COLOURS)) for name in names])


def ask_position(random: Random) -> Question:
    """Ask for the row or the column of the only shape of its kind or colour."""
    line = random.choice(("row from the top", "column from the left"))
    thing = random.choice((*SHAPES, *COLOURS))
    what = thing if thing in SHAPES else f"{thing} shape"
    return Question(
        stem=f"Which {line} holds the {what}?",
        options=tuple(random.sample(ORDINALS, 4)),
        about=(line.split()[0], thing),
    )


def show_position(random: Random, question: Question, answer: str) -> Scene:
    """Put the shape in the line of the answer, and others without its mark elsewhere."""
    line, thing = question.about
    number = ORDINALS.index(answer)
    position = random.choice(row(number) if line == "row" else column(number))
    names, colours = without(SHAPES, thing), without(COLOURS, thing)
    target = shape(
        thing if thing in SHAPES else random.choice(SHAPES),
        thing if thing in COLOURS else random.choice(COLOURS),
    )
    free = [place for place in range(SIDE * SIDE) if place != position]
    places = random.sample(free, 5)
    cells = {place: shape(random.choice(names), random.choice(colours)) for place in places}
    return scene_of({**cells, position: target})


AXES: Final[dict[str, Axis[Scene]]] = {
    "background": Axis(
        ask=partial(ask_word, stem="What colour is the background?", words=GROUNDS),
        show=show_background,
    ),
    "layout": Axis(
        ask=partial(ask_word, stem="How are the shapes arranged?", words=tuple(LAYOUTS)),
        show=show_layout,
    ),
    "colour": Axis(
        ask=partial(ask_word, stem="Which colour do most of the shapes have?", words=COLOURS),
        show=show_colour,
    ),
    "shape": Axis(
        ask=partial(ask_of_colour, stem="Which shape is {colour}?", words=SHAPES), show=show_shape
    ),
    "counting": Axis(ask=ask_counting, show=show_counting),
    "position": Axis(ask=ask_position, show=show_position),
}
