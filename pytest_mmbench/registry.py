"""Names of benchmarks, models and conditions, and what they stand for, loaded when it is used.

A package adds its own through entry points:

    [project.entry-points."pytest_mmbench.benchmarks"]
    acme = "acme_bench:load"        # load(options) -> Benchmark

    [project.entry-points."pytest_mmbench.models"]
    acme = "acme_vlm:load"          # load("acme:...", device=..., ...) -> Model

    [project.entry-points."pytest_mmbench.conditions"]
    sepia = "acme_eyes:sepia"       # sepia(samples, seed=0) -> samples: a ConditionFunction
    zoom-N = "acme_eyes:zoom"       # zoom(3) -> such a function, for the condition zoom-3
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from pathlib import Path
from typing import Any, Final, cast

from pytest_mmbench.errors import (
    CheckpointError,
    DataError,
    MMBenchError,
    MMBenchWarning,
    SettingsError,
    check_registered,
    near,
    shorten,
)
from pytest_mmbench.protocols import Benchmark, ConditionFunction, Model

BENCHMARKS: Final = "pytest_mmbench.benchmarks"
"""Entry points of benchmarks: `load(options: Mapping[str, object]) -> Benchmark`."""
MODELS: Final = "pytest_mmbench.models"
"""Entry points of models: `load(spec: str, **options) -> Model`, for specs that start with the name
and a colon."""
CONDITIONS: Final = "pytest_mmbench.conditions"
"""Entry points of conditions: a `protocols.ConditionFunction`, or, under a name that ends in `-N`,
a function that makes one of a number."""
_OLD_CONDITIONS: Final = "pytest_mmbench.ablations"
"""The group that conditions had before; what packages registered in it stays registered."""
_BUILT_IN: Final[Mapping[str, Mapping[str, str]]] = {
    BENCHMARKS: {
        "ai2d": "pytest_mmbench.benchmarks.ai2d:load",
        "mathvista": "pytest_mmbench.benchmarks.mathvista:load",
        "mmbench": "pytest_mmbench.benchmarks.mmbench:load",
        "mme": "pytest_mmbench.benchmarks.mme:load",
        "mmie": "pytest_mmbench.benchmarks.mmie:load",
        "mmmu": "pytest_mmbench.benchmarks.mmmu:load",
        "mmstar": "pytest_mmbench.benchmarks.mmstar:load",
        "scienceqa": "pytest_mmbench.benchmarks.scienceqa:load",
        "seed-bench": "pytest_mmbench.benchmarks.seed_bench:load",
        "seed-bench-2": "pytest_mmbench.benchmarks.seed_bench_2:load",
        "shapes": "pytest_mmbench.benchmarks.shapes:load",
        "shapes-open": "pytest_mmbench.benchmarks.shapes_open:load",
    },
    MODELS: {"scripted": "pytest_mmbench.models.scripted:load"},
    CONDITIONS: {
        "image": "pytest_mmbench.conditions.text:image",
        "no-image": "pytest_mmbench.conditions.text:no_image",
        "no-question": "pytest_mmbench.conditions.text:no_question",
        "options-only": "pytest_mmbench.conditions.text:options_only",
        "rotated-N": "pytest_mmbench.conditions.text:rotated",
        "mismatched": "pytest_mmbench.conditions.mismatched:mismatched",
        "grey": "pytest_mmbench.conditions.pixels:grey",
        "black": "pytest_mmbench.conditions.pixels:black",
        "white": "pytest_mmbench.conditions.pixels:white",
        "noise": "pytest_mmbench.conditions.pixels:noise",
        "blur": "pytest_mmbench.conditions.pixels:blur",
        "patch-shuffle": "pytest_mmbench.conditions.pixels:patch_shuffle",
        "patch-shuffle-N": "pytest_mmbench.conditions.pixels:patch_shuffle_by",
    },
}
_LOCAL: Final = "pytest_mmbench.models.local:load"
_QUESTIONS: Final = "pytest_mmbench.benchmarks.questions:load"
"""Of a team's own questions: `load(name, options)`, as a file of them may have any name."""
# Two letters at least: C:\checkpoints is a folder.
_PREFIX = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9_-]+):")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?P<rest>.*)", re.DOTALL)
_HUB_URL = re.compile(r"(?:huggingface\.co|hf\.co)/(?P<id>[\w.-]+/[\w.-]+)(?:/.*)?")
SUPPORTED: Final = (
    "a folder in the hub's layout (config.json, tokenizer, *.safetensors), a hub id such as "
    "acme/vlm-3, scripted:FILE.json, and the prefixes of packages"
)
"""What may name a model."""
_NUMBERED = re.compile(r"(?P<family>.+-)(?P<number>[1-9][0-9]{0,2})")
_REQUIRES = re.compile(r"requires the (?:\S )?(?P<library>\S+) library")
"""What `transformers.utils.requires_backends` says of a missing library."""
_DISTRIBUTIONS: Final[Mapping[str, str]] = {
    "cv2": "opencv-python-headless",
    "google": "protobuf",
    "jinja": "jinja2",
    "opencv": "opencv-python-headless",
    "pil": "pillow",
    "pyav": "av",
    "pytorch": "torch",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
"""Libraries, in lower case, whose name for `pip` is another one."""
_MOST_OF_A_REASON: Final = 200
"""Characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """An object that a package registers under a name."""

    target: str
    """`module:attribute`"""
    package: str
    """The distribution."""


def benchmark_names() -> tuple[str, ...]:
    """Every benchmark that is registered, in the order of the alphabet. Loads none of them."""
    return _names(BENCHMARKS)


def benchmark(name: str, options: Mapping[str, object]) -> Benchmark:
    """The benchmark of that name, with its own options, which it checks itself.

    A name that is not registered is that of a team's own `questions`, if the options name a file.

    Raises:
        SettingsError: the name is not registered, or two packages claim it.
        DataError: a library that it needs is not installed.
    """
    asked_for_by = f"benchmark {name}"
    is_own = "questions" in options and name not in benchmark_names()
    if is_own:
        registration = Registration(target=_QUESTIONS, package="pytest-mmbench")
    else:
        check_registered(name, benchmark_names(), "registry.benchmark")
        registration = _registration(BENCHMARKS, name, asked_for_by)
    with _import_errors_as(DataError, asked_for_by, registration):
        load = _load(registration)
        return cast("Benchmark", load(name, options) if is_own else load(options))


def model(spec: str, **options: Any) -> Model:  # noqa: ANN401 - handed on to the model as they are
    """The model that a spec names: `scripted:first`, `acme:vlm-3`, a local folder, a hub id.

    The options go to the model's own `load`: device, dtype, batch_size, trust_remote_code.

    Raises:
        SettingsError: the prefix is not registered, or two packages claim it.
        CheckpointError: it cannot be loaded, or a library that it needs is not installed.
    """
    asked_for_by = f"model {spec}"
    registration = _model_registration(spec, asked_for_by)
    with _import_errors_as(CheckpointError, asked_for_by, registration):
        return cast("Model", _load(registration)(spec, **options))


def condition_names() -> tuple[str, ...]:
    """Every condition that is registered; N stands for a number. Loads none of them."""
    return _names(CONDITIONS)


def condition(name: str, asked_for_by: str) -> ConditionFunction:
    """The function of one of `condition_names()`, with a number from 1 to 999 where it has an N.

    `conditions.condition` also joins names by `+`; `asked_for_by` says where the user typed it.

    Raises:
        SettingsError: the name is not registered, or two packages claim it.
        DataError: a library that it needs is not installed.
    """
    known = condition_names()
    numbered = None if name in known else _NUMBERED.fullmatch(name)
    registered_as = f"{numbered['family']}N" if numbered else name
    digits = "a whole number from 1 to 999"
    if registered_as not in known:
        facts = near(name, known, label="conditions") | {"N": digits}
        facts["joined"] = "with +, such as no-image+rotated-1"
        problem = f"there is no condition {name!r}."
        raise SettingsError(problem, asked_for_by=asked_for_by, **facts)
    if registered_as.endswith("-N") and not numbered:
        problem = f"condition {name!r} wants a number in the place of N."
        raise SettingsError(problem, asked_for_by=asked_for_by, N=digits)
    registration = _registration(CONDITIONS, registered_as, asked_for_by)
    with _import_errors_as(DataError, asked_for_by, registration):
        target = _load(registration)
        return cast("ConditionFunction", target(int(numbered["number"])) if numbered else target)


def _model_registration(spec: str, asked_for_by: str) -> Registration:
    prefix = _PREFIX.match(spec)
    if prefix and prefix["name"] in _names(MODELS):
        return _registration(MODELS, prefix["name"], asked_for_by)
    if url := _URL.match(spec):
        raise _not_by_url(spec, url["rest"], asked_for_by)
    if prefix and not Path(spec).exists():
        problem = f"no model has the prefix {prefix[0]!r}."
        facts = near(prefix[0], [f"{name}:" for name in _names(MODELS)], label="prefixes")
        remedy = "a local folder or a hub id is written without a prefix"
        raise SettingsError(
            problem, asked_for_by=asked_for_by, **facts, otherwise=remedy, supported=SUPPORTED
        )
    return Registration(target=_LOCAL, package="pytest-mmbench")


def check_model_name(spec: str) -> None:
    """Accepts what may name a model; loads nothing.

    Raises:
        SettingsError: its prefix is not registered, two packages claim it, or it is a URL.
    """
    _model_registration(spec, f"model {spec}")


def _not_by_url(spec: str, rest: str, asked_for_by: str) -> SettingsError:
    scheme = spec.partition(":")[0].lower()
    remedy = "name the checkpoint's folder or hub id; it is loaded in this process"
    close = ""
    if hub := _HUB_URL.fullmatch(rest):
        close = f"{hub['id']!r}?"
    elif scheme == "file":
        close = f"{rest!r}?"
    elif scheme not in ("http", "https"):
        remedy = "copy the checkpoint to this machine, and name its folder"
    return SettingsError(
        f"{spec!r} is a URL; models behind a server, or in a remote storage, are not supported.",
        asked_for_by=asked_for_by,
        did_you_mean=close,
        supported=SUPPORTED,
        what_to_do=remedy,
    )


def _entry_points(group: str) -> list[EntryPoint]:
    groups = (CONDITIONS, _OLD_CONDITIONS) if group == CONDITIONS else (group,)
    installed = _installed(tuple(sys.path))
    return [point for name in groups for point in installed.select(group=name)]


@cache
def _installed(_path: tuple[str, ...]) -> EntryPoints:
    # A run asks some ten times, and each time the facts of all packages would be read again.
    return cast("EntryPoints", entry_points())  # Python 3.11 has another name for it


def _names(group: str) -> tuple[str, ...]:
    return tuple(sorted({*_BUILT_IN[group], *(point.name for point in _entry_points(group))}))


def _registration(group: str, name: str, asked_for_by: str) -> Registration:
    # By target: a package that lies twice on the path, as an editable install may, or that names
    # its conditions in the old and in the new group, offers one thing twice.
    by_target: dict[str, Registration] = {}
    if target := _BUILT_IN[group].get(name):
        by_target[target] = Registration(target=target, package="pytest-mmbench")
    points = [point for point in _entry_points(group) if point.name == name]
    for point in points:
        package = point.dist.name if point.dist else "unknown"
        by_target[point.value] = Registration(target=point.value, package=package)
    if len(by_target) > 1:
        raise SettingsError(
            f"{name!r} is claimed by several packages.",
            asked_for_by=asked_for_by,
            claimed_by=", ".join(sorted(rival.package for rival in by_target.values())),
            what_to_do="uninstall all but one",
        )
    registration = next(iter(by_target.values()))
    if points and all(point.group == _OLD_CONDITIONS for point in points):
        problem = f"{registration.package} registers {name!r} in the group {_OLD_CONDITIONS}"
        remedy = f"the group is now {CONDITIONS}; the next release reads no other"
        warnings.warn(f"{problem}; {remedy}", MMBenchWarning, stacklevel=2)
    return registration


def _load(registration: Registration) -> Any:  # noqa: ANN401 - the loaders differ; the callers cast
    point = EntryPoint(name="", value=registration.target, group="")
    try:
        return point.load()
    except AttributeError as error:
        raise ImportError(str(error), name=point.module) from error


@contextmanager
def _import_errors_as(
    kind: type[MMBenchError], asked_for_by: str, registration: Registration
) -> Iterator[None]:
    """Turns a library that is missing or broken into an error that says how to install it."""
    try:
        yield
    except ImportError as error:
        # The library's name as it is imported, or as transformers calls it; empty if unknown.
        match = _REQUIRES.search(str(error))
        library = match["library"] if match else (error.name or "").partition(".")[0]
        if library == "pytest_mmbench":
            raise  # a fault of its own
        distribution = _DISTRIBUTIONS.get(library.lower(), library.lower())
        if library in ("", registration.target.partition(":")[0].partition(".")[0]):
            distribution = registration.package
        raise kind(
            f"{asked_for_by} needs {library or 'a library'}, which cannot be loaded.",
            offered_by=registration.package,
            reason=shorten(str(error), most=_MOST_OF_A_REASON),
            what_to_do=f"pip install --upgrade {distribution}",
        ) from error
