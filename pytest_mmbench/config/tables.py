"""The tables of a settings file that say what a release has to reach.

[gate], [regression], [vision], [snapshots] and [thresholds].

An unknown key and a bad value are a `SettingsError`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from pytest_mmbench.config import values
from pytest_mmbench.config.file import ConfigFile
from pytest_mmbench.config.values import Setting
from pytest_mmbench.errors import SettingsError, check_registered, near
from pytest_mmbench.records import CountedChanges, Dimension, Rule, Threshold, benchmark_of

_THRESHOLD_KEYS: Final = ("at_least", "rule")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionSettings:
    """What a comparison with a baseline has to show."""

    margin: float
    """Fraction by which the whole of a benchmark may be worse, at most."""
    alpha: float
    """One-sided error probability of the whole gate."""
    min_items: int
    """Samples below which a dimension is shown, and not judged by itself."""
    tolerance: float | str = values.MEASURED
    """Widest margin (nats) of a near tie, or how it is found: `measured`, `assumed`."""

    @property
    def given_tolerance(self) -> float | None:
        """The tolerance in nats, if it is not to be found."""
        return None if isinstance(self.tolerance, str) else self.tolerance


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionSettings:
    """What asking without the picture, or with another, has to show."""

    conditions: tuple[str, ...]
    """Names; none: nothing is asked again."""
    rotations: bool
    """Whether everything is also asked without its picture under every rotation of its options."""
    min_gain: str
    """As it was written: the fraction by which pictures have to raise the score."""
    min_share: str
    """As it was written: the fraction of the score above chance that pictures have to bring."""
    max_leakage: str
    """As it was written: the fraction by which it may know more unseen than the text model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSettings:
    """How many answers of a leaf may differ from its snapshot."""

    allow: Mapping[str, int | Decimal]
    """By dimension, a number of answers or, as a `Decimal` below 1, a share of those compared;
    under an empty path what is allowed everywhere else."""
    count: CountedChanges
    """Which changes count."""

    def allowed(self, leaf: str, total: int) -> int:
        """How many of `total` answers may change, never all: the nearest dimension decides."""
        path = leaf
        while path and path not in self.allow:
            path = path.rpartition(".")[0]
        allow = self.allow.get(path, 0)
        most = allow if isinstance(allow, int) else int(allow * total)
        return min(most, max(total - 1, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key of a table of the settings file."""

    read: Callable[[Setting], object]
    """Gives the value, or raises a `SettingsError`."""
    default: object
    """As it would be typed."""


def _rule(setting: Setting) -> Rule:
    return Rule(values.text(setting, [rule.value for rule in Rule]))


def _allow(setting: Setting) -> dict[str, int | Decimal]:
    """One allowance for every leaf, or a table of them by dimension."""
    if not isinstance(setting.value, Mapping):
        return {"": values.allowance(setting)}
    where = f"{setting.where.removesuffix(']')}.{setting.key}]"
    settings = {
        path: replace(setting, value=value, key=values.toml(path), where=where)
        for path, value in setting.value.items()
    }
    for path, inner in settings.items():
        if isinstance(inner.value, Mapping):
            # TOML reads `shapes.math = 3` as a table `shapes` with a key `math`.
            key = next(iter(inner.value), "")
            remedy = f'write a dimension in quotes: "{path}.{key}" = 3'
            raise inner.error(f"{path!r} allows a table.", what_to_do=remedy)
    return {path: values.allowance(inner) for path, inner in settings.items()}


TABLES: Final[Mapping[str, Mapping[str, Key]]] = {
    "gate": {
        "unreadable": Key(read=values.fraction, default=Decimal("0.05")),
        "cut-short": Key(read=values.fraction, default=Decimal(1)),
        "rule": Key(read=_rule, default=Rule.POINT.value),
        "alpha": Key(read=values.error_probability, default=Decimal("0.05")),
        "undecided": Key(read=lambda word: values.text(word, ("warn", "fail")), default="warn"),
    },
    "regression": {
        "margin": Key(read=values.margin, default=Decimal("0.02")),
        "alpha": Key(read=values.error_probability, default=Decimal("0.05")),
        "min-items": Key(read=values.number, default=30),
        "tolerance": Key(read=values.tolerance, default=values.MEASURED),
    },
    "vision": {
        "conditions": Key(
            read=lambda words: values.names(words) if words.value else (), default=()
        ),
        "rotations": Key(read=values.switch, default=False),
        "min-gain": Key(read=values.fraction, default=Decimal("0.05")),
        "min-share": Key(read=values.fraction, default=Decimal(0)),
        "max-leakage": Key(read=values.fraction, default=Decimal("0.05")),
    },
    "snapshots": {
        "allow": Key(read=_allow, default=0),
        "count": Key(
            read=lambda word: CountedChanges(values.text(word, [*CountedChanges])),
            default=CountedChanges.ALL.value,
        ),
    },
}
"""The tables whose keys are the same in every project."""


def read_table(file: ConfigFile, name: str) -> dict[str, Any]:
    """One of `TABLES`, with the defaults of the keys that it leaves out: the fields of its record.

    Whether conditions exist is the business of `conditions`.
    """
    keys, table = TABLES[name], file.section(name)
    file.check_keys(keys, name)
    return {
        word.replace("-", "_"): key.read(
            file.setting(name, word, value=table.get(word, key.default))
        )
        for word, key in keys.items()
    }


def read_thresholds(file: ConfigFile, rule: Rule, known: Collection[str]) -> dict[str, Threshold]:
    """The table [thresholds], by dimension; `rule` is that of a threshold that names none.

    Whether a dimension exists is the business of `check_thresholds`, when the trees are known.
    """
    table = file.section("thresholds")
    settings = {
        path: file.setting("thresholds", path, value=value, name="threshold")
        for path, value in table.items()
    }
    for path, setting in settings.items():
        check_registered(benchmark_of(path), known, setting.as_typed)
    return {path: _read_threshold(path, setting, rule, file) for path, setting in settings.items()}


def _read_threshold(path: str, setting: Setting, rule: Rule, file: ConfigFile) -> Threshold:
    table = setting.value
    if not isinstance(table, Mapping):
        return Threshold(at_least=values.fraction(setting), rule=rule)
    for key in table:
        if key not in _THRESHOLD_KEYS:
            facts = near(key, _THRESHOLD_KEYS)
            if "did_you_mean" not in facts:
                # TOML reads `shapes.math = 0.5` as a table `shapes` with a key `math`.
                facts["what_to_do"] = f'write a dimension in quotes: "{path}.{key}" = 0.6'
            raise setting.error(f"{key!r} is not a key of a threshold.", **facts)
    if "at_least" not in table:
        remedy = f"write {setting.key} = {{ at_least = 0.6 }}"
        raise setting.error(f"threshold {path!r} has no at_least.", what_to_do=remedy)
    digits = file.setting("thresholds", path, "at_least", value=table["at_least"])
    at_least = values.fraction(digits)
    if "rule" in table:
        rule = _rule(file.setting("thresholds", path, "rule", value=table["rule"]))
    return Threshold(at_least=at_least, rule=rule)


def check_thresholds(
    thresholds: Mapping[str, Threshold], dimensions: Iterable[Dimension], *, source: str
) -> None:
    """Accepts thresholds whose dimensions exist and hold samples.

    A threshold of a benchmark none of whose dimensions is given does not count in this run: it is
    fine.
    """
    sizes = _sizes(dimensions)
    for path, threshold in thresholds.items():
        siblings = sizes.get(benchmark_of(path))
        if siblings is None:
            continue
        where = f'{source} [thresholds] "{path}" = {threshold.at_least}'.lstrip()
        _check_dimension(path, siblings, where)
        if siblings[path] == 0:
            raise SettingsError(
                f"dimension {path!r} has no samples: no threshold can be reached.",
                asked_for_by=where,
                what_to_do="take the threshold out, or add samples to the benchmark's data",
            )


def check_allowances(
    settings: SnapshotSettings, dimensions: Iterable[Dimension], *, source: str
) -> None:
    """Accepts allowances of dimensions that exist, or of benchmarks none of which is given."""
    sizes = _sizes(dimensions)
    for path in settings.allow:
        siblings = sizes.get(benchmark_of(path))
        if siblings is not None:
            _check_dimension(path, siblings, f'{source} [snapshots.allow] "{path}"'.lstrip())


def _sizes(dimensions: Iterable[Dimension]) -> dict[str, dict[str, int]]:
    """Samples by benchmark and dimension."""
    sizes: dict[str, dict[str, int]] = {}
    for dimension in dimensions:
        sizes.setdefault(dimension.benchmark, {})[dimension.path] = dimension.size
    return sizes


def _check_dimension(path: str, siblings: Collection[str], where: str) -> None:
    if path not in siblings:
        facts = near(path, siblings, label="dimensions")
        raise SettingsError(f"there is no dimension {path!r}.", asked_for_by=where, **facts)
