"""Reports on disk: written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pytest_mmbench.errors import MMBenchError

SUMMARY: Final = "GITHUB_STEP_SUMMARY"
"""The variable in which GitHub Actions names the file that it shows as a step's summary."""


def write(path: Path, text: str) -> None:
    """Replaces a file in one step; folders that are missing are made.

    Whoever reads the file meanwhile sees the old one or the new one, and a run that is killed
    leaves the old one.

    Raises:
        MMBenchError: it cannot be written.
    """
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            scratch.write_text(text, encoding="utf-8", newline="\n")
            scratch.replace(path)
        finally:
            scratch.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritten(path, error) from error


def append(path: Path, text: str) -> None:
    """Adds to the end of a file.

    Raises:
        MMBenchError: it cannot be written.
    """
    try:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise _unwritten(path, error) from error


def size(path: Path) -> int:
    """Bytes of a file; 0 if there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _unwritten(path: Path, error: OSError) -> MMBenchError:
    return MMBenchError(
        f"the report {str(path)!r} cannot be written.",
        reason=error.strerror or str(error),
        what_to_do="name a file in a folder that you may write to",
    )
