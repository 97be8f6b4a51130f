"""The correct answer of a row, in whichever form a team writes it down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from itertools import combinations
from typing import Final, NamedTuple

from pytest_mmbench.benchmarks.multiple_choice import filled_columns, list_options
from pytest_mmbench.benchmarks.questions.answer_type import (
    AnswerReader,
    AnswerSource,
    CorrectAnswer,
)
from pytest_mmbench.benchmarks.questions.columns import QuestionColumns
from pytest_mmbench.benchmarks.readers.rows import MOST_DIGITS, Row, field_text, index_text
from pytest_mmbench.benchmarks.settings import BenchmarkOptions
from pytest_mmbench.errors import DataError, shorten
from pytest_mmbench.records import letters
from pytest_mmbench.scorers.open_answer import WORDS, is_number, read_open

TARGET_FORM: Final = "target-form"
YES_NO: Final = ("Yes", "No")
YES_NO_WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("yes", "true", "1"), "A"),
    **dict.fromkeys(("no", "false", "0"), "B"),
}
"""Letters of `YES_NO`, by how files write them in small letters."""


class TargetForm(StrEnum):
    """How a file names the correct option."""

    LETTER = "letter"
    TEXT = "text"
    INDEX_0 = "index-0"
    """Its number, counted from 0."""
    INDEX_1 = "index-1"
    """Its number, counted from 1."""


class WrittenTarget(NamedTuple):
    """What a row says of its correct option, and the options that it has."""

    target: str
    options: tuple[str, ...]

    def letter(self, form: TargetForm) -> str:
        """The letter of the correct option; empty if the target names none in this form."""
        known = letters(self.options)
        if form is TargetForm.LETTER:
            return self.target.upper() if self.target.upper() in known else ""
        if form is TargetForm.TEXT:
            texts = [option.strip() for option in self.options[: len(known)]]
            return known[texts.index(self.target)] if texts.count(self.target) == 1 else ""
        digits = index_text(self.target)
        if not (digits.isascii() and digits.isdecimal()) or len(digits) > MOST_DIGITS:
            return ""
        place = int(digits) - (form is TargetForm.INDEX_1)
        return known[place] if 0 <= place < len(known) else ""


def target_form(
    options: BenchmarkOptions, table_rows: Sequence[Row], columns: Sequence[str], target: str
) -> TargetForm:
    """The form that the settings name, or the only one that fits the rows.

    Raises:
        SettingsError: no form is named, and several fit that mean different options.
    """
    if TARGET_FORM in options.options:
        return TargetForm(options.word(TARGET_FORM, tuple(map(str, TargetForm))))
    rows: list[WrittenTarget] = []
    for row in table_rows:
        # What is wrong with a row is said when its sample is made.
        with suppress(DataError):
            rows.append(WrittenTarget(choice_text(row, target), row_options(row, columns)))
    fitting = {form: [row.letter(form) for row in rows] for form in TargetForm}
    counts = {form: sum(map(bool, letters)) for form, letters in fitting.items()}
    whole = [form for form in TargetForm if counts[form] == len(rows)]
    # Where no form fits all rows, some are bad; which ones must not depend on a guess.
    most = max(counts.values())
    candidates = whole or [form for form in TargetForm if counts[form] * 2 >= most > 0]
    for one, other in combinations(candidates, 2):
        for written, letter, other_letter in zip(rows, fitting[one], fitting[other], strict=True):
            if letter and other_letter and letter != other_letter:
                raise options.error(
                    f"a target can be read in two ways: {shorten(written.target)!r} is option "
                    f"{letter} as {one}, and option {other_letter} as {other}.",
                    what_to_do=f'write {TARGET_FORM} = "{one}" or "{other}"',
                )
    return max(candidates or TargetForm, key=lambda form: counts[form])


def choice_target(row: Row, column: str, options: tuple[str, ...], form: TargetForm) -> str:
    """The letter of the correct option; a DataError if the row names none, or several."""
    written = WrittenTarget(choice_text(row, column), options)
    if letter := written.letter(form):
        return letter
    twins = sum(option.strip() == written.target for option in options)
    known = "two" if form is TargetForm.TEXT and twins > 1 else "none"
    raise row.error(
        column,
        f"is {shorten(written.target)!r}, which is the {form} of {known} of {len(options)} "
        "options.",
        options=", ".join(options),
    )


def yes_no_target(row: Row, column: str) -> str:
    """The letter of Yes or No."""
    text = row.text(column)
    word = index_text(text.lower())
    if word not in YES_NO_WORDS:
        raise row.error(column, f"is {shorten(text)!r}, which is neither yes nor no.")
    return YES_NO_WORDS[word]


def open_targets(row: Row, columns: Sequence[str], *, number: bool) -> tuple[str, ...]:
    """The correct answers of a row, the target first: one or a list, in each of these columns.

    Raises:
        DataError: there is none; one is no number where numbers are asked for; or the scorer would
            not accept it as an answer, so that nobody could be right.
    """
    row.text(columns[0])
    answers: dict[str, None] = {}
    for column in columns:
        for text in (text.strip() for text in row.several(column)):
            _check_answer(row, column, text, number=number)
            answers[text] = None
    if not answers:
        raise row.error(columns[0], "holds no answer.")
    return tuple(answers)


def _check_answer(row: Row, column: str, text: str, *, number: bool) -> None:
    if not text:
        raise row.error(column, "holds an empty answer.")
    if number and not is_number(text):
        raise row.error(column, f"is {shorten(text)!r}, which is no number.")
    if not read_open(text, text).correct:
        raise row.error(
            column,
            f"is {shorten(text)!r}, which the scorer cannot read as an answer.",
            what_to_do=f"shorten it to at most {WORDS} words or one number on one line, "
            "or make it a question with options",
        )


def choice_text(row: Row, column: str) -> str:
    """What a row writes for its correct option: a text, a number, or a list of one."""
    value = row.fields.get(column)
    if not isinstance(value, list | tuple):
        return row.text(column)
    if len(value) != 1:
        raise row.error(column, f"holds {len(value)} answers, and a choice has one.")
    return field_text(value[0])


def row_options(row: Row, columns: Sequence[str]) -> tuple[str, ...]:
    """The options of a row, verbatim: of one column of lists, or of a column for each.

    Raises:
        DataError: there are none, or one alone, or one before others has no text.
    """
    if len(columns) == 1:
        options = list_options(row, columns[0])
    else:
        options = tuple(row.verbatim(column) for column in filled_columns(row, columns))
    if not options:
        remedy = "give questions without options a file and a table of their own"
        raise row.error(columns[0], "holds no options.", what_to_do=remedy)
    return options


def choice_reader(source: AnswerSource) -> AnswerReader:
    """Reads options, and the letter of the correct one."""
    columns = source.columns
    form = target_form(source.options, source.rows, columns.options, columns.target)

    def read(row: Row) -> CorrectAnswer:
        options = row_options(row, columns.options)
        return CorrectAnswer(choice_target(row, columns.target, options, form), options)

    return AnswerReader(read=read, form=form)


def yes_no_reader(source: AnswerSource) -> AnswerReader:
    """Reads the letter of Yes or No."""
    column = source.columns.target
    return AnswerReader(
        read=lambda row: CorrectAnswer(yes_no_target(row, column), YES_NO), form=TargetForm.LETTER
    )


def number_reader(source: AnswerSource) -> AnswerReader:
    """Reads numbers."""
    return _open_reader(source, "number")


def text_reader(source: AnswerSource) -> AnswerReader:
    """Reads phrases and numbers."""
    return _open_reader(source, "text")


def _open_reader(source: AnswerSource, answer: str) -> AnswerReader:
    columns = source.columns
    answers = [columns.target, *filter(None, [columns.accepted])]

    def read(row: Row) -> CorrectAnswer:
        check_no_options(row, columns, answer)
        target, *others = open_targets(row, answers, number=answer == "number")
        return CorrectAnswer(target, accepted=tuple(others))

    return AnswerReader(read=read, form=TargetForm.LETTER)


def check_no_options(row: Row, columns: QuestionColumns, answer: str) -> None:
    """Refuses, by a `DataError`, a row with options among open questions."""
    if column := next(filter(row.optional, columns.options), ""):
        problem = f'holds an option, and answer = "{answer}" has none.'
        remedy = "give questions with options a file and a table of their own"
        raise row.error(column, problem, what_to_do=remedy)
