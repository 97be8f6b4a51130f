"""Verdicts for a terminal: the tree of capabilities, what failed, and how far the asking has come.

Nothing here writes. A line is a tuple of segments, each a text with the names of its markup as
pytest's `TerminalReporter.write(text, **markup)` takes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from pytest_mmbench.gates import capability
from pytest_mmbench.gates.decimals import beside
from pytest_mmbench.records import CapabilityVerdict, Outcome
from pytest_mmbench.report.tables import (
    GAP,
    MARKUP,
    Column,
    Glyphs,
    Line,
    Name,
    Segment,
    bar_cells,
    glyphs,
    names_of,
)
from pytest_mmbench.report.text import duration, rate

NAME = 18
"""Columns that names keep, if they need them, before other columns are left out for them."""


SHORT_NAME = 8
"""Columns below which no name is squeezed, in however narrow a terminal."""


BAR = 8
"""Columns below which a bar says nothing."""


LONG_BAR = 48


def score_table(
    verdicts: Sequence[CapabilityVerdict], *, width: int, encoding: str = "utf-8"
) -> list[Line]:
    """The tree of dimensions in the given order.

    A dimension is indented below the nearest one above it that is shown, and named relative to it.
    The table fits `width` columns, from about 50 on: intervals, thresholds and bars are left out,
    in this order, where there is no room.
    """
    if not verdicts:
        return []
    table = _table(verdicts, width, glyphs(encoding))
    rows = [table.row(verdict, name) for verdict, name in zip(verdicts, table.names, strict=True)]
    return [table.header(), *rows]


def sentences(verdicts: Sequence[CapabilityVerdict]) -> list[Line]:
    """Why a dimension did not pass, for each: never broken, so that it can be searched for."""
    fine = {Outcome.PASS, Outcome.NOT_GATED}
    return [
        (Segment(text=verdict.explanation, markup=MARKUP[verdict.outcome]),)
        for verdict in verdicts
        if verdict.outcome not in fine
    ]


def closing(
    *, answers: int, seconds: float, kept: int, model: str, method: str, width: int
) -> list[Line]:
    """How many answers it took, in what time, from whom: in one line, or in two if it is too long.

    `answers` were asked for in this run, in `seconds`; `kept` lay in the store already: from
    earlier runs, or for another sample with the same request.
    """
    speed = f" ({rate(answers / seconds)} samples/s)" if answers and seconds > 0 else ""
    asked = f"{answers} answer{'' if answers == 1 else 's'} in {duration(seconds)}{speed}"
    spent = asked if answers else "no new answers"
    spent += f", {kept} already in the store" if kept else ""
    whom = f"model {model}, method {method}"
    whole = f"{spent}; {whom}"
    return [(Segment(text=each),) for each in ([whole] if len(whole) <= width else [spent, whom])]


def progress_line(
    done: int, total: int, seconds: float, width: int, *, encoding: str = "utf-8"
) -> str:
    """How far the asking has come, in at most `width` columns, to be drawn over the one before.

    `done` of `total` answers came in `seconds`.
    """
    facts = [f"{done}/{total} answers"]
    if done and seconds > 0:
        facts.append(f"{rate(done / seconds)}/s")
    if 0 < done < total:
        facts.append(f"{duration(seconds / done * (total - done), whole=True)} left")
    while len("  ".join(["mmbench", *facts])) > width and len(facts) > 1:
        facts.pop()
    text = "  ".join(facts)
    room = min(LONG_BAR, width - len("mmbench") - len(text) - 2 * GAP)
    if room < BAR or total <= 0:
        return f"mmbench  {text}"[:width]
    signs = glyphs(encoding)
    filled = min(done, total) * room * len(signs.parts) // total
    bar = "".join(bar_cells(filled, room, signs))
    return f"mmbench  {bar}  {text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    names: list[Name]
    name: int
    bar: int
    """Columns; 0 for none."""
    columns: list[Column]
    signs: Glyphs

    def header(self) -> Line:
        bar = "accuracy".ljust(self.bar) if self.bar else ""
        numbers = "".join(column.show(column.title) for column in self.columns)
        text = f"{'':{self.name}}{' ' * GAP * bool(bar)}{bar}{numbers}"
        return (Segment(text=text, markup=("light",)),)

    def row(self, verdict: CapabilityVerdict, name: Name) -> Line:
        dimension = verdict.tally.dimension
        bold = () if name.depth else ("bold",)
        bar = _bar(verdict, self.bar, self.signs) if self.bar else ()
        return (
            Segment(text=name.fit(self.name, self.signs.cut), markup=bold),
            *((Segment(text=" " * GAP), *bar) if bar else ()),
            *(
                Segment(text=column.show(column.cells[dimension]), markup=column.markup)
                for column in self.columns
            ),
            Segment(text=" " * GAP + verdict.outcome, markup=MARKUP[verdict.outcome]),
        )


def _table(verdicts: Sequence[CapabilityVerdict], width: int, signs: Glyphs) -> _Table:
    names = list(names_of(each.tally.dimension for each in verdicts))
    widest = max(name.width for name in names)
    words = max(len(verdict.outcome) for verdict in verdicts) + GAP
    columns = _columns(verdicts)
    for left_out in ("95%", "needs"):
        taken = words + sum(column.width + GAP for column in columns)
        if width - taken - BAR - GAP < min(widest, NAME):
            columns = [column for column in columns if column.title != left_out]
    rest = width - words - sum(column.width + GAP for column in columns)
    room = rest - BAR - GAP
    name = min(widest, room if room >= min(widest, NAME) else max(rest, SHORT_NAME))
    bar = min(LONG_BAR, rest - name - GAP)
    return _Table(
        names=names, name=name, bar=bar if bar >= BAR else 0, columns=columns, signs=signs
    )


def _columns(verdicts: Sequence[CapabilityVerdict]) -> list[Column]:
    def column(title: str, cells: Iterator[str], *markup: str) -> Column:
        by_dimension = dict(zip((each.tally.dimension for each in verdicts), cells, strict=True))
        return Column(title=title, cells=by_dimension, markup=markup)

    found = [
        column("", (beside(each.tally.score, _needed(each)) for each in verdicts)),
        column("right", (f"{each.tally.correct}/{each.tally.total}" for each in verdicts)),
        column("published", (_published(each) for each in verdicts)),
        column("95%", (_interval(each) for each in verdicts), "light"),
        column("needs", (each.threshold and capability.shown(each.threshold) for each in verdicts)),
    ]
    return [each for each in found if any(each.cells.values())]


def _published(verdict: CapabilityVerdict) -> str:
    """The score on its authors' own scale, where that is another."""
    exact, scale = verdict.tally.score, verdict.tally.scale
    if scale == 1:
        return ""
    return f"{beside(exact * scale, _needed(verdict) * scale, places=2)}/{scale}"


def _needed(verdict: CapabilityVerdict) -> Fraction:
    return Fraction(verdict.threshold or 0)


def _interval(verdict: CapabilityVerdict) -> str:
    return f"{verdict.interval.low:.2f}-{verdict.interval.high:.2f}"


def _bar(verdict: CapabilityVerdict, width: int, signs: Glyphs) -> Line:
    """The accuracy as a bar, with a tick at the threshold that only what reaches it touches."""
    tally, steps = verdict.tally, len(signs.parts)
    filled = int(tally.score * width * steps)
    tick = width
    if verdict.threshold:
        tau = Fraction(verdict.threshold)
        tick = min(width - 1, int(tau * width))
        if tally.score < tau:
            filled = min(filled, max(tick * steps - 1, 0))
    styled = [
        (cell, ("light",) if cell == signs.empty else MARKUP[verdict.outcome])
        for cell in bar_cells(filled, width, signs)
    ]
    if tick < width:
        styled[tick] = (signs.tick, ("bold",))
    return tuple(
        Segment(text="".join(cell for cell, _ in run), markup=markup)
        for markup, run in groupby(styled, key=lambda each: each[1])
    )
