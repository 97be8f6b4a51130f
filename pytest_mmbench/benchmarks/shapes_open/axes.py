"""What is asked, and the pictures that answer it: a question first, then a picture for an answer.

Every answer of a question can be made correct by a picture, and its text does not say which: so
each question is drawn twice, for two of its answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import partial
from random import Random
from typing import Final

from pytest_mmbench.benchmarks.draws import without
from pytest_mmbench.benchmarks.shapes.scene import (
    COLOURS,
    PLURALS,
    SHAPES,
    SIDE,
    SIZES,
    GridCell,
    Scene,
    scatter,
    scene_of,
    shape,
)
from pytest_mmbench.benchmarks.shapes_open.pictures import WIDTH, Bar, BarPicture, OpenPicture

CELLS: Final = SIDE * SIDE
PLACES: Final = tuple(str(place) for place in range(CELLS))
MOST_SHAPES: Final = 8
MOST_OF_A_COLOUR: Final = 5
IN_FIRST: Final = 5
"""Shapes in each of two pictures, of which some are in both."""
ORDINALS: Final = ("first", "second", "third")
SIXTEENTHS: Final = range(2, 15)
"""Lengths of bars, in parts of the picture's width."""
RATIOS: Final = ("0.25", "0.5", "0.75", "1.5", "2", "2.5", "3.25", "4.25")
"""So far apart that no number is within a tenth of two of them."""
UNIT_PIXELS: Final = (8, 12, 16, 20, 24, 28)
"""Lengths of the bar that the other one is compared with."""


class AnswerKind(StrEnum):
    """How a question is answered, and so how its answer is read."""

    NUMBER = "number"
    """A whole number."""
    YES_NO = "yes-no"
    TEXT = "text"
    MEASURE = "measure"
    """A number that may be a little off."""
    BOX = "box"
    POINT = "point"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """A question as text, drawn before its answer is."""

    stem: str
    answers: tuple[str, ...]
    """All that a picture can make correct, equally likely; of a place the number of its cell."""
    about: tuple[str, ...] = ()
    """What the stem names, for building the pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAxis:
    """One axis of the benchmark."""

    kind: AnswerKind
    ask: Callable[[Random], OpenQuestion]
    show: Callable[[Random, OpenQuestion, str], tuple[OpenPicture, ...]]
    """Draws pictures for which this one of its answers is correct, and no other one."""


def others(random: Random, count: int, *excluded: tuple[str, str]) -> list[GridCell]:
    """Shapes of any kind and size, none of these colours and shapes together."""
    pairs = [(name, colour) for name in SHAPES for colour in COLOURS]
    free = [(name, colour) for name, colour in pairs if (colour, name) not in excluded]
    return [
        shape(name, colour, random.choice(SIZES)) for name, colour in random.choices(free, k=count)
    ]


def named(colour: str, name: str) -> str:
    """Such as `an orange star`."""
    return f"{'an' if colour[0] in 'aeiou' else 'a'} {colour} {name}"


def ask_all(_: Random) -> OpenQuestion:
    """Ask how many shapes there are."""
    answers = tuple(str(number) for number in range(1, MOST_SHAPES + 1))
    return OpenQuestion(stem="How many shapes are there?", answers=answers)


def show_all(random: Random, _: OpenQuestion, answer: str) -> tuple[OpenPicture, ...]:
    """Scatter as many shapes as the answer says."""
    return (scatter(random, others(random, int(answer))),)


def ask_of_colour(random: Random) -> OpenQuestion:
    """Ask how many shapes have a colour."""
    colour = random.choice(COLOURS)
    answers = tuple(str(number) for number in range(MOST_OF_A_COLOUR + 1))
    return OpenQuestion(
        stem=f"How many {colour} shapes are there?", answers=answers, about=(colour,)
    )


def show_of_colour(random: Random, question: OpenQuestion, answer: str) -> tuple[OpenPicture, ...]:
    """Show so many of the colour among one to five of others."""
    (colour,) = question.about
    counted = [shape(random.choice(SHAPES), colour) for _ in range(int(answer))]
    colours = without(COLOURS, colour)
    rest = [
        shape(random.choice(SHAPES), random.choice(colours)) for _ in range(random.randint(1, 5))
    ]
    return (scatter(random, counted + rest),)


def ask_presence(random: Random) -> tuple[OpenQuestion, OpenQuestion]:
    """Two questions about whether a shape is there, which share neither colour nor shape."""
    colours, names = random.sample(COLOURS, 2), random.sample(SHAPES, 2)
    return (
        OpenQuestion(
            stem=f"Is there {named(colours[0], names[0])} in the picture?",
            answers=("yes", "no"),
            about=(*colours, *names),
        ),
        OpenQuestion(
            stem=f"Is there {named(colours[1], names[1])} in the picture?",
            answers=("yes", "no"),
            about=(*reversed(colours), *reversed(names)),
        ),
    )


def show_presence(random: Random, question: OpenQuestion) -> Scene:
    """A picture in which this question is answered by yes, and the other one by no.

    Colour and shape of the other one are there, and not together.
    """
    colour, other_colour, name, other_name = question.about
    absent = (other_colour, other_name)
    near = [
        shape(random.choice(without(SHAPES, other_name)), other_colour, random.choice(SIZES)),
        shape(other_name, random.choice(without(COLOURS, other_colour)), random.choice(SIZES)),
    ]
    rest = others(random, random.randint(1, 4), absent)
    return scatter(random, [shape(name, colour, random.choice(SIZES)), *near, *rest])


def ask_where(random: Random, *, stem: str) -> OpenQuestion:
    """Ask for the place of a shape."""
    colour, name = random.choice(COLOURS), random.choice(SHAPES)
    return OpenQuestion(
        stem=stem.format(colour=colour, name=name), answers=PLACES, about=(colour, name)
    )


def show_where(random: Random, question: OpenQuestion, answer: str) -> tuple[OpenPicture, ...]:
    """Put it into the cell of the answer, in any size, among its colour and its shape."""
    colour, name = question.about
    near = [
        shape(random.choice(without(SHAPES, name)), colour, random.choice(SIZES)),
        shape(name, random.choice(without(COLOURS, colour)), random.choice(SIZES)),
    ]
    cells = near + others(random, random.randint(0, 3), (colour, name))
    places = random.sample([place for place in range(CELLS) if place != int(answer)], len(cells))
    scene = dict(zip(places, cells, strict=True))
    return (scene_of({**scene, int(answer): shape(name, colour, random.choice(SIZES))}),)


def ask_which(random: Random) -> OpenQuestion:
    """Ask which of three pictures shows a shape."""
    colour, name = random.choice(COLOURS), random.choice(SHAPES)
    stem = f"Which picture shows {named(colour, name)}: the first, the second or the third?"
    return OpenQuestion(stem=stem, answers=ORDINALS, about=(colour, name))


def show_which(random: Random, question: OpenQuestion, answer: str) -> tuple[OpenPicture, ...]:
    """Three pictures that have its colour and its shape, one of them together."""
    colour, name = question.about
    pictures = []
    for ordinal in ORDINALS:
        cells = [
            shape(random.choice(without(SHAPES, name)), colour),
            shape(name, random.choice(without(COLOURS, colour))),
            *others(random, random.randint(0, 2), (colour, name)),
        ]
        if ordinal == answer:
            cells.append(shape(name, colour))
        else:
            cells += others(random, 1, (colour, name))
        pictures.append(scatter(random, cells))
    return tuple(pictures)


def ask_in_both(_: Random) -> OpenQuestion:
    """Ask how many shapes two pictures share."""
    answers = tuple(str(number) for number in range(IN_FIRST))
    stem = "How many shapes of the first picture are in the second one too, in the same colour?"
    return OpenQuestion(stem=stem, answers=answers)


def show_in_both(random: Random, _: OpenQuestion, answer: str) -> tuple[OpenPicture, ...]:
    """Two pictures of five shapes each, of which so many are in both, somewhere."""
    pairs = [(name, colour) for name in SHAPES for colour in COLOURS]
    drawn = random.sample(pairs, 2 * IN_FIRST - int(answer))
    first, second = drawn[:IN_FIRST], drawn[-IN_FIRST:]
    return tuple(scatter(random, [shape(*pair) for pair in each]) for each in (first, second))


def ask_more(random: Random) -> OpenQuestion:
    """Ask of which of two shapes there are more."""
    answers = tuple(PLURALS[name] for name in random.sample(SHAPES, 2))
    return OpenQuestion(
        stem=f"Which are there more of, {answers[0]} or {answers[1]}?", answers=answers
    )


def show_more(random: Random, question: OpenQuestion, answer: str) -> tuple[OpenPicture, ...]:
    """Show both, and more of the answer, beside a few others."""
    names = {plural: name for name, plural in PLURALS.items()}
    (fewer,) = without(question.answers, answer)
    least = random.randint(1, 4)
    counts = {names[answer]: least + random.randint(1, 3), names[fewer]: least}
    cells = [
        shape(name, random.choice(COLOURS)) for name, count in counts.items() for _ in range(count)
    ]
    rest = [name for name in SHAPES if name not in counts]
    cells += [
        shape(random.choice(rest), random.choice(COLOURS)) for _ in range(random.randint(0, 3))
    ]
    return (scatter(random, cells),)


def ask_larger(random: Random) -> OpenQuestion:
    """Ask which of two coloured shapes is larger."""
    answers = tuple(random.sample(COLOURS, 2))
    stem = f"Which shape is larger, the {answers[0]} or the {answers[1]} one?"
    return OpenQuestion(stem=stem, answers=answers)


def show_larger(random: Random, question: OpenQuestion, answer: str) -> tuple[OpenPicture, ...]:
    """Show both in two of the three sizes, among other colours."""
    (smaller,) = without(question.answers, answer)
    low, high = sorted(random.sample(range(len(SIZES)), 2))
    name = random.choice(SHAPES)
    cells = [shape(name, answer, SIZES[high]), shape(name, smaller, SIZES[low])]
    colours = [colour for colour in COLOURS if colour not in question.answers]
    cells += [
        shape(random.choice(SHAPES), random.choice(colours), random.choice(SIZES))
        for _ in range(random.randint(0, 3))
    ]
    return (scatter(random, cells),)


def bars(random: Random, lengths: dict[str, int]) -> tuple[OpenPicture, ...]:
    """Bars of these colours and lengths in pixels, and one of another, in any order."""
    free = [colour for colour in COLOURS if colour not in lengths]
    lengths = {**lengths, random.choice(free): random.randint(WIDTH // 16, WIDTH)}
    rows: list[Bar | None] = [Bar(colour=colour, pixels=long) for colour, long in lengths.items()]
    rows += [None] * (SIDE - len(rows))
    random.shuffle(rows)
    return (BarPicture(bars=tuple(rows)),)


def ask_length(random: Random) -> OpenQuestion:
    """Ask how long a bar is."""
    colour = random.choice(COLOURS)
    stem = f"How long is the {colour} bar, as a share of the picture's width from 0 to 1?"
    answers = tuple(str(part / 16) for part in SIXTEENTHS)
    return OpenQuestion(stem=stem, answers=answers, about=(colour,))


def show_length(random: Random, question: OpenQuestion, answer: str) -> tuple[OpenPicture, ...]:
    """Draw it so long, beside another one."""
    (colour,) = question.about
    return bars(random, {colour: int(Fraction(answer) * WIDTH)})


def ask_ratio(random: Random) -> OpenQuestion:
    """Ask how many times as long one bar is as another."""
    one, other = random.sample(COLOURS, 2)
    stem = f"How many times as long as the {one} bar is the {other} bar?"
    return OpenQuestion(stem=stem, answers=RATIOS, about=(one, other))


def show_ratio(random: Random, question: OpenQuestion, answer: str) -> tuple[OpenPicture, ...]:
    """Draw the one so long that both fit, and the other one so many times as long."""
    one, other = question.about
    ratio = Fraction(answer)
    unit = random.choice([unit for unit in UNIT_PIXELS if unit * ratio <= WIDTH])
    return bars(random, {one: unit, other: int(unit * ratio)})


AXES: Final[dict[str, OpenAxis]] = {
    "all": OpenAxis(kind=AnswerKind.NUMBER, ask=ask_all, show=show_all),
    "of-a-colour": OpenAxis(kind=AnswerKind.NUMBER, ask=ask_of_colour, show=show_of_colour),
    "box": OpenAxis(
        kind=AnswerKind.BOX,
        ask=partial(ask_where, stem="Where is the {colour} {name}?"),
        show=show_where,
    ),
    "point": OpenAxis(
        kind=AnswerKind.POINT,
        ask=partial(ask_where, stem="Point at the {colour} {name}."),
        show=show_where,
    ),
    "which-picture": OpenAxis(kind=AnswerKind.TEXT, ask=ask_which, show=show_which),
    "in-both": OpenAxis(kind=AnswerKind.NUMBER, ask=ask_in_both, show=show_in_both),
    "more": OpenAxis(kind=AnswerKind.TEXT, ask=ask_more, show=show_more),
    "larger": OpenAxis(kind=AnswerKind.TEXT, ask=ask_larger, show=show_larger),
    "length": OpenAxis(kind=AnswerKind.MEASURE, ask=ask_length, show=show_length),
    "ratio": OpenAxis(kind=AnswerKind.MEASURE, ask=ask_ratio, show=show_ratio),
}
"""All but those of yes and no, whose questions come by two."""
