"""Science, technology and math: bar charts, dials, gauges; digits, addition, comparison."""

from __future__ import annotations

from random import Random
from typing import Final

from pytest_mmbench.benchmarks.shapes.axis import Axis, Question, without
from pytest_mmbench.benchmarks.shapes.scene import (
    COLOURS,
    DIRECTIONS,
    GAUGE_TOP,
    SIDE,
    GridCell,
    Scene,
    column,
    mark,
    row,
    scatter,
    scene_of,
)

DIGITS: Final = tuple(str(number) for number in range(10))
READINGS: Final = tuple(str(number) for number in range(GAUGE_TOP + 1))
SUMS: Final = tuple(str(number) for number in range(2, 10))


def ask_bar_charts(random: Random) -> Question:
    """Ask for the colour of the tallest or the shortest bar."""
    extreme = random.choice(("tallest", "shortest"))
    return Question(
        stem=f"What colour is the {extreme} bar?",
        options=tuple(random.sample(COLOURS, 4)),
        about=(extreme,),
    )


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


def ask_dials(random: Random) -> Question:
    """Ask for the direction in which the dial of one colour points."""
    colour = random.choice(COLOURS)
    return Question(
        stem=f"Which way does the {colour} dial point?",
        options=tuple(random.sample(DIRECTIONS, 4)),
        about=(colour,),
    )


def show_dials(random: Random, question: Question, answer: str) -> Scene:
    """Show a dial for every option, the answer's in the colour asked for."""
    return _scene_of_options(random, "dial", question, answer)


def ask_gauges(random: Random) -> Question:
    """Ask for the reading of the gauge of one colour."""
    colour = random.choice(COLOURS)
    return Question(
        stem=f"What does the {colour} gauge read?",
        options=tuple(random.sample(READINGS, 4)),
        about=(colour,),
    )


def show_gauges(random: Random, question: Question, answer: str) -> Scene:
    """Show a gauge for every option, the answer's in the colour asked for."""
    return _scene_of_options(random, "gauge", question, answer)


def ask_digits(random: Random) -> Question:
    """Ask which digit has a given colour."""
    colour = random.choice(COLOURS)
    return Question(
        stem=f"Which digit is {colour}?", options=tuple(random.sample(DIGITS, 4)), about=(colour,)
    )


def show_digits(random: Random, question: Question, answer: str) -> Scene:
    """Show every option as a digit, the answer in the colour asked for."""
    return _scene_of_options(random, "digit", question, answer)


def _scene_of_options(random: Random, kind: str, question: Question, answer: str) -> Scene:
    colours = random.sample(without(COLOURS, question.about[0]), 3)
    wrong = without(question.options, answer)
    cells = [mark(kind, value, colour) for value, colour in zip(wrong, colours, strict=True)]
    return scatter(random, [*cells, mark(kind, answer, question.about[0])])


def ask_addition(random: Random) -> Question:
    """Ask for the sum of two digits."""
    return Question(stem="What do the two digits add up to?", options=tuple(random.sample(SUMS, 4)))


def show_addition(random: Random, _: Question, answer: str) -> Scene:
    """Write a sum of two digits from 1 to 8 into one row."""
    first = random.randint(1, int(answer) - 1)
    terms = (str(first), "+", str(int(answer) - first))
    start = random.choice(row(random.randrange(SIDE))[:2])
    colour = random.choice(COLOURS)
    kinds = ("digit", "sign", "digit")
    cells = [
        mark(kind, term, colour if kind == "digit" else "")
        for kind, term in zip(kinds, terms, strict=True)
    ]
    return scene_of(dict(enumerate(cells, start)))


def ask_comparison(random: Random) -> Question:
    """Ask for the colour of the largest or the smallest digit."""
    extreme = random.choice(("largest", "smallest"))
    return Question(
        stem=f"What colour is the {extreme} digit?",
        options=tuple(random.sample(COLOURS, 4)),
        about=(extreme,),
    )


def show_comparison(random: Random, question: Question, answer: str) -> Scene:
    """Show four different digits in the options' colours, the answer's at the extreme."""
    values = sorted(random.sample(DIGITS, 4), key=int)
    extreme = values.pop(-1 if question.about == ("largest",) else 0)
    colours = random.sample(without(question.options, answer), 3)
    cells = [mark("digit", value, colour) for value, colour in zip(values, colours, strict=True)]
    return scatter(random, [*cells, mark("digit", extreme, answer)])


AXES: Final[dict[str, Axis]] = {
    "bar-charts": Axis(ask=ask_bar_charts, show=show_bar_charts),
    "dials": Axis(ask=ask_dials, show=show_dials),
    "gauges": Axis(ask=ask_gauges, show=show_gauges),
    "digits": Axis(ask=ask_digits, show=show_digits),
    "addition": Axis(ask=ask_addition, show=show_addition),
    "comparison": Axis(ask=ask_comparison, show=show_comparison),
}
