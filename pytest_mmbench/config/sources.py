"""Which of four places decides: command line, environment, ini, settings file; then the default.

*Set* is not the same as true: `--no-mm-strict` on the command line wins over `strict = true` in the
file, and `--mm-limit=0` over `MMBENCH_LIMIT=40`. What pytest reports as None was not set; neither
was an environment variable that is empty, because CI systems pass an input that nobody filled in
like that. That of the model is refused by the plugin: no gate is no pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pytest_mmbench.config.file import ConfigFile
from pytest_mmbench.config.values import Setting
from pytest_mmbench.options import OPTIONS


def settings_above_file(
    *,
    cli: Mapping[str, object],
    environment: Mapping[str, str],
    ini: Mapping[str, object],
    rootdir: Path,
    invocation_dir: Path,
    prefix: str,
) -> dict[str, Setting]:
    """The options that come before the settings file, by name, each from the highest of its levels.

    The arguments are those of `config.settings.read_settings`.
    """
    settings: dict[str, Setting] = {}
    for option in OPTIONS:
        # A higher level first: flag, environment variable, ini key.
        levels = (
            ("", f"{prefix}{option.name}", cli.get(option.ini), invocation_dir),
            ("", option.variable, environment.get(option.variable) or None, invocation_dir),
            ("ini", option.ini, ini.get(option.ini), rootdir),
        )
        for where, key, value, folder in levels:
            if value is not None:
                settings[option.name] = Setting(
                    name=option.name,
                    value=value,
                    key=key,
                    where=where,
                    folder=folder,
                    above_file=True,
                )
                break
    return settings


def with_file(
    above_file: Mapping[str, Setting], file: ConfigFile, rootdir: Path
) -> dict[str, Setting]:
    """Every option by name: as it is set above the settings file, in it, or by default."""
    settings: dict[str, Setting] = {}
    for option in OPTIONS:
        name = option.name
        if name in above_file:
            settings[name] = above_file[name]
        elif option.in_file and name in file.table:
            settings[name] = file.setting(name, value=file.table[name], folder=rootdir)
        else:
            settings[name] = Setting(name=name, value=option.default, key="default", folder=rootdir)
    return settings
