"""Settings: what is to be judged, how it is asked, and what it has to reach.

Command line beats environment beats ini beats settings file beats default, also with `false` or 0:
`--no-mm-strict` beats `strict = true` in the file. What pytest reports as None was not set; neither
was an empty environment variable, because CI systems pass an input that nobody filled in like that.
Only that of the model is refused by the plugin: no gate is no pass.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal

from pytest_mmbench.config import generation, tables, values
from pytest_mmbench.config.file import ConfigFile, find_default, read
from pytest_mmbench.config.generation import DecodingSettings
from pytest_mmbench.config.tables import RegressionSettings, SnapshotSettings, VisionSettings
from pytest_mmbench.config.values import Setting
from pytest_mmbench.errors import SettingsError, check_registered, near
from pytest_mmbench.files import expand
from pytest_mmbench.options import BY_NAME, OPTIONS, PREFIX
from pytest_mmbench.records import BadRows, Method, Rule, Threshold

_TABLES: Final = ("benchmarks", "thresholds", generation.TABLE, *tables.TABLES)
_KEYS: Final = (*(option.name for option in OPTIONS if option.in_file), *_TABLES)
REPORTS: Final = ("html", "markdown", "json")
QUESTIONS: Final = "questions"
"""The key of a benchmark's table that makes it a project's own."""
_BENCHMARK_NAME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkSettings:
    """A benchmark of this run, and what is set for it."""

    name: str
    method: Method | Literal["auto"]
    """`auto`: the first of those that the benchmark offers."""
    options: Mapping[str, object]
    """The benchmark's own, as they stand in the file; it checks them itself."""
    source: str
    """Where the method was set."""
    decoding: DecodingSettings = field(default_factory=DecodingSettings)

    def method_from(self, offered: tuple[Method, ...]) -> Method:
        """The method that was set, if it is among `Benchmark.methods()`; `auto`: their first."""
        if self.method == "auto":
            return offered[0]
        if self.method not in offered:
            facts = near(self.method.value, (method.value for method in offered), label="offered")
            problem = f"benchmark {self.name!r} cannot be asked by {self.method.value!r}."
            raise SettingsError(problem, asked_for_by=self.source, **facts)
        return self.method


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that a run needs to know, decided once."""

    model: str
    """Empty if none was named: then nothing is judged."""
    benchmarks: tuple[BenchmarkSettings, ...]
    configured_benchmarks: tuple[str, ...]
    """Those that run unless something above the settings file names others."""
    circular: bool
    """Whether every rotation of a question's options is asked."""
    exclude: Path | None
    """The list of samples to leave out."""
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
    """By dimension; also those of benchmarks that do not run."""
    rule: Rule
    """Of a threshold that names none."""
    alpha: float
    """Error probability of the rules that need one, in (0, 0.5)."""
    undecided: Literal["warn", "fail"]
    """What becomes of a run that ends undecided."""
    unparseable_limit: float
    """Fraction of unparseable answers above which a dimension is invalid."""
    cut_short_limit: float
    """The same of answers that the limit of tokens has cut; 1: only unparseable ones count."""
    regression: RegressionSettings
    vision: VisionSettings
    snapshots: SnapshotSettings
    baseline: str
    """What is compared with: a checkpoint, a saved run, or its name; empty for nothing."""
    base_llm: str
    """The text model that the candidate was built on; empty if it is not known."""
    force: bool
    """Whether a snapshot may be made of a run that fails."""
    calibrate: bool
    reports: Mapping[str, Path]
    """Where reports are written, by option: `html`, `markdown`, `json`."""
    source: str
    """The settings file, `pyproject.toml [tool.mmbench]` for one; empty if there is none."""
    note: str
    """What the reader should know about the choice of that file; empty if nothing."""
    sources: Mapping[str, str]
    """For each option the place that decided it: `--mm-limit`, `MMBENCH_LIMIT`, `default` ..."""

    @property
    def undecided_fails(self) -> bool:
        """Whether an undecided run, or an inconclusive gate in it, gives exit code 1."""
        return self.strict or self.undecided == "fail"


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
    started_in = invocation_dir or rootdir
    above_file: dict[str, Setting] = {}
    for option in OPTIONS:
        name, variable = option.name, environment.get(option.variable, "")
        # A higher level first: flag, environment variable, ini key.
        levels = (
            ("", f"{prefix}{name}", cli.get(option.ini), started_in),
            ("", option.variable, variable if variable.strip() else None, started_in),
            ("ini", option.ini, ini.get(option.ini), rootdir),
        )
        for where, key, value, folder in levels:
            if value is not None:
                setting = Setting(name=name, value=value, key=key, where=where, folder=folder)
                above_file.setdefault(name, replace(setting, above_file=True))
    file = _read_file(above_file.get("config"), rootdir)
    known = (*known, *_own_benchmarks(file, known))
    options: dict[str, Setting] = {}
    for option in OPTIONS:
        name = option.name
        if name in above_file:
            options[name] = above_file[name]
        elif option.in_file and name in file.table:
            options[name] = file.setting(name, value=file.table[name], folder=rootdir)
        else:
            options[name] = Setting(name=name, value=option.default, key="default", folder=rootdir)
    return _settings(options, file, known, rootdir=rootdir, started_in=started_in)


def _settings(
    options: Mapping[str, Setting],
    file: ConfigFile,
    known: Collection[str],
    *,
    rootdir: Path,
    started_in: Path,
) -> Settings:
    gate = tables.read_table(file, "gate")
    return Settings(
        model=_model(options["model"], started_in),
        benchmarks=_benchmarks(options, file, known, rootdir),
        configured_benchmarks=tuple(file.section("benchmarks"))
        or values.names(replace(options["benchmark"], value=BY_NAME["benchmark"].default)),
        circular=values.switch(options["circular"]),
        exclude=values.path(options["exclude"]) if values.text(options["exclude"]) else None,
        limit=values.number(options["limit"]),
        seed=values.number(options["seed"]),
        batch_size=values.number(options["batch-size"]),
        device=values.device(options["device"]),
        dtype=values.text(options["dtype"], BY_NAME["dtype"].choices),
        store=values.path(options["store"]),
        fresh=values.switch(options["fresh"]),
        strict=values.switch(options["strict"]),
        bad_rows=BadRows(values.text(options["bad-rows"], BY_NAME["bad-rows"].choices)),
        trust_remote_code=values.switch(options["trust-remote-code"]),
        thresholds=tables.read_thresholds(file, gate["rule"], known),
        rule=gate["rule"],
        alpha=gate["alpha"],
        undecided=gate["undecided"],
        unparseable_limit=float(gate["unreadable"]),
        cut_short_limit=float(gate["cut_short"]),
        regression=RegressionSettings(**tables.read_table(file, "regression")),
        vision=_vision(options["condition"], file),
        snapshots=SnapshotSettings(**tables.read_table(file, "snapshots")),
        baseline=_model(options["baseline"], started_in),
        base_llm=_model(options["base-llm"], started_in),
        force=values.switch(options["force"]),
        calibrate=values.switch(options["calibrate"]),
        reports=_reports(options),
        source=file.heading(),
        note=file.note,
        sources={name: setting.source for name, setting in options.items()},
    )


def _read_file(config: Setting | None, rootdir: Path) -> ConfigFile:
    """The settings file that is named, or the default one, if it holds no unknown setting."""
    file = read(values.path(config), config) if config else find_default(rootdir)
    for option in OPTIONS:
        if not option.in_file and option.name in file.table and f"{option.name}s" not in _TABLES:
            setting = file.setting(option.name, value=file.table[option.name])
            raise setting.error(
                f"{option.name!r} is not for a settings file.",
                what_to_do=f"use {option.flag}, {option.variable} or pytest's ini key {option.ini}",
            )
    file.check_keys(_KEYS)
    return file


def _model(setting: Setting, invocation_dir: Path) -> str:
    """As it was typed, or the path from the rootdir if that is where it was meant and found."""
    spec = values.text(setting).strip()
    if not spec or setting.folder == invocation_dir:
        return spec
    scheme, colon, path = spec.rpartition(":")
    there = setting.folder / path
    return f"{scheme}{colon}{there}" if there.exists() else spec


def _benchmarks(
    options: Mapping[str, Setting], file: ConfigFile, known: Collection[str], rootdir: Path
) -> tuple[BenchmarkSettings, ...]:
    """The benchmarks that run: those that are named, else those that the file configures."""
    configured, typed, config = file.section("benchmarks"), options["benchmark"], options["config"]
    for name in configured:
        check_registered(name, known, file.heading("benchmarks", name))
    names = values.names(typed) if typed.above_file or not configured else tuple(configured)
    for name in names:
        check_registered(name, known, typed.with_value(name))
    folders = (values.path(config).parent, rootdir) if config.above_file else (rootdir,)
    return tuple(_benchmark(name, options["method"], file, folders) for name in names)


def _own_benchmarks(file: ConfigFile, known: Collection[str]) -> list[str]:
    """The names that a project gives to files of questions: those of tables that name one."""
    foreign = {
        name: table
        for name, table in file.section("benchmarks").items()
        if name not in known and isinstance(table, Mapping)
    }
    own = [name for name, table in foreign.items() if QUESTIONS in table]
    for name, key in ((name, key) for name, table in foreign.items() for key in table):
        if name not in own and "did_you_mean" in near(key, [QUESTIONS]):
            setting = file.setting("benchmarks", name, key, value=foreign[name][key])
            problem = f"benchmark {name!r} is not registered, and {key!r} names no questions."
            raise setting.error(problem, did_you_mean=f"{QUESTIONS!r}?")
    for name in own:
        if not _BENCHMARK_NAME.fullmatch(name):
            raise file.setting("benchmarks", name, QUESTIONS, value=foreign[name][QUESTIONS]).error(
                f"{name!r} cannot be the name of a benchmark: dimensions begin with it.",
                what_to_do="write it with letters from a to z, digits, - and _",
            )
    return own


def _benchmark(
    name: str, method: Setting, file: ConfigFile, folders: Sequence[Path]
) -> BenchmarkSettings:
    """One benchmark; a path to its data starts at the first folder that has it."""
    table = file.section("benchmarks", name)
    if "method" in table and not method.above_file:
        method = file.setting("benchmarks", name, "method", value=table["method"])
    word = values.text(method, BY_NAME["method"].choices)
    options = {
        key: _plain_value(value)
        for key, value in table.items()
        if key not in ("method", generation.TABLE)
    }

    def located(path: object) -> object:
        if not isinstance(path, str) or not path:
            return path
        places = (folder / expand(path) for folder in folders)
        return next((str(place) for place in places if place.exists()), path)

    for key in ("data", QUESTIONS):
        if key in options:
            options[key] = located(options[key])
    if isinstance(others := options.get("picture-folders"), list):
        options["picture-folders"] = [located(path) for path in others]
    return BenchmarkSettings(
        name=name,
        method="auto" if word == "auto" else Method(word),
        options=options,
        source=method.as_typed,
        decoding=generation.read_decoding(file, name),
    )


def _plain_value(value: object) -> object:
    """A value of the file in the types that people expect of TOML: no `Decimal`."""
    match value:
        case Decimal():
            return float(value)
        case list():
            return [_plain_value(part) for part in value]
        case dict():
            return {key: _plain_value(part) for key, part in value.items()}
        case _:
            return value


def _vision(condition: Setting, file: ConfigFile) -> VisionSettings:
    table = tables.read_table(file, "vision")
    if condition.above_file:
        # They come before those of the table, and do not join them.
        table["conditions"] = values.names(condition)
    return VisionSettings(**table)


def _reports(options: Mapping[str, Setting]) -> dict[str, Path]:
    """The files that reports are written into, by form: no folder, and no two of them the same."""
    paths: dict[str, Path] = {}
    for name in REPORTS:
        if values.text(options[name]):
            path = values.path(options[name])
            setting = replace(options[name], value=str(path))
            values.refuse_folder(path, setting)
            for other, taken in paths.items():
                if taken == path:
                    problem = f"{name} and {other} name the same file."
                    raise setting.error(problem, what_to_do="name another one")
            paths[name] = path
    return paths
