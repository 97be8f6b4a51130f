"""What holds for every scorer, whatever a model says."""

import re
from collections.abc import Callable, Sequence
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Answer, Mark, Sample, Score
from pytest_mmbench.scorers.anls import anls
from pytest_mmbench.scorers.choice import StrictChoice, read_choice
from pytest_mmbench.scorers.choice_scorer import (
    FILTERED_LETTER,
    FIRST_CHARACTER,
    INFERRED_CHOICE,
    LLAVA_CHOICE,
    ONLY_BRACKET,
    PREFIX_CHOICE,
)
from pytest_mmbench.scorers.item_list import ListScorer
from pytest_mmbench.scorers.latex import MathVisionScorer, StrictLatex
from pytest_mmbench.scorers.mathvista import (
    ExpectedAnswer,
    ExpectedType,
    NearestChoice,
    StrictTyped,
    TypedOpen,
)
from pytest_mmbench.scorers.mmmu import MMMUChoice, MMMUOpen, MMMUProChoice
from pytest_mmbench.scorers.number_rules import NumberScorer, NumberTolerance
from pytest_mmbench.scorers.open_answer import StrictOpen
from pytest_mmbench.scorers.text_measures import contains, equal, relaxed, relaxed_exactly
from pytest_mmbench.scorers.text_scorer import PublishedText, StrictText
from pytest_mmbench.scorers.vqa import vqa_accuracy
from pytest_mmbench.scorers.yes_no import OPENING_YES_NO, STRICT_YES_NO, WORD_YES_NO

OPTIONS = ("Yes", "No", "three", "a dog", "12")
GOLDS = {ExpectedType.INTEGER: "12", ExpectedType.FLOAT: "1.2", ExpectedType.LIST: "[1, 2]"}
EXPECTED = {type: ExpectedAnswer(type=type, precision=1) for type in ExpectedType}

STRICT_CHOICES: list[Scorer] = [StrictChoice(), STRICT_YES_NO]
STRICT_MEASURES: list[Scorer] = [
    StrictLatex(),
    NumberScorer(rule="strict whole", tolerance=NumberTolerance()),
    ListScorer(is_graded=True, ordered=True),
    StrictText(rule="strict-exact", measure=equal),
    StrictText(rule="strict-anls", measure=anls),
    StrictText(rule="strict-vqa", measure=vqa_accuracy),
    StrictText(rule="strict-relaxed", measure=relaxed_exactly),
]
STRICT_OPEN: list[Scorer] = [
    StrictOpen(),
    *STRICT_MEASURES,
    *(StrictTyped(expected={GOLDS[type]: expected}) for type, expected in EXPECTED.items()),
]
CHOICES: list[Scorer] = [
    PREFIX_CHOICE,
    FIRST_CHARACTER,
    MMMUChoice(),
    INFERRED_CHOICE,
    LLAVA_CHOICE,
    FILTERED_LETTER,
    NearestChoice(),
    OPENING_YES_NO,
    WORD_YES_NO,
    ONLY_BRACKET,
    MMMUProChoice(),
]
MEASURES: list[Scorer] = [
    MathVisionScorer(),
    PublishedText(rule="exact", measure=equal),
    PublishedText(rule="contains", measure=contains),
    PublishedText(rule="anls", measure=anls),
    PublishedText(rule="vqa", measure=vqa_accuracy),
    PublishedText(rule="relaxed", measure=relaxed),
]
OPEN: list[Scorer] = [
    MMMUOpen(),
    *MEASURES,
    *(TypedOpen(expected={GOLDS[type]: expected}) for type, expected in EXPECTED.items()),
]

WORDS = [
    *OPTIONS,
    *"ABCDEab.,:;!?()[]*_'\"=/-\n",
    *("(A)", "(B)", "B.", "Answer:", "**Answer:**", "the answer is", "not", "or", "I", "a"),
    *("I cannot tell.", "So", "is correct", "\\boxed{", "}", "</think>", "Sorry, I can't", "The"),
    *("4", "1,234", "1e3", "3/4", "0", "[1, 2]", "\u2212", "\u00d7 10", "^", "10\u2075", "\uff22"),
    *("###", "### Score", "Cannot determine the answer", 'The answer is "12".', "\u0130", "\u00e9"),
]
SAID = st.text(max_size=40) | st.lists(
    st.sampled_from(WORDS) | st.sampled_from([" ", "  ", ""]), max_size=14
).map(" ".join)


def shown(scorer: Scorer) -> str:
    """What a test calls a scorer: a function's own representation has an address in it."""
    return re.sub(r"<function (\S+) at \w+>", r"\1", repr(scorer))


def scored(scorer: Scorer, text: str) -> Score:
    """The score of an answer to a question of the scorer's kind, whose id is its target."""
    kinds = getattr(scorer, "expected", {"12": None})
    target = next(iter(kinds)) if scorer in OPEN + STRICT_OPEN else "B"
    options = () if scorer in OPEN + STRICT_OPEN else OPTIONS
    sample = Sample(id=target, dimension="d", question="", options=options, target=target)
    return scorer(sample, Answer(sample=target, text=text))


@pytest.mark.parametrize("scorer", [*CHOICES, *STRICT_CHOICES], ids=shown)
@given(text=SAID)
def test_a_choice_is_one_of_the_options_or_none(scorer: Scorer, text: str) -> None:
    """No text raises, and what is read out of it is a letter that the question has, or nothing."""
    score = scored(scorer, text)

    # A strict reader shows a value that is no option, and calls it incorrect.
    outside = scorer in STRICT_CHOICES and score.mark is Mark.INCORRECT
    assert score.answer in ("", *"ABCDE") or outside
    assert score.answer == "B" or score.mark is not Mark.CORRECT


@pytest.mark.parametrize("scorer", [*OPEN, *STRICT_OPEN], ids=shown)
@given(text=SAID)
def test_an_open_answer_raises_nothing(scorer: Scorer, text: str) -> None:
    """Any text gets a mark, and only one that says something is right."""
    score = scored(scorer, text)

    assert score.answer or score.mark is not Mark.CORRECT


@pytest.mark.parametrize("scorer", [*STRICT_CHOICES, *STRICT_OPEN], ids=shown)
@given(text=SAID)
def test_a_strict_reading_is_unparseable_if_it_is_empty(scorer: Scorer, text: str) -> None:
    """A strict scorer calls unparseable exactly what it read nothing in."""
    score = scored(scorer, text)

    assert (score.mark is Mark.UNPARSEABLE) == (score.answer == "")


@pytest.mark.parametrize("scorer", [*CHOICES, *OPEN], ids=shown)
@given(text=SAID)
def test_a_published_rule_knows_no_unparseable_answer(scorer: Scorer, text: str) -> None:
    """What a published rule does not understand is incorrect."""
    assert scored(scorer, text).mark is not Mark.UNPARSEABLE


@pytest.mark.parametrize("scorer", [*STRICT_CHOICES, *STRICT_OPEN], ids=shown)
@given(
    text=SAID.map(lambda text: text.encode("ascii", "ignore").decode()),
    change=st.sampled_from([str.upper, str.lower, lambda text: f"\n {text}\t"]),
)
def test_case_and_white_space_change_no_strict_reading(
    scorer: Scorer, text: str, change: Callable[[str], str]
) -> None:
    """Capitals, small letters and white space at either end leave the score as it is."""
    assert scored(scorer, change(text)) == scored(scorer, text)


NAMES = ("two", "three", "four", "red fox")
FORMS = [
    "The answer is {}.",
    "So it shows {}.",
    "It shows {}, unlike the rest.",
    "\\boxed{{{}}}",
    "**{}**",
    "Not two but {}.",
    "It must be $\\text{{{}}}$.",
]


@given(st.sampled_from(NAMES[1:]), st.sampled_from(FORMS), st.permutations(NAMES))
def test_a_named_option_is_read_wherever_it_stands(
    name: str, form: str, options: list[str]
) -> None:
    """The reading follows the option's text to its new letter."""
    assert named(form.format(name), options) == name


AROUND = [
    "The answer is",
    "Answer:",
    "Therefore,",
    "most",
    "than",
    "\\boxed{",
    "}",
    "None of the",
    "not",
    "or",
    "So",
    "perhaps",
    ".",
    ",",
    "\n",
    "</think>",
    "=",
]


@given(st.lists(st.sampled_from([*NAMES, *AROUND]), max_size=8), st.permutations(NAMES))
def test_permuted_options_permute_a_strict_reading(said: list[str], options: list[str]) -> None:
    """A text without letters names the same option wherever that stands, or none at all."""
    text = " ".join(said)

    assert named(text, options) == named(text, NAMES)


def named(text: str, options: Sequence[str]) -> str:
    letter = read_choice(text, options)
    return options["ABCD".index(letter)] if letter else ""


@pytest.mark.parametrize("scorer", [*CHOICES, *OPEN, *STRICT_CHOICES, *STRICT_OPEN], ids=shown)
def test_every_rule_has_a_name(scorer: Scorer) -> None:
    """Reports can say by which rule an answer was read."""
    strict = scorer in STRICT_CHOICES + STRICT_OPEN

    assert scorer.rule
    assert scorer.rule.startswith("strict") == strict


MEGABYTE = 10**6
ROWS = ["a", "(", " ", "1", "\n", "-", "1,", "answer ", "### Score ", 'The answer is "']


READERS = [
    *CHOICES,
    *STRICT_CHOICES,
    *(scorer for scorer in OPEN + STRICT_OPEN if scorer not in MEASURES + STRICT_MEASURES),
]
"""Measures look at what these readers leave of a text, or at a text as a whole."""


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("scorer", READERS, ids=shown)
def test_a_long_answer_takes_no_long_time(scorer: Scorer, row: str) -> None:
    """A megabyte takes a second of the processor; one that grows with the square takes hours."""
    begun = process_time()
    scored(scorer, row * (MEGABYTE // len(row)))

    assert process_time() - begun < 60


@pytest.mark.parametrize("row", ["a", "1, ", "\\frac{1}{"])
@pytest.mark.parametrize("scorer", [*MEASURES, *STRICT_MEASURES], ids=shown)
def test_a_long_answer_is_measured_soon(scorer: Scorer, row: str) -> None:
    """Fifty kilobytes take a few milliseconds; one that grows with the square takes minutes."""
    begun = process_time()
    scored(scorer, row * (MEGABYTE // 20 // len(row)))

    assert process_time() - begun < 5
