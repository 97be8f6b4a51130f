"""What is known of a file's content without reading it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

SETTLED: Final = 2_000_000_000
"""Nanoseconds since its last change from which a file is believed. Clocks of file systems tick as
slowly as once in two seconds (FAT), and a second change within a tick would not show."""


def stamp(path: Path) -> str:
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
