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


class ZipDirectory(NamedTuple):
    """The directory of an archive, and the stamp of the archive before it was read."""

    stamp: str
    zip: zipfile.ZipFile


class ZipArchive:
    """A zip archive. Its directory is read at the first call, and each file on its own.

    A file may be named by the end of its path, if no other file ends so: some archives have a
    folder around everything, and some have not.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.path = path

    def names(self, pattern: str) -> Sequence[str]:
        """Paths that end like the pattern, sorted."""
        names = (name for group in self._by_last_part.values() for name in group)
        return sorted(name for name in names if PurePosixPath(name).match(pattern))

    def open(self, *paths: str) -> BinaryIO:
        """The first of these files that is there."""
        name = self.find(*paths)
        if not name:
            raise FileNotFoundError(f"there is no file {' or '.join(paths)} in {self.name}")
        return self.open_member(name)

    def identity(self, *paths: str) -> str:
        """The first of these files that is there, in this archive as it is now."""
        try:
            return self.member_identity(self.find(*paths))
        except (DataError, OSError):
            return ""

    def member_identity(self, name: str) -> str:
        """The archive's stamp and the file's whole path; empty if either is."""
        stamp = self._directory.stamp
        return f"{stamp}|{name!a}" if stamp and name else ""

    def find(self, *paths: str) -> str:
        """The whole path of the first of these files that is there; empty if none is.

        A file of just that path comes before one that only ends so.
        """
        plain = [PurePosixPath(path).as_posix() for path in paths]  # archives write no `./`
        for path in plain:
            if path in self._directory.zip.NameToInfo:
                return path
        for path in plain:
            names = self._by_last_part.get(path.rpartition("/")[2], [])
            matches = [name for name in names if name.endswith(f"/{path}")]
            if len(matches) == 1:
                return matches[0]
        return ""

    def open_member(self, name: str) -> BinaryIO:
        """A file by its whole path, checked against its checksum."""
        with self._errors_as_data_error():
            return io.BytesIO(self._directory.zip.read(name))

    @cached_property
    def _directory(self) -> ZipDirectory:
        with self._errors_as_data_error():
            # The stamp first: what is written later must not pass for what was there before.
            return ZipDirectory(file_stamp(self.path), zipfile.ZipFile(self.path))

    @cached_property
    def _by_last_part(self) -> Mapping[str, Sequence[str]]:
        """Whole paths by the last part of each."""
        names: dict[str, list[str]] = defaultdict(list)
        for name in self._directory.zip.namelist():
            parts = name.split("/")
            if parts[-1] and not any(part.startswith(_FOREIGN) for part in parts):
                names[parts[-1]].append(name)
        return names

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
