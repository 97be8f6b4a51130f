"""Published benchmarks that are declared: a file beside this module says all that they are.

    [benchmarks.pope]
    data = "lmms-lab/POPE"       # or a file or folder of the same columns

A recipe (`recipe.Recipe`) names columns, answer type, rules, wording and counts; what data alone
cannot say is an adaptation (`adaptations`). Rows become samples as those of a team's own files do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_mmbench.benchmarks.prompts import (
    ANSWER_WITH_LETTER,
    interleaved,
    lettered_lines,
    ranks_texts,
)
from pytest_mmbench.benchmarks.published import BenchmarkSpec, PublishedBenchmark
from pytest_mmbench.benchmarks.questions.answer_types import ANSWER_TYPES
from pytest_mmbench.benchmarks.questions.places import TARGET
from pytest_mmbench.benchmarks.questions.template import MARK
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.recipes.questions import open_recipe
from pytest_mmbench.benchmarks.recipes.recipe import Recipe, read_recipe
from pytest_mmbench.benchmarks.recipes.rules import scorers_of
from pytest_mmbench.benchmarks.settings import SCORING, SCORINGS, SPLIT, BenchmarkOptions
from pytest_mmbench.records import Method, Prompt, Sample, letters

_LETTERS_BECAUSE: Final = "are pictures. They are ranked by letter under rank and rank-mean"


def load(name: str, settings: Mapping[str, object]) -> PublishedBenchmark:
    """The benchmark of that recipe.

    Raises:
        SettingsError: `data` is not set, or another option is not known.
        DataError: the data cannot be read, or have other columns.
    """
    recipe = read_recipe(name)
    own_keys = [key for key in recipe.settings if not key.startswith(TARGET)]
    options = BenchmarkOptions(
        benchmark=name,
        options=settings,
        words={
            **({SPLIT: recipe.splits} if recipe.splits else {}),
            SCORING: SCORINGS,
            **dict.fromkeys(own_keys, ()),
        },
        withheld={SPLIT: recipe.withheld},
        published_as=recipe.published_as,
    )
    typed = {key: settings[key] for key in own_keys if key in settings}
    answer_options = BenchmarkOptions(
        benchmark=name,
        options={**recipe.settings, **typed},
        words=dict.fromkeys(recipe.settings, ()),
    )
    split = options.word(SPLIT) if recipe.splits else ""
    edition = " ".join([split, *(f"{key}={word}" for key, word in typed.items())])
    questions = open_recipe(recipe, options, answer_options, split=split)
    spec: BenchmarkSpec[None] = BenchmarkSpec(
        name=name,
        version=recipe.version,
        published_as=recipe.published_as,
        options=options.words,
        withheld=options.withheld,
        table=lambda _: questions.table,
        samples=lambda table, _: (
            build_samples(table, questions.sample, id=questions.reader.columns.id).items
        ),
        tree=lambda data: questions.tree(data.samples, recipe.average),
        view_units=questions.groups.units,
        counts=lambda _: recipe.leaf_counts(split),
        letters_because=_LETTERS_BECAUSE,
        edition=lambda _: edition,
        variant=lambda _: edition if typed or len(recipe.splits) > 1 else "",
        prompt=lambda sample, method, _: prompt(sample, method, recipe, answer_options),
        scorers=lambda data: scorers_of(
            recipe, answer_options, official=options.official, samples=data.samples
        ),
        new_tokens=recipe.new_tokens,
    )
    return spec.load(settings)


def prompt(sample: Sample, method: Method, recipe: Recipe, options: BenchmarkOptions) -> Prompt:
    """One user turn: the question, its options unless they are shown already, and the last line.

    Pictures stand at their marks, and the others before the text.
    """
    lines = [sample.question]
    has_options = bool(sample.options) and ANSWER_TYPES[recipe.answer].lists_options
    # Options that are letters stand in the picture or in the question.
    if has_options and sample.options != letters(sample.options):
        lines.append(lettered_lines(sample.options))
    if not (has_options and ranks_texts(method)):
        lines.append(last_line(recipe, options, has_options=has_options))
    return interleaved("\n".join(filter(None, lines)), sample.pictures, MARK)


def last_line(recipe: Recipe, options: BenchmarkOptions, *, has_options: bool) -> str:
    """What is asked for below a question; empty if that says it itself."""
    if recipe.closing is not None:
        return recipe.closing
    if has_options:
        return ANSWER_WITH_LETTER
    line = ANSWER_TYPES[recipe.open_answer or recipe.answer].last_line
    return line if isinstance(line, str) else line(options)
