"""Baselines that are pinned: a gate rests on them, and they must stay what they were.

The folder of baselines holds a file `pins.sha256` with a line for each, which is committed beside
them. It is in the format of `sha256sum`, so that `sha256sum --check pins.sha256` says the same as
this room where there is no Python.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Final

from pytest_mmbench import files
from pytest_mmbench.errors import DataError, near
from pytest_mmbench.files import expand

BASELINES: Final = "mm_baselines"
"""Folder of the rootdir that holds baselines by name; it is meant to be committed."""


def named_baselines(rootdir: Path) -> dict[str, Path]:
    """The baselines that are kept by name."""
    folder = rootdir / BASELINES
    return {path.stem: path for path in sorted(folder.glob("*.json"))}


def find_run(spec: str, rootdir: Path) -> Path | None:
    """The run file that a baseline's spec means; None if it means a checkpoint.

    A name of a kept baseline comes first, then a path that ends with `.json`.

    Raises:
        DataError: it ends so, and there is no such file; or the baseline is pinned and gone.
    """
    kept = named_baselines(rootdir)
    if not spec:
        return None
    if spec in kept:
        return kept[spec]
    check_not_removed(rootdir / BASELINES, f"{spec}.json")
    path = expand(spec)
    if path.suffix != ".json" or spec.startswith("scripted:"):
        return None
    file = path if path.is_absolute() else rootdir / path
    if not file.is_file():
        names = [*kept, *(each.name for each in rootdir.glob("*.json"))]
        raise DataError(f"there is no saved run {spec}.", **near(spec, names, label="baselines"))
    return file


CHECKSUM_FILE: Final = "pins.sha256"
_LINE: Final = re.compile(r"(?P<digest>[0-9a-fA-F]{64}) [ *](?P<name>\S.*)")


def checksums(folder: Path) -> dict[str, str]:
    """The sha256 of each pinned file of a folder, in hexadecimal, by its name.

    Raises:
        DataError: a line of the list of pins is none: what it protected would be free to change.
    """
    path = folder / CHECKSUM_FILE
    try:
        lines = files.read_regular(path).decode().splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read.", reason=str(error)) from error
    digests: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if pinned := _LINE.fullmatch(line):
            name, digest = os.path.normpath(pinned["name"]), pinned["digest"].lower()
            if digests.setdefault(name, digest) != digest:
                raise DataError(
                    f"{path} pins {name} twice, with different content.",
                    line=str(number),
                    what_to_do="keep the line of the file that was accepted",
                )
        elif line.strip():
            raise DataError(
                f"line {number} of {path} pins nothing.",
                it_says=line.strip(),
                what_to_do="write the sha256 of a file, two blanks and its name, or take it out",
            )
    return digests


def check_pinned(path: Path, content: bytes) -> None:
    """Raises a `DataError` if a file was pinned with something else in it.

    It may be a link to a file that is pinned where it lies. A list that names a file which is not
    there fails as a whole, as `sha256sum --check` does: the name may be a typing error, and what it
    was to protect unpinned. Below the folder of baselines the lists above it count as well.
    """
    for folder in _folders_of_lists(path):
        pins = folder / CHECKSUM_FILE
        for name, digest in checksums(folder).items():
            pinned = folder / name
            if not pinned.is_file():
                raise DataError(
                    f"{pins} pins {name}, which is not there.",
                    **near(name, (each.name for each in folder.glob("*.json")), label="files"),
                )
            is_same = path.exists() and pinned.samefile(path)
            if is_same and digest != sha256(content):
                raise DataError(
                    f"{path} is pinned, and has changed since.",
                    pinned=f"{digest[:16]}...",
                    now=f"{sha256(content)[:16]}...",
                    what_to_do=f"bring back what was pinned, or take its line out of {pins}",
                )


def _folders_of_lists(path: Path) -> list[Path]:
    """The folders whose lists may name a file, or what it is a link to."""
    folders: dict[Path, None] = {}
    for file in (Path(os.path.abspath(path)), path.resolve()):  # noqa: PTH100 - keeps links
        names = [each.name for each in file.parents]
        depth = names.index(BASELINES) if BASELINES in names else 0
        folders |= dict.fromkeys(file.parents[: depth + 1])
    return list(folders)


def check_not_removed(folder: Path, name: str) -> None:
    """Raises a `DataError` if a file of a folder is pinned and gone."""
    if name in checksums(folder) and not (folder / name).is_file():
        raise DataError(
            f"{folder / name} is pinned, and is not there.",
            what_to_do=f"bring it back, or take its line out of {folder / CHECKSUM_FILE}",
        )


def pin(path: Path) -> str:
    """Pins a file with what it holds now, and gives the sha256 of that.

    Raises:
        DataError: the list of pins is damaged.
        OSError: the file cannot be read, or the list cannot be written.
    """
    digest = sha256(path.read_bytes())
    pinned = {**checksums(path.parent), path.name: digest}
    lines = "".join(f"{pinned[name]}  {name}\n" for name in sorted(pinned))
    files.replace_file(path.parent / CHECKSUM_FILE, lines.encode())
    return digest


def sha256(content: bytes) -> str:
    """The sha256 of a file's content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
