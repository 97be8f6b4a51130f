"""The tables [decoding] and [benchmarks.NAME.decoding]: how requests are put and answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from pytest_mmbench.config import values
from pytest_mmbench.config.file import ConfigFile
from pytest_mmbench.config.values import Setting
from pytest_mmbench.errors import shorten
from pytest_mmbench.records import Decoding, Method

TABLE: Final = "decoding"
"""Its name, alone and within the table of a benchmark, whose keys come first."""


def _token_limit(setting: Setting) -> int:
    limit = values.number(setting)
    if limit == 0:
        remedy = "write 1 or more, or take the line out"
        raise setting.error("max-new-tokens = 0 leaves no room for an answer.", what_to_do=remedy)
    return limit


def _system(setting: Setting) -> str:
    system = values.text(setting)
    if not system.strip():
        remedy = "write what the system says, or take the line out"
        raise setting.error("the system prompt is empty.", what_to_do=remedy)
    return system


def _stop(setting: Setting) -> tuple[str, ...]:
    texts = setting.value if isinstance(setting.value, list) else [setting.value]
    if texts and all(isinstance(text, str) and text for text in texts):
        return tuple(dict.fromkeys(texts))
    raise setting.error(
        f"stop is one text or several; {shorten(values.toml(setting.value))} is not.",
        what_to_do='write stop = ["Question:"], without an empty text',
    )


KEYS: Final[Mapping[str, Callable[[Setting], object]]] = {
    "max-new-tokens": _token_limit,
    "system": _system,
    "thinking": values.switch,
    "stop": _stop,
}
GENERATED: Final = ("max-new-tokens", "stop")
"""Keys that say something of generated text alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingSettings:
    """What is set of one benchmark's decoding, and where."""

    common: Mapping[str, Setting] = field(default_factory=lambda: MappingProxyType({}))
    """By key, what [decoding] sets for every benchmark."""
    own: Mapping[str, Setting] = field(default_factory=lambda: MappingProxyType({}))
    """By key, what the benchmark's table sets."""

    def for_method(self, method: Method) -> Decoding:
        """What is set for a benchmark that is asked by this method.

        Raises:
            SettingsError: the benchmark's own table sets what only generated text has.
        """
        generates = method is Method.GENERATE
        for key in GENERATED:
            if key in self.own and not generates:
                raise _nothing_generated(self.own[key], method)
        chosen = {**self.common, **self.own}
        fields: dict[str, Any] = {
            key.replace("-", "_"): KEYS[key](setting)
            for key, setting in chosen.items()
            if generates or key not in GENERATED
        }
        return Decoding(**fields)


def _nothing_generated(setting: Setting, method: Method) -> Exception:
    return setting.error(
        f"{setting.name} is for generated text, and method {method.value!r} generates none.",
        what_to_do='set method = "generate", or take the line out',
    )


def check_decodings(
    decodings: Mapping[str, DecodingSettings], methods: Mapping[str, Method]
) -> None:
    """Accepts a table [decoding] all of which some benchmark of the run can follow.

    Both are by benchmark. A `SettingsError` names a key for generated text where none is generated.
    """
    if not methods or Method.GENERATE in methods.values():
        return
    for name, decoding in decodings.items():
        for key in GENERATED:
            if key in decoding.common:
                raise _nothing_generated(decoding.common[key], methods[name])


def read_decoding(file: ConfigFile, benchmark: str) -> DecodingSettings:
    """The decoding that is set for a benchmark, every value of which is checked."""
    return DecodingSettings(
        common=_read_keys(file, TABLE), own=_read_keys(file, "benchmarks", benchmark, TABLE)
    )


def _read_keys(file: ConfigFile, *tables: str) -> dict[str, Setting]:
    file.check_keys(KEYS, *tables)
    settings = {
        key: file.setting(*tables, key, value=value) for key, value in file.section(*tables).items()
    }
    for key, setting in settings.items():
        KEYS[key](setting)
    return settings
