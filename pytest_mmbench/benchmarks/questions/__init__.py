"""A team's own questions: a file, and a table of the settings that says what its columns hold.

    [benchmarks.acme]
    questions = "questions.csv"
    answer = "choice"
    [benchmarks.acme.columns]
    id = "qid"
    target = "key"

The file is CSV, TSV, JSON, JSON lines or parquet, a folder with a `metadata` file as the
imagefolder of `datasets` has it, or a dataset of the hub. Answers and baselines are tied to its
content: the revision is a digest of the file, of the columns and of the wording.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from pytest_mmbench.benchmarks.published import (
    BenchmarkSpec,
    PublishedBenchmark,
    scorers_by_method,
)
from pytest_mmbench.benchmarks.questions.capabilities import CapabilityPaths, capability_tree
from pytest_mmbench.benchmarks.questions.columns import COLUMNS, resolve_columns
from pytest_mmbench.benchmarks.questions.file import QUESTIONS, open_questions
from pytest_mmbench.benchmarks.questions.samples import ANSWER, ANSWERS, QuestionReader
from pytest_mmbench.benchmarks.questions.targets import TARGET_FORM, TargetForm, target_form
from pytest_mmbench.benchmarks.questions.template import (
    PROMPT,
    PromptTemplate,
    question_prompt,
    read_template,
)
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.settings import SPLIT, BenchmarkOptions
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Method
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.likelihood import MostLikely
from pytest_mmbench.scorers.open_answer import StrictOpen
from pytest_mmbench.scorers.yes_no import STRICT_YES_NO

VERSION: Final = 1
"""Raised when the same file and table give other samples or another wording than before."""


def load(name: str, settings: Mapping[str, object]) -> PublishedBenchmark:
    """The benchmark of that name, from the file of questions that its table names.

    Raises:
        SettingsError: the table names no file, or a column, place or word that is not known.
        DataError: the file cannot be read, or a row cannot be used.
    """
    words = {QUESTIONS: (), ANSWER: ANSWERS, COLUMNS: (), PROMPT: (), SPLIT: (), TARGET_FORM: ()}
    options = BenchmarkOptions(benchmark=name, options=settings, words=words)
    answer = options.word(ANSWER)
    template = read_template(options, answer)
    file = open_questions(options)
    columns = resolve_columns(options, file.table, answer=answer)
    table = file.with_texts(columns)
    form = TargetForm.LETTER
    if answer == "choice":
        form = target_form(options, table.rows, columns.options, columns.target)
    reader = QuestionReader(
        benchmark=name,
        columns=columns,
        answer=answer,
        form=form,
        paths=CapabilityPaths(name, columns.capability),
        cells_are_cheap=file.cells_are_cheap,
    )
    samples = build_samples(table, reader.sample, id=columns.id).items
    identity = repr((answer, columns, form, template, file.digest)).encode()
    spec: BenchmarkSpec[None] = BenchmarkSpec(
        name=name,
        version=VERSION,
        published_as="",
        options=words,
        table=lambda _: table,
        samples=lambda *_: samples,
        tree=lambda data: capability_tree(name, data.sizes),
        edition=lambda _: hashlib.sha256(identity).hexdigest(),
        variant=lambda _: f"{table.name}, {answer}",
        prompt=lambda sample, method, _: question_prompt(
            sample, method, answer=answer, template=template
        ),
        scorers=lambda _: _scorers(answer, template),
    )
    return spec.load(settings)


def _scorers(answer: str, template: PromptTemplate | None) -> Mapping[Method, Scorer]:
    """By method, the default first; none by which the question could not be answered."""
    ranks = {Method.RANK: MostLikely(), Method.RANK_MEAN: MostLikely(mean=True)}
    if answer == "yes-no":
        return {Method.GENERATE: STRICT_YES_NO, **ranks}
    if answer != "choice":
        return {Method.GENERATE: StrictOpen()}
    # Who is not shown the options can choose none by its letter.
    is_shown = template is None or "options" in template.places
    return scorers_by_method(choice=StrictChoice()) if is_shown else ranks
