"""MMIE: 20,103 questions in texts and pictures, whose answers are texts and pictures too.

Xia et al., *MMIE: Massive Multimodal Interleaved Comprehension Benchmark for Large Vision-Language
Models* (2024). Read from the authors' `data.json` with the folder `images` beside it, or from the
hub, which has the records without their pictures. No source was found that shows a record of
`data.json`: its fields are those that lmms-eval reads (NOT VERIFIED).

Its answers are judged by a scoring model, MMIE-Score, from 0 to 6 by a rubric for each category.
Without it nothing can be said of an answer, so every dimension is skipped, with that reason. The
tree, the prompts and the references are there. A category's published percentage is its mean, to
three decimals, of 6; the average is over all samples, whatever their category: micro.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import PurePosixPath
from typing import ClassVar, Final, Literal

from pytest_mmbench.benchmarks.dimensions import check_counts, dimensions, kebab, leaf
from pytest_mmbench.benchmarks.prompts import interleaved
from pytest_mmbench.benchmarks.published import PublishedBenchmark, count_by_leaf, ids_by_leaf
from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.settings import BAD_ROWS, DATA, BenchmarkOptions
from pytest_mmbench.errors import near
from pytest_mmbench.records import Answer, Mark, Method, Prompt, Sample, Score, Turn

NAME: Final = "mmie"


EDITION: Final = 1
"""Raised when the same file gives other samples or another wording than before."""


CATEGORIES: Final[Mapping[str, str]] = {
    "SA": "situational analysis",
    "PBL": "project-based learning",
    "MSR": "multi-step reasoning",
}
"""What an id holds, and the category that it means. The authors look for them in this order
(`main.py`), so that an id with SA in it is of the first whatever else it holds."""


FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "SA": ("Literature",),
    "PBL": ("Education", "Finance", "Health", "EECS", "Art", "Sports", "Philosophy"),
    "MSR": ("Math", "Statistics", "Physics", "Coding"),
}
"""The 12 fields; how the file writes them is NOT VERIFIED."""


LONG: Final[Mapping[str, str]] = {
    "mathematics": "math",
    "electrical-engineering-and-computer-science": "eecs",
}
"""Fields that the authors' README calls by a longer name than their figures do."""


LEAVES: Final[Mapping[str, Mapping[str, str]]] = {
    code: {kebab(field): leaf(NAME, CATEGORIES[code], field) for field in fields}
    for code, fields in FIELDS.items()
}
"""Category and field to their path."""


REASONING: Final = f"{NAME}.{kebab(CATEGORIES['MSR'])}"


COUNTS: Final[Mapping[str, int]] = {
    **dict(
        zip(
            (*LEAVES["SA"].values(), *LEAVES["PBL"].values()),
            (5005, 2835, 2604, 2000, 1792, 1304, 895, 52),
            strict=True,
        )
    ),
    REASONING: 3616,
}
"""Samples by leaf, as the authors' figure has them; of reasoning's fields only their sum is
published."""


FULL: Final = 6
"""The highest score of one answer."""


JUDGED: Final = "answers are judged by a scoring model, MMIE-Score, and none is asked to judge yet"


NEW_TOKENS: Final = 1024
"""Of an answer, as lmms-eval has it; the authors say nothing of it."""


ROLES: Final[Mapping[str, Literal["user", "assistant"]]] = {"human": "user", "gpt": "assistant"}


MARK: Final = re.compile(r"<image (?P<number>\d+)>")
"""Where a picture of a turn stands in its text, counted from 1 in each turn."""


_WHERE: Final = (
    'set data = "PATH" to data.json or its folder, with images.tar.gz unpacked beside it, '
    'or data = "MMIE/MMIE" to load its texts from the hub'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    text: str
    """With a mark where each picture stands."""
    pictures: tuple[str, ...]
    """Paths of its pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is made of one row."""

    sample: Sample
    """Its question is what is said last before the reference, its target the reference."""
    before: tuple[Said, ...]
    """What was said before it."""


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Says of every answer that it was not read."""

    rule: ClassVar[str] = ""

    def __call__(self, sample: Sample, answer: Answer) -> Score:  # noqa: ARG002 - no answer is read
        """Unreadable, whatever it is."""
        return Score(sample=sample.id, mark=Mark.UNPARSEABLE, answer="")


def _question(id: str, row: Row) -> Question:
    *before, asked, reference = _turns(row)
    paths = [path for said in (*before, asked) for path in said.pictures]
    sample = Sample(
        id=id,
        dimension=_dimension(id, row),
        question=asked.text,
        options=(),
        target=reference.text,
        pictures=tuple(
            row.file(path, field="conversations", name=f"{NAME}/{id}-{number}")
            for number, path in enumerate(paths, start=1)
        ),
        cluster=PurePosixPath(paths[0]).as_posix() if paths else "",
    )
    return Question(sample=sample, before=tuple(before))


def _turns(row: Row) -> list[Said]:
    found = row.fields.get("conversations")
    turns = [_said(turn, row) for turn in (found if isinstance(found, list) else [])]
    if [turn.role for turn in turns[-2:]] != ["user", "assistant"]:
        raise row.error("conversations", "does not end with a question and its reference.")
    if not all(turn.text for turn in turns):
        raise row.error("conversations", "holds a turn in which nothing is said.")
    return turns


def _said(turn: object, row: Row) -> Said:
    match turn:
        case {"from": "human" | "gpt" as speaker, "content": list(segments)}:
            pieces = [piece for segment in segments for piece in _pieces(segment, row)]
        case {"from": "human" | "gpt" as speaker, "content": str(text)}:
            pieces = [(text, False)]
        case _:
            raise row.error("conversations", "holds a turn without from (human, gpt) or content.")
    return _joined(ROLES[speaker], pieces)


def _pieces(segment: object, row: Row) -> Iterator[tuple[str, bool]]:
    """A text, and whether it is the path of a picture: the text of a segment comes first."""
    if not isinstance(segment, Mapping):
        raise row.error("conversations", "holds a segment without text and image.")
    for key in ("text", "image"):
        if segment.get(key):
            yield str(segment[key]), key == "image"


def _joined(role: Literal["user", "assistant"], pieces: Sequence[tuple[str, bool]]) -> Said:
    pictures = tuple(piece for piece, pictured in pieces if pictured)
    marks = (f"<image {number}>" for number, _ in enumerate(pictures, start=1))
    lines = (next(marks) if pictured else piece.strip() for piece, pictured in pieces)
    return Said(role=role, text="\n".join(filter(None, lines)), pictures=pictures)


def _dimension(id: str, row: Row) -> str:
    code = _category(id, row)
    said = row.text("field")
    field = LONG.get(kebab(said), kebab(said))
    if field not in LEAVES[code]:
        problem = f"is {said!r}, which is no field of {CATEGORIES[code]}."
        raise row.error("field", problem, **near(said, FIELDS[code]))
    return LEAVES[code][field]


def _category(id: str, row: Row) -> str:
    """By the id, as the authors have it; by `category`, also misspelt, if the id names none."""
    named = kebab(row.optional("category", "catagory"))
    by_name = [code for code, name in CATEGORIES.items() if named in (kebab(name), code.lower())]
    by_id = [code for code in CATEGORIES if code in id][:1]
    if not by_id and not by_name:
        raise row.error("id", f"is {id!r}, which names none of {', '.join(CATEGORIES)}.")
    if by_id and by_name and by_id != by_name:
        raise row.error("category", f"is {CATEGORIES[by_name[0]]}, and the id {id} says otherwise.")
    return (by_id or by_name)[0]


def _wording(before: Sequence[Said], sample: Sample) -> Prompt:
    """lmms-eval's prompt: what was said and shown, in its order and without a word added.

    The authors publish none. lmms-eval shows the last question alone; what was said before it is
    asked too here, as the conversation that it is.
    """
    ends = accumulate((len(said.pictures) for said in before), initial=0)
    bounds = [*ends, len(sample.pictures)]
    texts = (*(said.text for said in before), sample.question)
    roles = (*(said.role for said in before), ROLES["human"])
    shown = [sample.pictures[start:end] for start, end in pairwise(bounds)]
    turns = (
        Turn(role=role, parts=interleaved(text, pictures, MARK, missing="").turns[0].parts)
        for role, text, pictures in zip(roles, texts, shown, strict=True)
    )
    return Prompt(turns=tuple(turns))


def load(options: Mapping[str, object]) -> PublishedBenchmark:
    """The benchmark with the options of its table in the settings.

    Raises:
        SettingsError: `data` is not set, or another option is not known.
        DataError: the data cannot be read.
    """
    told = BenchmarkOptions(benchmark=NAME, options=options, known=(DATA, BAD_ROWS))
    table = open_table(
        told.data(published_as=_WHERE),
        pictures=(),
        split="train",
        called=("data.json",),
        bad_rows=told.bad_rows(),
    )
    table.require("id", "field", "conversations")
    questions = build_samples(table, _question, id="id").items
    samples = {id: question.sample for id, question in questions.items()}
    sizes = count_by_leaf(samples)
    groups = {CATEGORIES[code]: fields for code, fields in FIELDS.items()}
    nodes = tuple(replace(node, skip_reason=JUDGED) for node in dimensions(NAME, groups, sizes))
    reasoning = sum(sizes[path] for path in LEAVES["MSR"].values())
    check_counts(table.name, COUNTS, {**sizes, REASONING: reasoning})
    return PublishedBenchmark(
        name=NAME,
        revision=f"{NAME}-{EDITION} {table.digest}",
        nodes=nodes,
        samples=samples,
        leaf_ids=ids_by_leaf(samples, nodes),
        prompt=lambda sample, _: _wording(questions[sample.id].before, sample),
        scorers=dict.fromkeys(
            (Method.GENERATE, Method.RANK_LETTER, Method.RANK, Method.RANK_MEAN), Unjudged()
        ),
        new_tokens=NEW_TOKENS,
    )
