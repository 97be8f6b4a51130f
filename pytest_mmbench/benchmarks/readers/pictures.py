"""The ways in which published files hold a picture, all made into its encoded bytes."""

from __future__ import annotations

import ast
import base64
import re
from collections.abc import Mapping, Sequence
from typing import Final

from pytest_mmbench.benchmarks.readers.folders import Files

_PATH: Final = re.compile(r"[^\n\t]{1,1000}\.(?:png|jpe?g|gif|webp|bmp|tiff?)", re.IGNORECASE)


_DATA_URL: Final = re.compile(r"data:image/[\w.+-]+(?:;[\w.+-]+=[\w.+-]*)*;base64,", re.IGNORECASE)


_KINDS: Final[Mapping[bytes, str]] = {
    b"\x89PNG": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF8": ".gif",
    b"BM": ".bmp",
    b"RIFF": ".webp",
}
"""First bytes of a file, and the suffix that viewers know it by."""


def encoded(stored: object, files: Files, *, at: int = 0) -> bytes:
    """The bytes of a picture, however a file holds it.

    Args:
        stored: bytes; a struct of `bytes` and `path`; base64 text, alone or as a data URL; a path;
            or a list of any of these, also one that is written as text.
        files: where paths lead.
        at: which one of a list.

    Raises:
        ValueError: there is none, or it is none of these.
        OSError: a path cannot be read.
        DataError: an archive cannot be read.
    """
    content = chosen(stored, at)
    path = located(content)
    if path:
        with files.open(path) as file:
            return file.read()
    match content:
        case bytes() if content:
            return content
        case {"bytes": bytes(inside)} if inside:
            return inside
        case str() if content:
            return _from_text(content)
        case _:
            raise ValueError("there is nothing in it")


def chosen(stored: object, at: int) -> object:
    """What is stored itself, or one of a list of it.

    Raises:
        ValueError: the list is shorter, or a text that begins like one is none.
    """
    unfolded = _unfolded(stored)
    while isinstance(unfolded, list | tuple):
        unfolded, at = _unfolded(_one(unfolded, at)), 0
    return unfolded


def located(stored: object) -> str:
    """The path of the file that holds the picture; empty if it lies where it is stored."""
    match stored:
        case {"bytes": bytes(content)} if content:
            return ""
        case {"path": str(path)}:
            return path
        # JPEG in base64 begins with a slash, as absolute paths do: the suffix tells them apart.
        case str() if _PATH.fullmatch(stored):
            return stored
        case _:
            return ""


def count(stored: object) -> int:
    """How many pictures it is; none is decoded and no file is looked for.

    Raises:
        ValueError: it is a text that begins like a list, and is none.
    """
    match _unfolded(stored):
        case list() | tuple() as several:
            return len(several)
        case {"bytes": content, "path": path}:
            return int(bool(content or path))
        case None | b"":
            return 0
        case str() as text:
            return int(text.strip().lower() not in ("", "nan"))
        case _:
            return 1


def _unfolded(stored: object) -> object:
    """The same; a list that is written as text becomes one."""
    if isinstance(stored, str) and stored.startswith("["):
        try:
            return ast.literal_eval(stored)
        except SyntaxError as error:
            raise ValueError(f"it begins like a list, and is none: {error}") from error
    return stored


def _one(stored: Sequence[object], at: int) -> object:
    if at >= len(stored):
        raise ValueError(f"it holds {len(stored)} pictures, and number {at} is wanted")
    return stored[at]


def _from_text(stored: str) -> bytes:
    found = _DATA_URL.match(stored)
    text = stored[found.end() :] if found else stored
    return base64.b64decode("".join(text.split()), validate=True)


def suffix(picture: bytes) -> str:
    """The suffix of a file with these bytes, by their beginning; empty if they tell nothing."""
    return next((kind for start, kind in _KINDS.items() if picture.startswith(start)), "")
