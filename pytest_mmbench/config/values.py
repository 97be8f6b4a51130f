"""A setting as it was typed, and how its value is read: what cannot be is a `SettingsError`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from pytest_mmbench.errors import SettingsError, near, shorten
from pytest_mmbench.files import expand

MOST_DECIMALS: Final = 12
"""Of a fraction: a benchmark of a billion samples needs nine."""
MEASURED: Final = "measured"
ASSUMED: Final = "assumed"
"""How a tolerance is found."""
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_NUMBER = re.compile(r"[0-9]{1,18}")
_FRACTION = re.compile(r"[01]?\.[0-9]{1,12}|[01]")
_DEVICE = re.compile(r"[a-z]+(:[0-9]+)?")
_FEWEST_PERCENT: Final = 2
"""Someone who writes 1.5 hardly means 1.5 %."""
_ALL_PERCENT: Final = 100
_EVEN_ODDS: Final = Decimal("0.5")
# The words of pytest's own ini switches, so that one rule serves everywhere.
_SWITCH_WORDS: Final = {
    **dict.fromkeys(("1", "true", "t", "yes", "y", "on"), True),
    **dict.fromkeys(("0", "false", "f", "no", "n", "off"), False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A value as it was typed, and where."""

    name: str
    """As messages call it: `limit`, `alpha`, `threshold`."""
    value: object
    key: str
    """What stands before it: `--mm-limit`, `MMBENCH_LIMIT`, `mm_limit`, `"shapes.math"` ..."""
    where: str = ""
    """What the key stands in: `mmbench.toml [gate]`, `ini`; empty for flags and variables."""
    in_toml: bool = False
    """Whether values are written as in TOML: typed, text in quotes."""
    folder: Path = Path()
    """Where a relative path in it starts."""
    above_file: bool = False
    """Whether it comes before whatever the settings file says."""

    @property
    def source(self) -> str:
        """The key, and what it stands in: `mmbench.toml [gate] alpha`."""
        return f"{self.where} {self.key}".lstrip()

    @property
    def as_typed(self) -> str:
        """The source and the value: `mmbench.toml [gate] alpha = 0.05`, `--mm-limit=40`."""
        return f"{self.where} {self.with_value(self.value)}".lstrip()

    def with_value(self, value: object) -> str:
        """The key with a value, to be copied: `alpha = 0.05`, `--mm-limit=40`."""
        if self.in_toml:
            return f"{self.key} = {shorten(toml(value))}"
        words = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        return f"{self.key}={shorten(words)}"

    def error(self, problem: str, **facts: str) -> SettingsError:
        """The error that says what is wrong with the value, and repeats it as it was typed."""
        return SettingsError(problem, asked_for_by=self.as_typed, **facts)


def toml(value: object) -> str:
    """A value as it stands in a TOML file."""
    match value:
        case bool() | Decimal():
            return str(value).lower()
        case str():
            return json.dumps(value, ensure_ascii=False)
        case Mapping():
            return f"{{ {', '.join(f'{key} = {toml(part)}' for key, part in value.items())} }}"
        case list() | tuple():
            return f"[{', '.join(toml(part) for part in value)}]"
        case _:
            return str(value)


def toml_key(key: str) -> str:
    """A key as it stands in a TOML file: in quotes unless it is letters, digits, - and _."""
    return key if _BARE_KEY.fullmatch(key) else toml(key)


def text(setting: Setting, choices: Collection[str] = ()) -> str:
    """Any text, or one of a few words."""
    if not isinstance(setting.value, str):
        facts = near("", choices) if choices else {"what_to_do": "write it in quotes"}
        problem = f"{setting.name} is a text, not {shorten(toml(setting.value))}."
        raise setting.error(problem, **facts)
    if choices and setting.value not in choices:
        problem = f"{setting.value!r} is not a {setting.name}."
        raise setting.error(problem, **near(setting.value, choices))
    return setting.value


def device(setting: Setting) -> str:
    """The name of a device, such as `cuda:1`, or `auto`."""
    name = text(setting)
    if not _DEVICE.fullmatch(name):
        remedy = "write auto, cpu, cuda, cuda:1 or mps"
        raise setting.error(f"{name!r} is not a device.", what_to_do=remedy)
    return name


def number(setting: Setting) -> int:
    """A whole number, 0 or more. Text is read as a number, but not in a TOML file."""
    value = setting.value
    if isinstance(value, str) and not setting.in_toml and _NUMBER.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise setting.error(
        f"{setting.name} is a whole number, 0 or more; {shorten(toml(value))} is not.",
        what_to_do=f"write digits alone, such as {setting.with_value(40)}",
    )


def switch(setting: Setting) -> bool:
    """True or false. Text such as `yes` or `0` is read as such, but not in a TOML file."""
    value = setting.value
    if isinstance(value, str) and not setting.in_toml:
        value = _SWITCH_WORDS.get(value.strip().lower(), value)
    if isinstance(value, bool):
        return value
    raise setting.error(
        f"{setting.name} is either true or false; {shorten(toml(value))} is neither.",
        what_to_do=f"write true or false{', without quotes' if setting.in_toml else ''}",
    )


def names(setting: Setting) -> tuple[str, ...]:
    """One name or several, each once, in the order in which they were typed; commas separate."""
    parts = setting.value if isinstance(setting.value, list | tuple) else [setting.value]
    typed = (name.strip() for part in parts for name in str(part).split(","))
    unique = tuple(dict.fromkeys(name for name in typed if name))
    if not unique:
        raise setting.error(f"{setting.name} names nothing.")
    return unique


def path(setting: Setting) -> Path:
    """A path; a relative one starts at the folder of the place where it was typed."""
    typed = text(setting)
    if not typed.strip():
        raise setting.error(f"{setting.name} is an empty path.")
    return setting.folder / expand(typed)


def refuse_folder(path: Path, setting: Setting) -> None:
    """Accepts what can be a file, before any work is done for it."""
    if path.is_dir():
        raise setting.error(f"{setting.name} names a folder.", what_to_do="name a file in it")


def fraction(setting: Setting) -> str:
    """The digits of a fraction in [0, 1], as they were written: 0.60 is "0.60".

    A number of a TOML file reaches this as a `Decimal`, which keeps its digits. Refused are text,
    true, false, NaN, and what has more than 12 decimals.
    """
    value = setting.value
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _not_a_number(setting)
    exact = Decimal(value)
    if not exact.is_finite() or exact.is_signed() or exact > 1:
        percent = exact.is_finite() and _FEWEST_PERCENT <= exact <= _ALL_PERCENT
        meant = f"for {exact} % write {(exact / 100).normalize():f}" if percent else ""
        raise setting.error(
            f"{setting.name} {shorten(toml(exact))} is not between 0 and 1.",
            what_to_do=meant or "write a fraction, such as 0.6",
        )
    if round(exact, MOST_DECIMALS) != exact:
        problem = f"{setting.name} {value} has more than {MOST_DECIMALS} decimals."
        raise setting.error(problem, what_to_do="write fewer digits")
    return format(exact, "f")


def _not_a_number(setting: Setting) -> SettingsError:
    example = f"a fraction between 0 and 1, such as {setting.with_value(Decimal('0.6'))}"
    if not isinstance(setting.value, str):
        problem = f"{setting.name} is a number, not {shorten(toml(setting.value))}."
        return setting.error(problem, what_to_do=f"write {example}")
    if _FRACTION.fullmatch(setting.value):
        example = f"it without quotes: {setting.key} = {setting.value}"
    return setting.error(f"{setting.name} is a number, not a text.", what_to_do=f"write {example}")


def allowance(setting: Setting) -> int | Decimal:
    """How many of something may be, as a whole number, or as a share of all with a decimal point.

    `3` is three, `0.02` two of a hundred; a share of 1 or more would allow everything.
    """
    value = setting.value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, Decimal) and 0 <= value < 1:
        return Decimal(fraction(setting))
    raise setting.error(
        f"{setting.name} {shorten(toml(value))} is neither a whole number nor a share below 1.",
        what_to_do=f"write {setting.with_value(3)}, or {setting.with_value(Decimal('0.02'))}",
    )


def error_probability(setting: Setting) -> float:
    """An error probability, above 0 and below 0.5, as every gate needs it."""
    return _between_0_and(_EVEN_ODDS, setting, "write an error probability, such as 0.05")


def margin(setting: Setting) -> float:
    """The fraction by which a candidate may be worse, above 0 and below 1."""
    remedy = "write two points as 0.02; without any margin no candidate could pass"
    return _between_0_and(Decimal(1), setting, remedy)


def tolerance(setting: Setting) -> float | str:
    """A number of nats, 0 or more, or how it is found: `measured` or `assumed`."""
    value = setting.value
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        if 0 <= value < math.inf:
            return float(value)
    elif value in (MEASURED, ASSUMED):
        return str(value)
    raise setting.error(
        f"{shorten(toml(value))} is no tolerance.",
        what_to_do=f'write "{MEASURED}", "{ASSUMED}" or a number of nats, 0 or more',
    )


def _between_0_and(end: Decimal, setting: Setting, what_to_do: str) -> float:
    exact = Decimal(fraction(setting))
    if not 0 < exact < end:
        problem = f"{setting.name} {exact} is not above 0 and below {end}."
        raise setting.error(problem, what_to_do=what_to_do)
    return float(exact)
