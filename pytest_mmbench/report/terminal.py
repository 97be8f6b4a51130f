"""Verdicts for a terminal: the tree of capabilities, what failed, and the progress of inference.

A line is a tuple of segments, each a text with the names of its markup as pytest's
`TerminalReporter.write(text, **markup)` takes them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import Final, Protocol

from pytest_mmbench.gates import capability
from pytest_mmbench.gates.verdicts import CapabilityVerdict, Verdict
from pytest_mmbench.report import text
from pytest_mmbench.report.causes import causes
from pytest_mmbench.report.document import Decision, Release
from pytest_mmbench.report.row_verdict import row_verdicts
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
    plain_line,
)

NAME = 18
"""Columns that names keep, if they need them, before other columns are left out for them."""
SHORT_NAME = 8
"""Columns below which no name is squeezed, in however narrow a terminal."""
BAR = 8
"""Columns below which a bar says nothing."""
LONG_BAR = 48


def score_table(
    verdicts: Sequence[CapabilityVerdict],
    *,
    others: Sequence[Verdict] = (),
    width: int,
    encoding: str = "utf-8",
) -> list[Line]:
    """The tree of dimensions in the given order, in `width` columns, from about 50 on.

    A row ends with the gravest verdict on its dimension, also of the `others`, of any gates.
    Intervals, shares of answers that were cut short (they stand only where there are any),
    thresholds and bars are left out, in this order, where there is no room.
    """
    if not verdicts:
        return []
    signs, names = glyphs(encoding), list(names_of(each.dimension for each in verdicts))
    by_path = row_verdicts([*verdicts, *others])
    shown = [by_path[each.dimension] for each in verdicts]
    layout = _layout(verdicts, names, width, max(len(each.text) for each in shown))
    bar = " " * GAP + "accuracy".ljust(layout.bar) if layout.bar else ""
    titles = "".join(column.show(column.title) for column in layout.columns)
    lines: list[Line] = [(Segment(text=f"{'':{layout.name}}{bar}{titles}", markup=("light",)),)]
    for at, (name, verdict) in enumerate(zip(names, verdicts, strict=True)):
        bold = () if name.depth else ("bold",)
        markup = MARKUP[shown[at].outcome]
        row = [Segment(text=name.fit(layout.name, signs.cut), markup=bold)]
        if layout.bar:
            row += [Segment(text=" " * GAP), *_bar(verdict, layout.bar, signs, markup)]
        row += [
            Segment(text=column.show(column.cells[at]), markup=column.markup)
            for column in layout.columns
        ]
        row.append(Segment(text=" " * GAP + shown[at].text, markup=markup))
        lines.append(tuple(row))
    return lines


COLOURS: Final = {
    Release.SHIP: "green",
    Release.STOP: "red",
    Release.UNDECIDED: "yellow",
    Release.NOTHING_GATED: "yellow",
}
MOST_REASONS: Final = 5
"""Reasons above a decision, where there are other places for the rest."""


def decision_lines(decision: Decision, *, most: int | None = MOST_REASONS) -> list[Line]:
    """What speaks against a release, each cause once; and last, as it is read first, the decision.

    A sentence is never broken, so that it can be searched for; of more than `most`, the last line
    says how many there are.
    """
    reasons = [each for each in causes(decision) if not each.reason.outcome.is_quiet]
    lines: list[Line] = [
        (Segment(text=each.sentence, markup=MARKUP[each.reason.outcome]),)
        for each in reasons[:most]
    ]
    if most is not None and len(reasons) > most:
        lines.append(plain_line(f"and {len(reasons) - most} more"))
    counts = f": {decision.passed} of {text.count_of(decision.gates, 'gate')} passed"
    release = Segment(text=decision.release.shown, markup=("bold", COLOURS[decision.release]))
    return [*lines, (release, Segment(text=counts if decision.gates else ""))]


def closing(
    *, new: int, cached: int, seconds: float, model: str, method: str, width: int
) -> list[Line]:
    """How many answers it took, in what time, from whom: in one line, or in two if it is too long.

    `new` answers took `seconds`; `cached` ones are of earlier runs, or of equal requests.
    """
    speed = f" ({text.rate(new / seconds)} samples/s)" if new and seconds > 0 else ""
    spent = "no new answers"
    if new:
        spent = f"{text.count_of(new, 'answer')} in {text.duration(seconds)}{speed}"
    if cached:
        spent += f", {cached} cached"
    source = f"model {model}, method {method}"
    whole = f"{spent}; {source}"
    lines = [whole] if len(whole) <= width else [spent, source]
    return [plain_line(line) for line in lines]


def progress_line(
    done: int, total: int, seconds: float, width: int, *, encoding: str = "utf-8"
) -> str:
    """How far inference has come after so many `seconds`, in at most `width` columns."""
    facts = [f"{done}/{total} answers"]
    if done and seconds > 0:
        facts.append(f"{text.rate(done / seconds)}/s")
    if 0 < done < total:
        facts.append(f"{text.duration(seconds / done * (total - done), whole=True)} left")
    while len("  ".join(["mmbench", *facts])) > width and len(facts) > 1:
        facts.pop()
    counts = "  ".join(facts)
    room = min(LONG_BAR, width - len("mmbench") - len(counts) - 2 * GAP)
    if room < BAR or total <= 0:
        return f"mmbench  {counts}"[:width]
    signs = glyphs(encoding)
    filled = min(done, total) * room * len(signs.parts) // total
    bar = "".join(bar_cells(filled, room, signs))
    return f"mmbench  {bar}  {counts}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """How wide the parts of a row are, in columns."""

    name: int
    bar: int
    """0 for none."""
    columns: list[Column]


def _layout(
    verdicts: Sequence[CapabilityVerdict], names: Sequence[Name], width: int, longest_verdict: int
) -> _Layout:
    widest = max(name.width for name in names)
    outcomes = longest_verdict + GAP
    columns = [
        Column(title="", cells=[text.score(each.accuracy, each.threshold) for each in verdicts]),
        Column(title="correct", cells=[f"{each.correct}/{each.total}" for each in verdicts]),
        Column(
            title="cut short",
            cells=[
                f"{each.cut_short / each.answers:.3f}" if each.cut_short else ""
                for each in verdicts
            ],
        ),
        Column(
            title="published",
            cells=[
                f"{text.score(one.accuracy, one.threshold, scale=one.scale)}/{one.scale}"
                if one.scale != 1
                else ""
                for one in verdicts
            ],
        ),
        Column(
            title="95%",
            cells=[f"{each.interval.low:.2f}-{each.interval.high:.2f}" for each in verdicts],
            markup=("light",),
        ),
        Column(
            title="required",
            cells=[
                capability.threshold_text(each.threshold) if each.threshold else ""
                for each in verdicts
            ],
        ),
    ]
    columns = [column for column in columns if any(column.cells)]
    for left_out in ("95%", "cut short", "required"):
        taken = outcomes + sum(column.width + GAP for column in columns)
        if width - taken - BAR - GAP < min(widest, NAME):
            columns = [column for column in columns if column.title != left_out]
    rest = width - outcomes - sum(column.width + GAP for column in columns)
    room = rest - BAR - GAP
    name = min(widest, room if room >= min(widest, NAME) else max(rest, SHORT_NAME))
    bar = min(LONG_BAR, rest - name - GAP)
    return _Layout(name=name, bar=bar if bar >= BAR else 0, columns=columns)


def _bar(verdict: CapabilityVerdict, width: int, signs: Glyphs, markup: tuple[str, ...]) -> Line:
    """The accuracy as a bar, with a tick at the threshold that only what reaches it touches."""
    steps = len(signs.parts)
    # As a float stands for 0.6 it is a little less, which is no reason for a shorter bar.
    filled = int(round(verdict.accuracy * width * steps, 6))
    tick = width
    if verdict.threshold:
        tau = Fraction(verdict.threshold)
        tick = min(width - 1, int(tau * width))
        if verdict.accuracy < float(tau):
            filled = min(filled, max(tick * steps - 1, 0))
    styled = [
        (cell, ("light",) if cell == signs.empty else markup)
        for cell in bar_cells(filled, width, signs)
    ]
    if tick < width:
        styled[tick] = (signs.tick, ("bold",))
    return tuple(
        Segment(text="".join(cell for cell, _ in run), markup=markup)
        for markup, run in groupby(styled, key=itemgetter(1))
    )


PAUSE: Final = 0.2
"""Seconds between two drawings."""
CLEAR: Final = "\r\x1b[2K"
"""Goes to the start of a terminal's line and erases it (ECMA-48)."""


class ProgressStream(Protocol):
    """Where a progress line is drawn: a terminal, or nothing."""

    @property
    def width(self) -> int:
        """Columns that the line may take; 0 where nothing is to be drawn."""

    @property
    def encoding(self) -> str:
        """Of the characters that can be shown."""

    def draw(self, line: str) -> None:
        """Shows the line in the place of the one before."""

    def clear(self) -> None:
        """Takes the line away, if there is one."""


class ProgressLine:
    """A `Progress` that draws one line on a stream; `label` stands before the numbers."""

    def __init__(self, stream: ProgressStream, *, label: str = "") -> None:
        self._stream = stream
        self._head = f"mmbench  {label}" if label else "mmbench"
        self._drawn_at = 0.0

    def __call__(self, *, done: int, total: int, seconds: float) -> None:
        """Draws, unless it has just drawn."""
        now = time.monotonic()
        if now - self._drawn_at >= PAUSE and self._stream.width:
            self._drawn_at = now
            room = self._stream.width - len(self._head) + len("mmbench")
            line = progress_line(done, total, seconds, room, encoding=self._stream.encoding)
            self._draw(line.removeprefix("mmbench"))

    def wait_for(self, what: str) -> None:
        """Says what has to be done before the first answer can come."""
        if self._stream.width:
            self._draw(f"  {what} ...")

    def _draw(self, text: str) -> None:
        self._stream.draw(f"{self._head}{text}"[: self._stream.width])

    def hide(self) -> None:
        """Takes the line away."""
        self._stream.clear()
