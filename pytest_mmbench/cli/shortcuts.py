"""`mmbench shortcuts`: samples that text models answer without the picture, as MMStar filtered."""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from pytest_mmbench.cli import output
from pytest_mmbench.cli.command import AddParser, command
from pytest_mmbench.cli.project import Project, named, project
from pytest_mmbench.config.settings import Settings
from pytest_mmbench.config.values import SettingLocation, refuse_folder
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.evaluation.loading import check_model, load
from pytest_mmbench.evaluation.run import Run
from pytest_mmbench.evaluation.selection import BenchmarkSelection, select_benchmarks
from pytest_mmbench.files import expand
from pytest_mmbench.gates import shortcuts
from pytest_mmbench.gates.shortcuts import BlindOutcome, ShortcutList
from pytest_mmbench.records import Role
from pytest_mmbench.report.text import count_of
from pytest_mmbench.results import exclusions
from pytest_mmbench.results.exclusions import Exclusion
from pytest_mmbench.results.rows import NO_IMAGE, SampleResult

MMSTAR: Final = Fraction(shortcuts.MMSTAR_MIN_MODELS, 8)
"""Share of the text models that have to know a sample: MMStar dropped what 3 of 8 knew."""


FILE: Final = Path("shortcuts.json")


_HEADS: Final = ("", "samples", "known", "by luck", "")


def add(verbs: AddParser) -> None:
    """Declares the subcommand."""
    parser = command(
        verbs,
        "shortcuts",
        _run,
        help="list samples that text models answer without the picture",
        description="""
            Asks text models every question of a benchmark without its picture, behind the solved
            examples that the benchmark publishes for them, and lists the samples that at least K
            of the models answer rightly. That is how MMStar was made (arXiv 2403.20330): what at
            least 3 of 8 models knew was dropped. How many guessing would put on the list is told
            with it; with few models that is most of them, and the list is no more than a
            selection of samples for people to look at.

            `pytest --mm-exclude=FILE` leaves the listed samples out. Answers are kept in the
            store, so that asking again costs nothing.
            """,
        examples=(
            "mmbench shortcuts --models text/a text/b text/c --benchmark mmstar",
            "mmbench shortcuts --models text/* --least 6 --out abnormal.json",
        ),
    )
    parser.add_argument(
        "--models",
        nargs="+",
        required=True,
        metavar="MODEL",
        help="folders or hub ids, as for --mm-model",
    )
    parser.add_argument(
        "--benchmark",
        action="append",
        metavar="NAME",
        help="repeat for several; default: those of mmbench.toml",
    )
    parser.add_argument(
        "--least",
        type=int,
        metavar="K",
        help="how many models have to know a sample; default: 3/8 of them, rounded up",
    )
    parser.add_argument("--out", type=expand, default=FILE, metavar="FILE", help=f"default: {FILE}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the text models said to the questions of one benchmark."""

    selected: BenchmarkSelection
    unseen: Mapping[str, tuple[BlindOutcome, ...]]
    """By leaf."""


def _run(chosen: argparse.Namespace) -> int:
    refuse_folder(chosen.out, "--out", SettingLocation(key="--out"))
    here = project(chosen, benchmark=chosen.benchmark)
    models = list(dict.fromkeys(chosen.models))
    least = _least(chosen.least, len(models))
    for each in models:
        check_model(each)
    selected = select_benchmarks(_plain(here.settings))
    rows = [_rows(each, selected, here) for each in models]
    found = [_found(_joined(each, rows), least, models) for each in selected]
    exclusions.write(found, chosen.out)
    output.echo(f"wrote {chosen.out}: {sum(len(each.samples) for each in found):,} samples")
    return 0


def _plain(settings: Settings) -> Settings:
    """The settings for whole benchmarks, each question once: lists are made for those."""
    return replace(settings, strict=False, circular=False, exclude={})


def _least(typed: int | None, models: int) -> int:
    least = math.ceil(MMSTAR * models) if typed is None else typed
    if not 1 <= least <= models:
        raise SettingsError(
            f"no sample can be known to {least} of {count_of(models, 'model')}.",
            asked_for_by=f"--least={least}",
            what_to_do=f"ask for 1 to {models}, or name more models",
        )
    return least


def _rows(
    spec: str, selected: Sequence[BenchmarkSelection], here: Project
) -> dict[tuple[str, str], tuple[SampleResult, ...]]:
    """What one model scored without pictures, by benchmark and leaf."""
    line = output.ProgressLine(f"mmbench  {spec}")
    run = Run(
        replace(here.settings, base_llm=spec),
        selected,
        saved={},
        rootdir=here.rootdir,
        started=time.time(),
        workers=1,
        progress=line,
    )
    examinee = run.evaluators[Role.BASE_LLM]
    for each in selected:
        examinee.plan(each.name, NO_IMAGE, each.leaves, few_shot=True)
    try:
        line.wait()
        examinee.use(load(spec, here.settings), given_by=f"--models {spec}")
        for each in selected:
            examinee.evaluate(each.name, NO_IMAGE, each.leaves, few_shot=True)
        return {
            (each.name, leaf): examinee.results(each.name, NO_IMAGE, few_shot=True)[leaf]
            for each in selected
            for leaf in each.leaves
        }
    finally:
        line.hide()
        run.close()


def _joined(
    selected: BenchmarkSelection, rows: Sequence[Mapping[tuple[str, str], tuple[SampleResult, ...]]]
) -> _Asked:
    return _Asked(
        selected=selected,
        unseen={
            leaf: tuple(_unseen(each[selected.name, leaf] for each in rows))
            for leaf in selected.leaves
        },
    )


def _unseen(said: Iterator[tuple[SampleResult, ...]]) -> Iterator[BlindOutcome]:
    by_sample: dict[str, list[SampleResult]] = {}
    for rows in said:
        for row in rows:
            by_sample.setdefault(row.sample, []).append(row)
    for sample, found in by_sample.items():
        marks = tuple(row.mark for row in found)
        yield BlindOutcome(sample=sample, options=found[0].options, text_models=marks)


def _found(asked: _Asked, least: int, models: Sequence[str]) -> Exclusion:
    """The list of one benchmark, told on the way."""
    every = [each for unseen in asked.unseen.values() for each in unseen]
    whole = shortcuts.known_to_text_models(every, least)
    rule = (
        f"known to at least {least} of {len(models)} text models ({', '.join(map(named, models))})"
    )
    rows = [_counted(asked.selected.name, whole)]
    for leaf, unseen in asked.unseen.items():
        rows.append(_counted(f"  {leaf}", shortcuts.known_to_text_models(unseen, least)))
    output.echo(*output.table(_HEADS, rows), "", *_told(whole, least, len(models)), "")
    return Exclusion(
        benchmark=asked.selected.name,
        revision=asked.selected.benchmark.revision,
        rule=rule,
        samples=whole.samples,
    )


def _counted(name: str, found: ShortcutList) -> tuple[str, ...]:
    return (
        name,
        f"{found.total:,}",
        f"{len(found.samples):,}",
        f"{found.expected_by_chance:,.1f}",
        "",
    )


def _told(found: ShortcutList, least: int, models: int) -> Iterator[str]:
    known = len(found.samples)
    yield (
        f"{known:,} of {found.total:,} samples are known to at least {least} of {models} text"
        f" models; guessing alone would make it {found.expected_by_chance:,.0f}"
    )
    if known and found.expected_by_chance > known / 2:
        yield "most of them may be luck: name more models, or raise --least"
