"""Receipts: what an article costs, what all of them cost, which shop it is from."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import Final

from pytest_mmbench.benchmarks.documents.page import (
    FAINT,
    Colour,
    Line,
    Mark,
    Page,
    Text,
    entries,
)
from pytest_mmbench.benchmarks.documents.words import (
    GOODS,
    draw_shops,
    from_cents,
    in_cents,
)
from pytest_mmbench.benchmarks.draws import Axis, Question, without

WIDTH: Final = 320
HEIGHT: Final = 448
LEFT: Final = 28
RIGHT: Final = WIDTH - LEFT
MIDDLE: Final = WIDTH // 2
STEP: Final = 30
"""Pixels from a line of print to the next."""
FIRST: Final = 112
"""Middle of the first article."""
PAPERS: Final[tuple[Colour, ...]] = ((253, 253, 250), (248, 246, 236), (240, 244, 248))
SMALLEST_PRICE: Final = 5
"""Cents, of which every price is a multiple."""
LARGEST_AMOUNT: Final = 9000
MONTHS: Final = ("March", "April", "May", "June", "July", "August")
NOTES: Final = ("Our partner: {}", "Voucher from {}", "Gifts by {}")
"""Small print that names other shops."""


def draw_amounts(random: Random, count: int) -> tuple[str, ...]:
    """Different amounts of money from 5.00."""
    cents = random.sample(range(500, LARGEST_AMOUNT, SMALLEST_PRICE), count)
    return tuple(map(from_cents, cents))


def _receipt(
    random: Random,
    *,
    shop: str,
    articles: list[tuple[str, str]],
    sums: list[tuple[str, str]],
    notes: list[str],
) -> Page:
    """From top to bottom: the shop, a number and a day, articles, what was paid, small print."""
    paper = random.choice(PAPERS)
    number = f"No. {random.randint(100, 999)}   {random.randint(1, 28)} {random.choice(MONTHS)}"
    below = FIRST + STEP * len(articles)
    marks: list[Mark] = [
        Text(text=shop, at=(MIDDLE, 42), size=28, anchor="mm"),
        Text(text=number, at=(MIDDLE, 76), size=17, anchor="mm", ink=FAINT),
        *entries(articles, left=LEFT, right=RIGHT, tops=range(FIRST, below, STEP)),
        Line(start=(LEFT, below), end=(RIGHT, below), ink=FAINT),
    ]
    tops = range(below + STEP, below + STEP * (len(sums) + 1), STEP)
    marks += entries(sums, left=LEFT, right=RIGHT, tops=tops)
    last = HEIGHT - 28
    for at, note in enumerate(reversed(notes)):
        marks.append(Text(text=note, at=(MIDDLE, last - 26 * at), size=17, anchor="mm"))
    return Page(width=WIDTH, height=HEIGHT, ground=paper, marks=tuple(marks))


def ask_prices(random: Random) -> Question:
    """Ask what one article costs."""
    article = random.choice(GOODS)
    return Question(
        stem=f"How much does the article {article} cost?",
        options=draw_amounts(random, 4),
        about=(article,),
    )


def show_prices(random: Random, question: Question, answer: str) -> Page:
    """Sell four articles, each at one of the prices."""
    article = question.about[0]
    others = random.sample(without(GOODS, article), 3)
    articles = [(article, answer), *zip(others, without(question.options, answer), strict=True)]
    random.shuffle(articles)
    total = from_cents(sum(map(in_cents, question.options)))
    (shop,) = draw_shops(random, 1)
    notes = ["Paid by card", "Thank you!"]
    return _receipt(random, shop=shop, articles=articles, sums=[("TOTAL", total)], notes=notes)


def ask_totals(random: Random) -> Question:
    """Ask for the sum of a receipt."""
    return Question(stem="What is the total?", options=draw_amounts(random, 4))


def show_totals(random: Random, question: Question, answer: str) -> Page:
    """Write two other options beside the total, and pay with the third or sell something for it.

    As each option can be the total, so each has to find a place, whether it is more or less.
    """
    saved, balance, other = random.sample(without(question.options, answer), 3)
    total = in_cents(answer)
    is_price = in_cents(other) < total
    prices = [in_cents(other)] if is_price else []
    # Two or three prices make up the rest; one if it is too small for two.
    steps = (total - sum(prices)) // SMALLEST_PRICE
    cuts = random.sample(range(1, steps), min(random.choice((2, 3)), steps) - 1)
    prices += [(high - low) * SMALLEST_PRICE for low, high in pairwise([0, *sorted(cuts), steps])]
    random.shuffle(prices)
    names = random.sample(GOODS, len(prices))
    articles = list(zip(names, map(from_cents, prices), strict=True))
    sums = [("TOTAL", answer)]
    if not is_price:
        sums += [("Cash", other), ("Change", from_cents(in_cents(other) - total))]
    (shop,) = draw_shops(random, 1)
    extras = [("You saved", saved), ("Left on gift card", balance)]
    random.shuffle(extras)
    return _receipt(random, shop=shop, articles=articles, sums=[*sums, *extras], notes=[])


def ask_shops(random: Random) -> Question:
    """Ask which shop a receipt is from."""
    return Question(stem="Which shop is this receipt from?", options=draw_shops(random, 4))


def show_shops(random: Random, question: Question, answer: str) -> Page:
    """Put the answer on top, and name the other shops in the small print."""
    names = random.sample(GOODS, 3)
    prices = draw_amounts(random, 3)
    total = from_cents(sum(map(in_cents, prices)))
    others = random.sample(without(question.options, answer), 3)
    notes = [note.format(shop) for note, shop in zip(random.sample(NOTES, 3), others, strict=True)]
    articles = list(zip(names, prices, strict=True))
    return _receipt(random, shop=answer, articles=articles, sums=[("TOTAL", total)], notes=notes)


AXES: Final[dict[str, Axis[Page]]] = {
    "prices": Axis(ask=ask_prices, show=show_prices),
    "totals": Axis(ask=ask_totals, show=show_totals),
    "shops": Axis(ask=ask_shops, show=show_shops),
}
