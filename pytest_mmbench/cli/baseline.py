"""`mmbench baseline`: runs that are kept by name, for others to be compared with."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Final

from pytest_mmbench.cli import output
from pytest_mmbench.cli.command import ANY_RUN, USAGE_ERROR, AddParser, Run, command
from pytest_mmbench.cli.project import Project, find_project
from pytest_mmbench.cli.rejudge import coverage_notes, sample_count, scored_dimensions
from pytest_mmbench.cli.release import check_released
from pytest_mmbench.errors import DataError, SettingsError, near
from pytest_mmbench.results import baselines, run_file
from pytest_mmbench.results.baselines import BASELINES
from pytest_mmbench.results.rows import IMAGE, aggregate
from pytest_mmbench.results.run_file import SavedRun

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_HEADS: Final = ("", "model", "fingerprint", "made", "asked", "score", "")
_DESCRIPTION: Final = """
    Keeps runs by name in the folder mm_baselines of the project, which is meant to be committed:
    whoever checks the project out compares with the same answers, without the model.
    """


def add(subcommands: AddParser) -> None:
    """Declares the subcommand, and its own subcommands."""
    parser = command(
        subcommands,
        "baseline",
        _list,
        help="keep runs by name: list, save, promote, pin",
        description=_DESCRIPTION,
        examples=(
            "mmbench baseline save 2.3      # keep the latest run",
            "mmbench baseline pin 2.3       # it must not change any more",
            "mmbench baseline promote 2.3   # pytest compares with it from now on",
            "mmbench baseline list",
        ),
    )
    own = parser.add_subparsers(title="subcommands", metavar="<subcommand>")
    command(
        own.add_parser,
        "list",
        _list,
        help="list the baselines, as without a subcommand",
        description="""
            Lists the baselines of this project: whose answers they are, when they were given, to
            how many samples, and the overall score. Marked are those that are pinned, and as the
            default the one that a run without --mm-baseline compares with. Exit code 4 if one of
            them cannot be read, or has changed since it was pinned.
            """,
        examples=("mmbench baseline list",),
    )
    _add_save(own.add_parser)
    promote = _add_named(
        own.add_parser,
        "promote",
        _promote,
        help="compare with it in every run without --mm-baseline",
        description="""
            Writes `baseline = "NAME"` into the settings, whose comments and order stay, so that
            `pytest --mm-model=PATH` compares with it from now on, unless --mm-baseline names
            another one. One that was DO NOT SHIP or UNDECIDED is refused without --force; with
            it, a comment in the settings says so.
            """,
    )
    help_force = "take a run that is no release"
    promote.add_argument("--force", action="store_true", help=help_force)
    _add_named(
        own.add_parser,
        "pin",
        _pin,
        help="protect it from being overwritten or changed",
        description="""
            Notes the sha256 of a baseline in mm_baselines/pins.sha256, which is meant to be
            committed with it. From then on `mmbench baseline save` does not overwrite it, and
            every comparison refuses it if it has changed. To unpin it, take its line out of that
            file.
            """,
    )


def _add_save(add: AddParser) -> None:
    parser = command(
        add,
        "save",
        _save,
        help="keep the latest run, or another one, under a name",
        description="""
            Keeps a run as mm_baselines/NAME.json. `--mm-baseline=NAME` compares with it, and so
            do `mmbench diff NAME` and `mmbench report --baseline NAME`.

            A run that was DO NOT SHIP or UNDECIDED is kept by --force only, and its file says so.
            """,
        examples=(
            "mmbench baseline save 2.3",
            "mmbench baseline save nightly --run artifacts/run.json --force",
        ),
    )
    parser.add_argument("name", metavar="NAME", help="letters, digits and . _ + -")
    parser.add_argument("--run", dest="run_file", metavar="RUN", default="", help=ANY_RUN)
    help_force = "overwrite one that is not pinned, or keep a run that is no release"
    parser.add_argument("--force", action="store_true", help=help_force)


def _add_named(
    add: AddParser, name: str, run: Run, *, help: str, description: str
) -> argparse.ArgumentParser:
    examples = (f"mmbench baseline {name} 2.3",)
    parser = command(add, name, run, help=help, description=description, examples=examples)
    parser.add_argument("name", metavar="NAME", help="one that `mmbench baseline list` shows")
    return parser


def _save(arguments: argparse.Namespace) -> int:
    project = find_project(arguments)
    name = arguments.name
    if not _NAME.fullmatch(name):
        remedy = "name it with letters, digits, points, hyphens and underscores"
        raise SettingsError(f"{name!r} cannot be the name of a baseline.", what_to_do=remedy)
    path = project.rootdir / BASELINES / f"{name}.json"
    if path.name in baselines.checksums(path.parent):
        raise SettingsError(
            f"the baseline {name!r} is pinned.",
            pinned_in=str(Path(BASELINES) / baselines.CHECKSUM_FILE),
            what_to_do="choose another name, or take its line out there",
        )
    if path.exists() and not arguments.force:
        remedy = "choose another name, or add --force"
        raise SettingsError(f"there is a baseline {name!r} already.", what_to_do=remedy)
    run = project.run(arguments.run_file)
    check_released(run, project, force=arguments.force)
    run_file.write(run, path)
    for note in coverage_notes(run):
        output.echo_note(f"{note}: it serves only runs of no more")
    output.echo(f"wrote {path.relative_to(project.rootdir)}: {run.model}, {_sample_counts(run)}")
    output.echo(f"the run was made {run.created}")
    return 0


def _promote(arguments: argparse.Namespace) -> int:
    # tomlkit is loaded by whoever changes a file.
    from pytest_mmbench.config.edit import rewrite, with_comment, with_text  # noqa: PLC0415

    project, name = find_project(arguments), arguments.name
    run = run_file.read(_baseline_path(name, project))
    remark = check_released(run, project, force=arguments.force)

    def change(text: str) -> str:
        new = with_text(text, "baseline", name, within=project.within)
        return with_comment(new, [("baseline",)], remark, within=project.within)

    rewrite(project.file, change)
    baseline = f"{name} ({run.model})"
    output.echo(f"{project.file.name}: `pytest --mm-model=PATH` compares with {baseline} now")
    if f"{name}.json" not in baselines.checksums(project.rootdir / BASELINES):
        output.echo_note(f"it may still be overwritten: `mmbench baseline pin {name}` protects it")
    return 0


def _pin(arguments: argparse.Namespace) -> int:
    path = _baseline_path(arguments.name, find_project(arguments))
    run_file.read(path)
    digest, file = baselines.pin(path), Path(BASELINES) / baselines.CHECKSUM_FILE
    output.echo(f"{file}: {arguments.name} is pinned ({digest[:16]}...)")
    return 0


def _baseline_path(name: str, project: Project) -> Path:
    paths = baselines.named_baselines(project.rootdir)
    if name not in paths:
        raise DataError(
            f"there is no baseline {name!r}.",
            looked_for=str(project.rootdir / BASELINES),
            **near(name, paths, label="baselines"),
            what_to_do="`mmbench baseline save NAME` keeps the latest run under a name",
        )
    return paths[name]


def _list(arguments: argparse.Namespace) -> int:
    project = find_project(arguments)
    folder = project.rootdir / BASELINES
    paths = baselines.named_baselines(project.rootdir)
    if not paths:
        output.echo(f"no baselines in {folder}")
        return 0
    pinned = baselines.checksums(folder)
    exit_code = 0
    rows: list[tuple[str, ...]] = []
    for name, path in paths.items():
        marks = ["pinned"] if path.name in pinned else []
        marks += ["the default"] if name == project.settings.baseline else []
        try:
            run = run_file.read(path)
            facts = (run.model, run.fingerprint[:12], run.created, _sample_counts(run))
            rows.append((name, *facts, _overall_scores(run), ", ".join(marks)))
        except DataError as error:
            exit_code = USAGE_ERROR
            rows.append((name, "", "", "", "", "", error.problem))
    output.echo(*output.table(_HEADS, rows))
    return exit_code


def _sample_counts(run: SavedRun) -> str:
    return ", ".join(f"{name} {sample_count(run, name):,}" for name in run.benchmarks) or "nothing"


def _overall_scores(run: SavedRun) -> str:
    """The overall score of each benchmark; a run of a part of it has none."""
    roots = [node for node in scored_dimensions(run) if node.is_root]
    tallies = (
        aggregate(node, run.trees[node.path], run.results(node.path, IMAGE)) for node in roots
    )
    return ", ".join(f"{tally.accuracy:.3f}" for tally in tallies)
