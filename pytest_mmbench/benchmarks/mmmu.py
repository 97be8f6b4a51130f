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
from dataclasses import dataclass
from typing import Final

from pytest_mmbench.benchmarks.dimensions import check_counts, dimensions, leaf, views
from pytest_mmbench.benchmarks.multiple_choice import without_absent
from pytest_mmbench.benchmarks.prompts import bracketed_lines, interleaved
from pytest_mmbench.benchmarks.published import (
    PublishedBenchmark,
    count_by_leaf,
    ids_by_leaf,
    warn_of_lettered,
)
from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.settings import BAD_ROWS, DATA, SPLIT, BenchmarkOptions
from pytest_mmbench.errors import DataError, near
from pytest_mmbench.records import LETTERS, Method, Picture, Prompt, Sample, letters
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.mixed import by_method
from pytest_mmbench.scorers.mmmu import MMMUChoice, MMMUOpen
from pytest_mmbench.scorers.open_answer import StrictOpen

NAME: Final = "mmmu"


EDITION: Final = 1
"""Raised when the same file gives other samples or another wording than before."""


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


LEAVES: Final[Mapping[str, str]] = {
    subject: leaf(NAME, discipline, subject)
    for discipline, subjects in DISCIPLINES.items()
    for subject in subjects
}
"""Subject to its path."""


SPLITS: Final[Mapping[str, int]] = {"validation": 30, "dev": 5}
"""Those with answers, and the samples that each subject has in them."""


LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "difficulty": ("easy", "medium", "hard"),
    "question type": ("multiple-choice", "open"),
}
"""Views across subjects; how many samples each has is published for no split with answers."""


NEW_TOKENS: Final = 128
"""Of a generated answer, as the authors' script for LLaVA has it."""


ONE: Final = "image"
"""VLMEvalKit's column, which holds one picture or the list of all."""


MARK: Final = re.compile(r"<image (?P<number>[1-7])>")
"""Where a picture stands in a question or an option; one digit, as VLMEvalKit reads it."""


PICTURES: Final = tuple(f"image_{number}" for number in range(1, 8))
"""Columns of the hub's pictures."""


COLUMNS: Final = LETTERS[:9]
"""Of VLMEvalKit's options: A to I."""


HIDDEN: Final = "?"
"""What stands for an answer in the test split (from memory, NOT VERIFIED)."""


_LETTER: Final = "Answer with the option's letter from the given choices directly."


_OPEN: Final = "Answer the question using a single word or phrase."


_PICTURED: Final = "are pictures. They are ranked by letter under rank and rank-mean"


_WHERE: Final = (
    'set data = "PATH" to the folder of its 30 subjects, to a merged parquet file, to '
    'MMMU_DEV_VAL.tsv, or data = "MMMU/MMMU" to load it from the hub'
)


_ID: Final = re.compile(r"(?P<split>[a-z]+)_(?P<subject>\w+)_\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is made of one row."""

    sample: Sample
    seen_in: tuple[str, ...]
    """Its views."""


def _question(id: str, row: Row, columns: Sequence[str]) -> Question:
    options = _options(row)
    target, *accepted = _answers(row, options)
    sample = Sample(
        id=id,
        dimension=_dimension(id, row),
        question=row.verbatim("question"),
        options=options,
        target=target,
        accepted=tuple(accepted),
        pictures=_pictures(id, row, columns),
    )
    return Question(sample=sample, seen_in=tuple(_seen_in(row, sample)))


def _dimension(id: str, row: Row) -> str:
    found = _ID.fullmatch(id)
    subject = found["subject"] if found else id
    if subject not in LEAVES:
        raise row.error("id", f"{id} names no subject of MMMU.", **near(subject, LEAVES))
    return LEAVES[subject]


def _options(row: Row) -> tuple[str, ...]:
    """From the list that the hub writes as text, or from columns; none if the question is open."""
    listed = row.texts("options") or without_absent([row.optional(each) for each in COLUMNS])
    if not listed and row.optional("question_type") == "multiple-choice":
        raise row.error("options", "is empty, and the question is a multiple-choice one.")
    return listed


def _answers(row: Row, options: Sequence[str]) -> tuple[str, ...]:
    """The letter; or every answer that is right, of which some open questions have a list."""
    said = row.text("answer")
    if said == HIDDEN:
        raise row.error("answer", "is hidden, as all answers of the test split are.")
    if options and said not in letters(options):
        raise row.error("answer", f"is {said!r}, and there are {len(options)} options.")
    return row.texts("answer") if said.startswith(("['", '["')) else (said,)


def _pictures(id: str, row: Row, columns: Sequence[str]) -> tuple[Picture, ...]:
    """In the order of their numbers."""
    places = [(column, at) for column in columns for at in range(row.count(column))]
    there = [column for column in columns if row.count(column)]
    if there != list(columns[: len(there)]):
        raise row.error(there[-1], "holds a picture, and one before it holds none.")
    return tuple(
        row.picture(column, at=at, name=f"{NAME}/{id}-{number}")
        for number, (column, at) in enumerate(places, start=1)
    )


def _wording(sample: Sample, method: Method) -> Prompt:
    """The authors' prompt (`construct_prompt` with `configs/llava1.5.yaml`), as YAML folds it.

    Pictures stand at their marks, as VLMEvalKit has them: the authors' own script shows the first
    one alone. There is no published wording for ranking texts: the last sentence is left out.
    """
    asked = f"{sample.question}\n" if sample.question else ""
    text = f"{asked}{_OPEN}"
    if sample.options:
        by_text = method in (Method.RANK, Method.RANK_MEAN)
        letter = "" if by_text else f"\n\n{_LETTER}"
        text = f"{asked}{bracketed_lines(sample.options)}{letter}"
    return interleaved(text, sample.pictures, MARK, missing="")


def _seen_in(row: Row, sample: Sample) -> list[str]:
    """The views of a sample; one whose difficulty is not told is in no view of that kind."""
    difficulty = row.optional("topic_difficulty").lower()
    kinds = {"question type": "multiple-choice" if sample.options else "open"}
    kinds |= {"difficulty": difficulty} if difficulty in LABELS["difficulty"] else {}
    return [leaf(NAME, kind, label) for kind, label in kinds.items()]


def _of_split(table: Table, split: str) -> Table:
    """The rows of one split: merged files and VLMEvalKit's hold several."""
    others = {"dev", "validation", "test"} - {split}
    kept = table.where(lambda row: row.optional("id").partition("_")[0] not in others)
    if not kept.rows and not kept.bad_row_errors:
        found = sorted({row.optional("id").partition("_")[0] for row in table.rows})
        raise DataError(
            f"{table.name} holds no samples of the split {split!r}.",
            found=", ".join(found),
            what_to_do=f"name the file of that split, or set {SPLIT} in [benchmarks.{NAME}]",
        )
    return kept


def load(options: Mapping[str, object]) -> PublishedBenchmark:
    """The benchmark with the options of its table in the settings.

    Raises:
        SettingsError: `data` is not set, or another option is not known.
        DataError: the data cannot be read.
    """
    told = BenchmarkOptions(
        benchmark=NAME, options=options, known=(DATA, SPLIT, "scoring", BAD_ROWS)
    )
    split = told.split(tuple(SPLITS))
    official = told.word("scoring", ("strict", "official")) == "official"
    whole = open_table(
        told.data(published_as=_WHERE),
        pictures=(ONE, *PICTURES),
        configs=tuple(LEAVES),
        split=split,
        bad_rows=told.bad_rows(),
    )
    whole.require("id", "question", "answer")
    table = _of_split(whole, split)
    columns = [each for each in (ONE, *PICTURES) if each in table.columns]
    found = build_samples(table, lambda key, row: _question(key, row, columns), id="id").items
    samples = {id: question.sample for id, question in found.items()}
    seen_in = {id: question.seen_in for id, question in found.items()}
    sizes = count_by_leaf(samples, seen_in)
    nodes = (*dimensions(NAME, DISCIPLINES, sizes), *views(NAME, LABELS, sizes))
    check_counts(table.name, dict.fromkeys(LEAVES.values(), SPLITS[split]), sizes)
    pictured = [id for id, sample in samples.items() if any(map(MARK.search, sample.options))]
    warn_of_lettered(table.name, pictured, of=len(samples), because=_PICTURED)
    return PublishedBenchmark(
        name=NAME,
        revision=f"{NAME}-{EDITION} {split} {table.digest}",
        nodes=nodes,
        samples=samples,
        leaf_ids=ids_by_leaf(samples, nodes, seen_in),
        prompt=_wording,
        scorers=by_method(choice=MMMUChoice(), open=MMMUOpen())
        if official
        else by_method(choice=StrictChoice(lettered=True), open=StrictOpen()),
        new_tokens=NEW_TOKENS,
        lettered=frozenset(pictured),
    )
