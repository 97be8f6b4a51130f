"""Regular files of bounded size: paths in published data may lead to devices, pipes and bombs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, Final

from pytest_mmbench.files import open_regular

MEGABYTE: Final = 1 << 20
MAX_PICTURE_BYTES: Final = 256 * MEGABYTE
"""Of one encoded picture; published ones have at most 30 MB."""
MAX_FILE_BYTES: Final = 1024 * MEGABYTE
"""Of a file that is read at once, such as JSON (SEED-Bench's has 10 MB) or one in an archive."""


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
