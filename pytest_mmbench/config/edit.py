"""Changes to a settings file that keep comments, order, blanks and the digits of other numbers.

The new text is read again; unless it means what was wanted, a `SettingsError` refuses the change.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError

from pytest_mmbench import files
from pytest_mmbench.config.values import toml
from pytest_mmbench.errors import SettingsError

_HEADER: Final = r"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*mmbench[ \t]*{end}.*(?:\n|\Z)"
_BOM: Final = "\ufeff"
TableChange = Callable[[Any, Callable[[str], object]], None]
"""Changes a table, as tomlkit or tomllib gives it; the second argument makes a number of digits."""


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    """Changes a settings file, or makes one; its line breaks and its byte order mark stay.

    `change` gives the new text for the old one, whose lines end with a line feed.
    """
    old = path.read_bytes().decode() if path.exists() else ""
    mark = _BOM if old.startswith(_BOM) else ""
    has_crlf = "\r\n" in old
    text = old.removeprefix(mark).replace("\r\n", "\n")
    new = change(text if text.endswith("\n") or not text else f"{text}\n")
    files.replace_file(path, (mark + (new.replace("\n", "\r\n") if has_crlf else new)).encode())


def with_thresholds(text: str, raised: Mapping[str, str], *, within: str) -> str:
    """The file with other digits, by dimension, where it has thresholds already.

    `within` is `tool.mmbench`, or empty if the settings are the whole file.
    """

    def change(table: Any, number: Callable[[str], object]) -> None:  # noqa: ANN401
        thresholds = table["thresholds"]
        for path, digits in raised.items():
            if isinstance(thresholds[path], Mapping):
                thresholds[path]["at_least"] = number(digits)
            else:
                thresholds[path] = number(digits)

    return _checked(text, _edited(text, change, within), change, within)


def with_text(text: str, key: str, value: str, *, within: str) -> str:
    """The file with a text at its top level, in the place of the old one or as the first."""

    def change(table: Any, _: Callable[[str], object]) -> None:  # noqa: ANN401
        table[key] = value

    if key in _table_within(tomllib.loads(text), within):
        new = _edited(text, change, within)
    else:
        new = _with_first_line(text, f"{key} = {toml(value)}\n", within)
    return _checked(text, new, change, within)


def with_comment(text: str, keys: Iterable[Sequence[str]], comment: str, *, within: str) -> str:
    """The file with a comment behind these keys, after the one that stands there; none if empty."""
    if not comment:
        return text

    def change(table: Any, _: Callable[[str], object]) -> None:  # noqa: ANN401
        for key in keys:
            item = table
            for name in key:
                item = item[name]
            old = item.trivia.comment.removeprefix("#").strip()
            item.comment("; ".join(filter(None, [old, comment])))

    return _checked(text, _edited(text, change, within), lambda *_: None, within)


def _edited(text: str, change: TableChange, within: str) -> str:
    try:
        document = tomlkit.parse(text)
        change(_table_within(document, within), tomlkit.value)
        return tomlkit.dumps(document)
    except (TOMLKitError, KeyError, TypeError) as error:
        raise _unsafe(str(error)) from error


def _table_within(document: Any, within: str) -> Any:  # noqa: ANN401 - tomlkit's tables, or plain ones
    for key in within.split(".") if within else ():
        document = document.setdefault(key, {})
    return document


def _with_first_line(text: str, line: str, within: str) -> str:
    """The line where no other key can come before it, below the comment that opens the file."""
    if not within:
        opening = re.match(r"(?:[ \t]*#.*\n)+(?=[ \t]*(?:\n|\Z))\n?", text)
        start = opening.end() if opening else 0
        # An empty line before a table or its comment; none before another key.
        gap = "\n" if re.match(r"[ \t]*[\[#]", text[start:]) else ""
        return f"{text[:start]}{line}{gap}{text[start:]}"
    own = re.search(_HEADER.format(end=r"\]"), text, re.MULTILINE)
    if own:
        return f"{text[: own.end()]}{line}{text[own.end() :]}"
    below = re.search(_HEADER.format(end=r"\."), text, re.MULTILINE)
    start = below.start() if below else len(text)
    return f"{text[:start]}[{within}]\n{line}\n{text[start:]}"


def _checked(old: str, new: str, change: TableChange, within: str) -> str:
    """The new text, if it means what the old one means after the change."""
    expected = tomllib.loads(old, parse_float=Decimal)
    change(_table_within(expected, within), Decimal)
    try:
        actual = tomllib.loads(new, parse_float=Decimal)
    except ValueError as error:
        raise _unsafe(str(error)) from error
    if actual != expected:
        raise _unsafe("other settings would change with it")
    return new


def _unsafe(reason: str) -> SettingsError:
    return SettingsError(
        "the settings file is written in a way that cannot be changed safely.",
        reason=reason,
        what_to_do="change it by hand",
    )
