"""What the columns of a file of questions most likely hold, and why: a draft for people to check.

A column is taken by its name if its content does not speak against it, and by its content alone
where that leaves no doubt: pictures, and lists of options.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pytest_mmbench.benchmarks.dimensions import kebab
from pytest_mmbench.benchmarks.questions.guess_answer import GuessedAnswer, guess_answer
from pytest_mmbench.benchmarks.readers.pictures import is_picture
from pytest_mmbench.benchmarks.readers.rows import Row, field_text
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError
from pytest_mmbench.records import LETTERS

NAMES: Final[Mapping[str, Sequence[str]]] = {
    "id": ("id", "qid", "question_id", "sample_id", "uid", "uuid", "index", "idx", "file_name"),
    "picture": (
        *("picture", "image", "img", "photo", "file_name", "filename", "file", "image_path"),
        *("path", "pictures", "images"),
    ),
    "question": ("question", "ask", "query", "prompt", "problem", "instruction", "text"),
    "options": ("options", "choices", "candidates", "alternatives"),
    "target": (
        *("target", "answer", "key", "label", "ground_truth", "gt_answer", "gt", "gold"),
        *("correct", "correct_answer", "solution", "answers", "bbox", "bounding_box"),
    ),
    "accepted": ("accepted", "aliases", "other_answers"),
    "capability": (
        *("capability", "category", "skill", "axis", "subject", "topic", "domain", "task"),
        *("group", "type"),
    ),
    "cluster": ("cluster", "image_id", "document_id", "document", "scene"),
}
"""By key of [columns], names of columns in small letters, the likeliest first."""
_OPTION: Final = re.compile(r"(?:option|choice|opt|candidate)?[_ ]?(?P<place>[a-z]|[0-9]{1,2})")
FEWEST_OPTIONS: Final = 2
UNIQUE: Final = ", none twice"
"""How the reason for a column ends that could be the id."""
MOST_LABELS: Final = 50
"""Of a column of capabilities, or half of the rows if they are fewer."""
SHARE: Final = 0.9
"""Of rows that have to hold a picture, for a column of pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessedColumn:
    """A line of [columns]."""

    key: str
    columns: tuple[str, ...]
    """Empty where no column was found for what every question needs."""
    reason: str


class TableGuess:
    """What a table most likely holds."""

    def __init__(self, table: Table) -> None:
        self.table = table

    @cached_property
    def columns(self) -> tuple[GuessedColumn, ...]:
        """A line for each key that has a column, and for those that need one."""
        lines: list[GuessedColumn] = []
        free = list(self.table.columns)
        for key, accepts in self._checks().items():
            if key == "options":
                names, reason = self._options(free)
            else:
                names, reason = self._by_name(key, free, accepts)
            if names or key in ("id", "picture", "question", "target"):
                lines.append(GuessedColumn(key=key, columns=names, reason=reason))
            # The name of a picture's file may be the id as well.
            free = [name for name in free if name not in names or key == "id"]
        return tuple(lines)

    @property
    def unused(self) -> tuple[str, ...]:
        """Columns that hold nothing that is known."""
        used = {name for line in self.columns for name in line.columns}
        return tuple(name for name in self.table.columns if name not in used)

    @cached_property
    def answer(self) -> GuessedAnswer:
        """The words for `answer` and `scoring`, and the reasons for them."""
        columns = {line.key: line.columns for line in self.columns}
        if "options" in columns:
            options = columns["options"]
            rows = self.table.rows
            # `[]` is a list without any.
            texts = [[field_text(row.fields.get(name)).strip() for name in options] for row in rows]
            has_options = [any(text not in ("", "[]") for text in each) for each in texts]
            opened = [
                row for row, is_closed in zip(rows, has_options, strict=True) if not is_closed
            ]
            reason = f"there are options in {len(rows) - len(opened)} of {len(rows)} rows"
            other = self._open_answer(opened).answer if opened else ""
            return GuessedAnswer(answer="choice", reason=reason, open_answer=other)
        return self._open_answer(self.table.rows)

    def _open_answer(self, rows: Sequence[Row]) -> GuessedAnswer:
        names = [name for line in self.columns if line.key == "target" for name in line.columns]
        with suppress(DataError):
            return guess_answer([row.several(name) for row in rows for name in names])
        return guess_answer([])

    def _checks(self) -> Mapping[str, Callable[[str], str]]:
        """By key, in the order of the table: gives the reason for a column, empty if none."""

        def unique_reason(name: str) -> str:
            reason = self._filled_reason(name)
            return reason if reason.endswith(UNIQUE) else ""

        return {
            "id": unique_reason,
            "picture": self._picture_reason,
            "question": self._filled_reason,
            "options": self._filled_reason,
            "target": self._filled_reason,
            "accepted": self._filled_reason,
            "capability": self._label_reason,
            "cluster": self._filled_reason,
        }

    def _by_name(
        self, key: str, free: Sequence[str], accepts: Callable[[str], str]
    ) -> tuple[tuple[str, ...], str]:
        known = {name: re.sub(r"[\s-]+", "_", name.strip().lower()) for name in free}
        named = sorted(
            (name for name in free if known[name] in NAMES[key]),
            key=lambda name: NAMES[key].index(known[name]),
        )
        for name in [*named, *(free if key == "picture" else ())]:
            if reason := accepts(name):
                return (name,), reason
        return (), f"no column was found; {', '.join(NAMES[key][:4])} ... are looked for"

    def _options(self, free: Sequence[str]) -> tuple[tuple[str, ...], str]:
        places = {
            match["place"]: name for name in free if (match := _OPTION.fullmatch(name.lower()))
        }
        runs = [LETTERS.lower(), [str(at) for at in range(26)], [str(at) for at in range(1, 27)]]
        for run in runs:
            names = [places[place] for place in run if place in places]
            if len(names) >= FEWEST_OPTIONS and all(place in places for place in run[: len(names)]):
                return tuple(names), f"{len(names)} columns in a row"
        named = [name for name in free if name.lower() in NAMES["options"]]
        for name in named:
            texts = self._texts(name)
            if texts and all(text.startswith("[") for text in texts):
                return (name,), "a list in every row"
        return (), ""

    def _texts(self, name: str) -> list[str]:
        return [field_text(row.fields.get(name)) for row in self.table.rows]

    def _filled_reason(self, name: str) -> str:
        texts = [text for text in self._texts(name) if text]
        is_unique = len(texts) == len({*texts}) == len(self.table.rows)
        unique = UNIQUE if is_unique else ""
        return f"{len(texts)} of {len(self.table.rows)} filled{unique}" if texts else ""

    def _picture_reason(self, name: str) -> str:
        rows = self.table.rows
        if all(name not in row.fields for row in rows):
            return "bytes that are read when they are needed"
        count = sum(is_picture(row.fields.get(name)) for row in rows)
        return f"a picture in {count} of {len(rows)}" if count >= SHARE * len(rows) else ""

    def _label_reason(self, name: str) -> str:
        texts = self._texts(name)
        labels = {*texts}
        if all(map(kebab, texts)) and 1 < len(labels) <= min(MOST_LABELS, len(texts) / 2):
            return f"{len(labels)} labels"
        return ""
