"""MMMU: college questions of 30 subjects in six disciplines, with up to seven pictures each.

Yue et al., *MMMU: A Massive Multi-discipline Multimodal Understanding and Reasoning Benchmark for
Expert AGI* (2024). Read from the hub's 30 configurations, from their folders, from a merged parquet
file or folder (lmms-lab's), or from VLMEvalKit's TSV. Every aggregate is micro, as the authors
compute it (`calculate_ins_level_acc`).

About one question in sixteen is open. Options may be pictures: under `rank` and `rank-mean` such
questions are ranked by their letters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from pytest_mmbench.benchmarks.dimensions import axis_paths, dimensions, leaf_path, views
from pytest_mmbench.benchmarks.multiple_choice import filled_columns, list_options
from pytest_mmbench.benchmarks.prompts import (
    ANSWER_WITH_LETTER,
    bracketed_lines,
    interleaved,
    ranks_texts,
)
from pytest_mmbench.benchmarks.published import (
    BenchmarkSpec,
    PublishedData,
    PublishedSample,
    scorers_by_method,
)
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.settings import SCORING, SCORINGS, SPLIT, BenchmarkOptions
from pytest_mmbench.errors import DataError, near
from pytest_mmbench.records import LETTERS, Method, Picture, Prompt, Sample, letters
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.mmmu import MMMUChoice, MMMUOpen
from pytest_mmbench.scorers.open_answer import StrictOpen

NAME: Final = "mmmu"
DISCIPLINES: Final[Mapping[str, tuple[str, ...]]] = {
    "Art and Design": ("Art", "Art_Theory", "Design", "Music"),
    "Business": ("Accounting", "Economics", "Finance", "Manage", "Marketing"),
    "Science": ("Biology", "Chemistry", "Geography", "Math", "Physics"),
    "Health and Medicine": (
        "Basic_Medical_Science",
        "Clinical_Medicine",
        "Diagnostics_and_Laboratory_Medicine",
        "Pharmacy",
        "Public_Health",
    ),
    "Humanities and Social Science": ("History", "Literature", "Sociology", "Psychology"),
    "Tech and Engineering": (
        "Agriculture",
        "Architecture_and_Engineering",
        "Computer_Science",
        "Electronics",
        "Energy_and_Power",
        "Materials",
        "Mechanical_Engineering",
    ),
}
"""The authors' `DOMAIN_CAT2SUB_CAT`: disciplines, and their subjects."""
LEAVES: Final = axis_paths(NAME, DISCIPLINES)
"""By subject."""
SPLITS: Final[Mapping[str, int]] = {"validation": 30, "dev": 5}
"""With answers, and the samples that each subject has in them."""
LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "difficulty": ("easy", "medium", "hard"),
    "question type": ("multiple-choice", "open"),
}
"""Views across subjects; how many samples each has is published for no split with answers."""
NEW_TOKENS: Final = 128
"""Of a generated answer, as the authors' script for LLaVA has it."""
MARK: Final = re.compile(r"<image (?P<number>[1-7])>")
"""Where a picture stands in a question or an option; one digit, as VLMEvalKit reads it."""
PICTURE_COLUMNS: Final = ("image", *(f"image_{number}" for number in range(1, 8)))
"""VLMEvalKit's column, which holds one picture or the list of all, and those of the hub."""
COLUMNS: Final = LETTERS[:9]
"""Of VLMEvalKit's options: A to I."""
HIDDEN: Final = "?"
"""What stands for an answer in the test split (from memory, NOT VERIFIED)."""
_ANSWER_BRIEFLY: Final = "Answer the question using a single word or phrase."
_LETTERS_BECAUSE: Final = "are pictures. They are ranked by letter under rank and rank-mean"
_ID: Final = re.compile(r"(?P<split>[a-z]+)_(?P<subject>\w+)_\d+")


def _table(options: BenchmarkOptions) -> Table:
    # Merged files and VLMEvalKit's hold several splits.
    split = options.word(SPLIT)
    table = options.table(
        pictures=PICTURE_COLUMNS,
        columns=("id", "question", "answer"),
        configs=tuple(LEAVES),
        split=split,
    )
    others = {"dev", "validation", "test"} - {split}
    of_split = table.where(lambda row: row.optional("id").partition("_")[0] not in others)
    if not of_split.rows and not of_split.bad_row_errors:
        splits = sorted({row.optional("id").partition("_")[0] for row in table.rows})
        raise DataError(
            f"{table.name} holds no samples of the split {split!r}.",
            file=table.name,
            found=", ".join(splits),
            what_to_do=f"name the file of that split, or set {SPLIT} in [benchmarks.{NAME}]",
        )
    return of_split


def _sample(id: str, row: Row, *, columns: Sequence[str]) -> PublishedSample[None]:
    options = list_options(row, "options") or tuple(
        row.optional(letter) for letter in filled_columns(row, COLUMNS)
    )
    if not options and row.optional("question_type") == "multiple-choice":
        raise row.error("options", "is empty, and the question is a multiple-choice one.")
    has_columns = "question_type" not in row.fields and COLUMNS[0] in row.fields
    if not options and has_columns and row.optional("answer") in tuple(COLUMNS):
        raise row.error("answer", "is a letter, and all options are empty.")
    target, *accepted = _answers(row, options)
    match = _ID.fullmatch(id)
    subject = match["subject"] if match else id
    if subject not in LEAVES:
        raise row.error("id", f"{id} names no subject of MMMU.", **near(subject, LEAVES))
    kinds = {"question type": "multiple-choice" if options else "open"}
    # Where the difficulty is not told, the sample is in no view of that kind.
    difficulty = row.optional("topic_difficulty").lower()
    if difficulty in LABELS["difficulty"]:
        kinds["difficulty"] = difficulty
    return PublishedSample(
        sample=Sample(
            id=id,
            dimension=LEAVES[subject],
            question=row.verbatim("question"),
            options=options,
            target=target,
            accepted=tuple(accepted),
            pictures=_pictures(id, row, columns),
        ),
        extra=None,
        views=tuple(leaf_path(NAME, kind, label) for kind, label in kinds.items()),
        ranked_by_letter=any(map(MARK.search, options)),
    )


def _answers(row: Row, options: Sequence[str]) -> tuple[str, ...]:
    """The letter, or all accepted answers: some open questions have a list of them."""
    answer = row.text("answer")
    if answer == HIDDEN:
        raise row.error("answer", "is hidden, as all answers of the test split are.")
    if options and answer not in letters(options):
        raise row.error("answer", f"is {answer!r}, and there are {len(options)} options.")
    return row.texts("answer") if answer.startswith(("['", '["')) else (answer,)


def _pictures(id: str, row: Row, columns: Sequence[str]) -> tuple[Picture, ...]:
    places = [(column, at) for column in columns for at in range(row.count(column))]
    filled = [column for column in columns if row.count(column)]
    if filled != list(columns[: len(filled)]):
        raise row.error(filled[-1], "holds a picture, and one before it holds none.")
    return tuple(
        row.picture(column, at=at, name=f"{NAME}/{id}-{number}")
        for number, (column, at) in enumerate(places, start=1)
    )


def prompt(sample: Sample, method: Method, _: PublishedData[None]) -> Prompt:
    """The authors' prompt (`construct_prompt` with `configs/llava1.5.yaml`), as YAML folds it.

    Pictures stand at their marks, as VLMEvalKit has them: the authors' own script shows the first
    one alone. There is no published wording for ranking texts: the last sentence is left out.
    """
    text = f"{sample.question}\n" if sample.question else ""
    if not sample.options:
        text += _ANSWER_BRIEFLY
    else:
        text += bracketed_lines(sample.options)
        text += "" if ranks_texts(method) else f"\n\n{ANSWER_WITH_LETTER}"
    return interleaved(text, sample.pictures, MARK, missing="")


SPEC: Final = BenchmarkSpec(
    name=NAME,
    version=1,
    published_as=(
        'set data = "PATH" to the folder of its 30 subjects, to a merged parquet file, to '
        'MMMU_DEV_VAL.tsv, or data = "MMMU/MMMU" to load it from the hub'
    ),
    options={SPLIT: tuple(SPLITS), SCORING: SCORINGS},
    withheld={SPLIT: ("test",)},
    table=_table,
    samples=lambda table, _: (
        build_samples(
            table,
            partial(_sample, columns=[name for name in PICTURE_COLUMNS if name in table.columns]),
            id="id",
        ).items
    ),
    tree=lambda data: (
        *dimensions(NAME, DISCIPLINES, data.sizes),
        *views(NAME, LABELS, data.sizes),
    ),
    counts=lambda data: dict.fromkeys(LEAVES.values(), SPLITS[data.options.word(SPLIT)]),
    letters_because=_LETTERS_BECAUSE,
    edition=lambda data: data.options.word(SPLIT),
    prompt=prompt,
    scorers=lambda data: (
        scorers_by_method(choice=MMMUChoice(), open=MMMUOpen())
        if data.options.official
        else scorers_by_method(choice=StrictChoice(), open=StrictOpen())
    ),
    new_tokens=NEW_TOKENS,
)
load = SPEC.load
