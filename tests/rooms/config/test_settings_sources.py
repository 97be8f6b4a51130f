from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.config.settings import REPORTS, Settings, read_settings
from pytest_mmbench.options import OPTIONS, Kind, Option

if TYPE_CHECKING:
    from gated_project import Project

LEVELS = ("file", "ini", "environment", "cli")
"""From the lowest to the highest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The same option, set at several levels."""

    option: Option
    values: Mapping[str, Any]

    @property
    def highest(self) -> Any:
        return next(self.values[level] for level in reversed(LEVELS) if level in self.values)

    def read(self, rootdir: Path) -> Settings:
        name = self.option.name
        if "file" in self.values:
            line = f"{name} = {_toml(self.values['file'])}\n"
            (rootdir / "mmbench.toml").write_text(line, encoding="utf-8")
        return read_settings(
            rootdir=rootdir,
            cli=self._mapping("cli"),
            ini=self._mapping("ini"),
            environment={self.option.variable: str(self.values["environment"])}
            if "environment" in self.values
            else {},
            known=("mmstar", "shapes"),
        )

    def _mapping(self, level: str) -> dict[str, Any]:
        unset = {option.ini: None for option in OPTIONS}
        return unset | {self.option.ini: self.values.get(level)}


def _toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool | int) else f'"{value}"'


def _values(option: Option) -> st.SearchStrategy[Any]:
    match option.kind:
        case Kind.SWITCH:
            return st.booleans()
        case Kind.NUMBER:
            return st.integers(0, 9)
        case Kind.CHOICE:
            return st.sampled_from(option.choices)
        case Kind.NAMES:
            return st.sampled_from(("mmstar", "shapes"))
        case Kind.DEVICE:
            return st.sampled_from(("auto", "cpu", "cuda:1"))
        case _:
            return st.sampled_from(("a", "b/c"))


@st.composite
def typed(draw: st.DrawFn) -> Typed:
    option = draw(st.sampled_from([option for option in OPTIONS if option.name != "config"]))
    levels = [level for level in LEVELS if level != "file" or option.in_file]
    drawn = draw(st.sets(st.sampled_from(levels), min_size=1))
    return Typed(option=option, values={level: draw(_values(option)) for level in sorted(drawn)})


def setting(settings: Settings, option: Option) -> Any:
    if option.name == "benchmark":
        return settings.benchmarks[0].name
    if option.name == "method":
        return settings.benchmarks[0].method
    if option.name == "condition":
        return settings.vision.conditions[0]
    if option.name == "exclude":
        return (settings.exclude or Path()).as_posix()
    if option.name in REPORTS:
        return settings.reports[option.name].as_posix()
    value = getattr(settings, option.name.replace("-", "_"))
    return value.as_posix() if isinstance(value, Path) else value


@given(typed())
def test_the_highest_level_that_is_set_decides(typed: Typed) -> None:
    """Command line beats environment beats ini beats file, also with a False or a 0."""
    with tempfile.TemporaryDirectory() as folder:
        settings = typed.read(Path(folder))
        expected = typed.highest
        if typed.option.kind is Kind.PATH:
            expected = (Path(folder) / expected).as_posix()

    assert setting(settings, typed.option) == expected


@pytest.mark.parametrize("levels", list(combinations(LEVELS, 2)), ids="-".join)
@pytest.mark.parametrize(("name", "no", "yes"), [("strict", False, True), ("limit", 0, 7)])
def test_to_set_something_to_nothing_is_to_set_it(
    name: str, no: object, yes: object, levels: tuple[str, str], tmp_path: Path
) -> None:
    """A False or a 0 of one level wins over a True or a 7 of any lower one."""
    option = next(option for option in OPTIONS if option.name == name)
    typed = Typed(option=option, values=dict(zip(levels, (yes, no), strict=True)))

    assert setting(typed.read(tmp_path), option) == no


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_an_option_that_nobody_sets_has_its_default(option: Option, project: Project) -> None:
    """What the table of options says is what an empty project gets."""
    settings = project.settings()

    assert settings.sources[option.name] == "default"
    if option.kind in (Kind.NUMBER, Kind.SWITCH, Kind.DEVICE, Kind.CHOICE):
        assert setting(settings, option) == option.default


@pytest.mark.parametrize(
    ("low", "high"), [pair for pair in combinations(LEVELS, 2) if "file" not in pair]
)
def test_the_settings_file_itself_follows_the_same_order(
    low: str, high: str, project: Project
) -> None:
    """A settings file that a higher level names is the one that is read."""
    project.write("seed = 1", "low.toml")
    project.write("seed = 2", "high.toml")
    names: dict[str, Any] = {
        level: {"mm_config": f"{file}.toml"} for level, file in ((low, "low"), (high, "high"))
    }
    if "environment" in names:
        names["environment"] = {"MMBENCH_CONFIG": names["environment"]["mm_config"]}

    assert project.settings(**names).seed == 2


def test_the_origin_of_every_value_is_told(project: Project) -> None:
    """Reports can say where a value comes from."""
    project.write("seed = 3")
    sources = project.settings(
        cli={"mm_limit": "40"},
        environment={"MMBENCH_DEVICE": "cpu"},
        ini={"mm_strict": True},
    ).sources

    assert sources["limit"] == "--mm-limit"
    assert sources["device"] == "MMBENCH_DEVICE"
    assert sources["strict"] == "ini mm_strict"
    assert sources["seed"] == "mmbench.toml seed"
    assert sources["dtype"] == "default"


def test_an_empty_environment_variable_is_not_set(project: Project) -> None:
    """A CI job that passes an input that nobody filled in changes nothing."""
    project.write('model = "acme/vlm-3"')

    assert project.settings(environment={"MMBENCH_MODEL": ""}).model == "acme/vlm-3"


def test_an_empty_model_on_the_command_line_switches_the_gate_off(project: Project) -> None:
    """`--mm-model=` wins over the model of the settings file, although it is empty."""
    project.write('model = "acme/vlm-3"')

    assert project.settings(cli={"mm_model": ""}).model == ""


@pytest.mark.parametrize(
    ("word", "expected"), [("1", True), ("Yes", True), ("off", False), ("0", False)]
)
def test_switches_are_read_as_pytest_reads_them(
    word: str, expected: object, project: Project
) -> None:
    """An environment variable may say yes or no in the words that pytest's ini files know."""
    project.write(f"strict = {'false' if expected else 'true'}")

    assert project.settings(environment={"MMBENCH_STRICT": word}).strict is expected


def test_names_may_be_repeated_or_separated_by_commas(project: Project) -> None:
    """Each benchmark runs once, in the order in which they were typed."""
    repeated = project.settings(cli={"mm_benchmark": ["shapes", "mmstar", "shapes"]})
    together = project.settings(environment={"MMBENCH_BENCHMARK": "shapes, mmstar"})

    assert [benchmark.name for benchmark in repeated.benchmarks] == ["shapes", "mmstar"]
    assert repeated.benchmarks == together.benchmarks


def test_relative_paths_start_where_they_were_typed(project: Project, tmp_path: Path) -> None:
    """On the command line at the folder where pytest was started, elsewhere at the rootdir."""
    started = tmp_path / "deep" / "down"
    project.write('store = "kept"')

    in_file = project.settings(invocation_dir=started)
    typed = project.settings(invocation_dir=started, cli={"mm_store": "kept"})
    in_environment = project.settings(invocation_dir=started, environment={"MMBENCH_STORE": "kept"})

    assert in_file.store == tmp_path / "kept"
    assert typed.store == in_environment.store == started / "kept"


def test_a_checkpoint_beside_the_settings_file_is_found_from_anywhere(
    project: Project, tmp_path: Path
) -> None:
    """A model of the file that lies below the rootdir is found, wherever pytest starts."""
    checkpoint = project.write("{}", "checkpoints/new/config.json").parent
    script = project.write("{}", "answers.json")
    project.write('model = "checkpoints/new"')
    started = tmp_path / "deep"

    assert project.settings(invocation_dir=started).model == str(checkpoint)
    assert project.settings().model == "checkpoints/new"
    scripted = project.settings(invocation_dir=started, ini={"mm_model": "scripted:answers.json"})
    assert scripted.model == f"scripted:{script}"
    hub = project.settings(invocation_dir=started, ini={"mm_model": "acme/vlm-3"})
    assert hub.model == "acme/vlm-3"
