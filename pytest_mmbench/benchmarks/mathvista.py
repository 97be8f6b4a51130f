"""MathVista: 1,000 mathematical questions about pictures (`testmini`), by task and by skill.

Lu et al., *MathVista: Evaluating Mathematical Reasoning of Foundation Models in Visual Contexts*
(2024). Read from the hub, from its parquet file, or from the authors' `testmini.json` with the
folder `images` or `images.zip` beside it. Every aggregate is micro; `mathvista` itself is what the
leaderboard calls ALL.

Skills, question types and answer types are views: a question may need several skills. Scores by
skill compare with those that use the labels of today's `testmini.json`; older files have others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pytest_mmbench.benchmarks.dimensions import check_counts, dimensions, kebab, leaf, views
from pytest_mmbench.benchmarks.prompts import bracketed_lines, single_turn
from pytest_mmbench.benchmarks.published import PublishedBenchmark, count_by_leaf, ids_by_leaf
from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.settings import BAD_ROWS, DATA, SPLIT, BenchmarkOptions
from pytest_mmbench.errors import near
from pytest_mmbench.records import Method, Picture, Prompt, Sample, letters
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.mathvista import AnswerType, ExpectedAnswer, NearestChoice, TypedOpen
from pytest_mmbench.scorers.mixed import by_method
from pytest_mmbench.scorers.typed import StrictTyped, read_typed

NAME: Final = "mathvista"


EDITION: Final = 1
"""Raised when the same file gives other samples or another wording than before."""


SPLITS: Final = ("testmini",)
"""Those with answers."""


TASKS: Final[Mapping[str, int]] = {
    "figure question answering": 269,
    "geometry problem solving": 208,
    "math word problem": 186,
    "textbook question answering": 158,
    "visual question answering": 179,
}
"""Samples of each task, counted in the authors' `testmini.json`."""


LABELS: Final[Mapping[str, Mapping[str, int]]] = {
    "skills": {
        "algebraic reasoning": 281,
        "arithmetic reasoning": 353,
        "geometry reasoning": 239,
        "logical reasoning": 37,
        "numeric commonsense": 144,
        "scientific reasoning": 122,
        "statistical reasoning": 301,
    },
    "question_type": {"multi_choice": 540, "free_form": 460},
    "answer_type": {"text": 540, "integer": 418, "float": 40, "list": 2},
}
"""Fields that views are made of, and the samples of each label in the same file."""


LEAVES: Final[Mapping[str, str]] = {task: f"{NAME}.{kebab(task)}" for task in TASKS}
"""Task to its path."""


VIEWS: Final[Mapping[str, Mapping[str, str]]] = {
    field: {label: leaf(NAME, field, label) for label in labels} for field, labels in LABELS.items()
}
"""Field and label to their path."""


COUNTS: Final[Mapping[str, int]] = {LEAVES[task]: count for task, count in TASKS.items()}
"""Samples by leaf, as published."""


SEEN: Final[Mapping[str, int]] = {
    VIEWS[field][label]: count
    for field, labels in LABELS.items()
    for label, count in labels.items()
}
"""Samples by view, as published."""


NEW_TOKENS: Final = 512
"""Of a generated answer, as the authors' `generate_response.py` has it."""


EMBEDDED: Final = "decoded_image"
"""The hub's column of pictures; elsewhere `image` names a file."""


HINTS: Final[Mapping[str, str]] = {
    "text": "Please answer the question and provide the correct option letter, "
    "e.g., A, B, C, D, at the end.",
    "integer": "Please answer the question requiring an integer answer and provide the final "
    "value, e.g., 1, 2, 3, at the end.",
    "float 1": "Please answer the question requiring a floating-point number with one decimal "
    "place and provide the final value, e.g., 1.2, 1.3, 1.4, at the end.",
    "float 2": "Please answer the question requiring a floating-point number with two decimal "
    "places and provide the final value, e.g., 1.23, 1.34, 1.45, at the end.",
    "list": "Please answer the question requiring a Python list as an answer and provide the "
    "final list, e.g., [1, 2, 3], [1.2, 1.3, 1.4], at the end.",
}
"""The authors' hints, by type of answer and number of decimals (`build_query.py`)."""


PROMPTS: Final = ("query", "solution")


_WHERE: Final = (
    'set data = "PATH" to testmini.json, to the parquet file, or to the folder of either, '
    'or data = "AI4Math/MathVista" to load it from the hub'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is made of one row."""

    sample: Sample
    kind: str
    """Of its answer: a key of `HINTS`."""
    unit: str
    """Of its answer, such as `years`; empty if none was published."""
    seen_in: tuple[str, ...]
    """Its views."""

    @property
    def wanted(self) -> ExpectedAnswer:
        """What an open question wants."""
        return _wanted(self.kind)


def _wanted(kind: str) -> ExpectedAnswer:
    type, _, decimals = kind.partition(" ")
    return ExpectedAnswer(type=AnswerType(type), precision=int(decimals or 0))


def _question(id: str, row: Row, *, embedded: bool) -> Question:
    row = _flat(row)
    options = row.texts("choices")
    if bool(options) != (row.text("question_type") == "multi_choice"):
        raise row.error("choices", f"holds {len(options)}, which is not what question_type says.")
    picture = row.picture(EMBEDDED, name=f"{NAME}/{id}") if embedded else _file(id, row)
    kind = _kind(row)
    sample = Sample(
        id=id,
        dimension=_path(row, "task", row.text("task"), LEAVES),
        question=row.verbatim("question"),
        options=options,
        target=_letter(row, options) if options else _value(row, kind),
        pictures=(picture,),
    )
    return Question(
        sample=sample,
        kind=kind,
        unit=row.optional("unit"),
        seen_in=tuple(
            _path(row, field, label, paths)
            for field, paths in VIEWS.items()
            for label in row.several(field)
        ),
    )


def _flat(row: Row) -> Row:
    """The row with its `metadata` beside its other fields."""
    inside = row.fields.get("metadata")
    if not isinstance(inside, Mapping):
        raise row.error("metadata", "is no record.")
    return replace(row, fields={**inside, **row.fields})


def _path(row: Row, field: str, label: str, paths: Mapping[str, str]) -> str:
    if label not in paths:
        raise row.error(field, f"is {label!r}, which MathVista has not.", **near(label, paths))
    return paths[label]


def _answer(row: Row) -> str:
    said = row.optional("answer")
    if not said:
        raise row.error("answer", "is withheld, as all answers of the split test are.")
    return said


def _letter(row: Row, options: Sequence[str]) -> str:
    """Of the option whose text is the answer."""
    said = _answer(row)
    texts = [each.strip() for each in options]
    if said not in texts:
        raise row.error("answer", f"is {said!r}, which is none of the choices.")
    return letters(options)[texts.index(said)]


def _value(row: Row, kind: str) -> str:
    said = _answer(row)
    if not read_typed(said, _wanted(kind)):
        raise row.error("answer", f"is {said!r}, which is no {kind.partition(' ')[0]}.")
    return said


def _file(id: str, row: Row) -> Picture:
    return row.file(row.text("image"), field="image", name=f"{NAME}/{id}")


def _kind(row: Row) -> str:
    kind = row.text("answer_type")
    kind += f" {row.integer('precision')}" if kind == "float" else ""
    if kind not in HINTS:
        raise row.error("answer_type", f"is {kind!r}, for which there is no hint.")
    return kind


def _wording(question: Question, sample: Sample, method: Method, *, prompt: str) -> Prompt:
    """One of the authors' two prompts, both without examples.

    `query` is the one that the hub and `query.json` hold, and that the published results of
    multimodal models were made with: its hint comes first. `solution` is what `build_query.py`
    writes, and lmms-eval with it: the hint comes last, before `Solution:`. There is no published
    wording for ranking texts: the hint, which asks for a letter, is left out.
    """
    unit = f" (Unit: {question.unit})" if question.unit else ""
    asked = f"Question: {sample.question}{unit}"
    listed = f"Choices:\n{bracketed_lines(sample.options)}" if sample.options else ""
    by_text = bool(sample.options) and method in (Method.RANK, Method.RANK_MEAN)
    hint = "" if by_text else f"Hint: {HINTS[question.kind]}"
    first = prompt == PROMPTS[0]
    parts = (hint, asked, listed) if first else (asked, listed, hint, "Solution:")
    return single_turn(sample.pictures, "\n".join(part for part in parts if part))


def load(options: Mapping[str, object]) -> PublishedBenchmark:
    """The benchmark with the options of its table in the settings.

    Raises:
        SettingsError: `data` is not set, or another option is not known.
        DataError: the data cannot be read.
    """
    known = (DATA, SPLIT, "prompt", "scoring", BAD_ROWS)
    told = BenchmarkOptions(benchmark=NAME, options=options, known=known)
    prompt = told.word("prompt", PROMPTS)
    official = told.word("scoring", ("strict", "official")) == "official"
    table = open_table(
        told.data(published_as=_WHERE),
        pictures=(EMBEDDED,),
        split=told.split(SPLITS),
        bad_rows=told.bad_rows(),
    )
    table.require("pid", "question", "choices", "answer", "question_type", "metadata")
    embedded = EMBEDDED in table.columns
    found = build_samples(
        table, lambda pid, row: _question(pid, row, embedded=embedded), id="pid"
    ).items
    samples = {id: question.sample for id, question in found.items()}
    seen_in = {id: question.seen_in for id, question in found.items()}
    sizes = count_by_leaf(samples, seen_in)
    nodes = (*dimensions(NAME, dict.fromkeys(TASKS, ()), sizes), *views(NAME, LABELS, sizes))
    wanted = {id: each.wanted for id, each in found.items() if not each.sample.options}
    check_counts(table.name, COUNTS, sizes, views=SEEN)
    return PublishedBenchmark(
        name=NAME,
        revision=f"{NAME}-{EDITION} {prompt} {table.digest}",
        nodes=nodes,
        samples=samples,
        leaf_ids=ids_by_leaf(samples, nodes, seen_in),
        prompt=lambda sample, method: _wording(found[sample.id], sample, method, prompt=prompt),
        scorers=by_method(choice=NearestChoice(), open=TypedOpen(wanted=wanted))
        if official
        else by_method(choice=StrictChoice(lettered=True), open=StrictTyped(wanted=wanted)),
        new_tokens=NEW_TOKENS,
    )
