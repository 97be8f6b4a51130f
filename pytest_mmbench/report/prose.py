"""Text of models and data files inside Markdown, where it must stay text.

Follows GitHub Flavored Markdown 0.29: a backslash makes any ASCII punctuation literal, also the bar
between the cells of a table. GitHub finds names, issues, addresses and :emoji: in text that
has been rendered already, where no backslash helps: an invisible word joiner (U+2060) parts them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from pytest_mmbench.report.legible import one_line, whole

LONGEST: Final = 160
"""Characters of a text in a cell of a table."""
SENTENCE: Final = 600
"""Characters of a sentence."""

_JOINER: Final = "\N{WORD JOINER}"
_SIGNS: Final = re.compile(r"[\\`*_\[\]<>#|~$&]")
_LINKED: Final = re.compile(
    r"[@#]|\b(?:https?|ftp)(?=:)|\bwww(?=\.)|\bGH(?=-\d)|:(?=[a-z+-][\w+-]*:)", re.IGNORECASE
)


def plain(text: str, *, most: int = LONGEST) -> str:
    """The text in one line, in which nothing is markup, a mention, or a link.

    It must not begin a line: a number and a dot would begin a list there.
    """
    parted = _LINKED.sub(lambda found: found[0] + _JOINER, one_line(text, most=most))
    return _SIGNS.sub(lambda found: f"\\{found[0]}", parted)


def block(text: str) -> str:
    """The whole text as it is, in a fence that is longer than any in it."""
    shown = whole(text)
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}\n"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 0) -> str:
    """A table of cells that are Markdown already; the last `numbers` columns are aligned right."""
    words = len(titles) - numbers
    rules = ["---"] * words + ["---:"] * numbers
    return "\n".join(f"| {' | '.join(row)} |" for row in (titles, rules, *rows)) + "\n"
