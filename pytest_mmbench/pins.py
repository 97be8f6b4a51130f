"""Baselines that are pinned: a gate rests on them, and they must stay what they were.

The folder of baselines holds a file `pins.sha256` with a line for each, which is committed beside
them. It is in the format of `sha256sum`, so that `sha256sum --check pins.sha256` says the same as
this room where there is no Python.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pytest_mmbench import writing
from pytest_mmbench.errors import DataError

FILE: Final = "pins.sha256"
_LINE: Final = re.compile(r"(?P<digest>[0-9a-f]{64}) [ *](?P<name>\S.*)")


def pins(folder: Path) -> dict[str, str]:
    """The sha256 of each pinned file of a folder, in hexadecimal, by its name.

    Raises:
        DataError: a line of the list of pins is none: what it protected would be free to change.
    """
    path = folder / FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read.", reason=str(error)) from error
    found = {}
    for number, line in enumerate(lines, 1):
        pinned = _LINE.fullmatch(line)
        if pinned:
            found[pinned["name"]] = pinned["digest"]
        elif line.strip():
            raise DataError(
                f"line {number} of {path} pins nothing.",
                it_says=line.strip(),
                what_to_do="write the sha256 of a file, two blanks and its name, or take it out",
            )
    return found


def check(path: Path, content: bytes) -> None:
    """Accepts what a file holds, unless it was pinned with something else in it.

    Raises:
        DataError: it was.
    """
    pinned = pins(path.parent).get(path.name)
    if pinned is not None and pinned != digest(content):
        raise DataError(
            f"{path} is pinned, and has changed since.",
            pinned=f"{pinned[:16]}...",
            now=f"{digest(content)[:16]}...",
            what_to_do=f"bring back what was pinned, or take its line out of {path.parent / FILE}",
        )


def check_there(folder: Path, name: str) -> None:
    """Accepts that a folder has no file of that name, unless it is pinned.

    Raises:
        DataError: it is.
    """
    if name in pins(folder) and not (folder / name).is_file():
        raise DataError(
            f"{folder / name} is pinned, and is not there.",
            what_to_do=f"bring it back, or take its line out of {folder / FILE}",
        )


def pin(path: Path) -> str:
    """Pins a file with what it holds now, and gives the sha256 of that.

    Raises:
        DataError: the list of pins is damaged.
        OSError: the file cannot be read, or the list cannot be written.
    """
    found = digest(path.read_bytes())
    _keep(path.parent, {**pins(path.parent), path.name: found})
    return found


def _keep(folder: Path, pinned: Mapping[str, str]) -> None:
    lines = "".join(f"{pinned[name]}  {name}\n" for name in sorted(pinned))
    writing.write(folder / FILE, lines.encode())


def digest(content: bytes) -> str:
    """The sha256 of a file's content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
