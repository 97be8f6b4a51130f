"""Bars drawn with characters, as fine as the terminal's encoding allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


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


def cells(filled: int, width: int, signs: Glyphs) -> Iterator[str]:
    """A bar cell by cell, `filled` being counted in the smallest parts that can be drawn."""
    steps = len(signs.parts)
    for cell in range(width):
        part = min(filled - cell * steps, steps)
        yield signs.parts[part - 1] if part > 0 else signs.empty
