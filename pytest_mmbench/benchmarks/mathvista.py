"""MathVista: 1,000 mathematical questions about pictures (`testmini`), by task and by skill.

Lu et al., *MathVista: Evaluating Mathematical Reasoning of Foundation Models in Visual Contexts*
(2024). Read from the hub, from its parquet file, or from the authors' `testmini.json` with the
folder `images` or `images.zip` beside it. Every aggregate is micro; `mathvista` is the
leaderboard's ALL. Skills, question types and answer types are views. Scores by skill compare with
those that use the labels of today's `testmini.json`; older files have others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from pytest_mmbench.benchmarks.dimensions import dimensions, kebab, leaf_counts, leaf_path, views
from pytest_mmbench.benchmarks.multiple_choice import list_options
from pytest_mmbench.benchmarks.prompts import bracketed_lines, ranks_texts, single_turn
from pytest_mmbench.benchmarks.published import (
    BenchmarkSpec,
    PublishedData,
    PublishedSample,
    scorers_by_method,
)
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.settings import SCORING, SCORINGS, SPLIT
from pytest_mmbench.errors import near
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Method, Prompt, Sample, letters
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.mathvista import (
    ExpectedAnswer,
    ExpectedType,
    NearestChoice,
    StrictTyped,
    TypedOpen,
    read_typed,
)

NAME: Final = "mathvista"
SPLITS: Final = ("testmini",)
"""With answers."""
TASKS: Final[Mapping[str, int]] = {
    "figure question answering": 269,
    "geometry problem solving": 208,
    "math word problem": 186,
    "textbook question answering": 158,
    "visual question answering": 179,
}
"""Samples of each task, counted in the authors' `testmini.json`."""
LABELS: Final[Mapping[str, Mapping[str, int]]] = {
    "skills": {
        "algebraic reasoning": 281,
        "arithmetic reasoning": 353,
        "geometry reasoning": 239,
        "logical reasoning": 37,
        "numeric commonsense": 144,
        "scientific reasoning": 122,
        "statistical reasoning": 301,
    },
    "question_type": {"multi_choice": 540, "free_form": 460},
    "answer_type": {"text": 540, "integer": 418, "float": 40, "list": 2},
}
"""Fields that are views, and the samples of each label in the same file."""
LEAVES: Final[Mapping[str, str]] = {task: f"{NAME}.{kebab(task)}" for task in TASKS}
"""By task."""
VIEWS: Final[Mapping[str, Mapping[str, str]]] = {
    field: {label: leaf_path(NAME, field, label) for label in labels}
    for field, labels in LABELS.items()
}
"""By field and label."""
COUNTS: Final[Mapping[str, int]] = {LEAVES[task]: count for task, count in TASKS.items()}
VIEW_COUNTS: Final = leaf_counts(NAME, LABELS)
NEW_TOKENS: Final = 512
"""Of a generated answer, as the authors' `generate_response.py` has it."""
EMBEDDED: Final = "decoded_image"
"""The hub's column of pictures; elsewhere `image` names a file."""
HINTS: Final[Mapping[str, str]] = {
    "text": "Please answer the question and provide the correct option letter, "
    "e.g., A, B, C, D, at the end.",
    "integer": "Please answer the question requiring an integer answer and provide the final "
    "value, e.g., 1, 2, 3, at the end.",
    "float 1": "Please answer the question requiring a floating-point number with one decimal "
    "place and provide the final value, e.g., 1.2, 1.3, 1.4, at the end.",
    "float 2": "Please answer the question requiring a floating-point number with two decimal "
    "places and provide the final value, e.g., 1.23, 1.34, 1.45, at the end.",
    "list": "Please answer the question requiring a Python list as an answer and provide the "
    "final list, e.g., [1, 2, 3], [1.2, 1.3, 1.4], at the end.",
}
"""The authors' hints, by type of answer and number of decimals (`build_query.py`)."""
PROMPTS: Final = ("query", "solution")


@dataclass(frozen=True, slots=True, kw_only=True)
class MathVistaExtra:
    """What prompt and scorers need beside the sample."""

    answer_type: str
    """A key of `HINTS`."""
    unit: str
    """Of the answer, such as `years`; empty if none was published."""

    @property
    def expected(self) -> ExpectedAnswer:
        """Of an open question."""
        type, _, decimals = self.answer_type.partition(" ")
        return ExpectedAnswer(type=ExpectedType(type), precision=int(decimals or 0))


def _sample(id: str, row: Row, *, embedded: bool) -> PublishedSample[MathVistaExtra]:
    metadata = row.fields.get("metadata")
    if not isinstance(metadata, Mapping):
        raise row.error("metadata", "is no record.")
    choices = row.texts("choices")
    # What is missing from the metadata is no missing column.
    row = replace(row, fields={**metadata, **row.fields}, columns=())
    if any(choices) != (row.text("question_type") == "multi_choice"):
        raise row.error("choices", f"holds {len(choices)}, which is not what question_type says.")
    options = list_options(row, "choices")
    name = f"{NAME}/{id}"
    if embedded:
        picture = row.picture(EMBEDDED, name=name)
    else:
        picture = row.file(row.text("image"), field="image", name=name)
    answer_type = row.text("answer_type")
    answer_type += f" {row.integer('precision')}" if answer_type == "float" else ""
    if answer_type not in HINTS:
        raise row.error("answer_type", f"is {answer_type!r}, for which there is no hint.")
    extra = MathVistaExtra(answer_type=answer_type, unit=row.optional("unit"))
    return PublishedSample(
        sample=Sample(
            id=id,
            dimension=_path(row, "task", row.text("task"), LEAVES),
            question=row.verbatim("question"),
            options=options,
            target=_target(row, options, extra),
            pictures=(picture,),
        ),
        extra=extra,
        views=tuple(
            _path(row, field, label, paths)
            for field, paths in VIEWS.items()
            for label in row.several(field)
        ),
    )


def _path(row: Row, field: str, label: str, paths: Mapping[str, str]) -> str:
    if label not in paths:
        raise row.error(field, f"is {label!r}, which MathVista has not.", **near(label, paths))
    return paths[label]


def _target(row: Row, options: tuple[str, ...], extra: MathVistaExtra) -> str:
    answer = row.optional("answer")
    if not answer:
        raise row.error("answer", "is withheld, as all answers of the split test are.")
    if options:
        texts = [option.strip() for option in options]
        if answer not in texts:
            raise row.error("answer", f"is {answer!r}, which is none of the choices.")
        return letters(options)[texts.index(answer)]
    if not read_typed(answer, extra.expected):
        type = extra.answer_type.partition(" ")[0]
        raise row.error("answer", f"is {answer!r}, which is no {type}.")
    return answer


def prompt(sample: Sample, method: Method, data: PublishedData[MathVistaExtra]) -> Prompt:
    """One of the authors' two prompts, both without examples.

    `query`, of the hub and `query.json`, made the published results of multimodal models: its hint
    comes first. `solution` is what `build_query.py` and lmms-eval write: the hint comes last. There
    is no published prompt for ranking texts: the hint, which asks for a letter, is left out.
    """
    extra = data.extras[sample.id]
    unit = f" (Unit: {extra.unit})" if extra.unit else ""
    question = f"Question: {sample.question}{unit}"
    choices = f"Choices:\n{bracketed_lines(sample.options)}" if sample.options else ""
    hint = f"Hint: {HINTS[extra.answer_type]}"
    if sample.options and ranks_texts(method):
        hint = ""
    parts = [hint, question, choices]
    if data.options.word("prompt") == "solution":
        parts = [question, choices, hint, "Solution:"]
    return single_turn(sample.pictures, "\n".join(filter(None, parts)))


def _scorers(data: PublishedData[MathVistaExtra]) -> Mapping[Method, Scorer]:
    expected = {
        id: extra.expected for id, extra in data.extras.items() if not data.samples[id].options
    }
    if data.options.official:
        return scorers_by_method(choice=NearestChoice(), open=TypedOpen(expected=expected))
    return scorers_by_method(choice=StrictChoice(), open=StrictTyped(expected=expected))


SPEC: Final = BenchmarkSpec(
    name=NAME,
    version=1,
    published_as=(
        'set data = "PATH" to testmini.json, to the parquet file, or to the folder of either, '
        'or data = "AI4Math/MathVista" to load it from the hub'
    ),
    options={SPLIT: SPLITS, "prompt": PROMPTS, SCORING: SCORINGS},
    withheld={SPLIT: ("test",)},
    table=lambda options: options.table(
        pictures=(EMBEDDED,),
        columns=("pid", "question", "choices", "answer", "question_type", "metadata"),
        split=options.word(SPLIT),
    ),
    samples=lambda table, _: (
        build_samples(table, partial(_sample, embedded=EMBEDDED in table.columns), id="pid").items
    ),
    tree=lambda data: (
        *dimensions(NAME, dict.fromkeys(TASKS, ()), data.sizes),
        *views(NAME, LABELS, data.sizes),
    ),
    counts=lambda _: {**COUNTS, **VIEW_COUNTS},
    edition=lambda data: data.options.word("prompt"),
    prompt=prompt,
    scorers=_scorers,
    new_tokens=NEW_TOKENS,
)
load = SPEC.load
