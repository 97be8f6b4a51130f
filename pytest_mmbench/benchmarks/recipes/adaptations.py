"""What has to be done to published rows before their columns can be named.

Each function takes a table and gives one with further columns, or with fewer rows. None reads a
picture. A recipe names them in `adapt`.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final

from pytest_mmbench.benchmarks.mmmu import DISCIPLINES
from pytest_mmbench.benchmarks.multiple_choice import InlineQuestion, read_options
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import near
from pytest_mmbench.records import LETTERS

POPE_PARTS: Final = ("adversarial", "popular", "random")
FEWEST_LETTERS: Final = 4
"""Options of a LogicVista question that does not say how many its picture shows."""
_ENDING: Final = re.compile(
    r"\n\s*(?:Please )?answer (?:directly )?with (?:only )?(?:the (?:option's )?letter|a single)"
    r"[^\n]*\s*\Z",
    re.IGNORECASE,
)
"""The published sentence that asks for a letter or word; the wording has one of its own."""
_MARK: Final = re.compile(r"<image>")
_LETTERS: Final = re.compile(r"\(\s*([A-I])\s*\)|\b[A-I]\s*(?:-|to)\s*([A-I])\b")
"""`(C)`, or the end of `A-D`."""
_LISTED: Final = re.compile(r"\bA(?:,\s*[B-I])+,?\s*(?:and|or)\s+([B-I])\b")
"""The end of `A, B, C and D`."""


def _pope_part(table: Table) -> Table:
    """The part of a row, which only the name of its file tells."""

    def part(row: Row) -> Mapping[str, object]:
        name = PurePosixPath(row.location("part")["file"]).stem.rpartition("_")[2]
        if name not in POPE_PARTS:
            problem = f"is not known: {row.location('part')['file']} names none."
            raise row.error("part", problem, **near(name, POPE_PARTS))
        return {"part": name}

    return table.extended(part)


def _mmmu_discipline(table: Table) -> Table:
    """The discipline of a subject."""
    known = {subject: name for name, subjects in DISCIPLINES.items() for subject in subjects}

    def discipline(row: Row) -> Mapping[str, object]:
        subject = row.text("subject")
        if subject not in known:
            problem = f"is {subject!r}, which is no subject of MMMU."
            raise row.error("subject", problem, **near(subject, known))
        return {"discipline": known[subject]}

    return table.extended(discipline)


def _flat_options(table: Table) -> Table:
    """Options as a list; one question of MMMU-Pro has a list in its list."""

    def flat(row: Row) -> Mapping[str, object]:
        texts = row.texts("options")
        inner = Row(number=row.number, fields={"options": texts[0]}, source=row.source)
        return {"options": inner.texts("options") if len(texts) == 1 else texts}

    return table.extended(flat)


def _inline_options(table: Table) -> Table:
    """Options that stand in the question, and the question without them."""
    name = "question" if "question" in table.columns else "text"

    def split(row: Row) -> Mapping[str, object]:
        question = _split_options(_ENDING.sub("", row.verbatim(name)))
        return {"stem": question.stem, "options": question.options}

    return table.extended(split)


def _split_options(text: str) -> InlineQuestion:
    """A question with its options, one to a line, that has no heading before them."""
    first = re.search(r"\n\s*(?=\(?A[.)])", text)
    if not first:
        return InlineQuestion(stem=text.strip(), options=())
    stem, options = text[: first.start()], text[first.end() :]
    inline = read_options(f"Options: {options}")
    return InlineQuestion(stem=stem.strip() if inline.options else text, options=inline.options)


def _numbered_marks(table: Table) -> Table:
    """`<image>` becomes `<image 1>` and so on, through question and options."""

    def number(row: Row) -> Mapping[str, object]:
        numbers = count(1)

        def texts(*written: str) -> tuple[str, ...]:
            return tuple(_MARK.sub(lambda _: f"<image {next(numbers)}>", each) for each in written)

        (question,) = texts(row.verbatim("question"))
        return {"numbered question": question, "numbered options": texts(*row.texts("options"))}

    return table.extended(number)


def _letters_in_question(table: Table) -> Table:
    """The letters that a question of LogicVista offers, if its answer is one of them.

    Three ask for two letters, one for a number. One record has no question and no answer.
    """

    def offered(row: Row) -> Mapping[str, object]:
        question = row.text("question")
        found = [match[1] or match[2] for match in _LETTERS.finditer(question)]
        found += _LISTED.findall(question)
        last = max(map(LETTERS.index, found), default=0) + 1
        letters = tuple(LETTERS[: max(last, FEWEST_LETTERS)])
        return {"letters": letters if row.text("answer") in letters else ()}

    return table.where(lambda row: bool(row.optional("answer"))).extended(offered)


def _expressions(table: Table) -> Table:
    """A row for each expression by which people refer to an object of RefCOCO.

    A file name ends with the number of the object: what stands before it is the picture.
    """

    def referred(row: Row) -> Mapping[str, object]:
        expressions = row.texts("answer")
        return {
            "expressions": [
                {"asked": f'Which part of the picture is "{each}"?'} for each in expressions
            ],
            "pictured": row.optional("file_name").rpartition("_")[0],
        }

    return table.extended(referred).unfolded("expressions", key="place")


def _order_group(table: Table) -> Table:
    """What the rows share that ask one question of HR-Bench with its options in another order.

    Two pictures may have a question and its options in common; then the first of each order belong
    together, and so on.
    """
    asked: Counter[tuple[object, ...]] = Counter()

    def group(row: Row) -> Mapping[str, object]:
        options = sorted(map(row.optional, "ABCD"))
        key = (row.text("question"), *options)
        order = (*key, *map(row.optional, "ABCD"))
        asked[order] += 1
        content = repr((key, asked[order])).encode("utf-8", "surrogatepass")
        return {"asked": hashlib.sha256(content).hexdigest()}

    return table.extended(group)


ADAPTATIONS: Final[Mapping[str, Callable[[Table], Table]]] = MappingProxyType(
    {
        # The letter of `(B)`.
        "bare-answer": lambda table: table.extended(
            lambda row: {"letter": row.text("answer").strip("()")}
        ),
        "expressions": _expressions,
        "flat-options": _flat_options,
        "inline-options": _inline_options,
        "letters-in-question": _letters_in_question,
        "mmmu-discipline": _mmmu_discipline,
        "numbered-marks": _numbered_marks,
        "order-group": _order_group,
        "pope-part": _pope_part,
        # The others ask what a model knows by itself.
        "with-figure": lambda table: table.where(lambda row: row.optional("visual_input") != "0"),
    }
)
"""By the word that recipes use."""


def with_constants(table: Table, constants: Mapping[str, str]) -> Table:
    """The table with these columns, which are the same in all rows."""
    return table.extended(lambda _: constants) if constants else table


def with_id(table: Table, columns: Sequence[str]) -> tuple[Table, str]:
    """A table, and its column of ids: joined from these columns, or the number of each row."""
    if len(columns) == 1:
        return table, columns[0]
    name = "/".join(columns) or "number of the row"

    def id_of(row: Row) -> Mapping[str, object]:
        return {name: "/".join(map(row.text, columns)) or str(row.number)}

    return table.extended(id_of), name
