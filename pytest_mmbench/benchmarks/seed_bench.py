"""SEED-Bench: twelve dimensions of pictures and videos, each question with four options.

Li et al., *SEED-Bench: Benchmarking Multimodal LLMs with Generative Comprehension* (2023). Read
from the authors' JSON file with its pictures and frames beside it, from lmms-lab's parquet files or
the hub, or from VLMEvalKit's TSV file, which holds the image questions alone. Every aggregate is
micro, as the authors' leaderboard computes it.

The authors' measure is the likelihood of each option's text: summed over tokens by their LAVIS
interfaces (`rank`), averaged by the one for Hugging Face models (`rank-mean`). Generated answers
have lmms-eval's prompt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from pytest_mmbench.benchmarks.dimensions import axis_paths, dimensions, kebab
from pytest_mmbench.benchmarks.multiple_choice import letter_of_four
from pytest_mmbench.benchmarks.prompts import question_and_letters, ranks_texts, single_turn
from pytest_mmbench.benchmarks.published import BenchmarkSpec, PublishedData
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.readers.video import VideoDecoder, frames_in_folder, read_segment
from pytest_mmbench.benchmarks.settings import SCORING, SCORINGS, BenchmarkOptions
from pytest_mmbench.errors import near
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import LETTERS, Method, Picture, Prompt, Sample
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.choice_scorer import FIRST_CHARACTER
from pytest_mmbench.scorers.likelihood import MostLikely

NAME: Final = "seed-bench"
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
LEAVES: Final = tuple(axis_paths(NAME, DIMENSIONS).values())
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


def dimension_number(row: Row, leaves: Sequence[str]) -> int:
    """The `question_type_id`, which counts dimensions from 1 and has to agree with `data_type`."""
    number = row.integer("question_type_id")
    if not 1 <= number <= len(leaves):
        raise row.error("question_type_id", f"is {number}, which is no dimension.")
    data_type = row.optional("data_type")
    if data_type and kebab(data_type) != leaves[number - 1].split(".")[1]:
        problem = f"is {data_type!r}, to which dimension {number} does not belong."
        raise row.error("data_type", problem)
    return number


def choices_of(row: Row) -> tuple[str, ...]:
    """The options, verbatim: `choice_a` to `choice_d`, or VLMEvalKit's columns A to D."""
    names = LETTERS[:4] if "A" in row.fields else [f"choice_{letter}" for letter in "abcd"]
    return tuple(row.verbatim(name) for name in names)


def scorers_of(options: BenchmarkOptions) -> Mapping[Method, Scorer]:
    """Likelihood is the authors' measure."""
    return {
        Method.RANK: MostLikely(),
        Method.RANK_MEAN: MostLikely(mean=True),
        Method.RANK_LETTER: MostLikely(),
        Method.GENERATE: FIRST_CHARACTER if options.official else StrictChoice(),
    }


def _sample(id: str, row: Row, *, clips: VideoDecoder | None) -> Sample:
    if row.optional("question_type_id"):
        number = dimension_number(row, LEAVES)
    else:
        number = _number_of_category(row)
    return Sample(
        id=id,
        dimension=LEAVES[number - 1],
        question=row.verbatim("question"),
        options=choices_of(row),
        target=letter_of_four(row),
        pictures=_pictures(row, number, name=f"{NAME}/{id}", clips=clips),
        cluster=row.optional("data_id"),
    )


def _number_of_category(row: Row) -> int:
    """VLMEvalKit's file names dimensions instead (by which names: NOT VERIFIED)."""
    names = [name for names in DIMENSIONS.values() for name in names]
    category = row.text("category")
    numbers = {kebab(name): number for number, name in enumerate(names, 1)}
    numbers["text-recognition"] = numbers["text-understanding"]  # the paper's name
    if kebab(category) not in numbers:
        problem = f"is {category!r}, which is no dimension."
        raise row.error("category", problem, **near(category, names))
    return numbers[kebab(category)]


def _pictures(
    row: Row, number: int, *, name: str, clips: VideoDecoder | None
) -> tuple[Picture, ...]:
    """One picture, or the eight frames of a video."""
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


def recognised_file(sizes: Mapping[str, int]) -> str:
    """Which of the published files has these counts; the original is what others differ from."""
    counts = tuple(sizes.get(path, 0) for path in LEAVES)
    return next((name for name, known in PUBLISHED.items() if counts == known), "original")


def prompt(sample: Sample, method: Method, _: PublishedData[None]) -> Prompt:
    """The authors' prompt for InstructBLIP where texts are ranked, else lmms-eval's."""
    if ranks_texts(method):
        return single_turn(sample.pictures, f"Question: {sample.question}\nAnswer:")
    return single_turn(sample.pictures, question_and_letters(sample, method))


SPEC: Final[BenchmarkSpec[None]] = BenchmarkSpec(
    name=NAME,
    version=1,
    published_as=(
        'set data = "PATH" to SEED-Bench.json, SEEDBench_IMG.tsv or the folder of the parquet '
        'files, or data = "lmms-lab/SEED-Bench" to load it from the hub'
    ),
    options={SCORING: SCORINGS, "videos": ("frames", "files")},
    table=lambda options: options.table(
        pictures=("image",),
        columns=("question", "answer"),
        split="test",
        called=("SEED-Bench.json", "SEED-Bench-1.json", "SEEDBench_IMG.tsv"),
    ),
    samples=lambda table, options: (
        build_samples(
            table,
            partial(_sample, clips=VideoDecoder() if options.word("videos") == "files" else None),
            id="question_id" if "question_id" in table.columns else "index",
        ).items
    ),
    tree=lambda data: dimensions(NAME, DIMENSIONS, data.sizes),
    counts=lambda data: dict(zip(LEAVES, PUBLISHED[recognised_file(data.sizes)], strict=True)),
    edition=lambda data: f"{recognised_file(data.sizes)} {data.options.word('videos')}",
    prompt=prompt,
    scorers=lambda data: scorers_of(data.options),
)
load = SPEC.load
"""`videos` says what is read where rows hold no pictures: `frames`, the eight of a video that the
authors cut out, or `files`, the original videos. The revision names the published file."""
