"""`mmbench show`: one sample, as a model is asked it."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from pytest_mmbench.benchmarks.readers.pictures import file_suffix
from pytest_mmbench.benchmarks.wrappers import AT
from pytest_mmbench.cli import output
from pytest_mmbench.cli.command import AddParser, command
from pytest_mmbench.cli.data import benchmark
from pytest_mmbench.cli.project import find_project
from pytest_mmbench.config.settings import Settings
from pytest_mmbench.errors import DataError, near, visible
from pytest_mmbench.files import expand
from pytest_mmbench.records import LETTERS, Picture, Sample


def add(subcommands: AddParser) -> None:
    """Declares the subcommand."""
    parser = command(
        subcommands,
        "show",
        _run,
        help="show one sample: question, options, answer and pictures",
        description="""
            Shows one sample of a benchmark: its dimension, its question, its options and the
            correct one. Its pictures are written into a folder on request.
            """,
        examples=("mmbench show shapes counting-0007", "mmbench show mmstar 17 --pictures seen"),
    )
    parser.add_argument("benchmark", metavar="BENCHMARK", help="its name, such as shapes")
    parser.add_argument("sample", metavar="SAMPLE", help="a sample's id, such as counting-0007")
    parser.add_argument(
        "--pictures", metavar="FOLDER", type=expand, help="write its pictures there"
    )


def _run(arguments: argparse.Namespace) -> int:
    sample = _find_sample(arguments.benchmark, arguments.sample, find_project(arguments).settings)
    options = [f"  {at}  {text}" for at, text in zip(LETTERS, sample.options, strict=False)]
    texts = (sample.dimension, sample.question, *options, f"correct: {sample.target}")
    output.echo(*(visible(text, most=len(text)) for text in texts))
    for picture in sample.pictures if arguments.pictures else ():
        output.echo(f"wrote {_write_picture(picture, arguments.pictures)}")
    return 0


def _write_picture(picture: Picture, folder: Path) -> Path:
    content = picture.read()
    # An id of a data file is part of the name: it may lead no further than into the folder.
    name = Path(*(part for part in Path(picture.name).parts if part != os.pardir))
    path = folder / (name if name.suffix else f"{name}{file_suffix(content)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _find_sample(name: str, id: str, settings: Settings) -> Sample:
    """The sample of that id: of the benchmark as it is set, or a rotation such as `17@1`."""
    known: set[str] = set()
    for circular in (settings.circular, *((True,) if AT in id else ())):
        selected = benchmark(name, settings, circular=circular)
        leaves = selected.dimensions()[0].leaves
        ids = {sample for leaf in leaves for sample in selected.ids(leaf)}
        if id in ids:
            return selected.sample(id)
        known = known or ids
    facts = near(id, known)
    facts["known"] = f"{len(known)} samples, such as {min(known)!r}"
    raise DataError(f"{name} has no sample {id!r}.", **facts)
