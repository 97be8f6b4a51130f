"""AI2D: 3,088 questions (test) about the diagrams of school books, four options each.

Kembhavi et al., *A Diagram Is Worth A Dozen Images* (2016). Read from VLMEvalKit's TSV, from
lmms-lab's parquet file or the hub, or from the authors' folder or `ai2d-all.zip` with
`ai2d_test_ids.csv` in the folder. The published metric is one accuracy over all questions; leaves
are the kinds of diagrams, where the data say of which kind each is.

Many questions are about letters that stand for labels of the diagram. Two ways of drawing them are
in use, and give other scores: over a white box that hides the label (`mask`), or beside a box
around it (`no-mask`). The authors' own pictures show the labels, and no letters (`original`). A run
says which it was; how lmms-lab's pictures are drawn was not verified.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from pytest_mmbench.benchmarks.dimensions import check_counts, dimensions, kebab
from pytest_mmbench.benchmarks.multiple_choice import options_of, scorers_by_method, target_letter
from pytest_mmbench.benchmarks.prompts import lettered_lines, single_turn
from pytest_mmbench.benchmarks.published import PublishedBenchmark, count_by_leaf, ids_by_leaf
from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.folders import Files, open_files, read_json, read_text
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.readers.text_files import read_json_files
from pytest_mmbench.benchmarks.settings import BAD_ROWS, DATA, BenchmarkOptions
from pytest_mmbench.errors import DataError, MMBenchWarning
from pytest_mmbench.files import expand
from pytest_mmbench.records import BadRows, Method, Picture, Prompt, Sample
from pytest_mmbench.scorers.ai2d import FilteredLetter
from pytest_mmbench.scorers.choice import StrictChoice

NAME: Final = "ai2d"


REVISION: Final = 1
"""Raised when the same file gives other samples or another wording than before."""


QUESTIONS: Final = 3088
"""In the test split; how many there are of each kind was not verified."""


PICTURES: Final = ("mask", "no-mask", "original")
"""How the letters of labels are drawn."""


UNSTATED: Final = "mask or no-mask unstated"


ORIGINAL: Final = "questions/*.json"
"""The authors' files, one for each diagram."""


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


_LETTER: Final = "Answer with the option's letter from the given choices directly."


_WHERE: Final = (
    'set data = "PATH" to AI2D_TEST.tsv, to a parquet file or to the authors\' folder ai2d, '
    'or data = "lmms-lab/ai2d" to load it from the hub'
)


_ID: Final = re.compile(r"(?P<diagram>\d+)\.\w+-(?P<place>\d+)")


_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _sample(id: str, row: Row, *, numbered: bool, by_kind: bool) -> Sample:
    options = options_of(row, "options", columns=COLUMNS)
    return Sample(
        id=id,
        dimension=_path(row.text("category")) if by_kind else NAME,
        question=row.verbatim("question"),
        options=options,
        target=target_letter(row, "answer", options),
        pictures=(_picture(id, row),),
        cluster=str(row.integer(INDEX) // PER_DIAGRAM) if numbered else "",
    )


def _path(kind: str) -> str:
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


def _wording(sample: Sample, method: Method) -> Prompt:
    """lmms-eval's prompt.

    There is no published wording for ranking texts: the last sentence is left out.
    """
    by_text = method in (Method.RANK, Method.RANK_MEAN)
    options = lettered_lines(sample.options)
    last = "" if by_text else f"\n{_LETTER}"
    return single_turn(sample.pictures, f"{sample.question}\n{options}{last}")


def _open(data: str, bad_rows: BadRows) -> Table:
    """The questions of the test split, in the layout in which they lie there."""
    path = expand(data)
    if path.is_dir() or path.suffix.lower() == ".zip":
        files = open_files(data)
        if files.names(ORIGINAL) or not path.is_dir():
            return _original(files, beside=path.parent, bad_rows=bad_rows)
    return open_table(data, pictures=("image",), split="test", bad_rows=bad_rows)


def _original(files: Files, *, beside: Path, bad_rows: BadRows) -> Table:
    """The authors' questions of the test split, with the fields that other layouts have."""
    wanted = _wanted(files, beside)
    diagrams = read_json_files(files, ORIGINAL, bad_rows=bad_rows)
    test = diagrams.where(lambda row: row.text("imageName").partition(".")[0] in wanted)
    made = partial(_fields, kinds=_kinds(files))
    return test.unfolded("questions", key="question").extended(made)


def _kinds(files: Files) -> Mapping[str, object]:
    """The kinds of diagrams; none if nothing says them."""
    named = files.names(KINDS)
    found = read_json(files, named[0]) if named else {}
    if not isinstance(found, dict):
        raise DataError(f"{named[0]} of {files.name} is no object.", file=named[0])
    return found


def _wanted(files: Files, beside: Path) -> frozenset[str]:
    """Numbers of the diagrams of the test split."""
    inside = files.names(TEST)
    if not inside and not (beside / TEST).is_file():
        raise DataError(
            f"{files.name} does not say which of its diagrams are in the test split.",
            missing=TEST,
            what_to_do=f"download {_TEST_FROM} into that folder",
        )
    text = read_text(files, inside[0]) if inside else read_text(open_files(str(beside)), TEST)
    return frozenset(line.strip().partition(".")[0] for line in text.splitlines())


def _fields(row: Row, *, kinds: Mapping[str, object]) -> dict[str, object]:
    found = _ID.fullmatch(row.text("questionId"))
    if not found:
        raise row.error("questionId", f"is {row.text('questionId')!r}, and not like '123.png-4'.")
    return {
        INDEX: str(int(found["diagram"]) * PER_DIAGRAM + int(found["place"])),
        "options": row.texts("answerTexts"),
        "answer": row.text("correctAnswer"),
        "category": kinds.get(row.text("imageName"), ""),
    }


def recognised(data: str, table: Table) -> str:
    """How the letters of labels are drawn, by the name of the data, as far as that tells."""
    if "imageName" in table.columns:
        return "original"
    names = f"{Path(data).name} {Path(table.name).name}".lower().replace("_", "-")
    if "no-mask" in names:
        return "no-mask"
    return "mask" if "ai2d-test" in names else UNSTATED


def _warn_of_unlettered(table: Table) -> None:
    lettered = sum(row.fields.get("abcLabel") is True for row in table.rows)
    if lettered:
        told = (
            f"{table.name}: {lettered} of {len(table.rows)} questions are about letters that the "
            "authors' pictures do not show. Published scores are of pictures in which they are "
            "drawn, such as those of AI2D_TEST.tsv."
        )
        warnings.warn(MMBenchWarning(told), stacklevel=2)


def load(options: Mapping[str, object]) -> PublishedBenchmark:
    """The benchmark with the options of its table in the settings.

    `pictures` says how the letters of labels are drawn, where that cannot be told from the name of
    the data.

    Raises:
        SettingsError: `data` is not set, or another option is not known.
        DataError: the data cannot be read.
    """
    told = BenchmarkOptions(
        benchmark=NAME, options=options, known=(DATA, "pictures", "scoring", BAD_ROWS)
    )
    official = told.word("scoring", ("strict", "official")) == "official"
    data = told.data(published_as=_WHERE)
    table = _open(data, told.bad_rows())
    table.require("question", "answer")
    drawn = told.word("pictures", tuple(dict.fromkeys((recognised(data, table), *PICTURES))))
    numbered = INDEX in table.columns
    if not numbered:
        table = table.extended(lambda row: {INDEX: str(row.number)})
    kinds = sorted({row.optional("category") for row in table.rows} - {""})
    make = partial(_sample, numbered=numbered, by_kind=bool(kinds))
    samples = build_samples(table, make, id=INDEX).items
    sizes = count_by_leaf(samples)
    groups = dict.fromkeys((_path(kind).partition(".")[2] for kind in kinds), ())
    nodes = dimensions(NAME, groups, sizes)
    check_counts(table.name, {NAME: QUESTIONS}, {NAME: len(samples)})
    if drawn == "original":
        _warn_of_unlettered(table)
    return PublishedBenchmark(
        name=NAME,
        revision=f"{NAME}-{REVISION} {drawn} {table.digest}",
        nodes=nodes,
        samples=samples,
        leaf_ids=ids_by_leaf(samples, nodes),
        prompt=_wording,
        scorers=scorers_by_method(
            generated=FilteredLetter() if official else StrictChoice(lettered=True)
        ),
        new_tokens=NEW_TOKENS,
        variant=drawn if drawn == UNSTATED else f"{drawn} pictures",
    )
