"""The tables [regression] and [vision] of the settings file: what else a release has to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pytest_mmbench.config import decoding
from pytest_mmbench.config.configfile import ConfigFile
from pytest_mmbench.config.decoding import Place
from pytest_mmbench.options import Kind, Option

_NAMES: Final = Option(name="conditions", kind=Kind.NAMES, default=(), help="")
_ROTATIONS: Final = Option(name="rotations", kind=Kind.SWITCH, default=False, help="")
_MIN_ITEMS: Final = Option(name="min-items", kind=Kind.NUMBER, default=30, help="")

_REGRESSION: Final[Mapping[str, object]] = {
    "margin": Decimal("0.02"),
    "alpha": Decimal("0.05"),
    "min-items": 30,
}
_VISION: Final[Mapping[str, object]] = {
    "conditions": (),
    "rotations": False,
    "min-gain": Decimal("0.05"),
    "min-share": Decimal(0),
    "max-leakage": Decimal("0.05"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """What a comparison with a baseline has to show."""

    margin: float
    """Fraction by which the whole of a benchmark may be worse, at most."""
    alpha: float
    """One-sided error probability of the whole gate."""
    min_items: int
    """Samples below which a dimension is shown, and not judged by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vision:
    """What asking without the picture, or with another, has to show."""

    conditions: tuple[str, ...]
    """Names of ablations; none: nothing is asked again."""
    rotations: bool
    """Whether everything is also asked without its picture under every rotation of its options."""
    min_gain: str
    """As it was written: the fraction by which pictures have to raise the score."""
    min_share: str
    """As it was written: the fraction of the score above chance that pictures have to bring."""
    max_leakage: str
    """As it was written: the fraction by which it may know more unseen than the text model."""


def regression(file: ConfigFile) -> Regression:
    """The table [regression], with the defaults of the keys that it leaves out.

    Raises:
        SettingsError: it holds an unknown key or a bad value.
    """
    table = {**_REGRESSION, **file.section("regression", tuple(_REGRESSION))}
    return Regression(
        margin=_margin(table["margin"], file.place("regression", "margin")),
        alpha=decoding.level(table["alpha"], file.place("regression", "alpha")),
        min_items=decoding.number(
            _MIN_ITEMS, table["min-items"], file.place("regression", "min-items")
        ),
    )


def vision(file: ConfigFile) -> Vision:
    """The table [vision]; whether its conditions exist is the business of `ablations`.

    Raises:
        SettingsError: it holds an unknown key or a bad value.
    """
    table = {**_VISION, **file.section("vision", tuple(_VISION))}
    place = file.place("vision", "conditions")
    return Vision(
        conditions=decoding.names(_NAMES, table["conditions"], place)
        if table["conditions"]
        else (),
        rotations=decoding.switch(
            _ROTATIONS, table["rotations"], file.place("vision", "rotations")
        ),
        min_gain=_digits("vision", "min-gain", table, file),
        min_share=_digits("vision", "min-share", table, file),
        max_leakage=_digits("vision", "max-leakage", table, file),
    )


def _margin(value: object, place: Place) -> float:
    exact = Decimal(decoding.fraction("margin", value, place))
    if not 0 < exact < 1:
        remedy = "write two points as 0.02; without any margin no candidate could pass"
        raise place.wrong(f"margin {exact} is not above 0 and below 1.", value, what_to_do=remedy)
    return float(exact)


def _digits(section: str, key: str, table: Mapping[str, object], file: ConfigFile) -> str:
    return decoding.fraction(key, table[key], file.place(section, key))
