"""The ways in which published files hold a picture, all made into its encoded bytes."""

from __future__ import annotations

import ast
import base64
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_PATH: Final = re.compile(r"[^\n\t]{1,1000}\.(?:png|jpe?g|gif|webp|bmp|tiff?)", re.IGNORECASE)
_DATA_URL: Final = re.compile(r"data:image/[\w.+-]+;base64,")
_KINDS: Final[Mapping[bytes, str]] = {
    b"\x89PNG": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF8": ".gif",
    b"BM": ".bmp",
    b"RIFF": ".webp",
}
"""First bytes of a file, and the suffix that viewers know it by."""


def encoded(stored: object, folder: Path, *, at: int = 0) -> bytes:
    """The bytes of a picture, however a file holds it.

    Args:
        stored: bytes; a struct of `bytes` and `path`; base64 text, alone or as a data URL; a path;
            or a list of any of these, also one that is written as text.
        folder: where relative paths start.
        at: which one of a list.

    Raises:
        ValueError: there is none, or it is none of these.
        OSError: a path cannot be read.
    """
    match stored:
        case bytes() if stored:
            return stored
        case {"bytes": bytes(inside)} if inside:
            return inside
        case {"path": str(path)} if path:
            return (folder / path).read_bytes()
        case str() if stored.startswith("["):
            return encoded(ast.literal_eval(stored), folder, at=at)
        case str() if stored:
            return _from_text(stored, folder)
        case list() | tuple():
            return encoded(_one(stored, at), folder)
        case _:
            raise ValueError("there is nothing in it")


def _one(stored: Sequence[object], at: int) -> object:
    if at >= len(stored):
        raise ValueError(f"it holds {len(stored)} pictures, and number {at} is wanted")
    return stored[at]


def _from_text(stored: str, folder: Path) -> bytes:
    # JPEG in base64 begins with a slash, as absolute paths do: the suffix tells them apart.
    if _PATH.fullmatch(stored):
        return (folder / stored).read_bytes()
    found = _DATA_URL.match(stored)
    text = stored[found.end() :] if found else stored
    return base64.b64decode("".join(text.split()), validate=True)


def suffix(picture: bytes) -> str:
    """The suffix of a file with these bytes, by their beginning; empty if they tell nothing."""
    return next((kind for start, kind in _KINDS.items() if picture.startswith(start)), "")
