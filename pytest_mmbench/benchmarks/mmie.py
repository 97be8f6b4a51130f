"""MMIE: 20,103 questions in texts and pictures, whose answers are texts and pictures too.

Xia et al., *MMIE: Massive Multimodal Interleaved Comprehension Benchmark for Large Vision-Language
Models* (2024). Read from the authors' `data.json` with the folder `images` beside it, or from the
hub, which has the records without their pictures. No source was found that shows a record of
`data.json`: its fields are those that lmms-eval reads (NOT VERIFIED).

Its answers are judged by a scoring model, MMIE-Score, from 0 to 6 by a rubric for each category.
Without it every dimension is skipped; the tree, the prompts and the references are there. A
category's published percentage is its mean, to three decimals, of 6; the average is micro.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import PurePosixPath
from typing import ClassVar, Final, Literal

from pytest_mmbench.benchmarks.dimensions import dimensions, kebab, leaf_path
from pytest_mmbench.benchmarks.prompts import interleaved
from pytest_mmbench.benchmarks.published import BenchmarkSpec, PublishedData, PublishedSample
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.errors import near
from pytest_mmbench.records import Answer, Mark, Method, Prompt, Sample, Score, Turn

NAME: Final = "mmie"
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
LONG_NAMES: Final[Mapping[str, str]] = {
    "mathematics": "math",
    "electrical-engineering-and-computer-science": "eecs",
}
"""Fields that the authors' README calls by a longer name than their figures do."""
LEAVES: Final[Mapping[str, Mapping[str, str]]] = {
    code: {kebab(field): leaf_path(NAME, CATEGORIES[code], field) for field in fields}
    for code, fields in FIELDS.items()
}
"""By category and field."""
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
SKIP_REASON: Final = (
    "answers are judged by a scoring model, MMIE-Score, and models that judge are not supported"
)
NEW_TOKENS: Final = 1024
"""Of an answer, as lmms-eval has it; the authors say nothing of it."""
ROLES: Final[Mapping[str, Literal["user", "assistant"]]] = {"human": "user", "gpt": "assistant"}
MARK: Final = re.compile(r"<image (?P<number>\d+)>")
"""Where a picture of a turn stands in its text, counted from 1 in each turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    text: str
    """With a mark where each picture stands."""
    pictures: tuple[str, ...]
    """Their paths."""


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Calls every answer unparseable: no judge reads it."""

    rule: ClassVar[str] = ""

    def __call__(self, sample: Sample, answer: Answer) -> Score:  # noqa: ARG002 - no answer is read
        """Unparseable, whatever it is."""
        return Score(sample=sample.id, mark=Mark.UNPARSEABLE, answer="")


def _sample(id: str, row: Row) -> PublishedSample[tuple[Message, ...]]:
    """Its question is the last message before the reference, which is its target."""
    content = row.fields.get("conversations")
    messages = [_message(turn, row) for turn in (content if isinstance(content, list) else [])]
    if [message.role for message in messages[-2:]] != ["user", "assistant"]:
        raise row.error("conversations", "does not end with a question and its reference.")
    if not all(message.text for message in messages):
        raise row.error("conversations", "holds a turn in which nothing is said.")
    *earlier, question, reference = messages
    paths = [path for message in (*earlier, question) for path in message.pictures]
    return PublishedSample(
        sample=Sample(
            id=id,
            dimension=_dimension(id, row),
            question=question.text,
            options=(),
            target=reference.text,
            pictures=tuple(
                row.file(path, field="conversations", name=f"{NAME}/{id}-{number}")
                for number, path in enumerate(paths, start=1)
            ),
            cluster=PurePosixPath(paths[0]).as_posix() if paths else "",
        ),
        extra=tuple(earlier),
    )


def _message(turn: object, row: Row) -> Message:
    match turn:
        case {"from": "human" | "gpt" as speaker, "content": list(segments)}:
            pass
        case {"from": "human" | "gpt" as speaker, "content": str(content)}:
            segments = [{"text": content}]
        case _:
            raise row.error("conversations", "holds a turn without from (human, gpt) or content.")
    lines: list[str] = []
    pictures: list[str] = []
    for segment in segments:
        if not isinstance(segment, Mapping):
            raise row.error("conversations", "holds a segment without text and image.")
        if segment.get("text"):
            lines.append(str(segment["text"]).strip())
        if segment.get("image"):
            pictures.append(str(segment["image"]))
            lines.append(f"<image {len(pictures)}>")
    text = "\n".join(filter(None, lines))
    return Message(role=ROLES[speaker], text=text, pictures=tuple(pictures))


def _dimension(id: str, row: Row) -> str:
    category = _category(id, row)
    name = row.text("field")
    field = LONG_NAMES.get(kebab(name), kebab(name))
    if field not in LEAVES[category]:
        problem = f"is {name!r}, which is no field of {CATEGORIES[category]}."
        raise row.error("field", problem, **near(name, FIELDS[category]))
    return LEAVES[category][field]


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


def prompt(sample: Sample, _: Method, data: PublishedData[tuple[Message, ...]]) -> Prompt:
    """lmms-eval's prompt: what was said and shown, in its order and without a word added.

    The authors publish none. lmms-eval shows the last question alone; what was said before it is
    asked too here, as the conversation that it is.
    """
    earlier = data.extras[sample.id]
    ends = accumulate((len(message.pictures) for message in earlier), initial=0)
    pictures = [
        sample.pictures[start:end] for start, end in pairwise([*ends, len(sample.pictures)])
    ]
    texts = (*(message.text for message in earlier), sample.question)
    roles = (*(message.role for message in earlier), ROLES["human"])
    return Prompt(
        turns=tuple(
            Turn(role=role, parts=interleaved(text, shown, MARK, missing="").turns[0].parts)
            for role, text, shown in zip(roles, texts, pictures, strict=True)
        )
    )


SPEC: Final = BenchmarkSpec(
    name=NAME,
    version=1,
    published_as=(
        'set data = "PATH" to data.json or its folder, with images.tar.gz unpacked beside it, '
        'or data = "MMIE/MMIE" to load its texts from the hub'
    ),
    table=lambda options: options.table(
        pictures=(), columns=("id", "field", "conversations"), split="train", called=("data.json",)
    ),
    samples=lambda table, _: build_samples(table, _sample, id="id").items,
    tree=lambda data: tuple(
        replace(node, skip_reason=SKIP_REASON)
        for node in dimensions(
            NAME, {CATEGORIES[code]: fields for code, fields in FIELDS.items()}, data.sizes
        )
    ),
    counts=lambda _: COUNTS,
    prompt=prompt,
    scorers=lambda _: dict.fromkeys(
        (Method.GENERATE, Method.RANK_LETTER, Method.RANK, Method.RANK_MEAN), Unjudged()
    ),
    new_tokens=NEW_TOKENS,
)
load = SPEC.load
