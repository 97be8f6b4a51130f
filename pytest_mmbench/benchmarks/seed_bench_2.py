"""SEED-Bench-2: 27 dimensions, from single pictures to pictures as answers.

Li et al., *SEED-Bench-2: Benchmarking Multimodal Large Language Models* (2023). Read from the
authors' JSON file with its two folders of pictures beside it, or from lmms-lab's parquet files or
the hub. Every aggregate is macro, the mean over dimensions, as the paper and its leaderboard
compute it: of the parts of the tree, which are the kinds of data, and of the levels `l1`, `l2` and
`l3`, each of which holds the one before. The leaderboard's P1 is `l1`, and its P2
`interleaved-image`.

The authors rank options by the likelihood of their texts. Their interfaces differ; the question
alone is what LLaVA 1.5 is asked (`rank-mean` is its measure). They have no wording for generated
answers; lmms-eval's is used, except that pictures stand where the question has its marks: there a
slip leaves the marks in the text.

Dimensions 25 to 27 are answered with pictures. Their samples are there, the last four pictures of
each being its options from A to D, and they are not asked: so `l3` and the whole have no score.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from pytest_mmbench.benchmarks.dimensions import Groups, check_counts, dimensions, kebab, leaf
from pytest_mmbench.benchmarks.prompts import interleaved
from pytest_mmbench.benchmarks.published import PublishedBenchmark, ids_by_leaf
from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.seed_bench import answer, choices, lettered, numbered, scorers
from pytest_mmbench.benchmarks.settings import BAD_ROWS, DATA, BenchmarkOptions
from pytest_mmbench.errors import near
from pytest_mmbench.records import Average, Dimension, Method, Picture, Prompt, Sample

NAME: Final = "seed-bench-2"


EDITION: Final = 1
"""Raised when the same file gives other samples or another wording than before."""


PUBLISHED: Final[Mapping[str, Mapping[str, int]]] = {
    "Single Image": {
        "Scene Understanding": 3158,
        "Instance Identity": 1831,
        "Instance Attributes": 4649,
        "Instance Location": 978,
        "Instances Counting": 2447,
        "Spatial Relation": 657,
        "Instance Interaction": 97,
        "Visual Reasoning": 331,
        "Text Understanding": 435,
        "Celebrity Recognition": 330,
        "Landmark Recognition": 500,
        "Chart Understanding": 501,
        "Visual Referring Expression": 199,
        "Science Knowledge": 277,
        "Emotion Recognition": 501,
        "Visual Mathematics": 132,
    },
    "Multiple Images": {"Difference Spotting": 501, "Meme Comprehension": 159},
    "Video": {
        "Global Video Understanding": 1594,
        "Action Recognition": 1509,
        "Action Prediction": 1225,
        "Procedure Understanding": 1023,
    },
    "Interleaved Image": {"In-Context Captioning": 120, "Interleaved Image-Text Analysis": 49},
    "Image Generation": {"Text-to-Image Generation": 1008, "Next Image Prediction": 81},
    "Image & Text Generation": {"Text-Image Creation": 79},
}
"""`data_type` to its dimensions in the order of their `question_type_id`, with the samples of each:
24,371, as lmms-lab's card says. Those of the first 24 follow from the ids in the authors' results
of GPT-4V; of the last three only the sum, 1,168, is confirmed (each: NOT VERIFIED)."""


LEVELS: Final[Mapping[str, Sequence[str]]] = {
    "L1": ("Single Image", "Multiple Images", "Video"),
    "L2": ("Single Image", "Multiple Images", "Video", "Interleaved Image"),
    "L3": tuple(PUBLISHED),
}
"""Level to the data types that it holds."""


DRAWN: Final = ("Image Generation", "Image & Text Generation")
"""Data types whose answers are pictures."""


SKIP: Final = "answers are pictures, and no model is asked to draw yet"


OPTIONS: Final = 4


COUNTS: Final[Mapping[str, int]] = {
    leaf(NAME, kind, name): count
    for kind, names in PUBLISHED.items()
    for name, count in names.items()
}
"""Samples by leaf, as published."""


LEAVES: Final = tuple(COUNTS)
"""In the order of `question_type_id`, which counts from 1."""


FOLDERS: Final = {"cc3m": "cc3m-image", "SEED-Bench v2": "SEED-Bench-2-image"}
"""`data_source` to the archive, or the folder, in which its pictures are published."""


MARK: Final = re.compile(r"<img>|\[img\]")
"""Where a picture stands in a question; LLaVA's interface knows it in brackets too."""


NEW_TOKENS: Final = 16
"""Of a generated answer, as lmms-eval has it."""


_WHERE: Final = (
    'set data = "PATH" to SEED-Bench_v2_level1_2_3.json or the folder of the parquet files, '
    'or data = "lmms-lab/SEED-Bench-2" to load it from the hub'
)


def _sample(id: str, row: Row) -> Sample:
    files = row.several("data_id")
    return Sample(
        id=id,
        dimension=LEAVES[numbered(row, LEAVES) - 1],
        question=row.verbatim("question"),
        options=choices(row),
        target=answer(row),
        pictures=_pictures(row, files, name=f"{NAME}/{id}"),
        cluster=" ".join(files),
    )


def _pictures(row: Row, files: Sequence[str], *, name: str) -> tuple[Picture, ...]:
    """In the row, or in the folder of their source; the options among them, if they are drawn."""
    if row.count("image"):
        return row.pictures("image", name=name)
    source = row.text("data_source")
    if source not in FOLDERS:
        problem = f"is {source!r}, which is no archive of theirs."
        raise row.error("data_source", problem, **near(source, FOLDERS))
    if not files:
        raise row.error("data_id", "is empty.")
    names = [f"{name}-{at}" for at in range(1, len(files) + 1)] if len(files) > 1 else [name]
    return tuple(
        row.file(f"{FOLDERS[source]}/{file}", file, field="data_id", name=called)
        for file, called in zip(files, names, strict=True)
    )


def drawn(dimension: str) -> bool:
    """Whether the samples of a leaf are answered with pictures."""
    return dimension.split(".")[1] in map(kebab, DRAWN)


def _wording(sample: Sample, method: Method) -> Prompt:
    """Pictures at their marks, or first; the options that are pictures are not shown."""
    pictures = sample.pictures[:-OPTIONS] if drawn(sample.dimension) else sample.pictures
    by_text = method in (Method.RANK, Method.RANK_MEAN)
    text = sample.question if by_text else lettered(sample)
    return interleaved(text, pictures, MARK, missing="")


def tree(level: str, sizes: Mapping[str, int]) -> tuple[Dimension, ...]:
    """The whole, then the levels up to this one, then the parts and their leaves.

    Args:
        level: the highest that there is.
        sizes: samples by leaf; a leaf that is not named is no part of the tree.
    """
    groups: Groups = {
        kind: [name for name in PUBLISHED[kind] if leaf(NAME, kind, name) in sizes]
        for kind in LEVELS[level]
    }
    kept = {kind: names for kind, names in groups.items() if names}
    whole, *below = dimensions(NAME, kept, sizes, average=Average.MACRO)
    levels = [_level(each, whole, sizes) for each in LEVELS if each <= level]
    return (whole, *levels, *map(_skipped, below))


def _level(level: str, whole: Dimension, sizes: Mapping[str, int]) -> Dimension:
    kinds = [kebab(kind) for kind in LEVELS[level]]
    leaves = tuple(path for path in whole.leaves if path.split(".")[1] in kinds)
    size = sum(sizes[path] for path in leaves)
    return replace(whole, path=f"{NAME}.{level.lower()}", leaves=leaves, size=size)


def _skipped(node: Dimension) -> Dimension:
    return replace(node, skip_reason=SKIP) if drawn(node.path) else node


def load(options: Mapping[str, object]) -> PublishedBenchmark:
    """The benchmark with the options of its table in the settings.

    `level` is the highest that is read: with `L2`, the default of the authors' `eval.py`, the whole
    has a score. `version = "v1"` keeps only the questions that the authors count as the first
    version's.

    Raises:
        SettingsError: `data` is not set, or another option is not known.
        DataError: the data cannot be read.
    """
    known = (DATA, "scoring", "level", "version", BAD_ROWS)
    told = BenchmarkOptions(benchmark=NAME, options=options, known=known)
    scoring = told.word("scoring", ("strict", "official"))
    level = told.word("level", ("L3", "L2", "L1"))
    version = told.word("version", ("v2", "v1"))
    table = _table(told, version)
    every = build_samples(table, _sample, id="question_id").items
    found = Counter(sample.dimension for sample in every.values())
    nodes = tree(level, {path: found[path] for path in LEAVES if found[path] or version == "v2"})
    samples = {id: sample for id, sample in every.items() if sample.dimension in nodes[0].leaves}
    if version == "v2":
        _check(table.name, nodes[0].leaves, found)
    return PublishedBenchmark(
        name=NAME,
        revision=f"{NAME}-{EDITION} {level} {version} {table.digest}",
        nodes=nodes,
        samples=samples,
        leaf_ids=ids_by_leaf(samples, nodes),
        prompt=_wording,
        scorers=scorers(scoring),
        new_tokens=NEW_TOKENS,
    )


def _table(told: BenchmarkOptions, version: str) -> Table:
    table = open_table(
        told.data(published_as=_WHERE),
        pictures=("image",),
        split="test",
        called=("SEED-Bench_v2*.json",),
        bad_rows=told.bad_rows(),
    )
    table.require("question_id", "question_type_id", "question", "answer")
    return table if version == "v2" else table.where(lambda row: row.optional("version") == "v1")


def _check(file: str, leaves: Sequence[str], found: Mapping[str, int]) -> None:
    counts = {path: COUNTS[path] for path in leaves}
    check_counts(file, counts, {path: found[path] for path in leaves})
