"""Files that rows name: in a folder, in a zip archive, or in an archive that lies in the folder.

Nothing has to be unpacked: where a folder `images` is missing, `images.zip` stands for it. Paths
come out of data that others wrote: they lead to regular files below the folder, and nowhere else.
"""

from __future__ import annotations

import glob
import io
import os
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, NamedTuple, Protocol

from pytest_mmbench.benchmarks.readers.foreign_text import check_value, decode_text, parse_json
from pytest_mmbench.benchmarks.readers.regular_files import (
    MAX_FILE_BYTES,
    check_size,
    read_bounded,
)
from pytest_mmbench.errors import DataError, near, shorten
from pytest_mmbench.files import expand, file_stamp, open_regular

_FOREIGN: Final = ("__MACOSX", ".")
"""How parts of paths begin that were put there by no author."""


class ZipDirectory(NamedTuple):
    """The directory of an archive, and the stamp of the archive before it was read."""

    stamp: str
    zip: zipfile.ZipFile


class ZipArchive:
    """A zip archive, whose files may be named by the end of their path if no other ends so.

    Its directory is read at the first call, and each file on its own.
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
        """The whole path of the first of these files, whole paths before ends; empty if none is."""
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
        """A file by its whole path, checked against its size and its checksum."""
        # `read` unpacks no more than the directory says, so that this is enough.
        check_size(self._directory.zip.getinfo(name).file_size, MAX_FILE_BYTES)
        with self._errors_as_data_error():
            return io.BytesIO(self._directory.zip.read(name))

    @cached_property
    def _directory(self) -> ZipDirectory:
        with self._errors_as_data_error():
            # The stamp first: what is written later must not pass for what was there before.
            return ZipDirectory(file_stamp(self.path), zipfile.ZipFile(self.path))

    @cached_property
    def _by_last_part(self) -> Mapping[str, Sequence[str]]:
        names: dict[str, list[str]] = defaultdict(list)
        for name in self._directory.zip.namelist():
            parts = name.split("/")
            if parts[-1] and not any(part.startswith(_FOREIGN) for part in parts):
                names[parts[-1]].append(name)
        return names

    @contextmanager
    def _errors_as_data_error(self) -> Iterator[None]:
        # An encrypted file is a RuntimeError, an unknown compression a NotImplementedError, and
        # what is damaged whatever its decompressor raises.
        try:
            yield
        except (MemoryError, FileNotFoundError):
            raise
        except Exception as error:
            raise DataError(
                f"{self.name} cannot be read as a zip archive.",
                archive=str(self.path),
                reason=str(error),
                what_to_do="copy or download it again: it may be cut short",
            ) from error


MAX_DEPTH: Final = 4
"""Folders below the first that are searched for data, as deep as MME's lie."""
_UNREADABLE: Final = (".tar", ".tar.gz", ".tgz", ".7z", ".rar")
"""Archives that give no single file without being read from their beginning."""


class Files(Protocol):
    """Files by their paths, which are written with slashes."""

    @property
    def name(self) -> str:
        """The folder's, the archive's or the dataset's, for messages."""

    def names(self, pattern: str) -> Sequence[str]:
        """Paths that end like the pattern, sorted: `*/*.txt` is any text file in any folder."""

    def open(self, *paths: str) -> BinaryIO:
        """The first of these files that is there; the caller closes it.

        Raises:
            OSError: it cannot be read; none of them is there.
            DataError: the archive that should hold it is damaged, or of another kind.
        """

    def identity(self, *paths: str) -> str:
        """Tells the bytes that `open` would give from all others, as `Picture.identity` does."""


class DataFolder:
    """A folder, some of whose folders may still be packed.

    For `images/test/1.png` the file itself is looked for, then `images.zip` and `images/test.zip`,
    in which it may be called by its whole path or by what follows any of its folders.
    """

    def __init__(self, path: Path, *, allowed: Sequence[Path] = ()) -> None:
        """`allowed` are other folders, to which links and paths out of this one may lead."""
        self.name = path.name
        self.path = path
        self._allowed = tuple(allowed)
        self._archives: dict[Path, ZipArchive] = {}

    def names(self, pattern: str) -> Sequence[str]:
        """Paths that end like the pattern, at most four folders deep."""
        names = (path.relative_to(self.path).as_posix() for path in walk(self.path))
        return sorted(name for name in names if PurePosixPath(name).match(pattern))

    def open(self, *paths: str) -> BinaryIO:
        """The first of these files, unpacked or not."""
        for path in paths:
            try:
                self._check_inside(path)
                return open_regular(self.path / path)
            except (FileNotFoundError, NotADirectoryError):
                packed = self._find_packed(path)
            if packed:
                archive, name = packed
                return archive.open_member(name)
        raise self._missing_error(paths)

    def identity(self, *paths: str) -> str:
        """Where the first of these files lies, unpacked or not, and when it was last changed."""
        for path in paths:
            try:
                if os.path.lexists(self.path / path):
                    self._check_inside(path)
                    return file_stamp(self.path / path)
                packed = self._find_packed(path)
            except (DataError, OSError, ValueError):
                return ""
            if packed:
                archive, name = packed
                return archive.member_identity(name)
        return ""

    @cached_property
    def _roots(self) -> Sequence[Path]:
        """Folders below which files may lie, without links."""
        own = Path(os.path.realpath(self.path))
        # The hub's cache keeps the files of a snapshot beside it, and links in their place.
        snapshots = [each.parent for each in (own, *own.parents) if each.name == "snapshots"]
        blobs = [each / "blobs" for each in snapshots if each.name.startswith("datasets--")]
        return (own, *blobs, *(Path(os.path.realpath(folder)) for folder in self._allowed))

    def _check_inside(self, path: str) -> None:
        """Refuses a path of something that lies elsewhere, by itself or by a link."""
        real = Path(os.path.realpath(self.path / path))
        if os.path.lexists(real) and not any(real.is_relative_to(root) for root in self._roots):
            raise DataError(
                f"{shorten(path)} leads out of the folder of the data.",
                leads_to=str(real),
                folder=str(self.path),
                what_to_do="copy it there, or name its folder in picture-folders of the "
                "benchmark's table in mmbench.toml",
            )

    def _find_packed(self, path: str) -> tuple[ZipArchive, str] | None:
        parts = PurePosixPath(path).parts
        for parent in _parents(path):
            file = self.path / parent.with_name(f"{parent.name}.zip")
            if file not in self._archives and file.is_file():
                self._check_inside(str(file))
                self._archives[file] = ZipArchive(file)
            if archive := self._archives.get(file):
                # There it may be called by its whole path or any shorter one, the longest first.
                endings = ["/".join(parts[at:]) for at in range(len(parent.parts) + 1)]
                if name := archive.find(*endings):
                    return archive, name
        return None

    def _missing_error(self, paths: Sequence[str]) -> Exception:
        parents = dict.fromkeys(parent for path in paths for parent in _parents(path))
        for parent in (parent for parent in parents if not (self.path / parent).exists()):
            folder, archive = self.path / parent.parent, f"{parent.name}.zip"
            beside = sorted(path.name for path in folder.glob(f"{glob.escape(parent.name)}.*"))
            parts = [name for name in beside if name.startswith(f"{archive}.")]
            if parts:
                return DataError(
                    f"{archive} lies there in {len(parts)} parts.",
                    folder=str(folder),
                    what_to_do=f"join all of its parts: cat {archive}.* > {archive}",
                )
            unreadable = [name for name in beside if name.lower().endswith(_UNREADABLE)]
            if unreadable:
                return DataError(
                    f"{unreadable[0]} cannot be read without being unpacked.",
                    folder=str(folder),
                    what_to_do=f"unpack it beside itself: tar -xf {unreadable[0]}",
                )
        return FileNotFoundError(f"there is no file {' or '.join(paths)} in {self.path}")


def _parents(path: str) -> list[PurePosixPath]:
    """The folders of a path, the outermost first; none of a path that leaves its folder."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts:
        return []
    return list(reversed(pure.parents))[1:]


def walk(folder: Path) -> Iterator[Path]:
    """The files of a folder, hidden ones left out, at most four folders deep. None is opened."""
    for place, folders, files in os.walk(folder, followlinks=True):
        is_deepest = len(Path(place).relative_to(folder).parts) >= MAX_DEPTH
        visible = sorted(name for name in folders if not name.startswith("."))
        folders[:] = [] if is_deepest else visible
        yield from (Path(place) / name for name in sorted(files) if not name.startswith("."))


def open_files(data: str, *, allowed: Sequence[Path] = ()) -> Files:
    """A folder or a zip archive, for benchmarks whose data are many files.

    Files of a folder may also lie in the `allowed` ones.

    Raises:
        DataError: there is no such thing, or it is a file of another kind.
    """
    path = expand(data)
    if path.is_dir():
        return DataFolder(path, allowed=allowed)
    if not path.is_file():
        raise missing_error(path, data)
    if path.suffix.lower() == ".zip":
        return ZipArchive(path)
    raise DataError(f"{path.name} is no folder and no zip archive.", file=str(path))


def missing_error(path: Path, data: str) -> DataError:
    """The error for a path at which there is nothing."""
    siblings = {child.name for child in path.parent.iterdir()} if path.parent.is_dir() else set()
    return DataError(
        f"there is no file or folder {data}.",
        looked_for=str(path.absolute()),
        did_you_mean=near(path.name, siblings).get("did_you_mean", ""),
        what_to_do="a relative path starts where mmbench.toml lies",
    )


def read_text(files: Files, *paths: str) -> str:
    """The text of the first of these files that is there."""
    try:
        with files.open(*paths) as file:
            return decode_text(read_bounded(file, MAX_FILE_BYTES))
    except (OSError, ValueError) as error:
        problem = f"{paths[0]} of {files.name} cannot be read."
        raise DataError(problem, file=paths[0], reason=str(error)) from error


def read_json(files: Files, *paths: str) -> Any:  # noqa: ANN401 - whatever JSON may hold
    """What the first of these files holds, such as ScienceQA's `pid_splits.json`."""
    try:
        content = parse_json(read_text(files, *paths))
        check_value(content)
    except ValueError as error:
        problem = f"{paths[0]} of {files.name} is not JSON."
        raise DataError(problem, file=paths[0], reason=str(error)) from error
    return content
