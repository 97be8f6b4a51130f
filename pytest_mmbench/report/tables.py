"""Tables for a terminal: styled lines, names in a tree, columns of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_mmbench.gates.verdicts import (
    LEAKAGE,
    Measure,
    RegressionVerdict,
    SnapshotVerdict,
    VisionVerdict,
)
from pytest_mmbench.records import Outcome, is_root
from pytest_mmbench.report.text import (
    MINUS,
    count_of,
    points,
    points_span,
    probability,
    score,
    share,
)
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
        text = self.text
        if len(text) > room:
            tail = (room - 1) // 3
            text = text[: room - 1 - tail] + cut + text[len(text) - tail :]
        return f"{'  ' * self.depth}{text}".ljust(width)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of numbers, aligned at the right."""

    title: str
    cells: Sequence[str]
    markup: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Terminal columns that it needs."""
        return max(len(self.title), *map(len, self.cells))

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
    """Blocks, or ASCII where an encoding has none."""
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
    *("ties", "baseline", "candidate", "interval", "fixed", "regressed", "p"),
    *("mismatched", "vision share", "text model", "leakage"),
)
"""Columns that a narrow terminal does without, the first of them first."""
MOST_ROWS = 40
"""Dimensions that the vision table has room for; of more, it shows the roots and what did not
pass."""


def regression_table(
    verdicts: Sequence[RegressionVerdict], baseline: str, *, width: int, encoding: str = "utf-8"
) -> list[Line]:
    """Dimensions that changed, in the order of the tree, and how many did not."""
    changed = [
        each
        for each in verdicts
        if each.regressed or each.fixed or each.near_ties or not each.outcome.is_quiet
    ]
    unchanged = len(verdicts) - len(changed)
    if not changed:
        text = f"against {baseline}: no answer changed in {count_of(unchanged, 'dimension')}"
        return [plain_line(text)] if unchanged else []
    title = f"against {baseline}, in points, with {100 * changed[0].confidence:g} % intervals"
    # One for the whole table, so that points stand below each other.
    most = max(each.total for each in changed)
    columns = {
        "baseline": [share(each.baseline, most) for each in changed],
        "candidate": [share(each.candidate, most) for each in changed],
        "change": [points(each.difference, most) for each in changed],
        "interval": [points_span(each.interval, most) for each in changed],
        "regressed": [str(each.regressed) for each in changed],
        "fixed": [str(each.fixed) for each in changed],
        "ties": [str(each.near_ties) for each in changed],
        "p": [probability(each.test.adjusted) for each in changed],
    }
    rows = _table_lines(changed, columns, width=width, encoding=encoding)
    rest = [plain_line(f"{unchanged} more did not change")] if unchanged else []
    return [plain_line(title), *rows, *rest]


def snapshot_lines(verdicts: Sequence[SnapshotVerdict]) -> list[Line]:
    """How many leaves were compared and updated, and a sentence for each that changed."""
    updated = [each for each in verdicts if each.outcome is Outcome.NOT_GATED]
    compared = [each for each in verdicts if each.outcome is not Outcome.NOT_GATED]
    changed = [each for each in verdicts if each.changes or not each.outcome.is_quiet]
    lines = []
    for title, leaves in (("snapshot", compared), ("snapshot update", updated)):
        if leaves:
            count = sum(leaf in changed for leaf in leaves)
            lines.append(plain_line(f"{title}: {count} of {len(leaves)} leaves changed"))
    return lines + [
        (Segment(text=verdict.explanation, markup=MARKUP[verdict.outcome]),) for verdict in changed
    ]


def vision_table(
    verdicts: Sequence[VisionVerdict], *, width: int, encoding: str = "utf-8"
) -> list[Line]:
    """How much of each score comes from the picture, and what is known without it."""
    rows = verdicts
    if len(verdicts) > MOST_ROWS:
        rows = [
            one for one in verdicts if one.outcome is not Outcome.PASS or is_root(one.dimension)
        ]
    if not rows:
        return []
    names = dict.fromkeys(score.name for each in rows for score in each.conditions)
    scores = [{score.name: f"{score.accuracy:.3f}" for score in row.conditions} for row in rows]
    measures = [{one.name: measure_text(one) for one in row.measures} for row in rows]
    columns = {name: [row.get(name, "") for row in scores] for name in names}
    for measure in ("gain", "vision share", LEAKAGE):
        columns[measure] = [row.get(measure, "") for row in measures]
    filled = {title: cells for title, cells in columns.items() if any(cells)}
    lines = _table_lines(rows, filled, width=width, encoding=encoding)
    passed = len(verdicts) - len(rows)
    rest = [plain_line(f"{passed} more passed")] if passed else []
    return [plain_line("vision: accuracy with the picture, and without"), *lines, *rest]


def measure_text(measure: Measure) -> str:
    """Its value, with as many decimals as tell it from its limit."""
    return score(measure.value, measure.limit, above=measure.name == LEAKAGE)


def _table_lines(
    verdicts: Sequence[RegressionVerdict | VisionVerdict],
    columns: Mapping[str, Sequence[str]],
    *,
    width: int,
    encoding: str,
) -> list[Line]:
    """Rows under a heading; columns of `LEFT_OUT` are left out where there is no room."""
    signs = glyphs(encoding)
    if signs is ASCII:
        columns = {
            title: [cell.replace(MINUS, "-") for cell in cells] for title, cells in columns.items()
        }
    names = list(names_of(each.dimension for each in verdicts))
    fitting = [Column(title=title, cells=cells) for title, cells in columns.items()]
    outcome_width = max(len(each.outcome) for each in verdicts) + GAP
    widest = max(name.width for name in names)
    for title in LEFT_OUT:
        if _width(fitting) + outcome_width + min(widest, 2 * SHORT_NAME) > width:
            fitting = [column for column in fitting if column.title != title]
    room = max(min(widest, width - outcome_width - _width(fitting)), SHORT_NAME)
    heading = "".join(column.show(column.title) for column in fitting)
    lines: list[Line] = [(Segment(text=" " * room + heading, markup=("light",)),)]
    for at, (name, verdict) in enumerate(zip(names, verdicts, strict=True)):
        fitted = Segment(text=name.fit(room, signs.cut), markup=() if name.depth else ("bold",))
        cells = Segment(text="".join(column.show(column.cells[at]) for column in fitting))
        outcome = Segment(text=" " * GAP + verdict.outcome, markup=MARKUP[verdict.outcome])
        lines.append((fitted, cells, outcome))
    return lines


def _width(columns: Iterable[Column]) -> int:
    return sum(column.width + GAP for column in columns)


def plain_line(text: str) -> Line:
    """A line without markup."""
    return (Segment(text=text),)
