"""Text that others wrote: its encoding, JSON and lists in it, read within bounds.

Every error is a ValueError, whatever a parser raises on what it was not made for: so whoever reads
a file, a record or a field adds where it stands.
"""

from __future__ import annotations

import ast
import codecs
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pytest_mmbench.errors import shorten
from pytest_mmbench.files import repeated_key

MAX_NESTING: Final = 64
"""Lists and objects within each other. Published data have four; parsers, `repr` and the report
walk down them by recursion, whose limit is about a thousand."""
_TOO_DEEP: Final = f"it is nested deeper than {MAX_NESTING} levels"
_BYTE_ORDER_MARKS: Final = (
    # That of UTF-32 begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def wide_encoding(start: bytes) -> str:
    """The encoding of a file by its first four bytes: UTF-16 or UTF-32, or empty for neither.

    Spreadsheets save "Unicode text" as UTF-16 with a byte order mark. Without one it is known by
    the NUL byte in each of the first two characters, which no other text holds.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return encoding
    is_pair = len(start) == len(b"i\0d\0")
    if is_pair and all(start[0::2]) and not any(start[1::2]):
        return "UTF-16-LE"
    if is_pair and not any(start[0::2]) and all(start[1::2]):
        return "UTF-16-BE"
    return ""


def decode_text(content: bytes) -> str:
    """A whole file as text: UTF-8, or UTF-16 or -32 where its beginning says so."""
    encoding = wide_encoding(content[:4])
    try:
        return content.decode(encoding or "utf-8-sig").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        name = encoding or "UTF-8"
        raise ValueError(
            f"it is not {name} text: byte {error.start} cannot be read. Save it as UTF-8"
        ) from error


def parse_json(text: str) -> Any:  # noqa: ANN401 - whatever JSON may hold
    """What a text in JSON holds; records out of it are for `check_value`, one by one."""

    def unique_object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
        if (key := repeated_key(pairs)) is not None:
            raise ValueError(f"the key {shorten(key)!a} stands twice in an object")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=unique_object)
    except RecursionError as error:
        raise ValueError(_TOO_DEEP) from error


def parse_literal(text: str) -> object:
    """What a text writes down in Python's syntax, as published lists of options do."""
    try:
        value: object = ast.literal_eval(text)
    except SyntaxError as error:
        raise ValueError(error.msg) from error
    except (RecursionError, MemoryError) as error:
        # The parser gives up with a MemoryError where its own stack is full.
        raise ValueError(_TOO_DEEP) from error
    except TypeError as error:
        raise ValueError(f"it cannot be built: {error}") from error
    check_value(value)
    return value


def check_value(value: object) -> None:
    """Refuses what is nested too deeply, and text that no encoding can write."""
    stack = [(value, 0)]
    while stack:
        each, depth = stack.pop()
        if isinstance(each, str):
            check_text(each)
        elif isinstance(each, list | tuple | set | Mapping):
            if depth >= MAX_NESTING:
                raise ValueError(_TOO_DEEP)
            parts = [*each, *each.values()] if isinstance(each, Mapping) else each
            stack += [(part, depth + 1) for part in parts]


def check_text(text: str) -> None:
    r"""Refuses half of a surrogate pair, which JSON can escape as `\ud800`: it is no character."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            half = text[error.start]
            raise ValueError(f"half a surrogate pair, {half!a}, which is no character") from error
