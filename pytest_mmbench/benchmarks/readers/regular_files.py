"""Regular files of bounded size: paths in published data may lead to devices, pipes and bombs."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

MEGABYTE: Final = 1 << 20
MAX_PICTURE_BYTES: Final = 256 * MEGABYTE
"""Of one encoded picture; published ones have at most 30 MB."""
MAX_FILE_BYTES: Final = 1024 * MEGABYTE
"""Of a file that is read at once, such as JSON (SEED-Bench's has 10 MB) or one in an archive."""
_BINARY: Final = getattr(os, "O_BINARY", 0)


def open_regular(path: Path, *, buffering: int = -1) -> BinaryIO:
    """The file, opened without waiting for it; an OSError if it is a device, a pipe or a folder."""
    # A pipe without a writer would make a plain `open` wait for ever.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb", buffering)
    os.close(descriptor)
    raise OSError(f"{path} is no regular file")


def read_bounded(file: BinaryIO, most: int) -> bytes:
    """All that is left of a file; a ValueError if that is more than so many bytes."""
    content = file.read(most + 1)
    check_size(len(content), most)
    return content


def read_file(path: Path) -> bytes:
    """All of a regular file, at most `MAX_FILE_BYTES`."""
    with open_regular(path) as file:
        check_size(os.fstat(file.fileno()).st_size, MAX_FILE_BYTES)
        return read_bounded(file, MAX_FILE_BYTES)


def check_size(size: int, most: int) -> None:
    """Refuses what has more bytes than anything that is published."""
    if size > most:
        raise ValueError(f"it has more than {most // MEGABYTE:,} MB")
