"""What tables on a terminal are made of: styled lines, names in a tree, columns of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pytest_mmbench.records import Outcome
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
    Outcome.MEASURED: (),
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
