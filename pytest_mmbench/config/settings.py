"""Settings: what is to be judged, how it is asked, and what it has to reach.

Command line beats environment beats ini beats settings file beats default.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal

from pytest_mmbench import errors
from pytest_mmbench.config import tables, values
from pytest_mmbench.config.file import ConfigFile, check_keys, find_default, read, toml_table
from pytest_mmbench.config.sources import SettingSources, SettingValue
from pytest_mmbench.config.tables import RegressionSettings, VisionSettings
from pytest_mmbench.errors import SettingsError, near
from pytest_mmbench.files import expand
from pytest_mmbench.options import BY_NAME, OPTIONS, PREFIX
from pytest_mmbench.records import BadRows, Method, Rule, Threshold

_TABLES: Final = ("benchmarks", "thresholds", "gate", "regression", "vision")


_KEYS: Final = (*(option.name for option in OPTIONS if option.in_file), *_TABLES)


REPORTS: Final = ("html", "markdown", "json")


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkSettings:
    """A benchmark that was chosen, with what was set for it."""

    name: str
    method: Method | Literal["auto"]
    """`auto`: the first of those that the benchmark offers."""
    options: Mapping[str, object]
    """The benchmark's own, as they stand in the file; it checks them itself."""
    source: str
    """Where the method was set."""

    def method_from(self, offered: tuple[Method, ...]) -> Method:
        """How it is to be asked.

        Args:
            offered: what `Benchmark.methods()` gives.

        Raises:
            SettingsError: the benchmark does not offer the method that was set.
        """
        if self.method == "auto":
            return offered[0]
        if self.method not in offered:
            raise SettingsError(
                f"benchmark {self.name!r} cannot be asked by {self.method.value!r}.",
                asked_for_by=self.source,
                **near(self.method.value, (each.value for each in offered), label="offered"),
            )
        return self.method


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that a run needs to know, decided once."""

    model: str
    """Empty if none was named: then nothing is judged."""
    benchmarks: tuple[BenchmarkSettings, ...]
    configured_benchmarks: tuple[str, ...]
    """Those that run where nothing above the settings file chooses others."""
    circular: bool
    """Whether every rotation of a question's options is asked."""
    exclude: Mapping[str, Path]
    """The list of samples to leave out, under `exclude`; empty if there is none."""
    limit: int
    """Samples per benchmark; 0: all."""
    seed: int
    batch_size: int
    """Prompts at once; 0: as many as the model prefers."""
    device: str
    dtype: str
    store: Path
    fresh: bool
    strict: bool
    bad_rows: BadRows
    trust_remote_code: bool
    thresholds: Mapping[str, Threshold]
    """By dimension; those of benchmarks that were not chosen among them."""
    rule: Rule
    """Of a threshold that names none."""
    alpha: float
    """Error probability of the rules that need one, in (0, 0.5)."""
    unparseable_limit: float
    """Fraction of unreadable answers above which a dimension is invalid."""
    regression: RegressionSettings
    vision: VisionSettings
    baseline: str
    """What is compared with: a checkpoint, a saved run, or its name; empty for nothing."""
    base_llm: str
    """The text model that the candidate was built on; empty if it is not known."""
    calibrate: bool
    reports: Mapping[str, Path]
    """Where reports are written, by option: `html`, `markdown`, `json`."""
    source: str
    """The settings file, `pyproject.toml [tool.mmbench]` for one; empty if there is none."""
    note: str
    """What the reader should know about the choice of that file; empty if nothing."""
    sources: Mapping[str, str]
    """For each option the place that decided it: `--mm-limit`, `MMBENCH_LIMIT`, `default` ..."""


def read_settings(
    *,
    rootdir: Path,
    cli: Mapping[str, object],
    ini: Mapping[str, object],
    environment: Mapping[str, str],
    known: Collection[str],
    invocation_dir: Path | None = None,
    prefix: str = PREFIX,
) -> Settings:
    """The settings of this run.

    Args:
        rootdir: where the settings file is looked for, and where relative paths in it start; those
            of data start where the file lies, if it is another one and they are there.
        cli: by `Option.ini`, None where a flag was not given: `vars(config.option)`.
        ini: by `Option.ini`, None where a key was not written.
        environment: `os.environ`.
        known: names of the registered benchmarks.
        invocation_dir: where pytest was started; relative paths of the command line and of the
            environment start there. Default: the rootdir.
        prefix: of the flags that people type, for messages.

    Raises:
        SettingsError: anything that was typed is not known or not allowed.
    """
    levels = SettingSources(
        cli=cli,
        environment=environment,
        ini=ini,
        file=ConfigFile(name=""),
        rootdir=rootdir,
        invocation_dir=invocation_dir or rootdir,
        prefix=prefix,
    )
    file = _file(levels)
    _only_settings(file)
    return _settings(levels.with_file(file), known)


def _file(levels: SettingSources) -> ConfigFile:
    found = levels.value_of("config")
    if not found.above_file:
        return find_default(levels.rootdir)
    path = levels.path("config")
    return read(path, name=str(found.value), place=found.location)


def _only_settings(file: ConfigFile) -> None:
    for option in OPTIONS:
        if not option.in_file and option.name in file.table and f"{option.name}s" not in _TABLES:
            remedy = f"use {option.flag}, {option.variable} or pytest's ini key {option.ini}"
            problem = f"{option.name!r} is not for a settings file."
            value = file.table[option.name]
            raise file.location(option.name).error(problem, value, what_to_do=remedy)
    check_keys(file.table, _KEYS, file)


def _settings(levels: SettingSources, known: Collection[str]) -> Settings:
    gate = tables.gate_settings(levels.file)
    return Settings(
        model=_model(levels, "model"),
        benchmarks=_benchmarks(levels, known),
        configured_benchmarks=_configured(levels),
        circular=levels.switch("circular"),
        exclude={"exclude": levels.path("exclude")} if levels.text("exclude") else {},
        limit=levels.number("limit"),
        seed=levels.number("seed"),
        batch_size=levels.number("batch-size"),
        device=levels.text("device"),
        dtype=levels.text("dtype"),
        store=levels.path("store"),
        fresh=levels.switch("fresh"),
        strict=levels.switch("strict"),
        bad_rows=BadRows(levels.text("bad-rows")),
        trust_remote_code=levels.switch("trust-remote-code"),
        thresholds=tables.read_thresholds(levels.file, gate.rule, known),
        rule=gate.rule,
        alpha=gate.alpha,
        unparseable_limit=gate.unparseable_limit,
        regression=tables.regression_settings(levels.file),
        vision=_vision(levels),
        baseline=_model(levels, "baseline"),
        base_llm=_model(levels, "base-llm"),
        calibrate=levels.switch("calibrate"),
        reports=_reports(levels),
        source=levels.file.source,
        note=levels.file.note,
        sources=levels.sources(),
    )


def _configured(levels: SettingSources) -> tuple[str, ...]:
    option, place = BY_NAME["benchmark"], levels.file.location("benchmarks")
    by_default = values.names(option, option.default, place)
    return tuple(levels.file.section("benchmarks")) or by_default


def _reports(levels: SettingSources) -> dict[str, Path]:
    """Where each report is written that is wanted: no two of them into one file."""
    found = {name: _report(levels, name) for name in REPORTS if levels.text(name)}
    for name, path in found.items():
        first = next(each for each in found if found[each] == path)
        if first != name:
            problem = f"{name} and {first} name the same file."
            raise levels.value_of(name).location.error(
                problem, str(path), what_to_do="name another one"
            )
    return found


def _report(levels: SettingSources, name: str) -> Path:
    """A file to be written once the model was asked: what cannot be one is refused before."""
    path = levels.path(name)
    values.refuse_folder(path, name, levels.value_of(name).location)
    return path


def _vision(levels: SettingSources) -> VisionSettings:
    """The table [vision], with the conditions of a higher level if there are any."""
    table = tables.vision_settings(levels.file)
    found = levels.value_of("condition")
    if not found.above_file:
        return table
    return replace(
        table, conditions=values.names(BY_NAME["condition"], found.value, found.location)
    )


def _model(levels: SettingSources, name: str) -> str:
    """As it was typed, or the path from the rootdir if that is where it was meant and found."""
    found = levels.value_of(name)
    spec = levels.text(name).strip()
    if not spec or found.folder == levels.invocation_dir:
        return spec
    scheme, colon, path = spec.rpartition(":")
    there = found.folder / path
    return f"{scheme}{colon}{there}" if there.exists() else spec


def _benchmarks(levels: SettingSources, known: Collection[str]) -> tuple[BenchmarkSettings, ...]:
    configured = levels.file.section("benchmarks")
    for name in configured:
        errors.registered(name, known, levels.file.heading("benchmarks", name))
    chosen = _selected(levels, tuple(configured))
    for name in chosen:
        errors.registered(name, known, levels.value_of("benchmark").location.setting(name))
    return tuple(_chosen(name, levels) for name in chosen)


def _selected(levels: SettingSources, configured: tuple[str, ...]) -> tuple[str, ...]:
    found = levels.value_of("benchmark")
    if configured and not found.above_file:
        return configured
    return values.names(BY_NAME["benchmark"], found.value, found.location)


def _chosen(name: str, levels: SettingSources) -> BenchmarkSettings:
    configured = levels.file.section("benchmarks")
    own = toml_table(configured.get(name, {}), levels.file, "benchmarks", name)
    method = levels.value_of("method")
    if "method" in own and not method.above_file:
        place = levels.file.location("benchmarks", name, "method")
        method = SettingValue(
            value=own["method"], location=place, folder=levels.rootdir, above_file=False
        )
    word = values.text(BY_NAME["method"], method.value, method.location)
    return BenchmarkSettings(
        name=name,
        method="auto" if word == "auto" else Method(word),
        options=_options(own, (levels.beside_file, levels.rootdir)),
        source=method.location.with_value(word),
    )


def _options(own: Mapping[str, object], folders: Sequence[Path]) -> dict[str, object]:
    """The benchmark's own options; a path to its data starts at the first folder that has it."""
    options = {key: _plain(value) for key, value in own.items() if key != "method"}
    data = options.get("data")
    if isinstance(data, str) and data:
        places = (folder / expand(data) for folder in folders)
        options["data"] = next((str(there) for there in places if there.exists()), data)
    return options


def _plain(value: object) -> object:
    """A value of the file in the types that people expect of TOML: no `Decimal`."""
    match value:
        case Decimal():
            return float(value)
        case list():
            return [_plain(part) for part in value]
        case dict():
            return {key: _plain(part) for key, part in value.items()}
        case _:
            return value
