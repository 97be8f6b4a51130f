"""`mmbench lint`: what is wrong with a set of questions, before a model is asked."""

from __future__ import annotations

import argparse
import json
import math
import time
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from pytest_mmbench.benchmarks.wrappers import published
from pytest_mmbench.cli import output
from pytest_mmbench.cli.command import FAILED, AddParser, command
from pytest_mmbench.cli.data import known_benchmarks, options
from pytest_mmbench.cli.project import Project, find_project, model_name
from pytest_mmbench.cli.question_table import guessed_table, name_of_file
from pytest_mmbench.cli.shortcuts import MMSTAR, LeafResults, ask_without_pictures, blind_outcomes
from pytest_mmbench.config.settings import BenchmarkSettings, Settings
from pytest_mmbench.config.values import Setting, refuse_folder
from pytest_mmbench.errors import (
    DataError,
    SettingsError,
    check_registered,
    shorten,
)
from pytest_mmbench.evaluation.evaluator import check_model
from pytest_mmbench.evaluation.selection import BenchmarkSelection, select_benchmarks
from pytest_mmbench.files import expand
from pytest_mmbench.gates import shortcuts
from pytest_mmbench.lint import lint
from pytest_mmbench.lint.findings import (
    BadRow,
    BlindSamples,
    LintFinding,
    QuestionSet,
    Severity,
)
from pytest_mmbench.lint.lookalikes import alike_digests
from pytest_mmbench.lint.pictures import read_pictures
from pytest_mmbench.lint.summary import SetSummary, summary
from pytest_mmbench.records import BadRows
from pytest_mmbench.report.terminal import ProgressLine
from pytest_mmbench.report.text import count_of
from pytest_mmbench.results import baselines, exclusions
from pytest_mmbench.results.exclusions import Exclusion
from pytest_mmbench.results.rows import NO_IMAGE

SCHEMA: Final = 1
"""Of the JSON; grows when a field is renamed, removed, or means something else."""
MOST_OF_AN_EXAMPLE: Final = 160
"""Characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LintResult:
    """What was found in one set of questions."""

    benchmark: str
    revision: str
    """Of all its data, whatever is left out."""
    summary: SetSummary
    findings: tuple[LintFinding, ...]

    def count(self, severity: Severity) -> int:
        """How many findings of a severity there are."""
        return sum(finding.severity is severity for finding in self.findings)


def add(subcommands: AddParser) -> None:
    """Declares the subcommand."""
    parser = command(
        subcommands,
        "lint",
        _run,
        help="look through questions for what is wrong with them",
        description="""
            Looks through a set of questions before a model is asked: rows and pictures that cannot
            be used, keys that no option holds, questions that are asked twice, options that are
            the same or give the key away, pictures that several samples share, ids that will not
            last, texts that were damaged, leaves that are too small.

            No model is asked, unless --models names some: then samples are found that are
            answered without the picture, as MMStar was filtered. A name of a saved run stands for
            what that run answered without pictures.

            The exit code is 1 if there are errors, or under --strict warnings.
            """,
        examples=(
            "mmbench lint acme",
            "mmbench lint --questions data/questions.csv --strict",
            "mmbench lint acme --exclude unfit.json   # then pytest --mm-exclude=unfit.json",
            "mmbench lint acme --models text/a text/b text/c",
        ),
    )
    parser.add_argument(
        "benchmark",
        nargs="*",
        metavar="BENCHMARK",
        help="which questions; default: those of mmbench.toml",
    )
    parser.add_argument(
        "--questions",
        metavar="FILE",
        type=expand,
        help="a file of your own questions, by the table that `mmbench init --questions` guesses",
    )
    parser.add_argument(
        "--models",
        nargs="+",
        default=[],
        metavar="MODEL",
        help="text models, as for `mmbench shortcuts`, or saved runs with the condition no-image",
    )
    parser.add_argument(
        "--no-pictures", action="store_true", help="read no picture: quick, and says less"
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 also for warnings")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="of the output; default: text"
    )
    parser.add_argument(
        "--exclude",
        metavar="FILE",
        type=expand,
        help="write the samples that should not be asked, for --mm-exclude",
    )
    parser.add_argument("--force", action="store_true", help="overwrite the file of --exclude")


def _run(arguments: argparse.Namespace) -> int:
    if arguments.exclude:
        typed = Setting(name="--exclude", value=str(arguments.exclude), key="--exclude")
        refuse_folder(arguments.exclude, typed)
        if arguments.exclude.exists() and not arguments.force:
            # It may be the questions themselves, or lists that somebody has made by hand.
            remedy = "name another file, or add --force"
            raise typed.error(f"{arguments.exclude} exists already.", what_to_do=remedy)
    project = find_project(arguments)
    results = [
        _lint(configured, project, arguments) for configured in _configured(arguments, project)
    ]
    if arguments.format == "json":
        sets = [asdict(result) for result in results]
        output.echo(json.dumps({"schema": SCHEMA, "sets": sets}, indent=2))
    else:
        for result in results:
            output.echo(*_lines(result))
    if arguments.exclude:
        total = _write_exclusions(results, project.settings.exclude, arguments.exclude)
        output.echo_note(f"wrote {arguments.exclude}: {count_of(total, 'sample')}")
    fatal = [Severity.ERROR, *([Severity.WARNING] if arguments.strict else [])]
    return FAILED if any(result.count(each) for result in results for each in fatal) else 0


def _configured(arguments: argparse.Namespace, project: Project) -> list[BenchmarkSettings]:
    """The sets that were named, or those of the settings, each with its own options."""
    settings = project.settings
    if arguments.questions and arguments.benchmark:
        remedy = "name one or the other"
        raise SettingsError("--questions and a benchmark are both named.", what_to_do=remedy)
    if file := arguments.questions:
        name = name_of_file(file) or "questions"
        table = {**guessed_table(file, name), "questions": str(file)}
        return [BenchmarkSettings(name=name, method="auto", options=table, source="")]
    names = arguments.benchmark or [configured.name for configured in settings.benchmarks]
    for name in names:
        check_registered(name, known_benchmarks(settings), "mmbench lint")
    return [
        BenchmarkSettings(name=name, method="auto", options=options(name, settings), source="")
        for name in dict.fromkeys(names)
    ]


def _lint(
    configured: BenchmarkSettings, project: Project, arguments: argparse.Namespace
) -> LintResult:
    settings = replace(
        project.settings,
        benchmarks=(configured,),
        circular=False,
        limit=0,
        strict=False,
        thresholds={},
        bad_rows=BadRows.SKIP,
    )
    selection, bad_rows = _load(settings)
    skipped = {node.path for node in selection.dimensions if node.skip_reason}
    samples = tuple(
        selection.benchmark.sample(id)
        for leaf in selection.leaves
        if leaf not in skipped
        for id in selection.ids[leaf]
    )
    questions = QuestionSet(samples=samples, bad_rows=bad_rows)
    if not arguments.no_pictures:
        questions = _with_pictures(questions, selection.name)
    if models := list(dict.fromkeys(arguments.models)):
        whole = replace(project, settings=settings)
        questions = replace(questions, blind=_blind(models, selection, whole))
    return LintResult(
        benchmark=selection.name,
        revision=published(selection.benchmark).revision,
        summary=summary(questions),
        findings=lint(questions),
    )


def _load(settings: Settings) -> tuple[BenchmarkSelection, tuple[BadRow, ...]]:
    """The questions of the only benchmark of the settings, and the rows that make none."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        (selection,) = select_benchmarks(settings)
    rows: list[BadRow] = []
    for warning in caught:
        skipped = getattr(warning.message, "rows", None)
        if skipped is None:
            warnings.warn(warning.message, stacklevel=2)
        else:
            rows += map(_bad_row, skipped.errors)
    return selection, tuple(rows)


def _bad_row(error: DataError) -> BadRow:
    row = error.facts.get("row", "").split(" ")[0]
    place = ", ".join(filter(None, [error.facts.get("file", ""), row and f"row {row}"]))
    reason = error.facts.get("reason", "")
    problem = ": ".join(filter(None, [error.problem.rstrip("."), reason]))
    return BadRow(place=place, field=error.facts.get("field", ""), problem=problem)


def _with_pictures(questions: QuestionSet, name: str) -> QuestionSet:
    line = ProgressLine(output.TerminalStream(), label=name, unit="samples")
    started = time.monotonic()
    try:
        pictures = read_pictures(
            questions.samples,
            lambda done, total: line(done=done, total=total, seconds=time.monotonic() - started),
        )
        return replace(questions, pictures=pictures, alike=alike_digests(pictures.values()))
    finally:
        line.hide()


def _blind(models: Sequence[str], selection: BenchmarkSelection, project: Project) -> BlindSamples:
    """The samples that 3 of 8 of the models answer without the picture, or as many of fewer."""
    results = [_without_pictures(spec, selection, project) for spec in models]
    outcomes = [
        outcome
        for leaf in selection.leaves
        for outcome in blind_outcomes([of_model[selection.name, leaf] for of_model in results])
    ]
    number = math.ceil(MMSTAR * len(models))
    listing = shortcuts.known_to_text_models(outcomes, number)
    names = ", ".join(map(model_name, models))
    return BlindSamples(
        samples=listing.samples,
        total=listing.total,
        expected_by_chance=listing.expected_by_chance,
        rule=f"known to at least {number} of {count_of(len(models), 'model')} ({names})",
    )


def _without_pictures(spec: str, selection: BenchmarkSelection, project: Project) -> LeafResults:
    """What a model answers, or what a saved run says that one has answered, without pictures."""
    is_run = spec in baselines.named_baselines(project.rootdir) or expand(spec).is_file()
    if not is_run:
        check_model(spec)
        return ask_without_pictures(spec, [selection], project)
    run = project.run(spec)
    task = run.task(selection.name, NO_IMAGE, few_shot=True)
    known = (selection.benchmark.revision, published(selection.benchmark).revision)
    if task.spec.revision not in known:
        raise DataError(
            f"the saved run of {run.model} was asked other data of {selection.name}.",
            asked_for_by=f"--models {spec}",
            then=task.spec.revision,
            now=known[0],
            what_to_do="run these questions again with [vision] conditions, or name a model",
        )
    return {
        (selection.name, leaf): tuple(
            row for row in task.rows.get(leaf, ()) if row.sample in {*selection.ids[leaf]}
        )
        for leaf in selection.leaves
    }


def _write_exclusions(results: Iterable[LintResult], earlier: Path | None, path: Path) -> int:
    """A list for each finding whose samples should not be asked, behind those of the settings."""
    lists = [
        Exclusion(
            benchmark=result.benchmark,
            revision=result.revision,
            rule=f"mmbench lint, {finding.check}: {finding.problem}",
            samples=finding.excluded,
        )
        for result in results
        for finding in result.findings
        if finding.excluded
    ]
    exclusions.write([*(exclusions.read(earlier) if earlier else ()), *lists], path)
    return len({(listing.benchmark, sample) for listing in lists for sample in listing.samples})


def _lines(result: LintResult) -> list[str]:
    size = result.summary
    kinds = [
        f"{number:,} with {options} options" if options != "0" else f"{number:,} open"
        for options, number in size.options.items()
    ]
    parts = [
        f"{count_of(size.samples, 'sample')} in {size.leaves} leaves ({', '.join(kinds)})",
        count_of(size.pictures, "picture"),
        f"{count_of(size.clusters, 'cluster')}, worth {size.effective_size:,.0f} samples at least",
    ]
    lines = [f"{result.benchmark}: {', '.join(parts)}"]
    for severity in Severity:
        for finding in result.findings:
            if finding.severity is severity:
                lines += _finding_lines(finding)
    counts = [count_of(result.count(each), each.value) for each in Severity if result.count(each)]
    return [*lines, ", ".join(counts) or "nothing was found", ""]


def _finding_lines(finding: LintFinding) -> list[str]:
    count = count_of(finding.count, finding.unit).replace("leafs", "leaves")
    head = f"{finding.severity:<8}{finding.check}: {count}"
    examples = [
        shorten(": ".join(filter(None, [each.place, each.text])), most=MOST_OF_AN_EXAMPLE)
        for each in finding.examples
    ]
    return [
        f"{head}; {finding.problem}",
        *(f"          {text}" for text in examples),
        f"        -> {finding.remedy}",
    ]
