"""The correct answer of a row, in whichever form a team writes it down."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from fractions import Fraction
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
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Answer, Mark, Sample, letters
from pytest_mmbench.scorers.item_list import MOST_ITEMS, read_items
from pytest_mmbench.scorers.latex import MathVisionScorer
from pytest_mmbench.scorers.latex_value import latex_value
from pytest_mmbench.scorers.number_answer import read_number
from pytest_mmbench.scorers.open_answer import WORDS, is_number
from pytest_mmbench.scorers.vqa import ENOUGH, vqa_accuracy

TARGET_FORM: Final = "target-form"
YES_NO: Final = ("Yes", "No")
YES_NO_WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("yes", "true", "1"), "A"),
    **dict.fromkeys(("no", "false", "0"), "B"),
}
"""Letters of `YES_NO`, by how files write them in small letters."""

_REMEDY: Final = {
    "what_to_do": f"shorten it to at most {WORDS} words or one number on one line, "
    "choose another scoring, or make it a question with options"
}


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


def open_targets(
    row: Row, columns: Sequence[str], problem_of: Callable[[str], str]
) -> tuple[str, ...]:
    """The correct answers of a row, the target first: one or a list, in each of these columns.

    Raises:
        DataError: there is none, one is empty, or one has a problem.
    """
    row.text(columns[0])
    answers: list[str] = []
    for column in columns:
        for text in (text.strip() for text in row.several(column)):
            if not text:
                raise row.error(column, "holds an empty answer.")
            if problem := problem_of(text):
                raise row.error(column, f"is {shorten(text)!r}, {problem}", **_REMEDY)
            answers.append(text)
    if not answers:
        raise row.error(columns[0], "holds no answer.")
    return tuple(answers)


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
    """Reads numbers; whole ones where the rule asks for them."""
    expressions = isinstance(source.scorer, MathVisionScorer)
    whole = source.scorer.rule == "strict whole"

    def problem(text: str) -> str:
        if expressions:
            return "" if latex_value(text) is not None else "which is no number."
        if not is_number(text):
            return "which is no number."
        is_broken = whole and Fraction(read_number(text)).denominator > 1
        return "which is no whole number." if is_broken else ""

    return _open_reader(source, "number", problem)


def text_reader(source: AnswerSource) -> AnswerReader:
    """Reads phrases, numbers and expressions."""
    return _open_reader(source, "text", lambda _: "")


def list_reader(source: AnswerSource) -> AnswerReader:
    """Reads the items of one list: several in the column, or a text that separates them."""
    column = source.columns.target

    def read(row: Row) -> CorrectAnswer:
        check_no_options(row, source.columns, "list")
        items = row.several(column)
        target = json.dumps(items, ensure_ascii=False) if len(items) > 1 else row.text(column)
        if not read_items(target):
            problem = f"is {shorten(target)!r}, which the scorer cannot read as a list."
            remedy = f"separate at most {MOST_ITEMS} items of {WORDS} words each by semicolons"
            raise row.error(column, problem, what_to_do=remedy)
        return CorrectAnswer(target)

    return AnswerReader(read=read, form=TargetForm.LETTER)


def _open_reader(
    source: AnswerSource, answer: str, problem_of: Callable[[str], str]
) -> AnswerReader:
    columns = [source.columns.target, *filter(None, [source.columns.accepted])]
    is_vote = getattr(source.scorer, "measure", None) is vqa_accuracy

    def read(row: Row) -> CorrectAnswer:
        check_no_options(row, source.columns, answer)
        if is_vote:
            return _vote(row, columns[0], open_targets(row, columns, lambda _: ""))
        answers = open_targets(
            row, columns, lambda text: problem_of(text) or unreachable_reason(source.scorer, text)
        )
        target, *others = dict.fromkeys(answers)
        return CorrectAnswer(target, accepted=tuple(others))

    return AnswerReader(read=read, form=TargetForm.LETTER)


def unreachable_reason(scorer: Scorer, text: str) -> str:
    """Why nobody could be right who gives this answer; empty if it is accepted."""
    sample = Sample(id="", dimension="", question="", options=(), target=text)
    is_accepted = scorer(sample, Answer(sample="", text=text)).mark is Mark.CORRECT
    return "" if is_accepted else "which the scorer cannot read as an answer."


def _vote(row: Row, column: str, answers: Sequence[str]) -> CorrectAnswer:
    """The answers of several people, the most frequent first, and each as often as it was given."""
    if len(answers) <= ENOUGH:
        problem = f"holds {len(answers)} answers, and vqa compares with those of several people."
        raise row.error(column, problem, what_to_do=f"give more than {ENOUGH}, or another scoring")
    target, _ = Counter(answers).most_common(1)[0]
    others = [*answers]
    others.remove(target)
    return CorrectAnswer(target, accepted=tuple(others))


def check_no_options(row: Row, columns: QuestionColumns, answer: str) -> None:
    """Refuses, by a `DataError`, a row with options among open questions."""
    filled = (column for column in columns.options if row.optional(column) not in ("", "[]"))
    if column := next(filled, ""):
        problem = f'holds an option, and answer = "{answer}" has none.'
        remedy = "give questions with options a file and a table of their own"
        raise row.error(column, problem, what_to_do=remedy)
