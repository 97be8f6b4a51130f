"""The ways in which published files hold a picture, all made into its encoded bytes."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Final

from pytest_mmbench.benchmarks.readers.folders import Files
from pytest_mmbench.benchmarks.readers.foreign_text import parse_literal
from pytest_mmbench.benchmarks.readers.regular_files import (
    MAX_PICTURE_BYTES,
    check_size,
    read_bounded,
)

_PATH: Final = re.compile(r"[^\n\t]{1,1000}\.(?:png|jpe?g|gif|webp|bmp|tiff?)", re.IGNORECASE)
_DATA_URL: Final = re.compile(r"data:image/[\w.+-]+(?:;[\w.+-]+=[\w.+-]*)*;base64,", re.IGNORECASE)
_BASE64: Final = re.compile(r"(?:iVBORw0KGgo|/9j/|R0lGOD|Qk0|UklGR)")
"""How PNG, JPEG, GIF, BMP and WebP begin in base64."""
_SUFFIXES: Final[Mapping[bytes, str]] = {
    b"\x89PNG": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF8": ".gif",
    b"BM": ".bmp",
    b"RIFF": ".webp",
}
"""First bytes of a file, and the suffix that viewers know it by."""


def picture_bytes(stored: object, files: Files, *, at: int = 0) -> bytes:
    """The encoded bytes of a picture, however a file holds it."""
    entry = list_entry(stored, at)
    path = picture_path(entry)
    if path:
        with files.open(path) as file:
            return read_bounded(file, MAX_PICTURE_BYTES)
    match entry:
        case bytes() if entry:
            return entry
        case {"bytes": bytes(content)} if content:
            return content
        case str() if entry:
            url = _DATA_URL.match(entry)
            base64_text = entry[url.end() :] if url else entry
            check_size(len(base64_text) * 3 // 4, MAX_PICTURE_BYTES)
            return base64.b64decode("".join(base64_text.split()), validate=True)
        case _:
            raise ValueError("there is nothing in it")


def list_entry(stored: object, at: int) -> object:
    """Entry `at` of a list, also of one that is written as text; what is no list as it is."""
    entry = _parse_list(stored)
    while isinstance(entry, list | tuple):
        if at >= len(entry):
            raise ValueError(f"it holds {len(entry)} pictures, and number {at} is wanted")
        entry, at = _parse_list(entry[at]), 0
    return entry


def picture_path(stored: object) -> str:
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


def is_picture(stored: object) -> bool:
    """Whether it looks like a picture, or a list of them; no file is looked for."""
    try:
        entry = list_entry(stored, 0)
    except ValueError:
        return False
    if picture_path(entry) or isinstance(entry, bytes):
        return bool(entry)
    if isinstance(entry, Mapping):
        return bool(entry.get("bytes") or entry.get("path"))
    return isinstance(entry, str) and bool(_DATA_URL.match(entry) or _BASE64.match(entry))


def picture_count(stored: object) -> int:
    """How many pictures it is; none is decoded and no file is looked for."""
    match _parse_list(stored):
        case list() | tuple() as entries:
            return len(entries)
        case {"bytes": content, "path": path}:
            return int(bool(content or path))
        case None | b"":
            return 0
        case str() as text:
            return int(text.strip().lower() not in ("", "nan"))
        case _:
            return 1


def _parse_list(stored: object) -> object:
    """The list that a text writes down; anything else as it is."""
    if isinstance(stored, str) and stored.startswith("["):
        try:
            return parse_literal(stored)
        except ValueError as error:
            raise ValueError(f"it begins like a list, and is none: {error}") from error
    return stored


def file_suffix(picture: bytes) -> str:
    """The suffix of a file with these bytes, by their beginning; empty if it is unknown."""
    return next((suffix for start, suffix in _SUFFIXES.items() if picture.startswith(start)), "")
