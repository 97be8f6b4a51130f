"""Finding the settings file and reading it as TOML, with the digits of its numbers kept."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

from pytest_mmbench.config.values import SettingLocation
from pytest_mmbench.errors import SettingsError, near

FILE: Final = "mmbench.toml"


PROJECT: Final = "pyproject.toml"


_BARE = re.compile(r"[A-Za-z0-9_-]+")


_POSITION = re.compile(r"^(?P<problem>.*) \(at (?P<position>[^()]*)\)$", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """What a settings file holds, and how its keys are called in messages."""

    name: str
    """As people call it: `mmbench.toml`; empty if there is none."""
    table: Mapping[str, object] = field(default_factory=dict)
    within: str = ""
    """The table of the file that holds everything: `tool.mmbench`; empty for the whole file."""
    note: str = ""
    """What the reader should know about the choice of this file; empty if nothing."""

    @property
    def source(self) -> str:
        """The file and the table that holds the settings: `pyproject.toml [tool.mmbench]`."""
        return self.heading()

    def location(self, *keys: str) -> SettingLocation:
        """Where a key stands; the keys of the tables above it come first."""
        # A dimension is shown in quotes even where it has no dot: that is how people write it.
        quote = keys[:-1] == ("thresholds",)
        key = f'"{keys[-1]}"' if quote else _quoted(keys[-1])
        return SettingLocation(key=key, where=self.heading(*keys[:-1]), toml=True)

    def heading(self, *keys: str) -> str:
        """The file and a table in it: `mmbench.toml [benchmarks.shapes]`."""
        table = self._table(keys)
        return f"{self.name} {table}" if table else self.name

    def _table(self, keys: tuple[str, ...]) -> str:
        path = ".".join([self.within] * bool(self.within) + [_quoted(key) for key in keys])
        return f"[{path}]" if path else ""

    def section(self, key: str, known: tuple[str, ...] = ()) -> Mapping[str, object]:
        """A table of the file, empty if it is not there.

        Raises:
            SettingsError: it is no table, or holds a key that is not among `known` (if given).
        """
        table = toml_table(self.table.get(key, {}), self, key)
        if known:
            check_keys(table, known, self, key)
        return table


def _quoted(key: str) -> str:
    return key if _BARE.fullmatch(key) else f'"{key}"'


def toml_table(value: object, file: ConfigFile, *keys: str) -> Mapping[str, object]:
    """The value, if it is a table.

    Raises:
        SettingsError: it is not.
    """
    if isinstance(value, Mapping):
        return value
    raise file.location(*keys).error(
        f"{keys[-1]} is a table, not a single value.",
        value,
        what_to_do=f"write it as {file.heading(*keys)}, its keys on the lines below",
    )


def check_keys(
    table: Mapping[str, object], known: tuple[str, ...], file: ConfigFile, *keys: str
) -> None:
    """Accepts the keys that are known.

    Raises:
        SettingsError: there is another one.
    """
    for key, value in table.items():
        if key not in known:
            where = f"a key of [{keys[-1]}]" if keys else "a setting"
            problem = f"{key!r} is not {where}."
            raise file.location(*keys, key).error(problem, value, **near(key, known))


def read(path: Path, *, name: str, place: SettingLocation) -> ConfigFile:
    """The file that was asked for by name.

    Raises:
        SettingsError: it is missing, cannot be read, is no TOML, or is a pyproject.toml without
            [tool.mmbench].
    """
    if not path.is_file():
        raise _missing(path, name, place)
    if path.name != PROJECT:
        return ConfigFile(name=name, table=parse(path, name=name))
    project = _project(parse(path, name=name), name)
    if not project.name:
        raise _without_table(name, place)
    return project


def find_default(rootdir: Path) -> ConfigFile:
    """The file that is read when none is named: `mmbench.toml`, else `pyproject.toml`.

    Raises:
        SettingsError: one of them cannot be read or is no TOML.
    """
    own, project = rootdir / FILE, rootdir / PROJECT
    table = parse(project, name=PROJECT) if project.is_file() else {}
    shared = _project(table, PROJECT)
    if not own.is_file():
        return shared
    note = f"{shared.source} is not read, because {FILE} is there" if shared.name else ""
    return ConfigFile(name=FILE, table=parse(own, name=FILE), note=note)


def _project(table: Mapping[str, object], name: str) -> ConfigFile:
    tools = table.get("tool")
    if not isinstance(tools, Mapping) or "mmbench" not in tools:
        return ConfigFile(name="")
    whole = ConfigFile(name=name, within="tool")
    mine = toml_table(tools["mmbench"], whole, "mmbench")
    return ConfigFile(name=name, table=mine, within="tool.mmbench")


def parse(path: Path, *, name: str) -> Mapping[str, object]:
    """The file as nested tables; numbers with a decimal point are `Decimal`s.

    Raises:
        SettingsError: it cannot be read, or is no TOML; the error gives line and column.
    """
    text = _text(path, name)
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise _no_toml(path, name, str(error), text) from error
    except ArithmeticError as error:
        raise _no_toml(path, name, "a number in it is out of range", text) from error


def _text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(f"{name} cannot be read.", file=str(path), reason=reason) from error
    except UnicodeDecodeError as error:
        problem = f"{name} is not UTF-8 text (byte {error.start})."
        raise SettingsError(problem, file=str(path), what_to_do="save it as UTF-8") from error


def _no_toml(path: Path, name: str, said: str, text: str) -> SettingsError:
    found = _POSITION.match(said)
    position = found["position"] if found else ""
    if position == "end of document":
        lines = text.split("\n")
        position = f"line {len(lines)}, column {len(lines[-1]) + 1} (the end of the file)"
    return SettingsError(
        f"{name} is not valid TOML.",
        file=str(path),
        at=position,
        reason=found["problem"] if found else said,
    )


def _missing(path: Path, name: str, place: SettingLocation) -> SettingsError:
    folder = path.parent
    if path.is_dir():
        return place.error(f"{name} is a folder, not a settings file.", name, looked_for=str(path))
    around = {each.name for each in folder.glob("*.toml")} if folder.is_dir() else set()
    facts = near(path.name, around, label="TOML files there")
    return place.error(f"there is no file {name}.", name, looked_for=str(path), **facts)


def _without_table(name: str, place: SettingLocation) -> SettingsError:
    remedy = f"add [tool.mmbench] to it, or write a file {FILE}"
    return place.error(f"{name} has no table [tool.mmbench].", name, what_to_do=remedy)
