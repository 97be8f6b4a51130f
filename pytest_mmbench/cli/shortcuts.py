"""`mmbench shortcuts`: samples that text models answer without the picture, as MMStar filtered."""

from __future__ import annotations

import argparse
import math
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Final

from pytest_mmbench.cli import output
from pytest_mmbench.cli.command import AddParser, command
from pytest_mmbench.cli.project import Project, find_project, model_name
from pytest_mmbench.config.values import Setting, refuse_folder
from pytest_mmbench.errors import MMBenchWarning, SettingsError
from pytest_mmbench.evaluation.evaluator import check_model, load_model
from pytest_mmbench.evaluation.run import Run
from pytest_mmbench.evaluation.selection import BenchmarkSelection, select_benchmarks
from pytest_mmbench.files import expand
from pytest_mmbench.gates import shortcuts
from pytest_mmbench.gates.shortcuts import BlindOutcome, ShortcutList
from pytest_mmbench.records import Role
from pytest_mmbench.report.terminal import ProgressLine
from pytest_mmbench.report.text import count_of
from pytest_mmbench.results import exclusions
from pytest_mmbench.results.exclusions import Exclusion
from pytest_mmbench.results.rows import NO_IMAGE, SampleResult

MMSTAR: Final = Fraction(shortcuts.MMSTAR_MIN_MODELS, 8)
"""Share of the text models that have to know a sample: MMStar dropped what 3 of 8 knew."""
FILE: Final = Path("shortcuts.json")
_HEADS: Final = ("", "samples", "known", "expected by chance", "")
LeafResults = Mapping[tuple[str, str], tuple[SampleResult, ...]]
"""One model's results by benchmark and leaf."""


def add(subcommands: AddParser) -> None:
    """Declares the subcommand."""
    parser = command(
        subcommands,
        "shortcuts",
        _run,
        help="list samples that text models answer without the picture",
        description="""
            Asks text models every question of a benchmark without its picture, behind the solved
            examples that the benchmark publishes for them, and lists the samples that at least K
            of the models answer correctly. That is how MMStar was made (arXiv 2403.20330): what
            at least 3 of 8 models knew was dropped. Beside the list stands how many samples
            guessing would put on it; with few models that is most of them, and the list is no
            more than a selection of samples for people to look at.

            `pytest --mm-exclude=FILE` leaves the listed samples out. Answers are kept in the
            store, so that asking again costs nothing.
            """,
        examples=(
            "mmbench shortcuts --models text/a text/b text/c --benchmark mmstar",
            "mmbench shortcuts --models text/* --min-models 6 --out abnormal.json",
        ),
    )
    parser.add_argument(
        "--models",
        nargs="+",
        required=True,
        metavar="MODEL",
        help="text models: folders or hub ids, as for --mm-model",
    )
    parser.add_argument(
        "--benchmark",
        action="append",
        metavar="NAME",
        help="which questions; repeat for several; default: those of mmbench.toml",
    )
    number = parser.add_mutually_exclusive_group()
    number.add_argument(
        "--min-models",
        type=int,
        metavar="K",
        help="how many models have to know a sample; default: 3/8 of them, rounded up",
    )
    number.add_argument("--least", type=int, help=argparse.SUPPRESS)  # until the next release
    parser.add_argument(
        "--out",
        type=expand,
        default=FILE,
        metavar="FILE",
        help=f"where the list is written; default: {FILE}",
    )


def _run(arguments: argparse.Namespace) -> int:
    refuse_folder(arguments.out, Setting(name="--out", value=str(arguments.out), key="--out"))
    project = find_project(arguments, benchmark=arguments.benchmark)
    models = list(dict.fromkeys(arguments.models))
    min_models = _min_models(arguments, len(models))
    for spec in models:
        check_model(spec)
    # Lists are made for whole benchmarks, each question once.
    whole = replace(project.settings, strict=False, circular=False, exclude=None)
    selections = select_benchmarks(whole)
    results = [ask_without_pictures(spec, selections, project) for spec in models]
    lists = [_list_shortcuts(selection, results, min_models, models) for selection in selections]
    exclusions.write(lists, arguments.out)
    total = sum(len(listing.samples) for listing in lists)
    output.echo(f"wrote {arguments.out}: {total:,} samples")
    return 0


def _min_models(arguments: argparse.Namespace, models: int) -> int:
    typed, flag = arguments.min_models, "--min-models"
    if arguments.least is not None:
        typed, flag = arguments.least, "--least"
        message = "--least is now --min-models; the next release does not know the old name"
        warnings.warn(message, MMBenchWarning, stacklevel=1)
    number = math.ceil(MMSTAR * models) if typed is None else typed
    if not 1 <= number <= models:
        raise SettingsError(
            f"no sample can be known to {number} of {count_of(models, 'model')}.",
            asked_for_by=f"{flag}={number}",
            what_to_do=f"ask for 1 to {models}, or name more models",
        )
    return int(number)


def ask_without_pictures(
    spec: str, selections: Sequence[BenchmarkSelection], project: Project
) -> LeafResults:
    """What a text model answers to these questions without their pictures; kept in the store."""
    line = ProgressLine(output.TerminalStream(), label=spec)
    run = Run(
        replace(project.settings, base_llm=spec),
        selections,
        saved={},
        rootdir=project.rootdir,
        started=time.time(),
        workers=1,
        progress=line,
    )
    evaluator = run.evaluators[Role.BASE_LLM]
    for selection in selections:
        evaluator.plan(selection.name, NO_IMAGE, selection.leaves, few_shot=True)
    try:
        line.wait_for("loading")
        evaluator.use(load_model(spec, project.settings), given_by=f"--models {spec}")
        for selection in selections:
            evaluator.evaluate(selection.name, NO_IMAGE, selection.leaves, few_shot=True)
        return {
            (selection.name, leaf): evaluator.results(selection.name, NO_IMAGE, few_shot=True)[leaf]
            for selection in selections
            for leaf in selection.leaves
        }
    finally:
        line.hide()
        run.close()


def _list_shortcuts(
    selection: BenchmarkSelection,
    results: Sequence[LeafResults],
    min_models: int,
    models: Sequence[str],
) -> Exclusion:
    outcomes = {
        leaf: blind_outcomes([of_model[selection.name, leaf] for of_model in results])
        for leaf in selection.leaves
    }
    every = [outcome for below in outcomes.values() for outcome in below]
    total = shortcuts.known_to_text_models(every, min_models)
    rows = [_row(selection.name, total)]
    for leaf, below in outcomes.items():
        rows.append(_row(f"  {leaf}", shortcuts.known_to_text_models(below, min_models)))
    known, by_chance = len(total.samples), total.expected_by_chance
    output.echo(
        *output.table(_HEADS, rows),
        "",
        f"{known:,} of {total.total:,} samples are known to at least {min_models} of {len(models)}"
        f" text models; guessing alone would make it {by_chance:,.0f}",
    )
    if known and by_chance > known / 2:
        output.echo("most of them may be chance: name more models, or raise --min-models")
    output.echo("")
    names = ", ".join(map(model_name, models))
    return Exclusion(
        benchmark=selection.name,
        revision=selection.benchmark.revision,
        rule=f"known to at least {min_models} of {len(models)} text models ({names})",
        samples=total.samples,
    )


def blind_outcomes(results: Sequence[Sequence[SampleResult]]) -> list[BlindOutcome]:
    """What each text model made of the samples of a leaf, by sample instead of by model."""
    by_sample: dict[str, list[SampleResult]] = {}
    for result in chain.from_iterable(results):
        by_sample.setdefault(result.sample, []).append(result)
    return [
        BlindOutcome(
            sample=sample,
            options=answers[0].options,
            text_models=tuple(result.mark for result in answers),
        )
        for sample, answers in by_sample.items()
    ]


def _row(name: str, listing: ShortcutList) -> tuple[str, ...]:
    total, known = f"{listing.total:,}", f"{len(listing.samples):,}"
    return (name, total, known, f"{listing.expected_by_chance:,.1f}", "")
