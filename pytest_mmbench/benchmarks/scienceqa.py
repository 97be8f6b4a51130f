"""ScienceQA: school questions of three subjects, here those 2,017 of the test split with a picture.

Lu et al., *Learn to Explain: Multimodal Reasoning via Thought Chains for Science Question
Answering* (2022). Read from the authors' `problems.json` with `images` beside it, from the hub or
its parquet files, or from VLMEvalKit's TSV. With `subset = "all"` the questions without a picture
are asked too, as for the authors' leaderboard, whose classes are the views. Every aggregate is
micro. Official scoring is LLaVA's rule (`scorers.choice_scorer.read_llava`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Final

from pytest_mmbench.benchmarks.dimensions import dimensions, kebab, leaf_path, views
from pytest_mmbench.benchmarks.multiple_choice import options_of, target_letter
from pytest_mmbench.benchmarks.prompts import question_and_letters, single_turn
from pytest_mmbench.benchmarks.published import (
    BenchmarkSpec,
    PublishedData,
    PublishedSample,
    scorers_by_method,
)
from pytest_mmbench.benchmarks.readers.folders import read_json
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.settings import SCORING, SCORINGS, SPLIT, BenchmarkOptions
from pytest_mmbench.errors import DataError, near
from pytest_mmbench.records import LETTERS, Dimension, Method, Picture, Prompt, Sample
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.choice_scorer import LLAVA_CHOICE

NAME: Final = "scienceqa"
SUBJECTS: Final = ("natural science", "social science", "language science")
"""NAT, SOC and LAN."""
LEAVES: Final[Mapping[str, str]] = {subject: f"{NAME}.{kebab(subject)}" for subject in SUBJECTS}
"""By subject."""
SPLITS: Final[Mapping[str, str]] = {"test": "test", "validation": "val", "train": "train"}
"""Names on the hub, and in the authors' and VLMEvalKit's files."""
SUBSETS: Final[Mapping[str, Mapping[str, int]]] = {
    "image": {"test": 2017, "validation": 2097, "train": 6218},
    "all": {"test": 4241, "validation": 4241, "train": 12726},
}
"""Samples by split, counted in the authors' files."""
QUESTIONS: Final = {"image": "questions with a picture", "all": "all questions"}
"""In the header of a run."""
CONFIGS: Final[Mapping[str, str]] = {"image": "ScienceQA-IMG", "all": "ScienceQA-FULL"}
"""Of lmms-lab's copy; the authors' own on the hub has one, with all questions."""
GRADES: Final[Mapping[str, Collection[int]]] = {"G1-6": range(1, 7), "G7-12": range(7, 13)}
CONTEXTS: Final[Mapping[str, tuple[str, ...]]] = {"image": ("TXT",), "all": ("TXT", "IMG", "NO")}
"""Classes by context: questions with a hint, with a picture, with neither. Among questions with a
picture IMG is the whole, and NO is empty: neither has a view."""
COUNTS: Final[Mapping[str, int]] = dict(zip(LEAVES.values(), (2252, 889, 1100), strict=True))
"""Samples by subject in all of `test`, from memory; the leaderboard's averages confirm them. How
many of them have a picture was not verified."""
TEXTS: Final = leaf_path(NAME, "context", "TXT")
VIEW_COUNTS: Final[Mapping[str, Mapping[str, int]]] = {
    "image": {TEXTS: 1257},
    "all": {
        TEXTS: 2046,
        leaf_path(NAME, "context", "IMG"): 2017,
        leaf_path(NAME, "context", "NO"): 1435,
        leaf_path(NAME, "grades", "G1-6"): 2724,
        leaf_path(NAME, "grades", "G7-12"): 1517,
    },
}
"""Samples by view in `test`. Those of TXT and NO are the only numbers by which the leaderboard's
percentages are whole numbers of right answers; that 1,257 have both a hint and a picture follows
from them. Grades are from memory, as subjects are."""
LISTS: Final = "pid_splits.json"
"""The authors' lists of ids, by split."""
COLUMNS: Final = LETTERS[:5]
NEW_TOKENS: Final = 16
"""Of a generated answer, as lmms-eval has it."""


def _table(options: BenchmarkOptions) -> Table:
    # The authors' file holds all splits, VLMEvalKit's says which it is.
    split, subset = options.word(SPLIT), options.word("subset")
    name = SPLITS[split]
    table = options.table(
        pictures=("image",),
        columns=("question", "image", "answer", "subject", "grade"),
        configs=(CONFIGS[subset],),
        split=split,
        called=("problems.json", f"ScienceQA_{name.upper()}.tsv"),
    )
    if ids := _ids_of_split(table, name):
        of_split = table.where(lambda row: row.text("id") in ids)
    else:
        of_split = table.where(lambda row: row.optional("split") in ("", name, split))
    if not of_split.rows and not of_split.bad_row_errors:
        raise DataError(
            f"{table.name} holds no samples of the split {split!r}.",
            file=table.name,
            what_to_do=f"name the file of that split, or set {SPLIT} in [benchmarks.{NAME}]",
        )
    if subset == "image":
        of_split = of_split.where(lambda row: bool(row.count("image")))
    if _id_column(of_split) in of_split.columns:
        return of_split
    return of_split.extended(lambda row: {"index": str(row.number)})


def _ids_of_split(table: Table, name: str) -> Collection[str]:
    """By `pid_splits.json`; none if it does not lie beside `problems.json`."""
    files = table.rows[0].source.files if table.rows and "id" in table.columns else None
    if files is None or not files.names(LISTS):
        return ()
    lists = read_json(files, LISTS)
    ids = lists.get(name) if isinstance(lists, dict) else None
    if not isinstance(ids, list):
        raise DataError(f"{LISTS} lists no split {name!r}.", file=LISTS)
    return frozenset(map(str, ids))


def _id_column(table: Table) -> str:
    return "id" if "id" in table.columns else "index"


def _samples(table: Table, options: BenchmarkOptions) -> Mapping[str, PublishedSample[str]]:
    id = _id_column(table)
    # The pictures of the authors' file lie beside it.
    folder = SPLITS[options.word(SPLIT)] if id == "id" else ""
    make = partial(_sample, subset=options.word("subset"), folder=folder)
    return build_samples(table, make, id=id).items


def _sample(id: str, row: Row, *, subset: str, folder: str) -> PublishedSample[str]:
    options = options_of(row, "choices", columns=COLUMNS)
    hint = row.verbatim("hint") if row.optional("hint") else ""
    subject = row.text("subject").lower()
    if subject not in LEAVES:
        raise row.error("subject", f"is {subject!r}, which is no subject.", **near(subject, LEAVES))
    sample = Sample(
        id=id,
        dimension=LEAVES[subject],
        question=row.verbatim("question"),
        options=options,
        target=target_letter(row, "answer", options),
        pictures=_pictures(id, row, folder=folder),
    )
    pictured = bool(sample.pictures)
    contexts = {"TXT": bool(hint), "IMG": pictured, "NO": not (hint or pictured)}
    views = [leaf_path(NAME, "context", name) for name in CONTEXTS[subset] if contexts[name]]
    return PublishedSample(sample=sample, extra=hint, views=(*views, _grade_view(row)))


def _pictures(id: str, row: Row, *, folder: str) -> tuple[Picture, ...]:
    name = f"{NAME}/{id}"
    if folder and row.count("image"):
        path = f"{folder}/{id}/image.png"
        return (row.file(f"images/{path}", path, field="image", name=name),)
    return row.pictures("image", name=name)


def _grade_view(row: Row) -> str:
    grade = row.text("grade")
    for name, numbers in GRADES.items():
        if grade in [f"grade{number}" for number in numbers]:
            return leaf_path(NAME, "grades", name)
    raise row.error("grade", f"is {grade!r}, which is none of grade1 to grade12.")


def _tree(data: PublishedData[str]) -> tuple[Dimension, ...]:
    classes = {"context": CONTEXTS[data.options.word("subset")], "grades": tuple(GRADES)}
    return (
        *dimensions(NAME, dict.fromkeys(SUBJECTS, ()), data.sizes),
        *views(NAME, classes, data.sizes),
    )


def published_counts(data: PublishedData[str]) -> Mapping[str, int]:
    """By subject where they are known, else of the split; in `test` also by view."""
    split, subset = data.options.word(SPLIT), data.options.word("subset")
    counts = COUNTS if (subset, split) == ("all", "test") else {NAME: SUBSETS[subset][split]}
    return {**counts, **VIEW_COUNTS[subset]} if split == "test" else counts


def prompt(sample: Sample, method: Method, data: PublishedData[str]) -> Prompt:
    """lmms-eval's prompt, whose last sentence is LLaVA's."""
    hint = data.extras[sample.id]
    context = f"Context: {hint}\n" if hint else ""
    return single_turn(sample.pictures, f"{context}{question_and_letters(sample, method)}")


SPEC: Final = BenchmarkSpec(
    name=NAME,
    version=1,
    published_as=(
        'set data = "PATH" to the folder of problems.json and images, to ScienceQA_TEST.tsv or '
        'to a parquet file, or data = "lmms-lab/ScienceQA" to load it from the hub'
    ),
    options={SPLIT: tuple(SPLITS), "subset": tuple(SUBSETS), SCORING: SCORINGS},
    table=_table,
    samples=_samples,
    tree=_tree,
    counts=published_counts,
    edition=lambda data: f"{data.options.word(SPLIT)} {data.options.word('subset')}",
    variant=lambda data: f"{data.options.word(SPLIT)}, {QUESTIONS[data.options.word('subset')]}",
    prompt=prompt,
    scorers=lambda data: scorers_by_method(
        choice=LLAVA_CHOICE if data.options.official else StrictChoice()
    ),
    new_tokens=NEW_TOKENS,
)
load = SPEC.load
"""`subset` says whether questions without a picture are asked too."""
