"""The table of answer types: what `answer` and `scoring` may say of a file of questions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pytest_mmbench.benchmarks.questions.answer_type import ANSWER, AnswerType
from pytest_mmbench.benchmarks.questions.targets import (
    choice_reader,
    number_reader,
    text_reader,
    yes_no_reader,
)
from pytest_mmbench.benchmarks.settings import BenchmarkOptions
from pytest_mmbench.records import Method
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.open_answer import StrictOpen
from pytest_mmbench.scorers.yes_no import STRICT_YES_NO

_TYPES: Final = (
    AnswerType(
        name="choice",
        reader=choice_reader,
        scorings={"strict": lambda _: StrictChoice()},
        methods=(Method.GENERATE, Method.RANK_LETTER, Method.RANK, Method.RANK_MEAN),
        lists_options=True,
    ),
    AnswerType(
        name="yes-no",
        reader=yes_no_reader,
        scorings={"strict": lambda _: STRICT_YES_NO},
        last_line="Answer yes or no.",
        methods=(Method.GENERATE, Method.RANK, Method.RANK_MEAN),
    ),
    AnswerType(
        name="number",
        reader=number_reader,
        scorings={"strict": lambda _: StrictOpen()},
        last_line="Answer with a single number.",
    ),
    AnswerType(
        name="text",
        reader=text_reader,
        scorings={"strict": lambda _: StrictOpen()},
        last_line="Answer with a single word or phrase.",
    ),
)
ANSWER_TYPES: Final[Mapping[str, AnswerType]] = MappingProxyType({it.name: it for it in _TYPES})
"""By the word for `answer`, the default first."""
OWN_SETTINGS: Final = tuple({key: None for each in _TYPES for key in each.settings})
"""Settings that some types have and others have not."""


def answer_type(options: BenchmarkOptions) -> AnswerType:
    """The type that the settings name.

    Raises:
        SettingsError: it is not known, or a setting belongs to another one.
    """
    named = ANSWER_TYPES[options.word(ANSWER, tuple(ANSWER_TYPES))]
    for key in OWN_SETTINGS:
        if key in options.options and key not in named.settings:
            owners = [each.name for each in _TYPES if key in each.settings]
            problem = f'answer = "{named.name}" has no {key}.'
            raise options.error(problem, what_to_do=f"{key} belongs to {', '.join(owners)}")
    return named
