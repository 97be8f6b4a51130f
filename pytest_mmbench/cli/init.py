"""`mmbench init`: a settings file with thresholds, and comments that say what each key is for."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from pytest_mmbench import files
from pytest_mmbench.cli import output
from pytest_mmbench.cli.command import AddParser, command
from pytest_mmbench.cli.data import is_circular, known_benchmarks, load_questions, options
from pytest_mmbench.cli.project import Project, find_project, model_name
from pytest_mmbench.cli.question_table import write_question_table
from pytest_mmbench.cli.release import check_released
from pytest_mmbench.cli.scores import (
    DimensionScore,
    add_flags,
    scores,
    threshold_below,
    two_decimals,
    unreadable_answers,
)
from pytest_mmbench.config import file
from pytest_mmbench.config.values import Setting, toml, toml_key
from pytest_mmbench.errors import SettingsError, check_registered
from pytest_mmbench.records.generation import Decoding
from pytest_mmbench.report.text import count_of
from pytest_mmbench.results.rows import IMAGE
from pytest_mmbench.results.run_file import SavedRun

DEPTH: Final = 2
"""Words of the longest path that is gated by default: benchmark and capability."""
FEWEST: Final = 30
"""Samples below which a threshold of a part would rest on single answers."""
_HEAD: Final = """\
# The gate of this project: `pytest --mm-model=PATH` reads this file.
#
# `mmbench init` wrote it after a run of {model}
# ({made}). Each threshold lies {margin} below what that run scored, or lower where
# samples are few: the same model misses any of them in at most {error} of fresh runs.{remark}
# `mmbench thresholds` shows how far a later run is above them, and with --ratchet raises them.

# model = "checkpoints/candidate"   # what a bare `pytest` judges; or name it by --mm-model
{baseline}   # what it is compared with; `mmbench baseline promote` sets it
"""
_NO_BASELINE: Final = '# baseline = "released"          '
_THRESHOLDS: Final = """\
[thresholds]
# Fractions of correct answers that a release has to reach. Where a line begins with a #, what
# stands behind it speaks against a threshold; or the samples are few and a margin is one or two
# answers: --mm-baseline tells better whether such a part fell.
"""
_REST: Final = """\
[gate]
# rule = "point"        # passes at the threshold itself; strong, three-way: see docs/thresholds.md
# alpha = 0.05          # error probability of the rules that need one, and of [vision]
# undecided = "warn"    # a run that decides nothing exits with 0; "fail": with 1
# unreadable = 0.05     # a dimension with more unparseable answers is an error, not a low score
# cut-short = 1         # so is one with a larger share of answers that the limit of tokens has cut

# With a baseline: the whole of a benchmark may be worse by less than the margin, and no dimension
# significantly worse.
[regression]
# margin = 0.02         # fraction of all samples
# alpha = 0.05          # how often a release that is as good may fail
# min-items = 30        # dimensions with fewer samples are shown, and not judged
# tolerance = "measured"   # of near ties; "assumed" for the dtype, or a number of nats

# Whether the model looks: it is asked again without the picture, or with another one.
[vision]
# conditions = ["no-image", "mismatched"]   # none: nothing is asked again
# rotations = true      # without the picture under every rotation of the options: finds shortcuts
# min-gain = 0.05       # what pictures have to add to the score, above chance
# min-share = 0.0       # share of the score above chance that has to come from pictures
# max-leakage = 0.05    # what it may know unseen beyond --mm-base-llm

# With mm_snapshots/: the same weights under another engine, dtype or server answer the same.
[snapshots]
# allow = 0             # changed answers of a leaf: a number, or a share such as 0.02
# count = "all"         # or "regressed": only those that were correct
"""


def add(subcommands: AddParser) -> None:
    """Declares the subcommand."""
    parser = command(
        subcommands,
        "init",
        _run,
        help="write mmbench.toml with thresholds a margin below the latest run",
        description="""
            Writes a commented mmbench.toml. Each threshold lies a margin below the score of a
            saved run, or lower where samples are few: the same model, asked as many fresh samples,
            misses any of them with a probability of at most --error. Gated are every benchmark as
            a whole, and those of its capabilities of which at least 30 samples were asked. The axes
            below them are written as comments: an axis has few samples, so that noise leaves it a
            low threshold. Whether one fell is better decided by --mm-baseline, which tells a fall
            from noise; --depth 3 gates axes too.

            --force overwrites settings that are there. It keeps their benchmarks and their
            baseline, and names what it drops. It also takes a run that was DO NOT SHIP or
            UNDECIDED, which is refused without it; the file then says so.

            --questions FILE needs no run: it looks at a file of your own questions, and adds a
            table that says what its columns hold, as far as it could be guessed.
            """,
        examples=(
            "pytest --mm-model=checkpoints/released && mmbench init",
            "mmbench init --run artifacts/run.json --margin 0.03",
            "mmbench init --depth 3 --force",
            "mmbench init --questions data/questions.csv --name acme",
        ),
    )
    add_flags(parser)
    parser.add_argument(
        "--depth",
        type=int,
        default=DEPTH,
        choices=(1, 2, 3, 4),
        help="what is gated: 1: whole benchmarks; 2: capabilities too (default); 3: axes too",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="overwrite settings that are there, or take a run that is no release",
    )

    parser.add_argument(
        "--questions",
        metavar="FILE",
        type=files.expand,
        help="add a table for this file, or folder, of your own questions, and nothing else",
    )
    parser.add_argument(
        "--name", metavar="NAME", default="", help="what they are called; default: as the file"
    )


def _run(arguments: argparse.Namespace) -> int:
    project = find_project(arguments, may_be_new=True)
    settings = project.settings
    if arguments.questions:
        return write_question_table(project, file=arguments.questions, name=arguments.name)
    # Settings among a project's other ones get a file of their own.
    path = project.rootdir / file.FILE if project.within else project.file
    if settings.source and not arguments.force:
        raise SettingsError(
            f"{settings.source} holds settings already.",
            what_to_do="`mmbench thresholds --ratchet` raises its thresholds and keeps the rest; "
            f"--force writes {path.name} anew, and keeps its benchmarks and its baseline",
        )
    run = project.run(arguments.run_file)
    for name in run.benchmarks:
        check_registered(name, known_benchmarks(settings), f"the run of {run.model}")
    for note in load_questions(run, settings).notes:
        output.echo_note(note)
    remark = check_released(run, project, force=arguments.force)
    old: Mapping[str, Any] = {}
    if settings.source:
        typed = Setting(name="config", value=project.file.name, key="--config")
        old = file.read(project.file, typed).table
    draft = SettingsDraft(
        run=run,
        project=project,
        margin=arguments.margin,
        error=arguments.error,
        depth=arguments.depth,
        baseline=str(old.get("baseline", "")),
        remark=remark,
    )
    known = [*scores(run)]
    candidates = sum(
        score.node.path.count(".") < draft.depth
        and (score.node.is_root or score.tally.total >= FEWEST)
        and not unreadable_answers(score, settings)
        for score in known
    )
    # Any of the thresholds may be missed by noise, and all of them together are so rarely.
    error = arguments.error / max(1, candidates)
    lines = [_threshold_line(score, draft, error) for score in known]
    text = settings_text(draft, lines)
    files.replace_file(path, text.encode())
    gated = sum(line.is_gated for line in lines)
    output.echo(
        f"wrote {path.name}: {count_of(gated, 'threshold')}, "
        f"and {len(lines) - gated} more as comments",
        "next: look through it, commit it, and run `pytest --mm-model=PATH`",
    )
    kept = set(_setting_names(tomllib.loads(text)))
    dropped = [name for name in _setting_names(old) if name not in kept]
    if dropped:
        output.echo_note(f"no longer set: {', '.join(dropped)}")
    return 0


def _setting_names(table: Mapping[str, Any]) -> Iterator[str]:
    """The settings of a file, as people write them: `limit`, `[vision] min-gain`."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from (f"[{key}] {inner}" for inner in value)
        else:
            yield key


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsDraft:
    """What a settings file is made of."""

    run: SavedRun
    project: Project
    margin: Fraction
    error: float
    """How often the same model may miss any threshold by noise."""
    depth: int
    """Words of the longest path that is gated."""
    baseline: str = ""
    """The baseline of the settings so far; empty if none."""
    remark: str = ""
    """What has to be said of the run: that it is no release, and taken all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdLine:
    """A line of [thresholds], and the comment behind it."""

    text: str
    comment: str
    is_gated: bool
    """Whether it is more than a comment."""


def settings_text(draft: SettingsDraft, lines: Sequence[ThresholdLine]) -> str:
    """The settings file; the run that it is made of passes it."""
    head = _HEAD.format(
        model=" ".join(model_name(draft.run.model).split()),  # no line break ends the comment
        made=" ".join(draft.run.created.split()),
        margin=f"{float(draft.margin):g}",
        error=f"{draft.error:g}",
        remark=f"\n# It was written {draft.remark}." if draft.remark else "",
        baseline=f"baseline = {toml(draft.baseline)}" if draft.baseline else _NO_BASELINE,
    )
    width = max((len(line.text) for line in lines), default=0)
    thresholds = [f"{line.text:<{width}}   # {line.comment}\n" for line in lines]
    return "\n".join([head, *_how_asked(draft), "".join([_THRESHOLDS, *thresholds]), _REST])


def _threshold_line(score: DimensionScore, draft: SettingsDraft, error: float) -> ThresholdLine:
    at_least = threshold_below(score, draft.margin, error)
    # What speaks against a threshold.
    is_small = not score.node.is_root and score.tally.total < FEWEST
    objection = (
        unreadable_answers(score, draft.project.settings)
        or (f"guessing gets {float(score.guess_rate):.2f}" if at_least <= score.guess_rate else "")
        or (f"fewer than {FEWEST} samples" if is_small else "")
    )
    is_gated = not objection and score.node.path.count(".") < draft.depth
    return ThresholdLine(
        text=f"{'' if is_gated else '# '}{toml(score.node.path)} = {two_decimals(at_least)}",
        comment=f"{score.describe()}{f'; {objection}' if objection else ''}",
        is_gated=is_gated,
    )


def _how_asked(draft: SettingsDraft) -> Iterator[str]:
    """What was asked of the run, and how: of all benchmarks, then of each."""
    settings, rootdir = draft.project.settings, draft.project.rootdir
    if any(is_circular(draft.run, name) for name in draft.run.benchmarks):
        yield "circular = true   # correct is what is correct under every rotation of the options\n"
    if settings.exclude:
        path = _portable(str(settings.exclude), rootdir)
        yield f"exclude = {toml(path)}   # samples that are not asked\n"
    for name in draft.run.benchmarks:
        method = draft.run.task(name, IMAGE).spec.method
        table = {"method": method.value, **options(name, settings)}
        lines = [
            f"{toml_key(key)} = {toml(_portable(value, rootdir))}" for key, value in table.items()
        ]
        yield "\n".join([f"[benchmarks.{toml_key(name)}]", *lines, ""])
        decoding, default = asdict(draft.run.task(name, IMAGE).spec.decoding), asdict(Decoding())
        lines = [
            f"{key.replace('_', '-')} = {toml(value)}"
            for key, value in decoding.items()
            if value != default[key]
        ]
        if lines:
            yield "\n".join([f"[benchmarks.{toml_key(name)}.decoding]", *lines, ""])


def _portable(value: object, rootdir: Path) -> object:
    """A value as it is to be committed: a path below the project starts there."""
    if isinstance(value, str) and Path(value).is_relative_to(rootdir):
        return Path(value).relative_to(rootdir).as_posix()
    return value
