"""Science, technology and math: bar charts, dials, gauges; digits, addition, comparison."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from random import Random
from typing import Final

from pytest_mmbench.benchmarks.draws import Axis, Question, without
from pytest_mmbench.benchmarks.shapes.scene import (
    COLOURS,
    DIRECTIONS,
    GAUGE_TOP,
    SIDE,
    GridCell,
    Scene,
    ask_extreme,
    ask_of_colour,
    ask_word,
    column,
    mark,
    row,
    scatter,
    scene_of,
)

DIGITS: Final = tuple(str(number) for number in range(10))
READINGS: Final = tuple(str(number) for number in range(GAUGE_TOP + 1))
SUMS: Final = tuple(str(number) for number in range(2, 10))


def show_bar_charts(random: Random, question: Question, answer: str) -> Scene:
    """Stand the options side by side, the answer's bar alone at the extreme height."""
    tallest = question.about == ("tallest",)
    extreme = random.choice((3, 4) if tallest else (1, 2))
    other_heights = range(1, extreme) if tallest else range(extreme + 1, SIDE + 1)
    cells: dict[int, GridCell] = {}
    for number, colour in enumerate(random.sample(question.options, SIDE)):
        height = extreme if colour == answer else random.choice(other_heights)
        bar = mark("bar", "", colour)
        cells |= dict.fromkeys(column(number)[SIDE - height :], bar)
    return scene_of(cells)


def show_values(random: Random, question: Question, answer: str, *, kind: str) -> Scene:
    """Show every option, the answer in the colour asked for."""
    colours = random.sample(without(COLOURS, question.about[0]), 3)
    wrong = without(question.options, answer)
    cells = [mark(kind, value, colour) for value, colour in zip(wrong, colours, strict=True)]
    return scatter(random, [*cells, mark(kind, answer, question.about[0])])


def _value_axis(kind: str, stem: str, values: Sequence[str]) -> Axis[Scene]:
    """An axis that asks for the value of the dial, gauge or digit of one colour."""
    return Axis(
        ask=partial(ask_of_colour, stem=stem, words=values), show=partial(show_values, kind=kind)
    )


def show_addition(random: Random, _: Question, answer: str) -> Scene:
    """Write a sum of two digits from 1 to 8 into one row."""
    first = random.randint(1, int(answer) - 1)
    start = random.choice(row(random.randrange(SIDE))[:2])
    colour = random.choice(COLOURS)
    terms = [mark("digit", str(term), colour) for term in (first, int(answer) - first)]
    return scene_of(dict(enumerate([terms[0], mark("sign", "+", ""), terms[1]], start)))


def show_comparison(random: Random, question: Question, answer: str) -> Scene:
    """Show four different digits in the options' colours, the answer's at the extreme."""
    values = sorted(random.sample(DIGITS, 4), key=int)
    extreme = values.pop(-1 if question.about == ("largest",) else 0)
    colours = random.sample(without(question.options, answer), 3)
    cells = [mark("digit", value, colour) for value, colour in zip(values, colours, strict=True)]
    return scatter(random, [*cells, mark("digit", extreme, answer)])


AXES: Final[dict[str, Axis[Scene]]] = {
    "bar-charts": Axis(
        ask=partial(ask_extreme, thing="bar", extremes=("tallest", "shortest")),
        show=show_bar_charts,
    ),
    "dials": _value_axis("dial", "Which way does the {colour} dial point?", DIRECTIONS),
    "gauges": _value_axis("gauge", "What does the {colour} gauge read?", READINGS),
    "digits": _value_axis("digit", "Which digit is {colour}?", DIGITS),
    "addition": Axis(
        ask=partial(ask_word, stem="What do the two digits add up to?", words=SUMS),
        show=show_addition,
    ),
    "comparison": Axis(
        ask=partial(ask_extreme, thing="digit", extremes=("largest", "smallest")),
        show=show_comparison,
    ),
}
