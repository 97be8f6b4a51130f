"""Instance and logical reasoning: size, relations, matching; odd one out, sequences, symmetry."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Final

from pytest_mmbench.benchmarks.draws import Axis, Question, without
from pytest_mmbench.benchmarks.shapes.scene import (
    COLOURS,
    SHAPES,
    SIDE,
    SIZES,
    GridCell,
    Scene,
    ask_extreme,
    ask_word,
    column,
    mark,
    row,
    scatter,
    scene_of,
    shape,
)

NEIGHBOURS: Final = {"left of": -1, "right of": 1, "above": -SIDE, "below": SIDE}
"""Relation to the step that leads from a position to its neighbour."""
MIDDLE: Final = (5, 6, 9, 10)
"""Positions with a neighbour on all four sides."""
EVEN: Final = 0.5
"""Share of the questions about shapes where an axis asks about shapes or colours."""
MIRRORED: Final = ((0, 3), (1, 2))
BROKEN: Final = ((0, 1), (2, 3), (0, 2), (1, 3))
"""Pairs of places within a line that equal, or do not equal, their mirror image."""


def show_size(random: Random, question: Question, answer: str) -> Scene:
    """Show the options, and only the answer at the extreme of the three sizes."""
    extreme = SIZES[-1] if question.about == ("largest",) else SIZES[0]
    cells = [
        shape(random.choice(SHAPES), colour, random.choice(without(SIZES, extreme)))
        for colour in without(question.options, answer)
    ]
    return scatter(random, [*cells, shape(random.choice(SHAPES), answer, extreme)])


def ask_relations(random: Random) -> Question:
    """Ask for the colour of the neighbour on one side of the only shape of its kind."""
    relation, name = random.choice(tuple(NEIGHBOURS)), random.choice(SHAPES)
    return Question(
        stem=f"What colour is the shape {relation} the {name}?",
        options=tuple(random.sample(COLOURS, 4)),
        about=(relation, name),
    )


def show_relations(random: Random, question: Question, answer: str) -> Scene:
    """Surround the named shape with the four options, the answer on the side asked for."""
    relation, name = question.about
    centre = random.choice(MIDDLE)
    steps = without(tuple(NEIGHBOURS), relation)
    random.shuffle(steps)
    colours = dict(zip(steps, without(question.options, answer), strict=True)) | {relation: answer}
    names = without(SHAPES, name)
    around = {
        centre + NEIGHBOURS[step]: shape(random.choice(names), colour)
        for step, colour in colours.items()
    }
    return scene_of({**around, centre: shape(name, random.choice(COLOURS))})


def _ask_attribute(random: Random, stem: str) -> Question:
    kind, words = ("shape", SHAPES) if random.random() < EVEN else ("colour", COLOURS)
    return ask_word(random, stem.format(attribute=kind), words)


def show_matching(random: Random, question: Question, answer: str) -> Scene:
    """Show every option once and the answer twice, the other attribute at random."""
    words = [*question.options, answer]
    cells: list[GridCell] = []
    for word in words:
        name, colour = random.choice(SHAPES), random.choice(COLOURS)
        cells.append(shape(word, colour) if word in SHAPES else shape(name, word))
    return scatter(random, cells)


def show_odd(random: Random, question: Question, answer: str) -> Scene:
    """Show the answer once among many of another option, alike in the other attribute."""
    usual = random.choice(without(question.options, answer))
    words = [usual] * random.randint(4, 9) + [answer]
    if answer in SHAPES:
        colour = random.choice(COLOURS)
        return scatter(random, [shape(word, colour) for word in words])
    name = random.choice(SHAPES)
    return scatter(random, [shape(name, word) for word in words])


def show_sequences(random: Random, question: Question, answer: str) -> Scene:
    """Repeat two or three of the options over whole rows, up to the answer's turn."""
    period = random.choice((2, 3))
    length = random.choice((7, 11, 15))
    cycle = random.sample(without(question.options, answer), period - 1)
    cycle.insert(length % period, answer)
    name = random.choice(SHAPES)
    cells = {place: shape(name, cycle[place % period]) for place in range(length)}
    return scene_of({**cells, length: mark("sign", "?", "")})


def ask_symmetry(random: Random) -> Question:
    """Ask for the colour of the line that is not its own mirror image."""
    sides = random.choice(("left-right", "top-bottom"))
    return Question(
        stem=f"Which colour breaks the {sides} mirror image?",
        options=tuple(random.sample(COLOURS, 4)),
        about=(sides,),
    )


def show_symmetry(random: Random, question: Question, answer: str) -> Scene:
    """Give each option a line of its own with two shapes, only the answer's not mirrored."""
    line = row if question.about == ("left-right",) else column
    name = random.choice(SHAPES)
    cells: dict[int, GridCell] = {}
    for number, colour in enumerate(random.sample(question.options, SIDE)):
        pair = random.choice(BROKEN if colour == answer else MIRRORED)
        cells |= {line(number)[place]: shape(name, colour) for place in pair}
    return scene_of(cells)


AXES: Final[dict[str, Axis[Scene]]] = {
    "size": Axis(
        ask=partial(ask_extreme, thing="shape", extremes=("largest", "smallest")), show=show_size
    ),
    "relations": Axis(ask=ask_relations, show=show_relations),
    "matching": Axis(
        ask=partial(_ask_attribute, stem="Which {attribute} appears twice?"), show=show_matching
    ),
    "odd-one-out": Axis(
        ask=partial(_ask_attribute, stem="Which {attribute} is the odd one out?"), show=show_odd
    ),
    "sequences": Axis(
        ask=partial(ask_word, stem="Which colour comes next?", words=COLOURS), show=show_sequences
    ),
    "symmetry": Axis(ask=ask_symmetry, show=show_symmetry),
}
