"""The text of a new settings file, with comments that say what each key is for."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from pytest_mmbench import files, registry
from pytest_mmbench.cli import output
from pytest_mmbench.cli.command import ANY_RUN, AddParser, command
from pytest_mmbench.cli.data import is_circular, load_questions, options
from pytest_mmbench.cli.project import Project, named, project
from pytest_mmbench.cli.scores import Scored, below, digits, margin, readable, scores
from pytest_mmbench.config import file
from pytest_mmbench.config.values import SettingLocation, toml
from pytest_mmbench.errors import SettingsError, registered
from pytest_mmbench.report.text import count_of
from pytest_mmbench.results.rows import IMAGE
from pytest_mmbench.results.run_file import SavedRun

FEWEST: Final = 30
"""Samples below which a threshold of a part would rest on single answers."""


_HEAD: Final = """\
# The gate of this project: `pytest --mm-model=PATH` reads this file.
#
# `mmbench init` wrote it after a run of {model}
# ({made}). Each threshold lies {margin} below what that run scored, rounded down.
# `mmbench thresholds` shows how far a later run is above them, and with --ratchet raises them.

# model = "checkpoints/candidate"   # what a bare `pytest` judges; or name it by --mm-model
{baseline}   # what it is compared with; `mmbench baseline promote` sets it
"""


_NO_BASELINE: Final = '# baseline = "released"          '


_THRESHOLDS: Final = """\
[thresholds]
# Fractions of right answers that a release has to reach. Where a line begins with a #, what stands
# behind it speaks against a threshold; or the samples are few and a margin is one or two answers:
# --mm-baseline tells better whether such a part fell.
"""


_REST: Final = """\
[gate]
# rule = "point"        # passes at the threshold itself; strong, three-way: see the README
# alpha = 0.05          # error probability of the rules that need one, and of [vision]
# unreadable = 0.05     # a dimension with more unreadable answers is an error, not a low score

# With a baseline: the whole of a benchmark may be worse by less than the margin, and no dimension
# significantly worse.
[regression]
# margin = 0.02         # fraction of all samples
# alpha = 0.05          # how often a release that is as good may fail
# min-items = 30        # dimensions with fewer samples are shown, and not judged

# Whether the model looks: it is asked again without the picture, or with another one.
[vision]
# conditions = ["no-image", "mismatched"]   # none: nothing is asked again
# rotations = true      # without the picture under every rotation of the options: finds shortcuts
# min-gain = 0.05       # what pictures have to add to the score, above chance
# min-share = 0.0       # share of the score above chance that has to come from pictures
# max-leakage = 0.05    # what it may know unseen beyond --mm-base-llm
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsDraft:
    """What a settings file is made of."""

    run: SavedRun
    scores: Sequence[Scored]
    folder: Project
    margin: Fraction
    depth: int
    """Words of the longest path that is gated."""
    baseline: str = ""
    """What the settings so far have runs compared with; empty if with nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsText:
    """A settings file."""

    text: str
    gated: int
    """Thresholds in it."""
    offered: int
    """Thresholds in its comments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdLine:
    """The threshold of one dimension."""

    found: Scored
    at_least: str
    gated: bool
    """Whether it is one; else it stands in a comment."""
    remark: str
    """Why it could not be one; empty if whoever wants it takes the `#` away."""

    @property
    def line(self) -> str:
        """The line of the table `[thresholds]`."""
        return f"{'' if self.gated else '# '}{toml(self.found.path)} = {self.at_least}"


def draft(plan: SettingsDraft) -> SettingsText:
    """The settings file; the run that it is made of passes it."""
    limits = [_limit(each, plan) for each in plan.scores]
    head = _HEAD.format(
        model=_plain_value(named(plan.run.model)),
        made=_plain_value(plan.run.created),
        margin=f"{float(plan.margin):g}",
        baseline=f"baseline = {toml(plan.baseline)}" if plan.baseline else _NO_BASELINE,
    )
    tables = [*_how(plan), *(_benchmark(name, plan) for name in plan.run.benchmarks)]
    thresholds = _THRESHOLDS + "".join(f"{line}\n" for line in _aligned(limits))
    gated = sum(each.gated for each in limits)
    return SettingsText(
        text="\n".join([head, *tables, thresholds, _REST]),
        gated=gated,
        offered=len(limits) - gated,
    )


def _limit(found: Scored, plan: SettingsDraft) -> ThresholdLine:
    at_least = below(found, plan.margin)
    against = _against(found, at_least, plan)
    deep = found.path.count(".") >= plan.depth
    return ThresholdLine(
        found=found, at_least=digits(at_least), gated=not (against or deep), remark=against
    )


def _against(found: Scored, at_least: Fraction, plan: SettingsDraft) -> str:
    """What speaks against a threshold; empty if nothing does."""
    if not readable(found, plan.folder.settings):
        return f"{found.tally.unparseable} answers are unreadable"
    if at_least <= found.guessed:
        return f"guessing gets {float(found.guessed):.2f}"
    if "." in found.path and found.tally.total < FEWEST:
        return f"fewer than {FEWEST} samples"
    return ""


def _aligned(limits: Sequence[ThresholdLine]) -> Iterator[str]:
    """A line for each dimension; the score it comes from, and what speaks against it, behind it."""
    width = max((len(each.line) for each in limits), default=0)
    for each in limits:
        remark = f"; {each.remark}" if each.remark else ""
        yield f"{each.line:<{width}}   # {each.found.describe}{remark}"


def _how(plan: SettingsDraft) -> Iterator[str]:
    """What holds for all benchmarks: whether they are asked in circles, and what is left out."""
    if any(is_circular(plan.run, name) for name in plan.run.benchmarks):
        yield "circular = true   # right is what is right under every rotation of the options\n"
    for key, path in plan.folder.settings.exclude.items():
        yield f"{key} = {toml(_relative(str(path), plan))}   # samples that are not asked\n"


def _benchmark(name: str, plan: SettingsDraft) -> str:
    """How a benchmark was asked."""
    method = plan.run.task(name, IMAGE).how.partition(",")[0]
    told = {"method": method, **options(name, plan.folder.settings)}
    lines = [f"{_key(key)} = {toml(_relative(value, plan))}" for key, value in told.items()]
    return "\n".join([f"[benchmarks.{_key(name)}]", *lines, ""])


def _relative(value: object, plan: SettingsDraft) -> object:
    """A path below the project as it is to be committed: from there."""
    if isinstance(value, str) and Path(value).is_relative_to(plan.folder.rootdir):
        return Path(value).relative_to(plan.folder.rootdir).as_posix()
    return value


def _key(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() else toml(name)


def _plain_value(text: str) -> str:
    """Text that cannot end a comment."""
    return " ".join(text.split())


DEPTH: Final = 2


def add(verbs: AddParser) -> None:
    """Declares the subcommand."""
    parser = command(
        verbs,
        "init",
        _run,
        help="write mmbench.toml with thresholds a margin below the latest run",
        description="""
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
    here = project(chosen)
    _refuse_written(here, force=chosen.force)
    run = here.run(chosen.run_file)
    for name in run.benchmarks:
        registered(name, registry.benchmark_names(), f"the run of {run.model}")
    for remark in load_questions(run, here.settings).notes:
        output.echo_note(remark)
    before = _write_draft(here)
    found = draft(
        SettingsDraft(
            run=run,
            scores=tuple(scores(run)),
            folder=here,
            margin=Fraction(chosen.margin),
            depth=chosen.depth,
            baseline=str(before.get("baseline", "")),
        )
    )
    path = _file(here)
    files.replace_file(path, found.text.encode())
    output.echo(
        f"wrote {path.name}: {count_of(found.gated, 'threshold')}, "
        f"and {found.offered} more as comments",
        "next: look through it, commit it, and run `pytest --mm-model=PATH`",
    )
    _tell_dropped(before, tomllib.loads(found.text))
    return 0


def _file(here: Project) -> Path:
    """The settings file itself; settings among a project's other ones get a file of their own."""
    return here.rootdir / file.FILE if here.within else here.file


def _refuse_written(here: Project, *, force: bool) -> None:
    if here.settings.source and not force:
        raise SettingsError(
            f"{here.settings.source} holds settings already.",
            what_to_do="`mmbench thresholds --ratchet` raises its thresholds and keeps the rest; "
            f"--force writes {_file(here).name} anew, and keeps its benchmarks and its baseline",
        )


def _write_draft(here: Project) -> Mapping[str, Any]:
    """What the settings hold so far, as it stands there."""
    if not here.settings.source:
        return {}
    return file.read(here.file, name=here.file.name, place=SettingLocation(key="--config")).table


def _tell_dropped(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    dropped = [key for key in _keys(before) if key not in set(_keys(after))]
    if dropped:
        output.echo_note(f"no longer set: {', '.join(dropped)}")


def _keys(table: Mapping[str, Any]) -> Iterator[str]:
    """The settings of a file, as people write them: `limit`, `[vision] min-gain`."""
    for key, value in table.items():
        inner = value if isinstance(value, Mapping) else {}
        yield from (f"[{key}] {below}" for below in inner)
        if not isinstance(value, Mapping):
            yield key
