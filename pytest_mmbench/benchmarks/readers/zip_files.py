"""Zip archives, read by name without being unpacked."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, NamedTuple

from pytest_mmbench.errors import DataError
from pytest_mmbench.files import file_stamp

_FOREIGN: Final = ("__MACOSX", ".")
"""How parts of paths begin that were put there by no author."""


class Opened(NamedTuple):
    """An archive whose directory has been read."""

    stamp: str
    zip: zipfile.ZipFile


class Archive:
    """A zip archive. Its directory is read at the first question, and each file on its own.

    A file may be asked for by the end of its path, if no other file ends so: some archives have a
    folder around everything, and some have not.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.path = path

    def names(self, pattern: str) -> Sequence[str]:
        """Paths that end like the pattern, sorted."""
        each = (name for names in self._by_end.values() for name in names)
        return sorted(name for name in each if PurePosixPath(name).match(pattern))

    def open(self, *paths: str) -> BinaryIO:
        """The first of these files that is there."""
        found = self.find(*paths)
        if not found:
            raise FileNotFoundError(f"there is no file {' or '.join(paths)} in {self.name}")
        return self.member(found)

    def identity(self, *paths: str) -> str:
        """The first of these files that is there, in this archive as it is now."""
        try:
            return self.mark(self.find(*paths))
        except (DataError, OSError):
            return ""

    def mark(self, name: str) -> str:
        """The file of that whole path, in this archive as it is; empty if that cannot be told."""
        known = self._opened.stamp
        return f"{known}|{name!a}" if known and name else ""

    def find(self, *paths: str) -> str:
        """The whole path of the first of these files that is there; empty if none is."""
        plain = [PurePosixPath(path).as_posix() for path in paths]  # archives write no `./`
        exact = (path for path in plain if path in self._opened.zip.NameToInfo)
        ending = (found for path in plain if (found := self._ending(path)))
        return next(exact, "") or next(ending, "")

    def _ending(self, path: str) -> str:
        """The only file whose path ends like this one; empty if there are several, or none."""
        alike = self._by_end.get(path.rpartition("/")[2], [])
        found = [name for name in alike if name.endswith(f"/{path}")]
        return found[0] if len(found) == 1 else ""

    def member(self, name: str) -> BinaryIO:
        """A file by its whole path, checked against its checksum."""
        with self._errors_as_data_error():
            return io.BytesIO(self._opened.zip.read(name))

    @cached_property
    def _opened(self) -> Opened:
        with self._errors_as_data_error():
            # The stamp first: what is written later must not pass for what was there before.
            return Opened(file_stamp(self.path), zipfile.ZipFile(self.path))

    @cached_property
    def _by_end(self) -> Mapping[str, Sequence[str]]:
        """Whole paths by the last part of each."""
        found: dict[str, list[str]] = defaultdict(list)
        for name in self._opened.zip.namelist():
            parts = name.split("/")
            if parts[-1] and not any(part.startswith(_FOREIGN) for part in parts):
                found[parts[-1]].append(name)
        return found

    @contextmanager
    def _errors_as_data_error(self) -> Iterator[None]:
        # An encrypted file is a RuntimeError, and an unknown compression a NotImplementedError.
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise DataError(
                f"{self.name} cannot be read as a zip archive.",
                archive=str(self.path),
                reason=str(error),
                what_to_do="copy or download it again: it may be cut short",
            ) from error
