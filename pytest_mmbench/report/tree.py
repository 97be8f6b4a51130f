"""Dimensions in their tree, as far as it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a dimension stands below the nearest one above it that is shown."""

    path: str
    above: str
    """Path of that one; empty if there is none."""
    depth: int

    @property
    def name(self) -> str:
        """Its path without that of the one above."""
        return self.path.removeprefix(f"{self.above}.")


def places(paths: Iterable[str]) -> Iterator[Place]:
    """Each path relative to the nearest one above it that came before."""
    depths: dict[str, int] = {}
    for path in paths:
        above = next((each for each in ancestors(path) if each in depths), "")
        depths[path] = depths[above] + 1 if above else 0
        yield Place(path=path, above=above, depth=depths[path])


def ancestors(path: str) -> Iterator[str]:
    """`a.b` and `a` for `a.b.c`."""
    while path := path.rpartition(".")[0]:
        yield path
