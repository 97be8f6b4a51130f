"""ScienceQA: school questions of three subjects, here those 2,017 of the test split with a picture.

Lu et al., *Learn to Explain: Multimodal Reasoning via Thought Chains for Science Question
Answering* (2022). Read from the authors' `problems.json` with `images` beside it, from the hub or
its parquet files, or from VLMEvalKit's TSV. With `subset = "all"` the questions without a picture
are asked too: so the authors' leaderboard is made, whose classes are the views. Every aggregate is
micro.

Official scoring is LLaVA's rule, by which the published numbers of vision-language models on the
image subset were computed; the authors' own script reads a prompt for GPT-3.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from pytest_mmbench.benchmarks.dimensions import check_counts, dimensions, kebab, leaf, views
from pytest_mmbench.benchmarks.multiple_choice import options_of, scorers_by_method, target_letter
from pytest_mmbench.benchmarks.prompts import lettered_lines, single_turn
from pytest_mmbench.benchmarks.published import PublishedBenchmark, count_by_leaf, ids_by_leaf
from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.folders import read_json
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.settings import BAD_ROWS, DATA, SPLIT, BenchmarkOptions
from pytest_mmbench.errors import DataError, near
from pytest_mmbench.records import LETTERS, Method, Picture, Prompt, Sample
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.scienceqa import LlavaChoice

NAME: Final = "scienceqa"


REVISION: Final = 1
"""Raised when the same file gives other samples or another wording than before."""


SUBJECTS: Final = ("natural science", "social science", "language science")
"""NAT, SOC and LAN."""


LEAVES: Final[Mapping[str, str]] = {each: f"{NAME}.{kebab(each)}" for each in SUBJECTS}
"""Subject to its path."""


SPLITS: Final[Mapping[str, str]] = {"test": "test", "validation": "val", "train": "train"}
"""Their names on the hub, and those in the authors' and VLMEvalKit's files."""


SUBSETS: Final[Mapping[str, Mapping[str, int]]] = {
    "image": {"test": 2017, "validation": 2097, "train": 6218},
    "all": {"test": 4241, "validation": 4241, "train": 12726},
}
"""Samples by split, counted in the authors' files."""


CONFIGS: Final[Mapping[str, str]] = {"image": "ScienceQA-IMG", "all": "ScienceQA-FULL"}
"""Of lmms-lab's copy; the authors' own on the hub has one, with all questions."""


GRADES: Final[Mapping[str, Collection[int]]] = {"G1-6": range(1, 7), "G7-12": range(7, 13)}


CONTEXTS: Final[Mapping[str, tuple[str, ...]]] = {"image": ("TXT",), "all": ("TXT", "IMG", "NO")}
"""Classes by context: questions with a hint, with a picture, with neither. Among questions with a
picture IMG is the whole, and NO is empty: neither has a view."""


COUNTS: Final[Mapping[str, int]] = dict(zip(LEAVES.values(), (2252, 889, 1100), strict=True))
"""Samples by subject in all of `test`, from memory; the leaderboard's averages confirm them. How
many of them have a picture was not verified."""


TEXTS: Final = leaf(NAME, "context", "TXT")


SEEN: Final[Mapping[str, Mapping[str, int]]] = {
    "image": {TEXTS: 1257},
    "all": {
        TEXTS: 2046,
        leaf(NAME, "context", "IMG"): 2017,
        leaf(NAME, "context", "NO"): 1435,
        leaf(NAME, "grades", "G1-6"): 2724,
        leaf(NAME, "grades", "G7-12"): 1517,
    },
}
"""Samples by view in `test`. Those of TXT and NO are the only numbers by which the leaderboard's
percentages are whole numbers of right answers; that 1,257 have both a hint and a picture follows
from them. Grades are from memory, as subjects are."""


LISTS: Final = "pid_splits.json"
"""The authors' lists of ids, by split."""


COLUMNS: Final = LETTERS[:5]
"""Of VLMEvalKit's options."""


NEW_TOKENS: Final = 16
"""Of a generated answer, as lmms-eval has it."""


_LETTER: Final = "Answer with the option's letter from the given choices directly."


_WHERE: Final = (
    'set data = "PATH" to the folder of problems.json and images, to ScienceQA_TEST.tsv or to a '
    'parquet file, or data = "lmms-lab/ScienceQA" to load it from the hub'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is made of one row."""

    sample: Sample
    hint: str
    seen_in: tuple[str, ...]
    """Its views."""


def _question(id: str, row: Row, *, subset: str, folder: str) -> Question:
    options = options_of(row, "choices", columns=COLUMNS)
    hint = row.verbatim("hint") if row.optional("hint") else ""
    sample = Sample(
        id=id,
        dimension=_dimension(row),
        question=row.verbatim("question"),
        options=options,
        target=target_letter(row, "answer", options),
        pictures=_pictures(id, row, folder=folder),
    )
    pictured = bool(sample.pictures)
    there = {"TXT": bool(hint), "IMG": pictured, "NO": not (hint or pictured)}
    contexts = [leaf(NAME, "context", each) for each in CONTEXTS[subset] if there[each]]
    return Question(sample=sample, hint=hint, seen_in=(*contexts, _grade(row)))


def _pictures(id: str, row: Row, *, folder: str) -> tuple[Picture, ...]:
    """The picture in the row, or the one in a folder of its own, which is always `image.png`."""
    name = f"{NAME}/{id}"
    if folder and row.count("image"):
        path = f"{folder}/{id}/image.png"
        return (row.file(f"images/{path}", path, field="image", name=name),)
    return row.pictures("image", name=name)


def _dimension(row: Row) -> str:
    subject = row.text("subject").lower()
    if subject not in LEAVES:
        raise row.error("subject", f"is {subject!r}, which is no subject.", **near(subject, LEAVES))
    return LEAVES[subject]


def _grade(row: Row) -> str:
    """The view of `grade7`."""
    grade = row.text("grade")
    for name, numbers in GRADES.items():
        if grade in [f"grade{number}" for number in numbers]:
            return leaf(NAME, "grades", name)
    raise row.error("grade", f"is {grade!r}, which is none of grade1 to grade12.")


def _wording(hint: str, sample: Sample, method: Method) -> Prompt:
    """lmms-eval's prompt, whose last sentence is LLaVA's.

    There is no published wording for ranking texts: that sentence is left out.
    """
    first = f"Context: {hint}\n" if hint else ""
    by_text = method in (Method.RANK, Method.RANK_MEAN)
    last = "" if by_text else f"\n{_LETTER}"
    listed = lettered_lines(sample.options)
    return single_turn(sample.pictures, f"{first}{sample.question}\n{listed}{last}")


def _of_split(table: Table, split: str) -> Table:
    """The rows of one split: the authors' file holds all of them, VLMEvalKit's says which it is."""
    name = SPLITS[split]
    listed = _listed(table, name)
    kept = table.where(
        lambda row: (
            row.text("id") in listed if listed else row.optional("split") in ("", name, split)
        )
    )
    if not kept.rows and not kept.bad_row_errors:
        raise DataError(
            f"{table.name} holds no samples of the split {split!r}.",
            what_to_do=f"name the file of that split, or set {SPLIT} in [benchmarks.{NAME}]",
        )
    return kept


def _listed(table: Table, name: str) -> Collection[str]:
    """The ids of a split in `pid_splits.json`; none if it does not lie beside `problems.json`."""
    files = table.rows[0].source.files if table.rows and "id" in table.columns else None
    if files is None or not files.names(LISTS):
        return ()
    found = read_json(files, LISTS)
    ids = found.get(name) if isinstance(found, dict) else None
    if not isinstance(ids, list):
        raise DataError(f"{LISTS} lists no split {name!r}.", file=LISTS)
    return frozenset(map(str, ids))


def load(options: Mapping[str, object]) -> PublishedBenchmark:
    """The benchmark with the options of its table in the settings.

    `subset` says whether questions without a picture are asked too.

    Raises:
        SettingsError: `data` is not set, or another option is not known.
        DataError: the data cannot be read.
    """
    known = (DATA, SPLIT, "subset", "scoring", BAD_ROWS)
    told = BenchmarkOptions(benchmark=NAME, options=options, known=known)
    split, subset = told.split(tuple(SPLITS), withheld=()), told.word("subset", tuple(SUBSETS))
    official = told.word("scoring", ("strict", "official")) == "official"
    whole = open_table(
        told.data(published_as=_WHERE),
        pictures=("image",),
        configs=(CONFIGS[subset],),
        split=split,
        called=("problems.json", f"ScienceQA_{SPLITS[split].upper()}.tsv"),
        bad_rows=told.bad_rows(),
    )
    whole.require("question", "image", "answer", "subject", "grade")
    table = _of_split(whole, split)
    if subset == "image":
        table = table.where(lambda row: bool(row.count("image")))
    id = next((each for each in ("id", "index") if each in table.columns), "")
    if not id:
        table, id = table.extended(lambda row: {"index": str(row.number)}), "index"
    # Only the authors' file has ids, and its pictures beside it.
    make = partial(_question, subset=subset, folder=SPLITS[split] if id == "id" else "")
    found = build_samples(table, make, id=id).items
    samples = {id: question.sample for id, question in found.items()}
    seen_in = {id: question.seen_in for id, question in found.items()}
    sizes = count_by_leaf(samples, seen_in)
    classes = {"context": CONTEXTS[subset], "grades": tuple(GRADES)}
    nodes = (*dimensions(NAME, dict.fromkeys(SUBJECTS, ()), sizes), *views(NAME, classes, sizes))
    counts = COUNTS if (subset, split) == ("all", "test") else {NAME: SUBSETS[subset][split]}
    seen = SEEN[subset] if split == "test" else {}
    check_counts(table.name, counts, {**sizes, NAME: len(samples)}, views=seen)
    return PublishedBenchmark(
        name=NAME,
        revision=f"{NAME}-{REVISION} {split} {subset} {table.digest}",
        nodes=nodes,
        samples=samples,
        leaf_ids=ids_by_leaf(samples, nodes, seen_in),
        prompt=lambda sample, method: _wording(found[sample.id].hint, sample, method),
        scorers=scorers_by_method(
            generated=LlavaChoice() if official else StrictChoice(lettered=True)
        ),
        new_tokens=NEW_TOKENS,
        variant=f"{split}, {'questions with a picture' if subset == 'image' else 'all questions'}",
    )
