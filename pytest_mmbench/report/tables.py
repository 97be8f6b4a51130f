"""What tables on a terminal are made of: styled lines, names in a tree, columns of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_mmbench.records import Outcome
from pytest_mmbench.report.document import Change, Sight, Snapshot, measured
from pytest_mmbench.report.text import MINUS, points, points_span, probability, share
from pytest_mmbench.report.tree import places


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of a line in one style."""

    text: str
    markup: tuple[str, ...] = ()
    """Names such as `green` or `bold`."""


Line = tuple[Segment, ...]


MARKUP = {
    Outcome.PASS: ("green",),
    Outcome.FAIL: ("red",),
    Outcome.INCONCLUSIVE: ("yellow",),
    Outcome.INVALID: ("purple",),
    Outcome.NOT_GATED: (),
}


GAP = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A dimension, relative to the nearest one above it that is shown."""

    text: str
    depth: int

    @property
    def width(self) -> int:
        """Terminal columns that it needs, indented."""
        return 2 * self.depth + len(self.text)

    def fit(self, width: int, cut: str) -> str:
        """The name behind its indentation, without its middle if it is too long."""
        room = max(width - 2 * self.depth, 3)
        if len(self.text) > room:
            tail = (room - 1) // 3
            short = self.text[: room - 1 - tail] + cut + self.text[len(self.text) - tail :]
        else:
            short = self.text
        return f"{'  ' * self.depth}{short}".ljust(width)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of numbers, aligned at the right."""

    title: str
    cells: dict[str, str]
    """By dimension."""
    markup: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Terminal columns that it needs."""
        return max(len(self.title), *(len(cell) for cell in self.cells.values()))

    def show(self, text: str) -> str:
        """A cell behind the gap before it."""
        return " " * GAP + text.rjust(self.width)


def names_of(paths: Iterable[str]) -> Iterator[Name]:
    """The names of dimensions in the order of their tree."""
    return (Name(text=place.name, depth=place.depth) for place in places(paths))


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """The signs that bars and names are drawn with."""

    parts: str
    """Fillings of one cell, from the least that is drawn to the whole."""
    empty: str
    tick: str
    """Marks the threshold."""
    cut: str
    """Stands for the middle of a name that is too long."""


BLOCKS = Glyphs(parts="▏▎▍▌▋▊▉█", empty="·", tick="│", cut="…")


ASCII = Glyphs(parts="#", empty=".", tick="|", cut="~")


def glyphs(encoding: str) -> Glyphs:
    """The finest signs that an encoding can carry."""
    try:
        f"{BLOCKS.parts}{BLOCKS.empty}{BLOCKS.tick}{BLOCKS.cut}".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return BLOCKS


def bar_cells(filled: int, width: int, signs: Glyphs) -> Iterator[str]:
    """A bar cell by cell, `filled` being counted in the smallest parts that can be drawn."""
    steps = len(signs.parts)
    for cell in range(width):
        part = min(filled - cell * steps, steps)
        yield signs.parts[part - 1] if part > 0 else signs.empty


SHORT_NAME = 8
"""Columns below which no name is squeezed."""


LEFT_OUT = (
    *("ties", "old", "interval", "gained", "lost", "p"),
    *("mismatched", "share", "text model", "leak"),
)
"""Columns that a narrow terminal does without, the first of them first."""


MOST_ROWS = 40
"""Dimensions of a look that are shown whatever came of them; of more, only those that tell."""


QUIET = (Outcome.PASS, Outcome.NOT_GATED)


def regression_table(
    changes: Sequence[Change], baseline: str, *, width: int, encoding: str = "utf-8"
) -> list[Line]:
    """Dimensions that moved, in the order of the tree, and how many did not."""
    moved = [each for each in changes if _moved(each)]
    still = len(changes) - len(moved)
    if not moved:
        told = f"against {baseline}: no answer changed in {still} dimensions"
        return [_plain(told)] if still else []
    title = f"against {baseline}, in points, with {100 * moved[0].confidence:g} % intervals"
    # One for the whole table, so that points stand below each other.
    most = max(each.asked for each in moved)
    columns = {
        "old": [share(each.old, most) for each in moved],
        "new": [share(each.new, most) for each in moved],
        "change": [points(each.difference, most) for each in moved],
        "interval": [points_span(each.interval, most) for each in moved],
        "lost": [str(each.lost) for each in moved],
        "gained": [str(each.gained) for each in moved],
        "ties": [str(each.near_ties) for each in moved],
        "p": [probability(each.tests[0].adjusted) for each in moved],
    }
    outcomes = [each.outcome for each in moved]
    paths = [each.dimension for each in moved]
    rows = _table_lines(paths, columns, outcomes, width=width, encoding=encoding)
    rest = [_plain(f"{still} more did not change")] if still else []
    return [_plain(title), *rows, *rest]


def snapshot_lines(snapshots: Sequence[Snapshot]) -> list[Line]:
    """How many leaves were compared and accepted, and a sentence for each that changed."""
    accepted = [each for each in snapshots if each.outcome is Outcome.NOT_GATED]
    compared = [each for each in snapshots if each.outcome is not Outcome.NOT_GATED]
    counts = [
        f"{what}: {sum(map(_differs, leaves))} of {len(leaves)} leaves changed"
        for what, leaves in (("accepted answers", compared), ("accepted now", accepted))
        if leaves
    ]
    sentences = [
        (Segment(text=each.because, markup=MARKUP[each.outcome]),)
        for each in snapshots
        if _differs(each)
    ]
    return [*map(_plain, counts), *sentences]


def _differs(snapshot: Snapshot) -> bool:
    changed = snapshot.lost or snapshot.gained or snapshot.other or snapshot.near_ties
    return bool(changed) or snapshot.outcome not in QUIET


def vision_table(sights: Sequence[Sight], *, width: int, encoding: str = "utf-8") -> list[Line]:
    """How much of each score comes from the picture, and what is known without it."""
    told = sights
    if len(sights) > MOST_ROWS:
        told = [each for each in sights if each.outcome is not Outcome.PASS or _whole(each)]
    still = len(sights) - len(told)
    if not told:
        return []
    names = dict.fromkeys(each.name for sight in told for each in sight.conditions)
    columns = {name: [_accuracy(sight, name) for sight in told] for name in names}
    columns |= {
        name: [_measured(sight, name) for sight in told] for name in ("gain", "share", "leak")
    }
    filled = {title: cells for title, cells in columns.items() if any(cells)}
    paths, outcomes = [each.dimension for each in told], [each.outcome for each in told]
    rows = _table_lines(paths, filled, outcomes, width=width, encoding=encoding)
    rest = [_plain(f"{still} more need their pictures")] if still else []
    return [_plain("with the picture, and without"), *rows, *rest]


def _whole(sight: Sight) -> bool:
    return "." not in sight.dimension


def _accuracy(sight: Sight, condition: str) -> str:
    found = [each.accuracy for each in sight.conditions if each.name == condition]
    return f"{found[0]:.3f}" if found else ""


def _measured(sight: Sight, measure: str) -> str:
    found = [measured(each) for each in sight.measures if each.name == measure]
    return found[0] if found else ""


def _moved(change: Change) -> bool:
    changed = change.lost or change.gained or change.near_ties
    return bool(changed) or change.outcome not in QUIET


def _table_lines(
    paths: Iterable[str],
    columns: Mapping[str, Sequence[str]],
    outcomes: Sequence[Outcome],
    *,
    width: int,
    encoding: str,
) -> list[Line]:
    """Rows under a heading; columns of `LEFT_OUT` are where there is no room."""
    signs = glyphs(encoding)
    if signs is ASCII:
        columns = {
            title: [cell.replace(MINUS, "-") for cell in cells] for title, cells in columns.items()
        }
    named = list(names_of(paths))
    keys = list(map(str, range(len(named))))
    shown = [
        Column(title=title, cells=dict(zip(keys, cells, strict=True)))
        for title, cells in columns.items()
    ]
    words = max(map(len, outcomes)) + GAP
    widest = max(name.width for name in named)
    for title in LEFT_OUT:
        if _taken(shown) + words + min(widest, 2 * SHORT_NAME) > width:
            shown = [column for column in shown if column.title != title]
    room = max(min(widest, width - words - _taken(shown)), SHORT_NAME)
    heading = "".join(column.show(column.title) for column in shown)
    lines: list[Line] = [(Segment(text=" " * room + heading, markup=("light",)),)]
    for key, name, outcome in zip(keys, named, outcomes, strict=True):
        cells = [column.show(column.cells[key]) for column in shown]
        lines.append(_row(name, name.fit(room, signs.cut), cells, outcome))
    return lines


def _row(name: Name, fitted: str, cells: Sequence[str], outcome: Outcome) -> Line:
    return (
        Segment(text=fitted, markup=() if name.depth else ("bold",)),
        Segment(text="".join(cells)),
        Segment(text=" " * GAP + outcome, markup=MARKUP[outcome]),
    )


def _taken(columns: Iterable[Column]) -> int:
    return sum(column.width + GAP for column in columns)


def _plain(text: str) -> Line:
    return (Segment(text=text),)
