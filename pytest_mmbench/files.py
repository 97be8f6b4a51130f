"""Files: paths as users type them, stamps that tell whether a file changed, atomic writes."""

from __future__ import annotations

import os
import re
import stat
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from pytest_mmbench.errors import DataError, MMBenchError

_BINARY: Final = getattr(os, "O_BINARY", 0)
_OF_DEVICES: Final = re.compile(r"/dev|/proc(/.*)?", re.DOTALL)
"""Folders in which names such as `stdout` are no files."""


def expand(typed: str) -> Path:
    """The path with its `~` expanded; unchanged where no such home exists, as a shell does it."""
    path = Path(typed)
    try:
        return path.expanduser()
    except RuntimeError:
        return path


SETTLED: Final = 2_000_000_000
"""Nanoseconds after its last change from which a file's stamp is trusted. Clocks of file systems
tick as slowly as once in two seconds (FAT), and a second change within a tick would not show."""


def file_identity(path: Path) -> str:
    """Path, device, inode, size, and the times of the last change in content and in metadata."""
    return _identity(path, path.stat())


def file_stamp(path: Path) -> str:
    """The identity of a file whose last change lies `SETTLED` back; empty for any other file."""
    try:
        state = path.stat()
    except (OSError, ValueError):
        return ""
    is_settled = time.time_ns() - max(state.st_mtime_ns, state.st_ctime_ns) >= SETTLED
    return _identity(path, state) if is_settled else ""


def _identity(path: Path, state: os.stat_result) -> str:
    # Programs that copy files can set the first of these times back, and not the second.
    times = f"{state.st_mtime_ns}|{state.st_ctime_ns}"
    # Paths may hold bytes that are no text.
    return f"{os.path.abspath(path)!a}|{state.st_dev}|{state.st_ino}|{state.st_size}|{times}"  # noqa: PTH100 - resolving asks the disk for every folder


def open_regular(path: Path, *, buffering: int = -1) -> BinaryIO:
    """The file, opened without waiting for it; an OSError if it is a device, a pipe or a folder."""
    # A pipe without a writer would make a plain `open` wait for ever.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb", buffering)
    os.close(descriptor)
    raise OSError(f"{path} is no regular file")


def read_regular(path: Path) -> bytes:
    """All of a file that ends; an OSError if it is a device, a pipe or a folder."""
    with open_regular(path) as file:
        return file.read()


def replace_file(path: Path, content: bytes) -> None:
    """Writes a file atomically: readers see the old content or the new; makes missing folders.

    Raises:
        OSError: it cannot be written, or is a device or a pipe, which would be a file from then on.
    """
    is_device = path.exists() and not path.is_file() and not path.is_dir()
    # What lies there stands for something else, even if a redirected output is a file.
    if is_device or _OF_DEVICES.fullmatch(str(path.parent.resolve())):
        raise OSError(f"{path} is no regular file")
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        scratch.write_bytes(content)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def repeated_key(pairs: Sequence[tuple[str, object]]) -> str | None:
    """A key that stands twice in an object of JSON, as a merge may leave it, if any does.

    Readers keep one of the two in silence, and not every reader the same.
    """
    if len({name for name, _ in pairs}) == len(pairs):
        return None
    return Counter(name for name, _ in pairs).most_common(1)[0][0]


def unique_object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """An object of JSON, for `object_pairs_hook`; a `ValueError` if a key stands in it twice."""
    if (key := repeated_key(pairs)) is not None:
        raise ValueError(f"{key!r} stands there twice")
    return dict(pairs)


def check_schema(
    path: Path, schema: int, *, known: int, error: type[MMBenchError] = DataError
) -> None:
    """Refuses a file that a later version wrote; `known` is the newest schema that can be read."""
    if schema > known:
        raise error(
            f"{path} was written by a later pytest-mmbench.",
            its_schema=str(schema),
            known=str(known),
            what_to_do="upgrade pytest-mmbench",
        )


SUMMARY: Final = "GITHUB_STEP_SUMMARY"
"""The variable in which GitHub Actions names the file that it shows as a step's summary."""


def write_report(path: Path, text: str) -> None:
    """Writes a report atomically, in UTF-8; a failure is an MMBenchError."""
    with _errors_as_report_error(path):
        replace_file(path, text.encode("utf-8"))


def append_report(path: Path, text: str) -> None:
    """Appends text to a file, in UTF-8; a failure is an MMBenchError."""
    with _errors_as_report_error(path), path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(text)


def size_of(path: Path) -> int:
    """Bytes of a file; 0 if there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


@contextmanager
def _errors_as_report_error(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MMBenchError(
            f"the report {str(path)!r} cannot be written.",
            reason=error.strerror or str(error),
            what_to_do="name a file in a folder that you may write to",
        ) from error
