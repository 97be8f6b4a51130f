"""Paths as people type them."""

from __future__ import annotations

from pathlib import Path


def expanded(typed: str) -> Path:
    """The path, from the home that its `~` means; as typed where there is no such home.

    A shell does the same: whoever opens it then says that it is not there.
    """
    path = Path(typed)
    try:
        return path.expanduser()
    except RuntimeError:
        return path
