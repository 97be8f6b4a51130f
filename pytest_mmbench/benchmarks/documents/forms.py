"""Forms: who is named in which field, numbers of contracts and the like, boxes that are ticked."""

from __future__ import annotations

from random import Random
from typing import Final

from pytest_mmbench.benchmarks.documents.page import (
    FAINT,
    WHITE,
    Colour,
    Line,
    Mark,
    Page,
    Rectangle,
    Text,
)
from pytest_mmbench.benchmarks.documents.words import draw_codes, draw_people
from pytest_mmbench.benchmarks.draws import Axis, Question, without

WIDTH: Final = 384
HEIGHT: Final = 416
LEFT: Final = 32
GROUNDS: Final[tuple[Colour, ...]] = ((250, 250, 252), (244, 248, 240), (252, 246, 240))
TITLES: Final = ("Application", "Registration", "Request", "Report")
ROLES: Final = (
    "Applicant",
    "Guardian",
    "Doctor",
    "Landlord",
    "Employer",
    "Witness",
    "Teacher",
    "Neighbour",
)
NUMBERED: Final = (
    "Customer",
    "Order",
    "Contract",
    "Meter",
    "Invoice",
    "Policy",
    "Parcel",
    "Member",
)
"""Things that have a number."""
CHOICES: Final = {
    "Delivery": ("Post", "Courier", "Locker", "Pick-up", "Bicycle", "Train"),
    "Payment": ("Cash", "Card", "Cheque", "Transfer", "Voucher", "Invoice"),
    "Contact": ("Letter", "Telephone", "Visit", "Message", "Meeting", "Notice board"),
    "Language": ("English", "French", "German", "Dutch", "Danish", "Polish"),
}
"""Headings of boxes, and what can be ticked under each."""


def _form(random: Random, marks: list[Mark]) -> Page:
    title = Text(text=random.choice(TITLES), at=(LEFT, 36), size=28)
    rule = Line(start=(LEFT, 60), end=(WIDTH - LEFT, 60), ink=FAINT)
    ground = random.choice(GROUNDS)
    return Page(width=WIDTH, height=HEIGHT, ground=ground, marks=(title, rule, *marks))


def _fields(rows: list[tuple[str, str]]) -> list[Mark]:
    """Each with its label in small print above a box that holds what was filled in."""
    marks: list[Mark] = []
    for at, (label, value) in enumerate(rows):
        top = 84 + 82 * at
        marks += [
            Text(text=label, at=(LEFT, top), size=17),
            Rectangle(
                corner=(LEFT, top + 14),
                opposite=(WIDTH - LEFT, top + 52),
                fill=WHITE,
                outline=FAINT,
            ),
            Text(text=value, at=(LEFT + 12, top + 33), size=22),
        ]
    return marks


def ask_fields(random: Random) -> Question:
    """Ask who is named in one field."""
    role = random.choice(ROLES)
    return Question(
        stem=f"Which name is given for the {role.lower()}?",
        options=draw_people(random, 4),
        about=(role,),
    )


def show_fields(random: Random, question: Question, answer: str) -> Page:
    """Name each person in a field of another label."""
    return _filled(random, question, answer, labels=ROLES, label="{}")


def ask_numbers(random: Random) -> Question:
    """Ask for the number of one thing."""
    thing = random.choice(NUMBERED)
    return Question(
        stem=f"What is the {thing.lower()} number?",
        options=draw_codes(random, 4),
        about=(thing,),
    )


def show_numbers(random: Random, question: Question, answer: str) -> Page:
    """Write each number into a field of another label."""
    return _filled(random, question, answer, labels=NUMBERED, label="{} number")


def _filled(
    random: Random, question: Question, answer: str, *, labels: tuple[str, ...], label: str
) -> Page:
    name = question.about[0]
    others = random.sample(without(labels, name), 3)
    rows = [(name, answer), *zip(others, without(question.options, answer), strict=True)]
    random.shuffle(rows)
    return _form(random, _fields([(label.format(each), value) for each, value in rows]))


def ask_boxes(random: Random) -> Question:
    """Ask which of the boxes under a heading is ticked."""
    heading = random.choice(tuple(CHOICES))
    return Question(
        stem=f"Which box is ticked under {heading}?",
        options=tuple(random.sample(CHOICES[heading], 4)),
        about=(heading,),
    )


def show_boxes(random: Random, question: Question, answer: str) -> Page:
    """Give each option a box, and tick that of the answer alone."""
    marks: list[Mark] = [Text(text=question.about[0], at=(LEFT, 100), size=24)]
    for at, word in enumerate(random.sample(question.options, 4)):
        top = 146 + 60 * at
        corner, opposite = (LEFT + 12, top - 14), (LEFT + 40, top + 14)
        marks.append(Rectangle(corner=corner, opposite=opposite, fill=WHITE, outline=FAINT))
        if word == answer:
            low, high = (corner[0] + 5, corner[1] + 5), (opposite[0] - 5, opposite[1] - 5)
            marks.append(Line(start=low, end=high, width=4))
            marks.append(Line(start=(low[0], high[1]), end=(high[0], low[1]), width=4))
        marks.append(Text(text=word, at=(LEFT + 64, top), size=24))
    return _form(random, marks)


AXES: Final[dict[str, Axis[Page]]] = {
    "fields": Axis(ask=ask_fields, show=show_fields),
    "numbers": Axis(ask=ask_numbers, show=show_numbers),
    "boxes": Axis(ask=ask_boxes, show=show_boxes),
}
