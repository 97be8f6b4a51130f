"""`mmbench init`: a settings file whose thresholds a run has just shown to be within reach."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from pytest_mmbench import registry, writing
from pytest_mmbench.cli import screen
from pytest_mmbench.cli.data import behind
from pytest_mmbench.cli.drafting import Draft, draft
from pytest_mmbench.cli.folder import Folder, folder
from pytest_mmbench.cli.scores import margin, scores
from pytest_mmbench.cli.verb import ANY_RUN, AddParser, verb
from pytest_mmbench.config import configfile
from pytest_mmbench.config.decoding import Place, registered
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.report.figures import counted

DEPTH: Final = 2


def add(verbs: AddParser) -> None:
    """Declares the subcommand."""
    parser = verb(
        verbs,
        "init",
        _run,
        help="write mmbench.toml with thresholds a margin below the latest run",
        told="""
            Writes a commented mmbench.toml. Its thresholds lie a margin below what a run has
            scored, rounded down to two decimals: the whole of each benchmark, and the capabilities
            of which at least 30 samples were asked. What lies deeper is written as comments. An
            axis has few samples, so that a margin is one or two answers; whether one fell is the
            question of --mm-baseline, which tells a fall from noise. --depth 3 gates axes too.
            --force keeps the benchmarks and the baseline of settings that are there, and names
            what it drops.
            """,
        examples=(
            "pytest --mm-model=checkpoints/released && mmbench init",
            "mmbench init --run artifacts/run.json --margin 0.03",
            "mmbench init --depth 3 --force",
        ),
    )
    parser.add_argument("--run", dest="run_file", metavar="RUN", default="", help=ANY_RUN)
    parser.add_argument(
        "--margin",
        type=margin,
        default="0.05",
        metavar="FRACTION",
        help="how far below a score its threshold lies; default: 0.05",
    )
    parser.add_argument(
        "--depth",
        type=int,
        default=DEPTH,
        choices=(1, 2, 3, 4),
        help="1: the whole alone; 2: and capabilities (default); 3: and axes",
    )
    parser.add_argument("--force", action="store_true", help="overwrite settings that are there")


def _run(chosen: argparse.Namespace) -> int:
    here = folder(chosen)
    _refuse_written(here, force=chosen.force)
    run = here.run(chosen.run_file)
    for name in run.asked:
        registered(name, registry.benchmark_names(), f"the run of {run.model}")
    for remark in behind(run, here.settings).notes:
        screen.note(remark)
    before = _written(here)
    found = draft(
        Draft(
            run=run,
            scores=tuple(scores(run)),
            folder=here,
            margin=Fraction(chosen.margin),
            depth=chosen.depth,
            baseline=str(before.get("baseline", "")),
        )
    )
    path = _file(here)
    writing.write(path, found.text.encode())
    screen.say(
        f"wrote {path.name}: {counted(found.gated, 'threshold')}, "
        f"and {found.offered} more as comments",
        "next: look through it, commit it, and run `pytest --mm-model=PATH`",
    )
    _tell_dropped(before, tomllib.loads(found.text))
    return 0


def _file(here: Folder) -> Path:
    """The settings file itself; settings among a project's other ones get a file of their own."""
    return here.rootdir / configfile.FILE if here.within else here.file


def _refuse_written(here: Folder, *, force: bool) -> None:
    if here.settings.source and not force:
        raise SettingsError(
            f"{here.settings.source} holds settings already.",
            what_to_do="`mmbench thresholds --ratchet` raises its thresholds and keeps the rest; "
            f"--force writes {_file(here).name} anew, and keeps its benchmarks and its baseline",
        )


def _written(here: Folder) -> Mapping[str, Any]:
    """What the settings hold so far, as it stands there."""
    if not here.settings.source:
        return {}
    return configfile.read(here.file, name=here.file.name, place=Place(key="--config")).table


def _tell_dropped(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    dropped = [key for key in _keys(before) if key not in set(_keys(after))]
    if dropped:
        screen.note(f"no longer set: {', '.join(dropped)}")


def _keys(table: Mapping[str, Any]) -> Iterator[str]:
    """The settings of a file, as people write them: `limit`, `[vision] min-gain`."""
    for key, value in table.items():
        inner = value if isinstance(value, Mapping) else {}
        yield from (f"[{key}] {below}" for below in inner)
        if not isinstance(value, Mapping):
            yield key
