"""MME: 1,187 pictures with two questions of yes or no about each, 14 subtasks of two abilities.

Fu et al., *MME: A Comprehensive Evaluation Benchmark for Multimodal Large Language Models* (2023).
Read from the authors' archive `MME_Benchmark_release_version.zip` or its folder, from the files of
their evaluation tool with the pictures beside them, from lmms-lab's parquet or the hub, or from
VLMEvalKit's TSV.

A subtask's score is 100 times its accuracy and 100 times its accuracy+, the share of pictures both
of whose questions are right; perception is the sum of ten subtasks and cognition that of four
(`calculation.py` of the authors' `eval_tool`). Thresholds are fractions of the full score: 200,
2000 and 800. The whole is the sum of both, which some papers print and the authors do not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from pytest_mmbench.benchmarks.dimensions import check_counts, dimensions, leaf
from pytest_mmbench.benchmarks.prompts import single_turn
from pytest_mmbench.benchmarks.published import PublishedBenchmark, count_by_leaf, ids_by_leaf
from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.folders import open_files
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_grouped_samples
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.readers.text_files import read_line_files
from pytest_mmbench.benchmarks.settings import BAD_ROWS, DATA, BenchmarkOptions
from pytest_mmbench.errors import near
from pytest_mmbench.files import expand
from pytest_mmbench.records import Average, BadRows, Method, Picture, Prompt, Sample, Unit, letters
from pytest_mmbench.scorers.likelihood import MostLikely
from pytest_mmbench.scorers.yes_no import OpeningYesNo, StrictYesNo

NAME: Final = "mme"


EDITION: Final = 1
"""Raised when the same file gives other samples or another wording than before."""


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


LEAVES: Final[Mapping[str, str]] = {
    subtask: leaf(NAME, ability, subtask)
    for ability, subtasks in PUBLISHED.items()
    for subtask in subtasks
}
"""Subtask to its path."""


COUNTS: Final[Mapping[str, int]] = {
    LEAVES[subtask]: count for subtasks in PUBLISHED.values() for subtask, count in subtasks.items()
}
"""Samples by leaf, as published: 2,374."""


FULL: Final = 200
"""The authors' full score of a subtask."""


WORDS: Final = ("Yes", "No")


ASKED: Final = 2
"""Questions about each picture."""


NEW_TOKENS: Final = 16
"""Of a generated answer, as lmms-eval has it; the authors say nothing of it."""


ENDING: Final = re.compile(r"\s*Please answer yes or no\.\s*$", re.IGNORECASE)
"""What every question ends with. It takes the place of options: it stays when a question goes."""


APART: Final = "questions_answers_YN"
"""Folder of the questions of five subtasks, whose pictures are in `images` beside it."""


SUFFIXES: Final = (".jpg", ".png", ".jpeg")


NAMED: Final = "image name"
"""Column of the files of the evaluation tool: image name, question, answer, and the response."""


_WHERE: Final = (
    'set data = "PATH" to MME_Benchmark_release_version.zip or its folder, to the parquet file '
    'or MME.tsv, or data = "lmms-lab/MME" to load it from the hub'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a row is about."""

    subtask: str
    picture: str
    """Its name without folders and suffix: so all layouts call it the same."""
    files: tuple[str, ...] = ()
    """Where it may lie; none if it lies in the row."""

    @property
    def id(self) -> str:
        """Of the picture."""
        return f"{self.subtask}/{self.picture}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is made of one row."""

    sample: Sample
    ending: str
    """As it was published after the question; empty if it is missing."""


def _place(row: Row) -> Place:
    file = PurePosixPath(row.optional("file"))
    if not file.name:
        named = PurePosixPath(row.text("question_id", "image_path"))
        return Place(subtask=row.text("category"), picture=named.stem)
    if NAMED in row.fields:
        named = PurePosixPath(row.text(NAMED))
        either = (f"{file.stem}/{named}", f"{file.stem}/images/{named}")
        return Place(subtask=file.stem, picture=named.stem, files=either)
    apart = file.parent.name == APART
    beside = file.parent.with_name("images") if apart else file.parent
    files = tuple(f"{beside / file.stem}{suffix}" for suffix in SUFFIXES)
    return Place(subtask=_folder(file), picture=file.stem, files=files)


def _folder(file: PurePosixPath) -> str:
    """The subtask in whose folder the questions about a picture lie."""
    return (file.parent.parent if file.parent.name == APART else file.parent).name


def _pair(id: str, rows: Sequence[Row]) -> tuple[Question, ...]:
    if len(rows) != ASKED:
        problem = f"is one of {len(rows)} about {id}, and MME asks two about each picture."
        raise rows[0].error("question", problem)
    subtask = _place(rows[0]).subtask
    if subtask not in LEAVES:
        problem = f"is {subtask!r}, which is no subtask of MME."
        raise rows[0].error("category", problem, **near(subtask, LEAVES))
    return tuple(_question(id, number, row) for number, row in enumerate(rows, start=1))


def _question(id: str, number: int, row: Row) -> Question:
    place = _place(row)
    asked = row.verbatim("question")
    ending = ENDING.search(asked)
    sample = Sample(
        id=f"{id}/{number}",
        dimension=LEAVES[place.subtask],
        question=asked[: ending.start()] if ending else asked,
        options=WORDS,
        target=_letter(row),
        pictures=(_picture(place, row),),
        cluster=id,
        unit=id,
    )
    return Question(sample=sample, ending=ending[0] if ending else "")


def _letter(row: Row) -> str:
    """Of the answer, which the authors compare in lower case."""
    said = row.text("answer")
    known = dict(zip(map(str.lower, WORDS), letters(WORDS), strict=True))
    if said.lower() not in known:
        raise row.error("answer", f"is {said!r}, which is neither Yes nor No.")
    return known[said.lower()]


def _picture(place: Place, row: Row) -> Picture:
    name = f"{NAME}/{place.id}"
    if place.files:
        return row.file(*place.files, field="image", name=name)
    return row.picture("image", name=name)


def _wording(sample: Sample, ending: str) -> Prompt:
    """The authors' prompt: the question as they publish it, which asks for yes or no itself.

    The words are ranked after the same prompt. Letters have no place in it, and are not ranked.
    """
    return single_turn(sample.pictures, f"{sample.question}{ending}".lstrip())


def _released(file: str) -> bool:
    """Whether it holds the questions about one picture."""
    return _folder(PurePosixPath(file)) in LEAVES


def _of_tool(file: str) -> bool:
    """Whether it holds all questions of a subtask, as the evaluation tool reads them."""
    return PurePosixPath(file).stem in LEAVES


def _table(data: str, bad_rows: BadRows) -> Table:
    """The rows of whichever layout it is. The release may hold the tool, whose files are others."""
    path = expand(data)
    if path.is_dir() or path.suffix.lower() == ".zip":
        files = open_files(data)
        texts = files.names("*.txt")
        columns = ("question", "answer")
        if any(map(_released, texts)):
            return read_line_files(files, "*.txt", columns, select=_released, bad_rows=bad_rows)
        if any(map(_of_tool, texts)):
            every = (NAMED, *columns)
            return read_line_files(
                files, "*.txt", every, optional=["response"], select=_of_tool, bad_rows=bad_rows
            )
    table = open_table(data, pictures=("image",), split="test", bad_rows=bad_rows)
    table.require("question", "answer", "category", "image")
    return table


def load(options: Mapping[str, object]) -> PublishedBenchmark:
    """The benchmark with the options of its table in the settings.

    Raises:
        SettingsError: `data` is not set, or another option is not known.
        DataError: the data cannot be read.
    """
    told = BenchmarkOptions(benchmark=NAME, options=options, known=(DATA, "scoring", BAD_ROWS))
    official = told.word("scoring", ("strict", "official")) == "official"
    table = _table(told.data(published_as=_WHERE), told.bad_rows())
    pairs = build_grouped_samples(table, _pair, by=lambda row: _place(row).id).items
    questions = {each.sample.id: each for pair in pairs.values() for each in pair}
    samples = {id: question.sample for id, question in questions.items()}
    sizes = count_by_leaf(samples)
    groups = {ability: tuple(subtasks) for ability, subtasks in PUBLISHED.items()}
    nodes = dimensions(NAME, groups, sizes, average=Average.MACRO, unit=Unit.PAIR, scale=FULL)
    check_counts(table.name, COUNTS, sizes)
    return PublishedBenchmark(
        name=NAME,
        revision=f"{NAME}-{EDITION} {table.digest}",
        nodes=nodes,
        samples=samples,
        leaf_ids=ids_by_leaf(samples, nodes),
        prompt=lambda sample, _: _wording(sample, questions[sample.id].ending),
        scorers={
            Method.GENERATE: OpeningYesNo() if official else StrictYesNo(),
            Method.RANK: MostLikely(),
            Method.RANK_MEAN: MostLikely(mean=True),
        },
        new_tokens=NEW_TOKENS,
    )
