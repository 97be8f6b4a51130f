"""The settings file: where it lies, and its TOML with the digits of numbers kept.

Whatever is wrong with it is a `SettingsError`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

from pytest_mmbench.config.values import Setting, toml_key
from pytest_mmbench.errors import SettingsError, near

FILE: Final = "mmbench.toml"
PROJECT: Final = "pyproject.toml"
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

    def heading(self, *keys: str) -> str:
        """The file and a table in it: `mmbench.toml [benchmarks.shapes]`."""
        names = [*filter(None, [self.within]), *map(toml_key, keys)]
        return f"{self.name} [{'.'.join(names)}]" if names else self.name

    def setting(self, *keys: str, value: object, name: str = "", folder: Path = Path()) -> Setting:
        """A value of the file; the keys of the tables above it come before its own."""
        # A dimension is shown in quotes even where it has no dot: that is how people write it.
        is_dimension = keys[:-1] in (("thresholds",), ("snapshots", "allow"))
        return Setting(
            name=name or keys[-1],
            value=value,
            key=f'"{keys[-1]}"' if is_dimension else toml_key(keys[-1]),
            where=self.heading(*keys[:-1]),
            in_toml=True,
            folder=folder,
        )

    def section(self, *keys: str) -> Mapping[str, object]:
        """The table under these keys, empty if it is not there."""
        table = self.table
        for depth, key in enumerate(keys, start=1):
            value = table.get(key, {})
            if not isinstance(value, Mapping):
                heading = self.heading(*keys[:depth])
                raise self.setting(*keys[:depth], value=value).error(
                    f"{key} is a table, not a single value.",
                    what_to_do=f"write it as {heading}, its keys on the lines below",
                )
            table = value
        return table

    def check_keys(self, known: Collection[str], *keys: str) -> None:
        """Accepts a table whose keys are known."""
        for key, value in self.section(*keys).items():
            if key not in known:
                what = f"a key of [{keys[-1]}]" if keys else "a setting"
                problem = f"{key!r} is not {what}."
                raise self.setting(*keys, key, value=value).error(problem, **near(key, known))


def read(path: Path, setting: Setting) -> ConfigFile:
    """The file that a setting names; a pyproject.toml has to have [tool.mmbench]."""
    name = str(setting.value)
    if path.is_dir():
        problem = f"{name} is a folder, not a settings file."
        raise setting.error(problem, looked_for=str(path))
    if not path.is_file():
        files = {file.name for file in path.parent.glob("*.toml")} if path.parent.is_dir() else ()
        facts = near(path.name, files, label="TOML files there")
        raise setting.error(f"there is no file {name}.", looked_for=str(path), **facts)
    table = _parse(path, name)
    if path.name != PROJECT:
        return ConfigFile(name=name, table=table)
    project = _project_settings(table, name)
    if not project.name:
        remedy = f"add [tool.mmbench] to it, or write a file {FILE}"
        raise setting.error(f"{name} has no table [tool.mmbench].", what_to_do=remedy)
    return project


def find_default(rootdir: Path) -> ConfigFile:
    """The file that is read when none is named: `mmbench.toml`, else `pyproject.toml`."""
    own, project = rootdir / FILE, rootdir / PROJECT
    table = _parse(project, PROJECT) if project.is_file() else {}
    shared = _project_settings(table, PROJECT)
    if not own.is_file():
        return shared
    note = f"{shared.heading()} is not read, because {FILE} is there" if shared.name else ""
    return ConfigFile(name=FILE, table=_parse(own, FILE), note=note)


def _project_settings(table: Mapping[str, object], name: str) -> ConfigFile:
    """The table [tool.mmbench] of a pyproject.toml; a file without a name if there is none."""
    tools = table.get("tool")
    if not isinstance(tools, Mapping) or "mmbench" not in tools:
        return ConfigFile(name="")
    own = ConfigFile(name=name, table=tools, within="tool").section("mmbench")
    return ConfigFile(name=name, table=own, within="tool.mmbench")


def _parse(path: Path, name: str) -> Mapping[str, object]:
    """The file as nested tables; numbers with a decimal point are `Decimal`s."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(f"{name} cannot be read.", file=str(path), reason=reason) from error
    except UnicodeDecodeError as error:
        problem = f"{name} is not UTF-8 text (byte {error.start})."
        raise SettingsError(problem, file=str(path), what_to_do="save it as UTF-8") from error
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        too_large = isinstance(error, ArithmeticError)
        message = "a number in it is out of range" if too_large else str(error)
        match = _POSITION.match(message)
        position = match["position"] if match else ""
        if position == "end of document":
            lines = text.split("\n")
            position = f"line {len(lines)}, column {len(lines[-1]) + 1} (the end of the file)"
        reason = match["problem"] if match else message
        problem = f"{name} is not valid TOML."
        raise SettingsError(problem, file=str(path), at=position, reason=reason) from error
