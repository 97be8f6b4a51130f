"""AI2D: 3,088 questions (test) about the diagrams of school books, four options each.

Kembhavi et al., *A Diagram Is Worth A Dozen Images* (2016). Read from VLMEvalKit's TSV, from
lmms-lab's parquet file or the hub, or from the authors' folder or `ai2d-all.zip` with
`ai2d_test_ids.csv` beside it. The published metric is one accuracy; leaves are kinds of diagrams.

Many questions are about letters that stand for labels of the diagram. Two ways of drawing them are
in use, and give other scores: over a white box that hides the label (`mask`), or beside a box
around it (`no-mask`). The authors' own pictures show the labels, and no letters (`original`). A run
says which it was; how lmms-lab's pictures are drawn was not verified.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from pytest_mmbench.benchmarks.dimensions import dimensions, kebab
from pytest_mmbench.benchmarks.multiple_choice import options_of, target_letter
from pytest_mmbench.benchmarks.prompts import question_and_letters, single_turn
from pytest_mmbench.benchmarks.published import BenchmarkSpec, PublishedData, scorers_by_method
from pytest_mmbench.benchmarks.readers.folders import Files, open_files, read_json, read_text
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.readers.text_files import read_json_files
from pytest_mmbench.benchmarks.settings import SCORING, SCORINGS, BenchmarkOptions
from pytest_mmbench.errors import DataError, MMBenchWarning
from pytest_mmbench.files import expand
from pytest_mmbench.records import Dimension, Method, Picture, Prompt, Sample
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.choice_scorer import FILTERED_LETTER

NAME: Final = "ai2d"
QUESTIONS: Final = 3088
"""In the test split; those of each kind were not verified."""
PICTURES: Final = ("mask", "no-mask", "original")
UNSTATED: Final = "mask or no-mask unstated"
ORIGINAL: Final = "questions/*.json"
TEST: Final = "ai2d_test_ids.csv"
"""Numbers of the diagrams of the test split, one to a line."""
_TEST_FROM: Final = f"https://s3-us-east-2.amazonaws.com/prior-datasets/{TEST}"
KINDS: Final = "categories.json"
"""The kind of each diagram, by the name of its file."""
PER_DIAGRAM: Final = 100
"""VLMEvalKit numbers questions by diagram and place: question 4 of `123.png` is 12304."""
INDEX: Final = "index"
COLUMNS: Final = "ABCD"
NEW_TOKENS: Final = 16
"""Of a generated answer, as lmms-eval has it."""
_ID: Final = re.compile(r"(?P<diagram>\d{1,9})\.\w+-(?P<place>\d{1,9})")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _table(options: BenchmarkOptions) -> Table:
    table = _any_layout(options)
    table.require("question", "answer")
    if INDEX in table.columns:
        return table
    # The columns stay the file's: such an id says nothing of diagrams.
    indexed = table.extended(lambda row: {INDEX: str(row.number)})
    return replace(indexed, columns=table.columns)


def _any_layout(options: BenchmarkOptions) -> Table:
    path = expand(options.data())
    if path.is_dir() or path.suffix.lower() == ".zip":
        files = open_files(options.data(), allowed=options.picture_folders())
        if files.names(ORIGINAL) or not path.is_dir():
            return _authors_table(files, path.parent, options)
    return options.table(pictures=("image",), split="test")


def _authors_table(files: Files, folder: Path, options: BenchmarkOptions) -> Table:
    """The authors' questions of the test split, with the fields that other layouts have."""
    inside = files.names(TEST)
    if not inside and not (folder / TEST).is_file():
        raise DataError(
            f"{files.name} does not say which of its diagrams are in the test split.",
            missing=TEST,
            what_to_do=f"download {_TEST_FROM} into that folder",
        )
    text = read_text(files, inside[0]) if inside else read_text(open_files(str(folder)), TEST)
    test_diagrams = frozenset(line.strip().partition(".")[0] for line in text.splitlines())
    diagrams = read_json_files(files, ORIGINAL, bad_rows=options.bad_rows())
    test = diagrams.where(lambda row: row.text("imageName").partition(".")[0] in test_diagrams)
    names = files.names(KINDS)
    kinds = read_json(files, names[0]) if names else {}
    if not isinstance(kinds, dict):
        raise DataError(f"{names[0]} of {files.name} is no object.", file=names[0])
    return test.unfolded("questions", key="question").extended(partial(_fields, kinds=kinds))


def _fields(row: Row, *, kinds: Mapping[str, object]) -> dict[str, object]:
    id = _ID.fullmatch(row.text("questionId"))
    if not id:
        raise row.error("questionId", f"is {row.text('questionId')!r}, and not like '123.png-4'.")
    return {
        INDEX: str(int(id["diagram"]) * PER_DIAGRAM + int(id["place"])),
        "options": row.texts("answerTexts"),
        "answer": row.text("correctAnswer"),
        "category": kinds.get(row.text("imageName"), ""),
    }


def _sample(id: str, row: Row, *, numbered: bool, by_kind: bool) -> Sample:
    options = options_of(row, "options", columns=COLUMNS)
    return Sample(
        id=id,
        dimension=_dimension(row.text("category")) if by_kind else NAME,
        question=row.verbatim("question"),
        options=options,
        target=target_letter(row, "answer", options),
        pictures=(_picture(id, row),),
        cluster=str(row.integer(INDEX) // PER_DIAGRAM) if numbered else "",
    )


def _dimension(kind: str) -> str:
    """`foodChainsWebs` lies at `ai2d.food-chains-webs`."""
    return f"{NAME}.{kebab(_HUMP.sub(' ', kind))}"


def _picture(id: str, row: Row) -> Picture:
    """The picture in the row, or the one in the folder `images` beside the authors' questions."""
    name = f"{NAME}/{id}"
    file = row.optional("imageName")
    if not file:
        return row.picture("image", name=name)
    questions, _ = row.source.location(row.number)
    path = f"{questions.rpartition('questions/')[0]}images/{file}"
    return row.file(path, field="imageName", name=name)


def tree(data: PublishedData[None]) -> tuple[Dimension, ...]:
    """The kinds of diagrams by name, if the rows have them."""
    kinds = sorted({row.optional("category") for row in data.table.rows} - {""})
    groups = dict.fromkeys((_dimension(kind).partition(".")[2] for kind in kinds), ())
    return dimensions(NAME, groups, data.sizes)


def _lettering(data: PublishedData[None]) -> str:
    lettering = recognised_lettering(data.options.data(), data.table)
    return data.options.word("pictures", tuple(dict.fromkeys((lettering, *PICTURES))))


def recognised_lettering(data: str, table: Table) -> str:
    """How the letters of labels are drawn, as far as the name of the data tells."""
    if "imageName" in table.columns:
        return "original"
    names = f"{Path(data).name} {Path(table.name).name}".lower().replace("_", "-")
    if "no-mask" in names:
        return "no-mask"
    return "mask" if "ai2d-test" in names else UNSTATED


def _warn_of_missing_letters(data: PublishedData[None]) -> None:
    rows = data.table.rows
    lettered = sum(row.fields.get("abcLabel") is True for row in rows)
    if lettered and _lettering(data) == "original":
        message = (
            f"{data.table.name}: {lettered} of {len(rows)} questions are about letters that the "
            "authors' pictures do not show. Published scores are of pictures in which they are "
            "drawn, such as those of AI2D_TEST.tsv."
        )
        warnings.warn(MMBenchWarning(message), stacklevel=2)


def prompt(sample: Sample, method: Method, _: PublishedData[None]) -> Prompt:
    """lmms-eval's prompt."""
    return single_turn(sample.pictures, question_and_letters(sample, method))


SPEC: Final[BenchmarkSpec[None]] = BenchmarkSpec(
    name=NAME,
    version=1,
    published_as=(
        'set data = "PATH" to AI2D_TEST.tsv, to a parquet file or to the authors\' folder ai2d, '
        'or data = "lmms-lab/ai2d" to load it from the hub'
    ),
    options={"pictures": (), SCORING: SCORINGS},
    table=_table,
    samples=lambda table, _: (
        build_samples(
            table,
            partial(
                _sample,
                numbered=INDEX in table.columns,
                by_kind=any(row.optional("category") for row in table.rows),
            ),
            id=INDEX,
        ).items
    ),
    tree=tree,
    counts=lambda _: {NAME: QUESTIONS},
    warn=_warn_of_missing_letters,
    edition=_lettering,
    variant=lambda data: _lettering(data) + (" pictures" if _lettering(data) != UNSTATED else ""),
    prompt=prompt,
    scorers=lambda data: scorers_by_method(
        choice=FILTERED_LETTER if data.options.official else StrictChoice()
    ),
    new_tokens=NEW_TOKENS,
)
load = SPEC.load
"""`pictures` says how the letters of labels are drawn, where the name of the data does not."""
