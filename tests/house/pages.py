"""The pages that users read: the README and everything in `docs`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from rooms import HOUSE

README: Final = HOUSE / "README.md"


PAGES: Final = (README, *sorted((HOUSE / "docs").rglob("*.md")))


_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


_INLINE = re.compile(r"`[^`\n]*`")


_LINK = re.compile(r"\]\(([^)\s]+)\)")


def named(page: Path) -> str:
    """`docs/vision.md`, as the ids of tests have it."""
    return page.relative_to(HOUSE).as_posix()


def text(page: Path) -> str:
    """A page as it is written."""
    return page.read_text(encoding="utf-8")


def everything() -> str:
    """All pages, one after the other."""
    return "\n".join(map(text, PAGES))


def programs() -> list[str]:
    """Every Python program of every page."""
    return re.findall(r"```python\n(.*?)```", everything(), re.DOTALL)


def links(page: Path) -> list[str]:
    """Where the links and pictures of a page lead, code left out."""
    return _LINK.findall(_INLINE.sub("", _FENCED.sub("", text(page))))


def anchors(page: Path) -> set[str]:
    """The ids of a page's headings, as GitHub and Python-Markdown make them."""
    headings = re.findall(r"^#{1,6} (.+)$", _FENCED.sub("", text(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
