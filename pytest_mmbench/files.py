"""Files: paths as people type them, stamps that tell a change, and whole writes."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

from pytest_mmbench.errors import MMBenchError


def expand(typed: str) -> Path:
    """The path, from the home that its `~` means; as typed where there is no such home.

    A shell does the same: whoever opens it then says that it is not there.
    """
    path = Path(typed)
    try:
        return path.expanduser()
    except RuntimeError:
        return path


SETTLED: Final = 2_000_000_000
"""Nanoseconds since its last change from which a file is believed. Clocks of file systems tick as
slowly as once in two seconds (FAT), and a second change within a tick would not show."""


def file_stamp(path: Path) -> str:
    """Changes whenever the file may have; empty if that cannot be told, as of a new file.

    It is made of the path, the file system's own number of the file, its size, and the times of its
    last change in content and in anything else. The last one nobody can set back, as programs that
    copy files set back the other.
    """
    try:
        state = path.stat()
    except (OSError, ValueError):
        return ""
    if time.time_ns() - max(state.st_mtime_ns, state.st_ctime_ns) < SETTLED:
        return ""
    times = f"{state.st_mtime_ns}|{state.st_ctime_ns}"
    # Paths may hold bytes that are no text.
    return f"{os.path.abspath(path)!a}|{state.st_dev}|{state.st_ino}|{state.st_size}|{times}"  # noqa: PTH100 - resolving asks the disk for every folder


def replace_file(path: Path, content: bytes) -> None:
    """Replaces a file in one step; folders that are missing are made.

    Whoever reads it meanwhile sees the old one or the new one.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        scratch.write_bytes(content)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


SUMMARY: Final = "GITHUB_STEP_SUMMARY"
"""The variable in which GitHub Actions names the file that it shows as a step's summary."""


def write_report(path: Path, text: str) -> None:
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


def append_report(path: Path, text: str) -> None:
    """Adds to the end of a file.

    Raises:
        MMBenchError: it cannot be written.
    """
    try:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise _unwritten(path, error) from error


def size_of(path: Path) -> int:
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
