"""MMStar: 1,500 questions that need their picture, six capabilities of three axes each.

Chen et al., *Are We on the Right Way for Evaluating Large Vision-Language Models?* (2024). Read
from the authors' parquet or TSV file, from VLMEvalKit's TSV with its columns A to D, or from the
hub. Every aggregate is micro, as its authors compute it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pytest_mmbench.benchmarks.dimensions import axis_paths, dimensions, kebab, leaf_counts
from pytest_mmbench.benchmarks.multiple_choice import (
    filled_columns,
    has_heading,
    letter_of_four,
    read_options,
)
from pytest_mmbench.benchmarks.prompts import (
    ANSWER_WITH_LETTER,
    inline_options,
    lettered_lines,
    single_turn,
)
from pytest_mmbench.benchmarks.published import (
    BenchmarkSpec,
    PublishedData,
    PublishedSample,
    scorers_by_method,
)
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.settings import SCORING, SCORINGS
from pytest_mmbench.errors import near
from pytest_mmbench.records import LETTERS, Method, Prompt, Sample, Turn
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.choice_scorer import PREFIX_CHOICE

NAME: Final = "mmstar"
PUBLISHED: Final[Mapping[str, Mapping[str, int]]] = {
    "coarse perception": {
        "image scene and topic": 141,
        "image style & quality": 78,
        "image emotion": 31,
    },
    "fine-grained perception": {"recognition": 118, "object counting": 92, "localization": 40},
    "instance reasoning": {
        "single-instance reasoning": 99,
        "cross-instance attribute reasoning": 89,
        "cross-instance relation reasoning": 62,
    },
    "logical reasoning": {
        "diagram reasoning": 110,
        "common reasoning": 101,
        "code & sequence reasoning": 39,
    },
    "science & technology": {
        "biology & chemistry & physics": 146,
        "geography & earth science & agriculture": 58,
        "electronics & energy & mechanical eng.": 46,
    },
    "math": {
        "geometry": 116,
        "statistical reasoning": 86,
        "numeric commonsense and calculation": 48,
    },
}
"""Capability to its axes, as the authors write them, with the samples of each: 6 x 250."""
LEAVES: Final = {kebab(axis): path for axis, path in axis_paths(NAME, PUBLISHED).items()}
"""By axis."""
COUNTS: Final = leaf_counts(NAME, PUBLISHED)
NEW_TOKENS: Final = 32
"""Of a generated answer, as the authors' commands have it."""
LETTERS_OF_MMSTAR: Final = LETTERS[:4]
_SELECT: Final = "Please select the correct answer from the options above. \n"
_LETTERS_BECAUSE: Final = (
    "cannot be told apart. They are ranked by letter under rank and rank-mean, and only letters "
    "are read in generated text"
)
_FRUIT: Final = (
    "Question: Which of these is a fruit?\nOptions: A: a stone, B: a pear, C: a chair, D: a river\n"
)
_PRODUCT: Final = "Question: What is three times two?\nOptions: A: 2, B: 3, C: 5, D: 6\n"
FEW_SHOT: Final = (
    Turn(role="user", parts=(_FRUIT,)),
    Turn(role="assistant", parts=("B",)),
    Turn(role="user", parts=(_PRODUCT,)),
    Turn(role="assistant", parts=("D",)),
)
"""Two solved questions for text models, in the benchmark's layout and answered B and D, as the
authors' are. The words are this project's own: scores of text models compare with each other, and
with published ones only roughly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MMStarExtra:
    """What the prompt needs beside the sample."""

    hint: str
    question: str
    """With its options, verbatim."""
    option_columns: bool
    """Whether options have columns of their own."""


def _sample(id: str, row: Row) -> PublishedSample[MMStarExtra]:
    question = row.verbatim("question")
    inline = read_options(question)
    # The authors' own files have no columns of options.
    columns = filled_columns(row, LETTERS_OF_MMSTAR)
    options = tuple(row.optional(letter) for letter in columns) or inline.options
    target = letter_of_four(row)
    if "A" in row.fields and not columns and not has_heading(question):
        raise row.error("A", "is empty, as all options are, and the question lists none.")
    if columns and target not in columns:
        raise row.error(target, "is empty, and it is the right option.")
    # Where the texts of options cannot be read, letters stand for them.
    readable = target in LETTERS[: len(options)]
    return PublishedSample(
        sample=Sample(
            id=id,
            dimension=_dimension(row),
            question=inline.stem,
            options=options if readable else tuple(LETTERS_OF_MMSTAR),
            target=target,
            pictures=(row.picture("image", name=f"{NAME}/{id}"),),
        ),
        extra=MMStarExtra(
            hint=row.optional("hint"), question=question, option_columns=bool(columns)
        ),
        ranked_by_letter=not readable,
    )


def _dimension(row: Row) -> str:
    axis = row.text("l2_category", "l2-category", "L2-category")
    if kebab(axis) not in LEAVES:
        known_axes = [name for axes in PUBLISHED.values() for name in axes]
        raise row.error("l2_category", f"is {axis!r}, which is no axis.", **near(axis, known_axes))
    path = LEAVES[kebab(axis)]
    capability = row.text("category")
    if path.split(".")[1] != kebab(capability):
        raise row.error("category", f"is {capability!r}, to which {axis!r} does not belong.")
    return path


def prompt(sample: Sample, method: Method, data: PublishedData[MMStarExtra]) -> Prompt:
    """The authors' prompt, which lists options only if they have columns of their own.

    Ranking by letter adds lmms-eval's sentence, for which the authors have no wording.
    """
    extra, published = data.extras[sample.id], data.samples[sample.id]
    if (sample.question, sample.options) == (published.question, published.options):
        question = extra.question
    elif extra.option_columns:
        question = sample.question
    else:
        # What a condition has changed, in the layout of most questions.
        question = f"{sample.question}\n{inline_options(sample.options)}".lstrip()
    hint = f"Hint: {extra.hint}\n" if extra.hint else ""
    options = ""
    if extra.option_columns:
        options = f"Options:\n{lettered_lines(sample.options)}\n{_SELECT}"
    letter = ANSWER_WITH_LETTER if method is Method.RANK_LETTER else ""
    return single_turn(sample.pictures, f"{hint}Question: {question}\n{options}{letter}")


SPEC: Final = BenchmarkSpec(
    name=NAME,
    version=1,
    published_as=(
        'set data = "PATH" to mmstar.parquet, MMStar.tsv or their folder, '
        'or data = "Lin-Chen/MMStar" to load it from the hub'
    ),
    options={SCORING: SCORINGS},
    table=lambda options: options.table(
        pictures=("image",),
        columns=("index", "question", "image", "answer", "category"),
        configs=("val",),
        split="val",
    ),
    samples=lambda table, _: build_samples(table, _sample, id="index").items,
    tree=lambda data: dimensions(
        NAME, {capability: tuple(axes) for capability, axes in PUBLISHED.items()}, data.sizes
    ),
    counts=lambda _: COUNTS,
    letters_because=_LETTERS_BECAUSE,
    prompt=prompt,
    scorers=lambda data: scorers_by_method(
        choice=PREFIX_CHOICE if data.options.official else StrictChoice()
    ),
    new_tokens=NEW_TOKENS,
    few_shot=FEW_SHOT,
)
load = SPEC.load
