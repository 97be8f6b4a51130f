"""SEED-Bench-2: 27 dimensions, from single pictures to pictures as answers.

Li et al., *SEED-Bench-2: Benchmarking Multimodal Large Language Models* (2023). Read from the
authors' JSON file with its two folders of pictures beside it, or from lmms-lab's parquet files or
the hub. Every aggregate is macro, the mean over dimensions, as the paper and its leaderboard
compute it: of the parts of the tree, which are the kinds of data, and of the levels `l1`, `l2` and
`l3`, each of which holds the one before. The leaderboard's P1 is `l1`, and its P2
`interleaved-image`.

The authors rank options by the likelihood of their texts. Their interfaces differ; the question
alone is what LLaVA 1.5 is asked (`rank-mean` is its measure). Generated answers have lmms-eval's
prompt, but pictures stand at the question's marks: there a slip leaves the marks in the text.

Dimensions 25 to 27 are answered with pictures. Their samples are there, the last four pictures of
each being its options from A to D, and they are not asked: so `l3` and the whole have no score.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from pytest_mmbench.benchmarks.dimensions import dimensions, kebab, leaf_counts, leaf_path
from pytest_mmbench.benchmarks.multiple_choice import letter_of_four
from pytest_mmbench.benchmarks.prompts import interleaved, question_and_letters, ranks_texts
from pytest_mmbench.benchmarks.published import BenchmarkSpec, PublishedData
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.seed_bench import choices_of, dimension_number, scorers_of
from pytest_mmbench.benchmarks.settings import SCORING, SCORINGS, BenchmarkOptions
from pytest_mmbench.errors import near
from pytest_mmbench.records import Average, Dimension, Method, Picture, Prompt, Sample

NAME: Final = "seed-bench-2"
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
"""The data types of each level."""
PICTURE_ANSWERS: Final = ("Image Generation", "Image & Text Generation")
"""Data types whose answers are pictures."""
SKIP_REASON: Final = "answers are pictures, and models that draw are not supported"
OPTIONS: Final = 4
COUNTS: Final = leaf_counts(NAME, PUBLISHED)
LEAVES: Final = tuple(COUNTS)
"""In the order of `question_type_id`, which counts from 1."""
FOLDERS: Final = {"cc3m": "cc3m-image", "SEED-Bench v2": "SEED-Bench-2-image"}
"""`data_source` to the archive, or the folder, in which its pictures are published."""
MARK: Final = re.compile(r"<img>|\[img\]")
"""Where a picture stands in a question; LLaVA's interface knows it in brackets too."""
NEW_TOKENS: Final = 16
"""Of a generated answer, as lmms-eval has it."""


def _table(options: BenchmarkOptions) -> Table:
    table = options.table(
        pictures=("image",),
        columns=("question_id", "question_type_id", "question", "answer"),
        split="test",
        called=("SEED-Bench_v2*.json",),
    )
    if options.word("version") == "v2":
        return table
    return table.where(lambda row: row.optional("version") == "v1")


def samples_of_level(table: Table, options: BenchmarkOptions) -> Mapping[str, Sample]:
    """Those of the level; rows of others are checked all the same."""
    samples = build_samples(table, _sample, id="question_id").items
    parts = [kebab(kind) for kind in LEVELS[options.word("level")]]
    return {id: sample for id, sample in samples.items() if _part(sample.dimension) in parts}


def _part(path: str) -> str:
    """The kind of data: `video` of `seed-bench-2.video.action-prediction`."""
    return path.split(".")[1]


def _sample(id: str, row: Row) -> Sample:
    files = row.several("data_id")
    return Sample(
        id=id,
        dimension=LEAVES[dimension_number(row, LEAVES) - 1],
        question=row.verbatim("question"),
        options=choices_of(row),
        target=letter_of_four(row),
        pictures=_pictures(row, files, name=f"{NAME}/{id}"),
        cluster=" ".join(files),
    )


def _pictures(row: Row, files: Sequence[str], *, name: str) -> tuple[Picture, ...]:
    """The options among them, if they are drawn."""
    if row.count("image"):
        return row.pictures("image", name=name)
    source = row.text("data_source")
    if source not in FOLDERS:
        problem = f"is {source!r}, which is no archive of theirs."
        raise row.error("data_source", problem, **near(source, FOLDERS))
    if not files:
        raise row.error("data_id", "is empty.")
    names = [f"{name}-{number}" for number in range(1, len(files) + 1)]
    return tuple(
        row.file(f"{FOLDERS[source]}/{file}", file, field="data_id", name=picture_name)
        for file, picture_name in zip(files, names if len(files) > 1 else [name], strict=True)
    )


def answered_with_pictures(dimension: str) -> bool:
    """Whether the samples of a leaf, or of a part, are answered with pictures."""
    return _part(dimension) in map(kebab, PICTURE_ANSWERS)


def tree(highest: str, sizes: Mapping[str, int]) -> tuple[Dimension, ...]:
    """The whole, then the levels up to the highest, then the parts and their leaves with sizes."""
    groups = {
        kind: [name for name in PUBLISHED[kind] if leaf_path(NAME, kind, name) in sizes]
        for kind in LEVELS[highest]
    }
    filled = {kind: names for kind, names in groups.items() if names}
    root, *below = dimensions(NAME, filled, sizes, average=Average.MACRO)
    levels = []
    for level in [name for name in LEVELS if name <= highest]:
        parts = [kebab(kind) for kind in LEVELS[level]]
        leaves = tuple(path for path in root.leaves if _part(path) in parts)
        size = sum(sizes[path] for path in leaves)
        levels.append(replace(root, path=f"{NAME}.{level.lower()}", leaves=leaves, size=size))
    skipped = [
        replace(node, skip_reason=SKIP_REASON) if answered_with_pictures(node.path) else node
        for node in below
    ]
    return (root, *levels, *skipped)


def published_counts(data: PublishedData[None]) -> Mapping[str, int]:
    """Those of the leaves that the level holds; of the first version they are not published."""
    if data.options.word("version") == "v1":
        return {}
    parts = [kebab(kind) for kind in LEVELS[data.options.word("level")]]
    return {path: count for path, count in COUNTS.items() if _part(path) in parts}


def prompt(sample: Sample, method: Method, _: PublishedData[None]) -> Prompt:
    """Pictures at their marks, or first; the options that are pictures are not shown."""
    pictures = sample.pictures
    if answered_with_pictures(sample.dimension):
        pictures = pictures[:-OPTIONS]
    text = sample.question if ranks_texts(method) else question_and_letters(sample, method)
    return interleaved(text, pictures, MARK, missing="")


SPEC: Final[BenchmarkSpec[None]] = BenchmarkSpec(
    name=NAME,
    version=1,
    published_as=(
        'set data = "PATH" to SEED-Bench_v2_level1_2_3.json or the folder of the parquet files, '
        'or data = "lmms-lab/SEED-Bench-2" to load it from the hub'
    ),
    options={SCORING: SCORINGS, "level": ("L3", "L2", "L1"), "version": ("v2", "v1")},
    table=_table,
    samples=samples_of_level,
    tree=lambda data: tree(
        data.options.word("level"),
        {
            path: data.sizes.get(path, 0)
            for path in LEAVES
            # Of the first version only the leaves that have samples.
            if data.options.word("version") == "v2" or data.sizes.get(path)
        },
    ),
    counts=published_counts,
    edition=lambda data: f"{data.options.word('level')} {data.options.word('version')}",
    prompt=prompt,
    scorers=lambda data: scorers_of(data.options),
    new_tokens=NEW_TOKENS,
)
load = SPEC.load
"""`level` is the highest that is read: with `L2`, the default of the authors' `eval.py`, the whole
has a score. `version = "v1"` keeps only the questions that the authors count as the first
version's."""
