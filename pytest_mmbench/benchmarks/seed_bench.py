"""SEED-Bench: twelve dimensions of pictures and videos, each question with four options.

Li et al., *SEED-Bench: Benchmarking Multimodal LLMs with Generative Comprehension* (2023). Read
from the authors' JSON file with its pictures and frames beside it, from lmms-lab's parquet files or
the hub, or from VLMEvalKit's TSV file, which holds the image questions alone. Every aggregate is
micro, as the authors' leaderboard computes it.

The authors' measure is the likelihood of each option's text: summed over tokens by their LAVIS
interfaces (`rank`), averaged by the one for Hugging Face models (`rank-mean`). They have no wording
for generated answers; lmms-eval's is used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from pytest_mmbench.benchmarks.dimensions import check_counts, dimensions, kebab, leaves
from pytest_mmbench.benchmarks.prompts import lettered_lines, single_turn
from pytest_mmbench.benchmarks.published import PublishedBenchmark, ids_by_leaf
from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.readers.video import VideoDecoder, frames_in_folder, read_segment
from pytest_mmbench.benchmarks.settings import BAD_ROWS, DATA, BenchmarkOptions
from pytest_mmbench.errors import near
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import LETTERS, Method, Picture, Prompt, Sample
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.likelihood import MostLikely
from pytest_mmbench.scorers.seedbench import FirstCharacter

NAME: Final = "seed-bench"


EDITION: Final = 1
"""Raised when the same file gives other samples or another wording than before."""


DIMENSIONS: Final[Mapping[str, Sequence[str]]] = {
    "image": (
        "Scene Understanding",
        "Instance Identity",
        "Instance Attributes",
        "Instance Location",
        "Instances Counting",
        "Spatial Relation",
        "Instance Interaction",
        "Visual Reasoning",
        "Text Understanding",
    ),
    "video": ("Action Recognition", "Action Prediction", "Procedure Understanding"),
}
"""By `data_type`. Their numbers, counted from 1, are `question_type_id`."""


LEAVES: Final = leaves(NAME, DIMENSIONS)


_IMAGES: Final = (3158, 1831, 4649, 978, 2447, 657, 97, 331, 85)


PUBLISHED: Final[Mapping[str, Sequence[int]]] = {
    "original": (*_IMAGES, 1740, 2077, 1192),
    "screened": (*_IMAGES, 1509, 1225, 1023),
    "images": (*_IMAGES, 0, 0, 0),
}
"""Samples by dimension: 19,242 in the file of July 2023; 17,990 since the videos were screened in
November 2023; 14,233 in VLMEvalKit's file. All three are published, and give other scores."""


FRAMES: Final = {10: "ssv2_8_frame", 11: "kitchen_8_frame", 12: "breakfast_8_frame"}
"""Folders of the eight frames of a question in `v1_video.zip`. The authors do not document that
the folders in these are called after the questions; whoever uses the archive reads it so."""


VIDEOS: Final = {
    10: "SSV2/videos",
    11: "EPIC-KITCHENS/3h91syskeag572hl6tvuovwv4d/videos/test",
    12: "BreakfastII_15fps_qvga_sync",
}
"""Folders of the original videos, as the authors' `eval.py` has them."""


LETTER: Final = "Answer with the option's letter from the given choices directly."


_WHERE: Final = (
    'set data = "PATH" to SEED-Bench.json, SEEDBench_IMG.tsv or the folder of the parquet files, '
    'or data = "lmms-lab/SEED-Bench" to load it from the hub'
)


def numbered(row: Row, leaves: Sequence[str]) -> int:
    """The `question_type_id` of a row, which counts dimensions from 1.

    Raises:
        DataError: there is no such dimension, or `data_type` is of another one.
    """
    number = row.integer("question_type_id")
    if not 1 <= number <= len(leaves):
        raise row.error("question_type_id", f"is {number}, which is no dimension.")
    kind = row.optional("data_type")
    if kind and kebab(kind) != leaves[number - 1].split(".")[1]:
        raise row.error("data_type", f"is {kind!r}, to which dimension {number} does not belong.")
    return number


def choices(row: Row) -> tuple[str, ...]:
    """The options, verbatim: `choice_a` to `choice_d`, or VLMEvalKit's columns A to D.

    Raises:
        DataError: one of them is empty.
    """
    names = LETTERS[:4] if "A" in row.fields else [f"choice_{letter}" for letter in "abcd"]
    return tuple(row.verbatim(name) for name in names)


def answer(row: Row) -> str:
    """The letter of the right option, without the white space that some have around it.

    In the authors' results of GPT-4V it stands beside 19 right answers of SEED-Bench-2: compared as
    they are, its score in Chart Understanding is 45.27 % instead of 46.48 %.

    Raises:
        DataError: it is none of A to D.
    """
    found = row.text("answer").upper()
    if found not in tuple(LETTERS[:4]):
        raise row.error("answer", f"is {found!r}, which is none of A, B, C and D.")
    return found


def lettered(sample: Sample) -> str:
    """Question and options in lmms-eval's words, to be answered with a letter."""
    return f"{sample.question}\n{lettered_lines(sample.options)}\n{LETTER}"


def scorers(scoring: str) -> Mapping[Method, Scorer]:
    """How answers are read: by likelihood, as the authors do, or `strict` or `official` text."""
    return {
        Method.RANK: MostLikely(),
        Method.RANK_MEAN: MostLikely(mean=True),
        Method.RANK_LETTER: MostLikely(),
        Method.GENERATE: FirstCharacter() if scoring == "official" else StrictChoice(lettered=True),
    }


def _number(row: Row) -> int:
    """Of its dimension, which VLMEvalKit's file names instead (by which names: NOT VERIFIED)."""
    if row.optional("question_type_id"):
        return numbered(row, LEAVES)
    names = [name for names in DIMENSIONS.values() for name in names]
    name = row.text("category")
    known = {kebab(each): number for number, each in enumerate(names, 1)}
    known["text-recognition"] = known["text-understanding"]  # the paper's name
    if kebab(name) not in known:
        raise row.error("category", f"is {name!r}, which is no dimension.", **near(name, names))
    return known[kebab(name)]


def _sample(id: str, row: Row, *, clips: VideoDecoder | None) -> Sample:
    number = _number(row)
    return Sample(
        id=id,
        dimension=LEAVES[number - 1],
        question=row.verbatim("question"),
        options=choices(row),
        target=answer(row),
        pictures=_pictures(row, number, name=f"{NAME}/{id}", clips=clips),
        cluster=row.optional("data_id"),
    )


def _pictures(
    row: Row, number: int, *, name: str, clips: VideoDecoder | None
) -> tuple[Picture, ...]:
    """One picture, or the eight frames of a video: in the row, or where the row says."""
    if row.count("image"):
        return row.pictures("image", name=name)
    file = row.text("data_id")
    if number not in FRAMES:
        return (row.file(f"SEED-Bench-image/{file}", file, field="data_id", name=name),)
    if clips is None:
        folder = f"task{number}/{FRAMES[number]}/{row.text('question_id')}"
        return frames_in_folder(row, f"v1_video/{folder}", folder, field="question_id", name=name)
    paths = (f"{VIDEOS[number]}/{file}", file)
    return clips.frames(row, *paths, field="data_id", name=name, segment=read_segment(row))


def _wording(sample: Sample, method: Method) -> Prompt:
    """The authors' prompt for InstructBLIP where texts are ranked, else lmms-eval's."""
    by_text = method in (Method.RANK, Method.RANK_MEAN)
    text = f"Question: {sample.question}\nAnswer:" if by_text else lettered(sample)
    return single_turn(sample.pictures, text)


def known_as(sizes: Mapping[str, int]) -> str:
    """Which of the published files has these counts; the original is what others differ from."""
    found = tuple(sizes.get(path, 0) for path in LEAVES)
    return next((name for name, counts in PUBLISHED.items() if found == counts), "original")


def load(options: Mapping[str, object]) -> PublishedBenchmark:
    """The benchmark with the options of its table in the settings.

    `videos` says what is read where rows hold no pictures: `frames`, the eight of a video that the
    authors cut out, or `files`, the original videos. The revision names the published file.

    Raises:
        SettingsError: `data` is not set, or another option is not known.
        DataError: the data cannot be read.
    """
    told = BenchmarkOptions(
        benchmark=NAME, options=options, known=(DATA, "scoring", "videos", BAD_ROWS)
    )
    scoring = told.word("scoring", ("strict", "official"))
    videos = told.word("videos", ("frames", "files"))
    table = open_table(
        told.data(published_as=_WHERE),
        pictures=("image",),
        split="test",
        called=("SEED-Bench.json", "SEED-Bench-1.json", "SEEDBench_IMG.tsv"),
        bad_rows=told.bad_rows(),
    )
    table.require("question", "answer")
    make = partial(_sample, clips=VideoDecoder() if videos == "files" else None)
    id = "question_id" if "question_id" in table.columns else "index"
    samples = build_samples(table, make, id=id).items
    sizes = Counter(sample.dimension for sample in samples.values())
    nodes = dimensions(NAME, DIMENSIONS, sizes)
    file = known_as(sizes)
    check_counts(table.name, dict(zip(LEAVES, PUBLISHED[file], strict=True)), sizes)
    return PublishedBenchmark(
        name=NAME,
        revision=f"{NAME}-{EDITION} {file} {videos} {table.digest}",
        nodes=nodes,
        samples=samples,
        leaf_ids=ids_by_leaf(samples, nodes),
        prompt=_wording,
        scorers=scorers(scoring),
    )
