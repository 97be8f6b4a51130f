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
from collections import Counter
from collections.abc import Mapping
from operator import attrgetter
from typing import Final

from pytest_mmbench.benchmarks.published import BenchmarkSpec, PublishedBenchmark
from pytest_mmbench.benchmarks.questions.answer_type import ANSWER, AnswerSource, AnswerType
from pytest_mmbench.benchmarks.questions.answer_types import (
    ANSWER_TYPES,
    OWN_SETTINGS,
    answer_type,
)
from pytest_mmbench.benchmarks.questions.capabilities import CapabilityPaths, capability_tree
from pytest_mmbench.benchmarks.questions.columns import COLUMNS, resolve_columns
from pytest_mmbench.benchmarks.questions.few_shot import FEW_SHOT, FEW_SHOT_FOR, read_examples
from pytest_mmbench.benchmarks.questions.file import QUESTIONS, QuestionFile, open_questions
from pytest_mmbench.benchmarks.questions.groups import GROUPS, read_groups
from pytest_mmbench.benchmarks.questions.mixed_answers import OPEN_ANSWER, OPEN_SCORING
from pytest_mmbench.benchmarks.questions.samples import QuestionReader
from pytest_mmbench.benchmarks.questions.targets import TARGET_FORM
from pytest_mmbench.benchmarks.questions.template import PROMPT, question_prompt, read_template
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.settings import SCORING, SPLIT, BenchmarkOptions
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Method, Prompt, Sample

VERSION: Final = 1
"""Raised when the same file and table give other samples or another wording than before."""
SETTINGS: Final = (
    *(QUESTIONS, COLUMNS, GROUPS, PROMPT, SPLIT, SCORING, TARGET_FORM),
    *(FEW_SHOT, FEW_SHOT_FOR, OPEN_ANSWER, OPEN_SCORING),
)
"""Of every file, beside the type of its answers."""


def load(name: str, settings: Mapping[str, object]) -> PublishedBenchmark:
    """The benchmark of that name, from the file of questions that its table names.

    Raises:
        SettingsError: the table names no file, or a column, place or word that is not known.
        DataError: the file cannot be read, or a row cannot be used.
    """
    words = {ANSWER: tuple(ANSWER_TYPES), **dict.fromkeys((*SETTINGS, *OWN_SETTINGS), ())}
    options = BenchmarkOptions(benchmark=name, options=settings, words=words)
    kind = answer_type(options)
    scorer = kind.scorings[options.word(SCORING, tuple(kind.scorings))](options)
    last_line = kind.last_line if isinstance(kind.last_line, str) else kind.last_line(options)
    template = read_template(options, lists_options=kind.lists_options)
    file, table, reader = _open(options, kind, scorer)
    groups = read_groups(options, table)

    def sample(id: str, row: Row) -> Sample:
        read = reader.sample(id, row)
        groups.add(id, row)
        return read

    samples = build_samples(table, sample, id=reader.columns.id).items
    examples = read_examples(options, kind, reader, samples)

    def prompt_of(sample: Sample, method: Method) -> Prompt:
        # Options have a last line that depends on the method; questions without any have this.
        line = "" if kind.lists_options and sample.options else last_line
        return question_prompt(sample, method, last_line=line, template=template)

    known = (kind.name, reader.columns, reader.answers.form, template, file.digest)
    # What was not set is no part of it, so that revisions of older versions stay.
    identity = repr((*known, *filter(None, [groups.columns, examples.identity]))).encode()
    is_shown = template is None or "options" in template.places
    spec: BenchmarkSpec[None] = BenchmarkSpec(
        name=name,
        version=VERSION,
        published_as="",
        options=words,
        table=lambda _: table,
        samples=lambda *_: samples,
        tree=lambda data: (
            *capability_tree(name, Counter(map(attrgetter("dimension"), data.samples.values()))),
            *groups.nodes(),
        ),
        view_units=groups.units,
        edition=lambda _: hashlib.sha256(identity).hexdigest(),
        variant=lambda _: f"{table.name}, {kind.name}",
        prompt=lambda sample, method, _: examples.before(
            prompt_of(sample, method), sample, method, prompt_of
        ),
        few_shot=examples.for_text_models(prompt_of),
        scorers=lambda data: kind.scorers(
            kind.with_samples(scorer, data.samples), is_shown=is_shown
        ),
        new_tokens=kind.new_tokens,
    )
    return spec.load(settings)


def _open(
    options: BenchmarkOptions, kind: AnswerType, scorer: Scorer
) -> tuple[QuestionFile, Table, QuestionReader]:
    """The file, its rows, and what makes samples of them."""
    file = open_questions(options)
    columns = resolve_columns(
        options,
        file.table,
        kind.name,
        needs_options=kind.lists_options,
        is_place=kind.is_place,
    )
    table = file.with_texts(columns)
    source = AnswerSource(options=options, columns=columns, rows=table.rows, scorer=scorer)
    reader = QuestionReader(
        benchmark=options.benchmark,
        columns=columns,
        answers=kind.reader(source),
        paths=CapabilityPaths(options.benchmark, columns.capability),
        cells_are_cheap=file.cells_are_cheap,
    )
    return file, table, reader
