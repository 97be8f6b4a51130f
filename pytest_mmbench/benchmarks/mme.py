"""MME: 1,187 pictures with two questions of yes or no about each, 14 subtasks of two abilities.

Fu et al., *MME: A Comprehensive Evaluation Benchmark for Multimodal Large Language Models* (2023).
Read from `MME_Benchmark_release_version.zip` or its folder, from the files of the authors' tool
with the pictures beside them, from lmms-lab's parquet or the hub, or from VLMEvalKit's TSV.

A subtask's score is 100 times its accuracy and 100 times its accuracy+, the share of pictures both
of whose questions are right; perception is the sum of ten subtasks and cognition that of four
(`calculation.py` of the authors' `eval_tool`). Thresholds are fractions of the full score: 200,
2000 and 800. The whole is the sum of both, which some papers print and the authors do not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Final

from pytest_mmbench.benchmarks.dimensions import axis_paths, dimensions, leaf_counts
from pytest_mmbench.benchmarks.prompts import single_turn
from pytest_mmbench.benchmarks.published import BenchmarkSpec, PublishedData, PublishedSample
from pytest_mmbench.benchmarks.readers.folders import open_files
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_grouped_samples
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.readers.text_files import read_line_files
from pytest_mmbench.benchmarks.settings import SCORING, SCORINGS, BenchmarkOptions
from pytest_mmbench.errors import near
from pytest_mmbench.files import expand
from pytest_mmbench.records import Average, Method, Prompt, Sample, Unit, letters
from pytest_mmbench.scorers.likelihood import MostLikely
from pytest_mmbench.scorers.yes_no import OPENING_YES_NO, STRICT_YES_NO

NAME: Final = "mme"
PUBLISHED: Final[Mapping[str, Mapping[str, int]]] = {
    "perception": {
        "existence": 60,
        "count": 60,
        "position": 60,
        "color": 60,
        "posters": 294,
        "celebrity": 340,
        "scene": 400,
        "landmark": 400,
        "artwork": 400,
        "OCR": 40,
    },
    "cognition": {
        "commonsense_reasoning": 140,
        "numerical_calculation": 40,
        "text_translation": 40,
        "code_reasoning": 40,
    },
}
"""Abilities, their subtasks as the authors' folders are called, and the questions of each."""
LEAVES: Final = axis_paths(NAME, PUBLISHED)
"""By subtask."""
COUNTS: Final = leaf_counts(NAME, PUBLISHED)
"""By leaf: 2,374."""
FULL: Final = 200
"""Score of a subtask."""
WORDS: Final = ("Yes", "No")
PER_PICTURE: Final = 2
"""Questions about each picture."""
NEW_TOKENS: Final = 16
"""Of a generated answer, as lmms-eval has it; the authors say nothing of it."""
ENDING: Final = re.compile(r"\s*Please answer yes or no\.\s*$", re.IGNORECASE)
"""What every question ends with. It takes the place of options: it stays when a question goes."""
QUESTION_FOLDER: Final = "questions_answers_YN"
"""Folder of the questions of five subtasks, whose pictures are in `images` beside it."""
SUFFIXES: Final = (".jpg", ".png", ".jpeg")
IMAGE_NAME: Final = "image name"
"""Column of the files of the evaluation tool: image name, question, answer, and the response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MMEPicture:
    """The picture of a row."""

    subtask: str
    id: str
    """`subtask/name`, without suffix: the same in all layouts and for both questions."""
    files: tuple[str, ...] = ()
    """Where it may lie; none if it lies in the row."""


def _picture_of(row: Row) -> MMEPicture:
    file = PurePosixPath(row.optional("file"))
    files: tuple[str, ...] = ()
    if not file.name:
        subtask = row.text("category")
        stem = PurePosixPath(row.text("question_id", "image_path")).stem
    elif IMAGE_NAME in row.fields:
        path = PurePosixPath(row.text(IMAGE_NAME))
        subtask, stem = file.stem, path.stem
        files = (f"{subtask}/{path}", f"{subtask}/images/{path}")
    else:
        subtask, stem = _subtask_folder(file), file.stem
        apart = file.parent.name == QUESTION_FOLDER
        folder = file.parent.with_name("images") if apart else file.parent
        files = tuple(f"{folder / stem}{suffix}" for suffix in SUFFIXES)
    return MMEPicture(subtask=subtask, id=f"{subtask}/{stem}", files=files)


def _subtask_folder(file: PurePosixPath) -> str:
    return (file.parent.parent if file.parent.name == QUESTION_FOLDER else file.parent).name


def _table(options: BenchmarkOptions) -> Table:
    # The release may hold the tool, whose files are others.

    def holds_one_picture(file: str) -> bool:
        return _subtask_folder(PurePosixPath(file)) in LEAVES

    def holds_subtask(file: str) -> bool:
        return PurePosixPath(file).stem in LEAVES

    path = expand(options.data())
    columns = ("question", "answer")
    if path.is_dir() or path.suffix.lower() == ".zip":
        files = open_files(options.data(), allowed=options.picture_folders())
        names = files.names("*.txt")
        read = partial(read_line_files, files, "*.txt", bad_rows=options.bad_rows())
        if any(map(holds_one_picture, names)):
            return read(columns, select=holds_one_picture)
        if any(map(holds_subtask, names)):
            return read((IMAGE_NAME, *columns), optional=["response"], select=holds_subtask)
    return options.table(pictures=("image",), columns=(*columns, "category", "image"), split="test")


def _pair(id: str, rows: Sequence[Row]) -> list[PublishedSample[str]]:
    if len(rows) != PER_PICTURE:
        problem = f"is one of {len(rows)} about {id}, and MME asks two about each picture."
        raise rows[0].error("question", problem)
    subtask = _picture_of(rows[0]).subtask
    if subtask not in LEAVES:
        problem = f"is {subtask!r}, which is no subtask of MME."
        raise rows[0].error("category", problem, **near(subtask, LEAVES))
    return [_sample(id, number, row) for number, row in enumerate(rows, start=1)]


def _sample(id: str, number: int, row: Row) -> PublishedSample[str]:
    picture = _picture_of(row)
    question = row.verbatim("question")
    ending = ENDING.search(question)
    answer = row.text("answer")
    # The authors compare answers in lower case.
    known = dict(zip(map(str.lower, WORDS), letters(WORDS), strict=True))
    if answer.lower() not in known:
        raise row.error("answer", f"is {answer!r}, which is neither Yes nor No.")
    name, files = f"{NAME}/{picture.id}", picture.files
    shown = row.file(*files, field="image", name=name) if files else row.picture("image", name=name)
    return PublishedSample(
        sample=Sample(
            id=f"{id}/{number}",
            dimension=LEAVES[picture.subtask],
            question=question[: ending.start()] if ending else question,
            options=WORDS,
            target=known[answer.lower()],
            pictures=(shown,),
            cluster=id,
            unit=id,
        ),
        extra=ending[0] if ending else "",
    )


def prompt(sample: Sample, _: Method, data: PublishedData[str]) -> Prompt:
    """The authors' prompt: the question as they publish it, which asks for yes or no itself.

    The words are ranked after the same prompt. Letters have no place in it, and are not ranked.
    """
    return single_turn(sample.pictures, f"{sample.question}{data.extras[sample.id]}".lstrip())


SPEC: Final = BenchmarkSpec(
    name=NAME,
    version=1,
    published_as=(
        'set data = "PATH" to MME_Benchmark_release_version.zip or its folder, to the parquet file '
        'or MME.tsv, or data = "lmms-lab/MME" to load it from the hub'
    ),
    options={SCORING: SCORINGS},
    table=_table,
    samples=lambda table, _: {
        question.sample.id: question
        for pair in build_grouped_samples(
            table, _pair, by=lambda row: _picture_of(row).id
        ).items.values()
        for question in pair
    },
    tree=lambda data: dimensions(
        NAME,
        {ability: tuple(subtasks) for ability, subtasks in PUBLISHED.items()},
        data.sizes,
        average=Average.MACRO,
        unit=Unit.PAIR,
        scale=FULL,
    ),
    counts=lambda _: COUNTS,
    prompt=prompt,
    scorers=lambda data: {
        Method.GENERATE: OPENING_YES_NO if data.options.official else STRICT_YES_NO,
        Method.RANK: MostLikely(),
        Method.RANK_MEAN: MostLikely(mean=True),
    },
    new_tokens=NEW_TOKENS,
)
load = SPEC.load
