"""Changes to a settings file that leave everything else as it was written.

Comments, order, blanks and the digits of other numbers stay. What comes out is read again before it
is given, and means what was wanted, or nothing is changed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError

from pytest_mmbench import files
from pytest_mmbench.config.values import toml
from pytest_mmbench.errors import SettingsError

_HEADER: Final = r"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*mmbench[ \t]*{end}.*(?:\n|\Z)"


Table = dict[str, Any]


_BOM: Final = "\ufeff"


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    """Changes a settings file, or makes one; its line breaks and its byte order mark stay.

    Args:
        path: the file; one that is missing is taken for an empty one.
        change: gives the new text for the old one, whose lines end with a line feed.

    Raises:
        SettingsError: `change` refuses the file.
        OSError: the file cannot be read or written.
    """
    written = path.read_bytes().decode() if path.exists() else ""
    mark = _BOM if written.startswith(_BOM) else ""
    windows = "\r\n" in written
    text = written.removeprefix(mark).replace("\r\n", "\n")
    new = change(text if text.endswith("\n") or not text else f"{text}\n")
    files.replace_file(path, (mark + (new.replace("\n", "\r\n") if windows else new)).encode())


def with_thresholds(text: str, raised: Mapping[str, str], *, within: str) -> str:
    """The file with other thresholds where it has some.

    Args:
        text: the file.
        raised: by dimension, the digits that are to stand there. Each has a threshold already.
        within: `tool.mmbench`, or empty if the settings are the whole file.

    Raises:
        SettingsError: the file is written in a way that cannot be changed safely.
    """

    def change(table: Table, value: Callable[[str], object]) -> None:
        for path, digits in raised.items():
            thresholds = table["thresholds"]
            if isinstance(thresholds[path], Mapping):
                thresholds[path]["at_least"] = value(digits)
            else:
                thresholds[path] = value(digits)

    return _checked(text, _edited(text, change, within), change, within)


def with_text(text: str, key: str, value: str, *, within: str) -> str:
    """The file with a text at its top level: in the place of the one that it has, or as the first.

    Raises:
        SettingsError: the file is written in a way that cannot be changed safely.
    """

    def change(table: Table, _: Callable[[str], object]) -> None:
        table[key] = value

    there = key in _inner(tomllib.loads(text), within)
    line = f"{key} = {toml(value)}\n"
    new = _edited(text, change, within) if there else _inserted(text, line, within)
    return _checked(text, new, change, within)


def _edited(text: str, change: Callable[[Any, Callable[[str], object]], None], within: str) -> str:
    try:
        document = tomlkit.parse(text)
        change(_inner(document, within), tomlkit.value)
        return tomlkit.dumps(document)
    except (TOMLKitError, KeyError, TypeError) as error:
        raise _refused(str(error)) from error


def _inner(document: Any, within: str) -> Any:  # noqa: ANN401 - tomlkit's tables, or plain ones
    for key in within.split(".") if within else ():
        document = document.setdefault(key, {})
    return document


def _inserted(text: str, line: str, within: str) -> str:
    """The line where no other key can come before it, below the comment that opens the file."""
    if not within:
        opening = re.match(r"(?:[ \t]*#.*\n)+(?=[ \t]*(?:\n|\Z))\n?", text)
        at = opening.end() if opening else 0
        return f"{text[:at]}{line}{_gap(text[at:])}{text[at:]}"
    own = re.search(_HEADER.format(end=r"\]"), text, re.MULTILINE)
    if own:
        return f"{text[: own.end()]}{line}{text[own.end() :]}"
    below = re.search(_HEADER.format(end=r"\."), text, re.MULTILINE)
    at = below.start() if below else len(text)
    return f"{text[:at]}[{within}]\n{line}\n{text[at:]}"


def _gap(rest: str) -> str:
    """An empty line before a table or its comment; none before another key."""
    return "\n" if re.match(r"[ \t]*[\[#]", rest) else ""


def _checked(
    old: str, new: str, change: Callable[[Table, Callable[[str], object]], None], within: str
) -> str:
    wanted = tomllib.loads(old, parse_float=Decimal)
    change(_inner(wanted, within), Decimal)
    try:
        found = tomllib.loads(new, parse_float=Decimal)
    except ValueError as error:
        raise _refused(str(error)) from error
    if found != wanted:
        raise _refused("other settings would change with it")
    return new


def _refused(reason: str) -> SettingsError:
    return SettingsError(
        "the settings file is written in a way that cannot be changed safely.",
        reason=reason,
        what_to_do="change it by hand",
    )
