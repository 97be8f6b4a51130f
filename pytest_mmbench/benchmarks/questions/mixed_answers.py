"""Files in which some questions have options and the others are open, as MathVision's.

    answer = "choice"
    open-answer = "latex"

Rows without options are of the second type, and are answered with text by every method.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from pytest_mmbench.benchmarks.multiple_choice import filled_columns, list_options
from pytest_mmbench.benchmarks.published import MixedScorer
from pytest_mmbench.benchmarks.questions.answer_type import (
    AnswerReader,
    AnswerSource,
    AnswerType,
    CorrectAnswer,
)
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.settings import BenchmarkOptions
from pytest_mmbench.protocols import Scorer

OPEN_ANSWER: Final = "open-answer"
OPEN_SCORING: Final = "open-scoring"


def mixed_type(choice: AnswerType, other: AnswerType, options: BenchmarkOptions) -> AnswerType:
    """A type with the options of the one, and the open answers of the other.

    Raises:
        SettingsError: one has no options, the other no open answers, or its rule is not known.
    """
    if not choice.lists_options:
        problem = f'{OPEN_ANSWER} stands beside answer = "choice", and not "{choice.name}".'
        raise options.error(problem, what_to_do=f"leave out {OPEN_ANSWER}")
    if other.lists_options or other.is_place or len(other.methods) > 1:
        problem = f'{OPEN_ANSWER} = "{other.name}" is no type that is answered with words alone.'
        raise options.error(problem, what_to_do="give these questions a file of their own")
    open_rule = other.scorings[options.word(OPEN_SCORING, tuple(other.scorings))]

    def mixed(
        rule: Callable[[BenchmarkOptions], Scorer],
    ) -> Callable[[BenchmarkOptions], MixedScorer]:
        return lambda options: MixedScorer(choice=rule(options), open=open_rule(options))

    def reader(source: AnswerSource) -> AnswerReader:
        columns = source.columns.options
        closed = choice.reader(source)
        # What an open rule accepts as a target is asked of that rule alone.
        opened = other.reader(replace(source, scorer=open_rule(source.options)))

        def read(row: Row) -> CorrectAnswer:
            if len(columns) == 1:
                texts = list_options(row, columns[0])
            else:
                texts = tuple(filled_columns(row, columns))
            return (closed if texts else opened).read(row)

        return AnswerReader(read=read, form=(closed.form, opened.form))

    return replace(
        choice,
        name=f"{choice.name} or {other.name}",
        reader=reader,
        scorings={word: mixed(rule) for word, rule in choice.scorings.items()},
        last_line=other.last_line,
        settings=(*choice.settings, *other.settings),
        new_tokens=max(choice.new_tokens, other.new_tokens),
    )
