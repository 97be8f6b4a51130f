"""From what was typed to what is meant: values of options, and fractions of a settings file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from pytest_mmbench.errors import SettingsError, near, shortened
from pytest_mmbench.options import Kind, Option

MOST_DECIMALS: Final = 12
"""Of a fraction: a benchmark of a billion samples needs nine."""


_NUMBER = re.compile(r"[0-9]{1,18}")


_FRACTION = re.compile(r"[01]?\.[0-9]{1,12}|[01]")


_DEVICE = re.compile(r"[a-z]+(:[0-9]+)?")


_FEWEST_PERCENT: Final = 2
"""Someone who writes 1.5 hardly means 1.5 %."""


_ALL_PERCENT: Final = 100


_EVEN_ODDS: Final = Decimal("0.5")


# The words of pytest's own ini switches, so that one rule serves everywhere.
_ON = frozenset({"1", "true", "t", "yes", "y", "on"})


_OFF = frozenset({"0", "false", "f", "no", "n", "off"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingLocation:
    """Where a value was typed."""

    key: str
    """`--mm-limit`, `MMBENCH_LIMIT`, `mm_limit`, `limit`, `"shapes.math"` ..."""
    where: str = ""
    """What the key stands in: `mmbench.toml [gate]`, `ini`; empty for flags and variables."""
    toml: bool = False
    """Whether values are written as in TOML: typed, text in quotes."""

    @property
    def name(self) -> str:
        """The key, and what it stands in: `mmbench.toml [gate] alpha`."""
        return f"{self.where} {self.key}".lstrip()

    def setting(self, value: object) -> str:
        """The key with a value, to be copied: `alpha = 0.05`, `--mm-limit=40`."""
        return f"{self.key}{' = ' if self.toml else '='}{self._written(value)}"

    def with_value(self, value: object) -> str:
        """The place and the value, as they were typed."""
        return f"{self.where} {self.setting(value)}".lstrip()

    def _written(self, value: object) -> str:
        return shortened(toml(value) if self.toml else _words(value))

    def error(self, problem: str, value: object, **facts: str) -> SettingsError:
        """The error that says what is wrong with a value, and repeats it as it was typed."""
        return SettingsError(problem, asked_for_by=self.with_value(value), **facts)


def toml(value: object) -> str:
    """A value as it stands in a TOML file."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value, ensure_ascii=False)
        case Decimal():
            return str(value).lower()
        case Mapping():
            return f"{{ {', '.join(f'{key} = {toml(part)}' for key, part in value.items())} }}"
        case list() | tuple():
            return f"[{', '.join(toml(part) for part in value)}]"
        case _:
            return str(value)


def _words(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def text(option: Option, value: object, place: SettingLocation) -> str:
    """Any text, a word out of the option's choices, or a device.

    Raises:
        SettingsError: it is no text, not among the choices, or does not look like a device.
    """
    if not isinstance(value, str):
        facts = near("", option.choices) if option.choices else {"what_to_do": "write it in quotes"}
        raise place.error(f"{option.name} is a text, not {shortened(toml(value))}.", value, **facts)
    if option.kind is Kind.CHOICE and value not in option.choices:
        raise place.error(
            f"{value!r} is not a {option.name}.", value, **near(value, option.choices)
        )
    if option.kind is Kind.DEVICE and not _DEVICE.fullmatch(value):
        example = "write auto, cpu, cuda, cuda:1 or mps"
        raise place.error(f"{value!r} is not a device.", value, what_to_do=example)
    return value


def number(option: Option, value: object, place: SettingLocation) -> int:
    """A whole number, 0 or more. Text is read as a number, but not in a TOML file.

    Raises:
        SettingsError: it is not.
    """
    if isinstance(value, str) and not place.toml and _NUMBER.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise place.error(
        f"{option.name} is a whole number, 0 or more; {shortened(toml(value))} is not.",
        value,
        what_to_do=f"write digits alone, such as {place.setting(40)}",
    )


def switch(option: Option, value: object, place: SettingLocation) -> bool:
    """True or false. Text such as `yes` or `0` is read as such, but not in a TOML file.

    Raises:
        SettingsError: it is neither.
    """
    if isinstance(value, str) and not place.toml:
        value = {**dict.fromkeys(_ON, True), **dict.fromkeys(_OFF, False)}.get(
            value.strip().lower(), value
        )
    if isinstance(value, bool):
        return value
    raise place.error(
        f"{option.name} is either true or false; {shortened(toml(value))} is neither.",
        value,
        what_to_do=f"write true or false{', without quotes' if place.toml else ''}",
    )


def names(option: Option, value: object, place: SettingLocation) -> tuple[str, ...]:
    """One name or several, each once, in the order in which they were typed; commas separate.

    Raises:
        SettingsError: there is no name in it.
    """
    typed = value if isinstance(value, list | tuple) else [value]
    found = [name.strip() for part in typed for name in str(part).split(",") if name.strip()]
    if not found:
        raise place.error(f"{option.name} names nothing.", value)
    return tuple(dict.fromkeys(found))


def refuse_folder(path: Path, what: str, place: SettingLocation) -> None:
    """Accepts what can be a file, before any work is done for it.

    Raises:
        SettingsError: it is a folder.
    """
    if path.is_dir():
        raise place.error(f"{what} names a folder.", str(path), what_to_do="name a file in it")


def fraction(what: str, value: object, place: SettingLocation) -> str:
    """The digits of a fraction between 0 and 1, as they were written: 0.60 is "0.60".

    A number of a TOML file reaches this as a `Decimal`, which keeps its digits.

    Args:
        what: names the fraction in the error, such as `threshold`.
        value: what stands in the file.
        place: where it stands.

    Raises:
        SettingsError: it is text, true, false, NaN, negative, above 1, or longer than 12 decimals.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _no_number(what, value, place)
    exact = Decimal(value)
    if not exact.is_finite() or exact.is_signed() or exact > 1:
        raise _outside(what, exact, place)
    if round(exact, MOST_DECIMALS) != exact:
        problem = f"{what} {value} has more than {MOST_DECIMALS} decimals."
        raise place.error(problem, value, what_to_do="write fewer digits")
    return format(exact, "f")


def level(value: object, place: SettingLocation) -> float:
    """An error probability, above 0 and below 0.5, as every gate needs it.

    Raises:
        SettingsError: it is another number, or none.
    """
    exact = Decimal(fraction("alpha", value, place))
    if not 0 < exact < _EVEN_ODDS:
        problem = f"alpha {exact} is not above 0 and below 0.5."
        raise place.error(problem, value, what_to_do="write an error probability, such as 0.05")
    return float(exact)


def _no_number(what: str, value: object, place: SettingLocation) -> SettingsError:
    kind = "a text" if isinstance(value, str) else shortened(toml(value))
    quoted = isinstance(value, str) and _FRACTION.fullmatch(value)
    remedy = (
        f"write it without quotes: {place.key} = {value}"
        if quoted
        else f"write a fraction between 0 and 1, such as {place.setting(Decimal('0.6'))}"
    )
    return place.error(f"{what} is a number, not {kind}.", value, what_to_do=remedy)


def _outside(what: str, value: Decimal, place: SettingLocation) -> SettingsError:
    percent = value.is_finite() and _FEWEST_PERCENT <= value <= _ALL_PERCENT
    meant = format((value / 100).normalize(), "f") if percent else "0.6"
    remedy = f"for {value} % write {meant}" if percent else "write a fraction, such as 0.6"
    shown = shortened(toml(value))
    return place.error(f"{what} {shown} is not between 0 and 1.", value, what_to_do=remedy)
