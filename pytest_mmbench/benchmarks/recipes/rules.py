"""The scorers of a recipe: for each method, by the strict or by the published rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pytest_mmbench.benchmarks.published import MixedScorer
from pytest_mmbench.benchmarks.questions.answer_types import ANSWER_TYPES
from pytest_mmbench.benchmarks.recipes.recipe import Recipe
from pytest_mmbench.benchmarks.settings import BenchmarkOptions
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Answer, Method, Sample, Score
from pytest_mmbench.scorers.choice_scorer import (
    FILTERED_LETTER,
    ONLY_BRACKET,
)
from pytest_mmbench.scorers.mmmu import MMMUProChoice
from pytest_mmbench.scorers.yes_no import WORD_YES_NO

RULES: Final[Mapping[str, Scorer]] = MappingProxyType(
    {
        "exact-letter": FILTERED_LETTER,
        "last-answer": MMMUProChoice(),
        "only-bracket": ONLY_BRACKET,
        "words": WORD_YES_NO,
    }
)
"""Published rules that no answer type has, by the word that recipes use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerByDimension:
    """Scores by the rule of a sample's dimension, where it has one of its own."""

    general: Scorer
    special: Mapping[str, Scorer]
    """By path of a leaf."""

    @property
    def rule(self) -> str:
        """That of the others."""
        return self.general.rule

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """By the rule of its dimension."""
        return self.special.get(sample.dimension, self.general)(sample, answer)


def generated_scorer(recipe: Recipe, options: BenchmarkOptions, *, official: bool) -> Scorer:
    """The rule for generated text; `options` are those of the answer type."""

    def rule(answer: str, word: str) -> Scorer:
        return RULES.get(word) or ANSWER_TYPES[answer].scorings[word](options)

    scorer = rule(recipe.answer, recipe.official if official else recipe.strict)
    if recipe.open_answer:
        open_word = recipe.open_official if official else recipe.open_strict
        return MixedScorer(choice=scorer, open=rule(recipe.open_answer, open_word))
    if recipe.official_below and official:
        below = recipe.official_below.items()
        special = {path: rule(recipe.answer, word) for path, word in below}
        return ScorerByDimension(general=scorer, special=special)
    return scorer


def scorers_of(
    recipe: Recipe,
    options: BenchmarkOptions,
    *,
    official: bool,
    samples: Mapping[str, Sample],
) -> Mapping[Method, Scorer]:
    """By method, the default first. Rows without options are answered with text by all of them."""
    kind = ANSWER_TYPES[recipe.answer]
    generated = kind.with_samples(generated_scorer(recipe, options, official=official), samples)
    scorers = kind.scorers(generated, is_shown=True)
    if not isinstance(generated, MixedScorer):
        return scorers
    return {
        method: scorer if scorer is generated else MixedScorer(choice=scorer, open=generated.open)
        for method, scorer in scorers.items()
    }
