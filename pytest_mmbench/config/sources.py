"""Which of four places decides: command line, environment, ini, settings file; then the default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_mmbench.config import values
from pytest_mmbench.config.file import ConfigFile
from pytest_mmbench.config.values import SettingLocation
from pytest_mmbench.files import expand
from pytest_mmbench.options import BY_NAME, OPTIONS, PREFIX, Option


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingValue:
    """A value that was set, before it is decoded."""

    value: object
    location: SettingLocation
    folder: Path
    """Where a relative path in it starts."""
    above_file: bool
    """Whether it comes before whatever the settings file says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingSources:
    """Everything that was set, by level.

    *Set* is not the same as true: `--no-mm-strict` on the command line wins over `strict = true`
    in the file, and `--mm-limit=0` over `MMBENCH_LIMIT=40`. What pytest reports as None was not
    set; neither was an environment variable that is empty, because CI systems pass an input that
    nobody filled in like that. That of the model is refused by the plugin: no gate is no pass.
    """

    cli: Mapping[str, object]
    environment: Mapping[str, str]
    ini: Mapping[str, object]
    file: ConfigFile
    rootdir: Path
    invocation_dir: Path
    prefix: str = PREFIX

    def value_of(self, name: str) -> SettingValue:
        """The value of the highest level at which the option was set."""
        return next(self._candidates(BY_NAME[name]))

    def _candidates(self, option: Option) -> Iterator[SettingValue]:
        yield from self._above_file(option)
        in_file = self.file.table if option.in_file else {}
        if option.name in in_file:
            yield self._below(in_file[option.name], self.file.location(option.name))
        yield self._below(option.default, SettingLocation(key="default"))

    def _above_file(self, option: Option) -> Iterator[SettingValue]:
        typed = self.cli.get(option.ini)
        if typed is not None:
            flag = f"{self.prefix}{option.name}"
            yield self._above(typed, SettingLocation(key=flag), self.invocation_dir)
        if variable := self.environment.get(option.variable, ""):
            yield self._above(variable, SettingLocation(key=option.variable), self.invocation_dir)
        written = self.ini.get(option.ini)
        if written is not None:
            yield self._above(written, SettingLocation(where="ini", key=option.ini), self.rootdir)

    def _above(self, value: object, place: SettingLocation, folder: Path) -> SettingValue:
        return SettingValue(value=value, location=place, folder=folder, above_file=True)

    def _below(self, value: object, place: SettingLocation) -> SettingValue:
        return SettingValue(value=value, location=place, folder=self.rootdir, above_file=False)

    def with_file(self, file: ConfigFile) -> SettingSources:
        """The same levels with a settings file below them."""
        return replace(self, file=file)

    @property
    def beside_file(self) -> Path:
        """The folder of the settings file."""
        named = self.value_of("config").above_file
        return self.path("config").parent if named else self.rootdir

    def text(self, name: str) -> str:
        """The text of an option."""
        found = self.value_of(name)
        return values.text(BY_NAME[name], found.value, found.location)

    def number(self, name: str) -> int:
        """The whole number of an option."""
        found = self.value_of(name)
        return values.number(BY_NAME[name], found.value, found.location)

    def switch(self, name: str) -> bool:
        """Whether an option is on."""
        found = self.value_of(name)
        return values.switch(BY_NAME[name], found.value, found.location)

    def path(self, name: str) -> Path:
        """The path of an option: relative ones start at the level's own folder.

        Raises:
            SettingsError: it is empty.
        """
        found = self.value_of(name)
        typed = values.text(BY_NAME[name], found.value, found.location)
        if not typed.strip():
            raise found.location.error(f"{name} is an empty path.", typed)
        return found.folder / expand(typed)

    def sources(self) -> dict[str, str]:
        """For each option, the place that decides it."""
        return {option.name: self.value_of(option.name).location.name for option in OPTIONS}
