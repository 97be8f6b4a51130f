"""What an answer type is: everything that depends on how the questions of a file are answered.

A new type is an entry of `answer_types.ANSWER_TYPES`, a function that reads its target out of a
row, and a scorer for each of its rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from pytest_mmbench.benchmarks.published import MixedScorer
from pytest_mmbench.benchmarks.questions.columns import QuestionColumns
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.settings import BenchmarkOptions
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Method, Sample
from pytest_mmbench.scorers.likelihood import MostLikely

ANSWER: Final = "answer"


class CorrectAnswer(NamedTuple):
    """The fields of a sample that say what is correct, and among what."""

    target: str
    """`Sample.target`"""
    options: tuple[str, ...] = ()
    """`Sample.options`"""
    accepted: tuple[str, ...] = ()
    """`Sample.accepted`"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSource:
    """Where correct answers are read from."""

    options: BenchmarkOptions
    """The table of the settings."""
    columns: QuestionColumns
    rows: Sequence[Row]
    """All of them, for what is found out from all together."""
    scorer: Scorer
    """By which generated answers will be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerReader:
    """Reads the correct answers of one file."""

    read: Callable[[Row], CorrectAnswer]
    """Raises a `DataError` for a row whose answer is missing, or one that nobody could give."""
    form: object
    """How the file writes them; its `repr` is part of the revision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerType:
    """One word for `answer`, and all that follows from it."""

    name: str
    reader: Callable[[AnswerSource], AnswerReader]
    """Raises a `SettingsError` where the rows leave open how answers are written."""
    scorings: Mapping[str, Callable[[BenchmarkOptions], Scorer]]
    """Rules for generated text by the word for `scoring`, the default first. A rule is made from
    the settings, and what it is called in reports begins with `strict` if it is no published one.
    """
    last_line: str | Callable[[BenchmarkOptions], str] = ""
    """Of the default wording, or what makes it of the settings; empty for options, whose last line
    depends on the method."""
    methods: tuple[Method, ...] = (Method.GENERATE,)
    """By which it can be asked, the default first."""
    settings: tuple[str, ...] = ()
    """Settings that it has and others have not, such as `tolerance`."""
    lists_options: bool = False
    """Whether the file has options, which the question lists."""
    is_place: bool = False
    """Whether answers are places in a picture: a file may write them in several columns, and the
    picture's size in others."""
    new_tokens: int = 32
    """Of a generated answer at most."""
    with_samples: Callable[[Scorer, Mapping[str, Sample]], Scorer] = lambda scorer, _: scorer
    """Gives the rule what it has to know of samples as they are without a condition."""

    def scorers(self, generated: Scorer, *, is_shown: bool) -> Mapping[Method, Scorer]:
        """By method, the default first; none by which the question could not be answered.

        `is_shown` says whether the wording lists the options: who is not shown them can choose none
        by its letter.
        """
        by_letter = (Method.GENERATE, Method.RANK_LETTER) if self.lists_options else ()
        methods = [method for method in self.methods if is_shown or method not in by_letter]
        others = {Method.GENERATE: generated, Method.RANK_MEAN: MostLikely(mean=True)}
        scorers = {method: others.get(method, MostLikely()) for method in methods}
        if not isinstance(generated, MixedScorer):
            return scorers
        return {
            method: scorer
            if scorer is generated
            else MixedScorer(choice=scorer, open=generated.open)
            for method, scorer in scorers.items()
        }
