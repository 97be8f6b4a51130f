"""The table of answer types: what `answer` and `scoring` may say of a file of questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from pytest_mmbench.benchmarks.questions.answer_settings import (
    ORDERED,
    TOLERANCE,
    is_ordered,
    judge_scorer,
    tolerance_scorer,
)
from pytest_mmbench.benchmarks.questions.answer_type import ANSWER, AnswerType
from pytest_mmbench.benchmarks.questions.mixed_answers import (
    OPEN_ANSWER,
    OPEN_SCORING,
    mixed_type,
)
from pytest_mmbench.benchmarks.questions.places import PLACE_TYPES
from pytest_mmbench.benchmarks.questions.targets import (
    choice_reader,
    list_reader,
    number_reader,
    text_reader,
    yes_no_reader,
)
from pytest_mmbench.benchmarks.settings import SCORING, BenchmarkOptions
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Method
from pytest_mmbench.scorers.anls import anls
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.choice_scorer import ChoiceScorer, infer
from pytest_mmbench.scorers.item_list import ListScorer
from pytest_mmbench.scorers.latex import MathVisionScorer, StrictLatex
from pytest_mmbench.scorers.number_rules import NumberScorer, NumberTolerance
from pytest_mmbench.scorers.open_answer import StrictOpen
from pytest_mmbench.scorers.text_measures import (
    contains,
    contains_formula,
    equal,
    relaxed,
    relaxed_exactly,
)
from pytest_mmbench.scorers.text_scorer import Measure, PublishedText, StrictText
from pytest_mmbench.scorers.vqa import vqa_accuracy
from pytest_mmbench.scorers.yes_no import (
    STRICT_YES_NO,
    letter_of,
    read_first_sentence,
    read_opening,
)

Scorings = Mapping[str, Callable[[BenchmarkOptions], Scorer]]
_STRICT: Final = "strict"


def _always(scorers: Mapping[str, Scorer]) -> Scorings:
    """Rules that depend on no setting."""

    def rule(scorer: Scorer) -> Callable[[BenchmarkOptions], Scorer]:
        return lambda _: scorer

    return {word: rule(scorer) for word, scorer in scorers.items()}


def _measures(published: Mapping[str, Measure], strict: Mapping[str, Measure]) -> Scorings:
    """Each measure of the whole text, and `strict-...` of what was read as its answer."""
    scorers: dict[str, Scorer] = {
        word: PublishedText(rule=word, measure=measure) for word, measure in published.items()
    }
    for word, measure in strict.items():
        name = f"{_STRICT}-{word}"
        scorers[name] = StrictText(rule=name, measure=measure)
    return _always(scorers)


def _lists(*, is_graded: bool) -> Callable[[BenchmarkOptions], Scorer]:
    return lambda options: ListScorer(is_graded=is_graded, ordered=is_ordered(options))


_TYPES: Final = (
    AnswerType(
        name="choice",
        reader=choice_reader,
        scorings=_always(
            {
                _STRICT: StrictChoice(),
                "vlmevalkit": ChoiceScorer(rule="vlmevalkit", read=infer),
                "latex": MathVisionScorer(),
            }
        ),
        methods=(Method.GENERATE, Method.RANK_LETTER, Method.RANK, Method.RANK_MEAN),
        lists_options=True,
    ),
    AnswerType(
        name="yes-no",
        reader=yes_no_reader,
        scorings=_always(
            {
                _STRICT: STRICT_YES_NO,
                "pope": ChoiceScorer(
                    rule="pope",
                    read=lambda text, options: letter_of(read_first_sentence(text), options),
                ),
                "mme": ChoiceScorer(
                    rule="mme", read=lambda text, options: letter_of(read_opening(text), options)
                ),
            }
        ),
        last_line="Answer yes or no.",
        methods=(Method.GENERATE, Method.RANK, Method.RANK_MEAN),
    ),
    AnswerType(
        name="number",
        reader=number_reader,
        scorings={
            **_always(
                {
                    _STRICT: StrictOpen(),
                    "whole": NumberScorer(rule="strict whole", tolerance=NumberTolerance()),
                }
            ),
            TOLERANCE: tolerance_scorer,
            **_measures({"exact": equal, "relaxed": relaxed}, {"relaxed": relaxed_exactly}),
            **_always({"latex": MathVisionScorer()}),
        },
        last_line="Answer with a single number.",
        settings=(TOLERANCE,),
    ),
    AnswerType(
        name="text",
        reader=text_reader,
        scorings={
            **_always({_STRICT: StrictOpen()}),
            **_measures(
                {
                    "exact": equal,
                    "contains": contains,
                    "contains-formula": contains_formula,
                    "anls": anls,
                    "vqa": vqa_accuracy,
                    "relaxed": relaxed,
                },
                {"exact": equal, "anls": anls, "vqa": vqa_accuracy, "relaxed": relaxed_exactly},
            ),
            **_always({"latex": MathVisionScorer()}),
        },
        last_line="Answer with a single word or phrase.",
    ),
    AnswerType(
        name="latex",
        reader=text_reader,
        scorings=_always({_STRICT: StrictLatex(), "latex": MathVisionScorer()}),
        last_line="Answer with a single number or expression.",
    ),
    AnswerType(
        name="list",
        reader=list_reader,
        scorings={_STRICT: _lists(is_graded=False), "list": _lists(is_graded=True)},
        last_line="Answer with a list, its items separated by semicolons.",
        settings=(ORDERED,),
    ),
    AnswerType(name="judge", reader=text_reader, scorings={"judge": judge_scorer}),
    *PLACE_TYPES,
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
    if OPEN_ANSWER in options.options:
        other = ANSWER_TYPES[options.word(OPEN_ANSWER, tuple(ANSWER_TYPES))]
        named = mixed_type(named, other, options)
    elif OPEN_SCORING in options.options:
        raise options.error(f"{OPEN_SCORING} is of no use without {OPEN_ANSWER}.")
    for key in OWN_SETTINGS:
        if key in options.options and key not in named.settings:
            owners = [each.name for each in _TYPES if key in each.settings]
            problem = f'answer = "{named.name}" has no {key}.'
            raise options.error(problem, what_to_do=f"{key} belongs to {', '.join(owners)}")
    rules = (options.options.get(SCORING), options.options.get(OPEN_SCORING))
    if TOLERANCE in options.options and TOLERANCE not in rules:
        remedy = f'write {SCORING} = "{TOLERANCE}" beside it'
        raise options.error(f"{TOLERANCE} is of no use to this rule.", what_to_do=remedy)
    return named
