"""`mmbench`: what one wants to look at beside a run of pytest."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pytest_mmbench import registry
from pytest_mmbench.benchmarks.reading.pictures import suffix
from pytest_mmbench.config import read_settings
from pytest_mmbench.errors import DataError, MMBenchError, near
from pytest_mmbench.prompts import LETTERS
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Sample
from pytest_mmbench.version import VERSION

USAGE_ERROR = 4
"""The exit code that pytest gives for a usage error."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one subcommand and gives the exit code: 0, or 4 if something asked for is not known."""
    chosen = _parser().parse_args(arguments)
    try:
        chosen.run(chosen)
    except (MMBenchError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command prints
        return USAGE_ERROR
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mmbench",
        description="Look at what `pytest --mm-model=PATH` gates a model with.",
    )
    parser.add_argument("--version", action="version", version=f"pytest-mmbench {VERSION}")
    parser.set_defaults(run=lambda _: parser.print_help())
    verbs = parser.add_subparsers(title="subcommands", metavar="SUBCOMMAND")
    dimensions = verbs.add_parser(
        "dimensions",
        help="list dimensions and their sizes: the names that [thresholds] may use",
    )
    dimensions.add_argument("benchmark", nargs="*", help="default: those of mmbench.toml")
    dimensions.set_defaults(run=_dimensions)
    show = verbs.add_parser("show", help="show one sample: question, options, answer and pictures")
    show.add_argument("benchmark")
    show.add_argument("sample", help="a sample's id, such as counting-0007")
    show.add_argument("--pictures", metavar="FOLDER", type=Path, help="write its pictures there")
    show.set_defaults(run=_show)
    return parser


def _benchmark(name: str) -> Benchmark:
    """The benchmark with the options that mmbench.toml in this folder gives it."""
    known = registry.benchmark_names()
    if name not in known:
        raise DataError(
            f"benchmark {name!r} is not registered.", **near(name, known, label="registered")
        )
    return registry.benchmark(name, _options().get(name, {}))


def _options() -> dict[str, dict[str, object]]:
    settings = read_settings(
        rootdir=Path.cwd(),
        cli={},
        ini={},
        environment=os.environ,
        known=registry.benchmark_names(),
    )
    return {each.name: dict(each.options) for each in settings.benchmarks}


def _dimensions(chosen: argparse.Namespace) -> None:
    for name in chosen.benchmark or _options():
        for node in _benchmark(name).dimensions():
            print(f"{node.path:<60} {node.size:>7}")  # noqa: T201 - a command prints


def _show(chosen: argparse.Namespace) -> None:
    sample = _sample(_benchmark(chosen.benchmark), chosen.sample)
    options = [f"  {at}  {text}" for at, text in zip(LETTERS, sample.options, strict=False)]
    told = [sample.dimension, sample.question, *options, f"right: {sample.target}"]
    print("\n".join(told))  # noqa: T201 - a command prints
    for picture in sample.pictures if chosen.pictures else ():
        content = picture.read()
        named = Path(picture.name)
        path = chosen.pictures / (named if named.suffix else f"{named}{suffix(content)}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(f"wrote {path}")  # noqa: T201 - a command prints


def _sample(benchmark: Benchmark, id: str) -> Sample:
    known = {each for leaf in benchmark.dimensions()[0].leaves for each in benchmark.ids(leaf)}
    if id not in known:
        nearest = near(id, known)
        nearest["known"] = f"{len(known)} samples, such as {min(known)!r}"
        raise DataError(f"{benchmark.name} has no sample {id!r}.", **nearest)
    return benchmark.sample(id)
