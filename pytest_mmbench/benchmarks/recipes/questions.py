"""The rows of a recipe's data, in whichever of its layouts they are, and how samples are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_mmbench.benchmarks.multiple_choice import filled_columns
from pytest_mmbench.benchmarks.published import MixedScorer, PublishedSample
from pytest_mmbench.benchmarks.questions.answer_type import (
    AnswerReader,
    AnswerSource,
    CorrectAnswer,
)
from pytest_mmbench.benchmarks.questions.answer_types import ANSWER_TYPES
from pytest_mmbench.benchmarks.questions.capabilities import CapabilityPaths, capability_tree
from pytest_mmbench.benchmarks.questions.columns import COLUMNS, QuestionColumns, resolve_columns
from pytest_mmbench.benchmarks.questions.file import QuestionFile, keeps_cells_apart, table_files
from pytest_mmbench.benchmarks.questions.groups import GROUPS, QuestionGroups, read_groups
from pytest_mmbench.benchmarks.questions.samples import QuestionReader
from pytest_mmbench.benchmarks.questions.targets import TARGET_FORM
from pytest_mmbench.benchmarks.questions.template import MARK
from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.recipes.adaptations import ADAPTATIONS, with_constants, with_id
from pytest_mmbench.benchmarks.recipes.recipe import Layout, Recipe, names_of
from pytest_mmbench.benchmarks.recipes.rules import generated_scorer
from pytest_mmbench.benchmarks.settings import BenchmarkOptions
from pytest_mmbench.files import expand
from pytest_mmbench.records import Average, Dimension, Sample, letters

CLUSTER = "cluster"
PICTURE = "picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeQuestions:
    """The adapted rows, and what makes samples of them."""

    table: Table
    reader: QuestionReader
    groups: QuestionGroups

    def sample(self, id: str, row: Row) -> PublishedSample[None]:
        """The sample of a row, ranked by letter if its options are pictures."""
        sample = self.reader.sample(id, row)
        self.groups.add(id, row)
        has_pictures = any(map(MARK.search, sample.options))
        return PublishedSample(sample=sample, extra=None, ranked_by_letter=has_pictures)

    def tree(self, samples: Mapping[str, Sample], average: Average) -> tuple[Dimension, ...]:
        """The capabilities, and a view for each group."""
        sizes = Counter(sample.dimension for sample in samples.values())
        nodes = capability_tree(self.reader.benchmark, sizes)
        return (*(replace(node, average=average) for node in nodes), *self.groups.nodes())


def open_recipe(
    recipe: Recipe, options: BenchmarkOptions, answer_options: BenchmarkOptions, *, split: str
) -> RecipeQuestions:
    """The rows of the data that the settings name; `answer_options` are those of the answer type.

    Raises:
        SettingsError: they name none.
        DataError: the data cannot be read, or lack a column.
    """
    pictures = [name for layout in recipe.layouts for name in layout.names(PICTURE)]
    table = _read(recipe, options, list(dict.fromkeys(pictures)), split=split)
    layout = next(
        (each for each in recipe.layouts if set(each.when) <= set(table.columns)),
        recipe.layouts[-1],
    )
    table = with_constants(table, layout.constants)
    for word in layout.adapt:
        table = ADAPTATIONS[word](table)
    table, id = with_id(table, layout.names("id"))
    kind = ANSWER_TYPES[recipe.answer]
    own = {
        COLUMNS: _columns(layout, table, id),
        GROUPS: recipe.groups,
        TARGET_FORM: recipe.target_form,
    }
    own_options = replace(
        answer_options,
        options={**answer_options.options, **own},
        words={**answer_options.words, **dict.fromkeys(own, ())},
    )
    columns = resolve_columns(
        own_options,
        table,
        kind.name,
        needs_options=kind.lists_options,
        is_place=kind.is_place,
    )
    file = QuestionFile(table=table, pictures=tuple(pictures), digest="")
    table = file.with_texts(columns)
    reader = QuestionReader(
        benchmark=options.benchmark,
        columns=columns,
        answers=_answers(recipe, own_options, columns, table.rows),
        paths=CapabilityPaths(options.benchmark, columns.capability),
        cells_are_cheap=not keeps_cells_apart(table_files(options.data())),
    )
    groups = read_groups(own_options, table)
    return RecipeQuestions(table=table, reader=reader, groups=groups)


def _read(
    recipe: Recipe, options: BenchmarkOptions, pictures: Sequence[str], *, split: str
) -> Table:
    """The rows of `data`, also of several files of one folder that a layout reads together."""
    folder = expand(options.data())
    patterns = [layout.files for layout in recipe.layouts if layout.files]
    files = [path for pattern in patterns for path in sorted(folder.glob(pattern))]
    if not files:
        return options.table(pictures=pictures, configs=recipe.configs, split=split)
    tables = [
        open_table(
            str(file),
            pictures=pictures,
            bad_rows=options.bad_rows(),
            allowed=options.picture_folders(),
        )
        for file in files
    ]
    return replace(
        tables[0],
        name=folder.name,
        columns=tuple(dict.fromkeys(name for table in tables for name in table.columns)),
        rows=tuple(row for table in tables for row in table.rows),
        size=0,
        bad_row_errors=tuple(error for table in tables for error in table.bad_row_errors),
    )


def _columns(layout: Layout, table: Table, id: str) -> dict[str, str | list[str]]:
    """The columns as a table of the settings names them, with those that may be missing left out.

    Raises:
        DataError: another one is not there.
    """
    pictures = layout.names(PICTURE)
    present = [name for name in pictures if name in table.columns]
    columns = {**layout.columns, "id": id, PICTURE: present or list(pictures)}
    if layout.columns.get(CLUSTER) not in table.columns:
        columns.pop(CLUSTER, None)
    named = (each for value in columns.values() for each in names_of(value))
    table.require(*named)
    return columns


def _answers(
    recipe: Recipe, options: BenchmarkOptions, columns: QuestionColumns, rows: Sequence[Row]
) -> AnswerReader:
    """Reads answers by the type of each row: with options or without.

    The strict rule says what an answer can be under both, so that a rule loses no row.
    """
    scorer = generated_scorer(recipe, options, official=False)
    source = AnswerSource(options=options, columns=columns, rows=rows, scorer=scorer)
    reader = ANSWER_TYPES[recipe.answer].reader(source)
    open_reader = reader
    if isinstance(scorer, MixedScorer):
        open_source = replace(source, columns=replace(columns, options=()), scorer=scorer.open)
        open_reader = ANSWER_TYPES[recipe.open_answer].reader(open_source)

    def read(row: Row) -> CorrectAnswer:
        is_list = len(columns.options) == 1
        options = (
            row.optional_texts(columns.options[0])
            if is_list
            else filled_columns(row, columns.options)
        )
        answer = (reader if options else open_reader).read(row)
        # What a picture shows, or a question, stays where it is: only letters can be chosen.
        return answer._replace(options=letters(answer.options)) if recipe.letters_only else answer

    return AnswerReader(read=read, form=reader.form)
