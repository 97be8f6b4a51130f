"""The tables [thresholds] and [gate] of the settings file: what a release has to reach."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pytest_mmbench import errors
from pytest_mmbench.config import values
from pytest_mmbench.config.file import ConfigFile
from pytest_mmbench.config.values import SettingLocation
from pytest_mmbench.errors import SettingsError, near
from pytest_mmbench.options import Kind, Option
from pytest_mmbench.records import Dimension, Rule, Threshold

_RULE: Final = Option(
    name="rule",
    kind=Kind.CHOICE,
    default=Rule.POINT.value,
    choices=tuple(rule.value for rule in Rule),
    help="When a tally reaches its threshold.",
)


_GATE: Final[Mapping[str, object]] = {
    "rule": Rule.POINT.value,
    "alpha": Decimal("0.05"),
    "unreadable": Decimal("0.05"),
}


_THRESHOLD_KEYS: Final = ("at_least", "rule")


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """What holds for every threshold."""

    rule: Rule
    """Of a threshold that names none."""
    alpha: float
    """Error probability of the rules that need one, in (0, 0.5)."""
    unparseable_limit: float
    """Fraction of unreadable answers above which a dimension is invalid."""


def gate_settings(file: ConfigFile) -> GateSettings:
    """The table [gate], with the defaults of the keys that it leaves out.

    Raises:
        SettingsError: it holds an unknown key or a bad value.
    """
    table = {**_GATE, **file.section("gate", tuple(_GATE))}
    unreadable = values.fraction(
        "unreadable", table["unreadable"], file.location("gate", "unreadable")
    )
    return GateSettings(
        rule=_rule(table["rule"], file.location("gate", "rule")),
        alpha=values.level(table["alpha"], file.location("gate", "alpha")),
        unparseable_limit=float(unreadable),
    )


def _rule(value: object, place: SettingLocation) -> Rule:
    return Rule(values.text(_RULE, value, place))


def read_thresholds(file: ConfigFile, rule: Rule, known: Collection[str]) -> dict[str, Threshold]:
    """The table [thresholds], by dimension.

    Args:
        file: the settings file.
        rule: of a threshold that names none.
        known: names of the registered benchmarks. Whether a dimension exists is
            the business of `check`, when the benchmarks' trees are known.

    Raises:
        SettingsError: a benchmark, key, rule or value is not known or not allowed.
    """
    table = file.section("thresholds")
    for path, value in table.items():
        where = file.location("thresholds", path).with_value(value)
        errors.registered(path.partition(".")[0], known, where)
    return {path: _threshold(path, value, rule, file) for path, value in table.items()}


def _threshold(path: str, value: object, rule: Rule, file: ConfigFile) -> Threshold:
    place = file.location("thresholds", path)
    if not isinstance(value, Mapping):
        return Threshold(at_least=values.fraction("threshold", value, place), rule=rule)
    _only_rules(path, value, place)
    at_least = values.fraction(
        "at_least", value["at_least"], file.location("thresholds", path, "at_least")
    )
    if "rule" in value:
        rule = _rule(value["rule"], file.location("thresholds", path, "rule"))
    return Threshold(at_least=at_least, rule=rule)


def _only_rules(path: str, table: Mapping[str, object], place: SettingLocation) -> None:
    for key in table:
        if key not in _THRESHOLD_KEYS:
            raise _unknown(path, key, table, place)
    if "at_least" not in table:
        remedy = f"write {place.key} = {{ at_least = 0.6 }}"
        raise place.error(f"threshold {path!r} has no at_least.", table, what_to_do=remedy)


def _unknown(
    path: str, key: str, table: Mapping[str, object], place: SettingLocation
) -> SettingsError:
    facts = near(key, _THRESHOLD_KEYS)
    if "did_you_mean" not in facts:
        # TOML reads `shapes.math = 0.5` as a table `shapes` with a key `math`.
        facts["what_to_do"] = f'write a dimension in quotes: "{path}.{key}" = 0.6'
    return place.error(f"{key!r} is not a key of a threshold.", table, **facts)


def check_thresholds(
    thresholds: Mapping[str, Threshold], dimensions: Iterable[Dimension], *, source: str
) -> None:
    """Accepts thresholds whose dimensions exist and hold samples.

    A threshold of a benchmark none of whose dimensions is given was not asked for: it is fine.

    Args:
        thresholds: by dimension.
        dimensions: the trees of the benchmarks that were chosen.
        source: where the thresholds stand, `Settings.source`.

    Raises:
        SettingsError: a dimension is not known, or holds no sample.
    """
    sizes = {dimension.path: dimension.size for dimension in dimensions}
    chosen = {_first_word(path) for path in sizes}
    for path, threshold in thresholds.items():
        if _first_word(path) in chosen:
            where = f'{source} [thresholds] "{path}" = {threshold.at_least}'.lstrip()
            _check_dimension(path, sizes, where)


def _first_word(path: str) -> str:
    return path.partition(".")[0]


def _check_dimension(path: str, sizes: Mapping[str, int], where: str) -> None:
    if path not in sizes:
        same = [other for other in sizes if _first_word(other) == _first_word(path)]
        facts = near(path, same, label="dimensions")
        raise SettingsError(f"there is no dimension {path!r}.", asked_for_by=where, **facts)
    if sizes[path] == 0:
        remedy = "take the threshold out, or add samples to the benchmark's data"
        problem = f"dimension {path!r} has no samples: no threshold can be reached."
        raise SettingsError(problem, asked_for_by=where, what_to_do=remedy)


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
class RegressionSettings:
    """What a comparison with a baseline has to show."""

    margin: float
    """Fraction by which the whole of a benchmark may be worse, at most."""
    alpha: float
    """One-sided error probability of the whole gate."""
    min_items: int
    """Samples below which a dimension is shown, and not judged by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionSettings:
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


def regression_settings(file: ConfigFile) -> RegressionSettings:
    """The table [regression], with the defaults of the keys that it leaves out.

    Raises:
        SettingsError: it holds an unknown key or a bad value.
    """
    table = {**_REGRESSION, **file.section("regression", tuple(_REGRESSION))}
    return RegressionSettings(
        margin=_margin(table["margin"], file.location("regression", "margin")),
        alpha=values.level(table["alpha"], file.location("regression", "alpha")),
        min_items=values.number(
            _MIN_ITEMS, table["min-items"], file.location("regression", "min-items")
        ),
    )


def vision_settings(file: ConfigFile) -> VisionSettings:
    """The table [vision]; whether its conditions exist is the business of `ablations`.

    Raises:
        SettingsError: it holds an unknown key or a bad value.
    """
    table = {**_VISION, **file.section("vision", tuple(_VISION))}
    place = file.location("vision", "conditions")
    return VisionSettings(
        conditions=values.names(_NAMES, table["conditions"], place) if table["conditions"] else (),
        rotations=values.switch(
            _ROTATIONS, table["rotations"], file.location("vision", "rotations")
        ),
        min_gain=_digits("vision", "min-gain", table, file),
        min_share=_digits("vision", "min-share", table, file),
        max_leakage=_digits("vision", "max-leakage", table, file),
    )


def _margin(value: object, place: SettingLocation) -> float:
    exact = Decimal(values.fraction("margin", value, place))
    if not 0 < exact < 1:
        remedy = "write two points as 0.02; without any margin no candidate could pass"
        raise place.error(f"margin {exact} is not above 0 and below 1.", value, what_to_do=remedy)
    return float(exact)


def _digits(section: str, key: str, table: Mapping[str, object], file: ConfigFile) -> str:
    return values.fraction(key, table[key], file.location(section, key))
