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
from pytest_mmbench.cli.project import project
from pytest_mmbench.config.settings import Settings
from pytest_mmbench.errors import DataError, near
from pytest_mmbench.files import expand
from pytest_mmbench.records import LETTERS, Picture, Sample
from pytest_mmbench.report.text import visible


def add(verbs: AddParser) -> None:
    """Declares the subcommand."""
    parser = command(
        verbs,
        "show",
        _run,
        help="show one sample: question, options, answer and pictures",
        description="""
            Shows one sample of a benchmark: its dimension, its question, its options and the
            right one. Its pictures are written into a folder on request.
            """,
        examples=(
            "mmbench show shapes counting-0007",
            "mmbench show mmstar 17 --pictures seen",
        ),
    )
    parser.add_argument("benchmark", metavar="BENCHMARK", help="its name, such as shapes")
    parser.add_argument("sample", metavar="SAMPLE", help="a sample's id, such as counting-0007")
    parser.add_argument(
        "--pictures", metavar="FOLDER", type=expand, help="write its pictures there"
    )


def _run(chosen: argparse.Namespace) -> int:
    sample = _sample(chosen.benchmark, chosen.sample, project(chosen).settings)
    options = [f"  {at}  {text}" for at, text in zip(LETTERS, sample.options, strict=False)]
    told = (sample.dimension, sample.question, *options, f"right: {sample.target}")
    output.echo(*(visible(each, most=len(each)) for each in told))
    for picture in sample.pictures if chosen.pictures else ():
        output.echo(f"wrote {_written(picture, chosen.pictures)}")
    return 0


def _written(picture: Picture, folder: Path) -> Path:
    content = picture.read()
    # An id of a data file is part of the name: it may lead no further than into the folder.
    named = Path(*(part for part in Path(picture.name).parts if part != os.pardir))
    path = folder / (named if named.suffix else f"{named}{file_suffix(content)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _sample(name: str, id: str, settings: Settings) -> Sample:
    """The sample of that id: of the benchmark as it is set, or a rotation such as `17@1`.

    Raises:
        DataError: there is none.
    """
    known: set[str] = set()
    for circular in (settings.circular, *((True,) if AT in id else ())):
        whole = benchmark(name, settings, circular=circular)
        ids = {each for leaf in whole.dimensions()[0].leaves for each in whole.ids(leaf)}
        if id in ids:
            return whole.sample(id)
        known = known or ids
    nearest = near(id, known)
    nearest["known"] = f"{len(known)} samples, such as {min(known)!r}"
    raise DataError(f"{name} has no sample {id!r}.", **nearest)
