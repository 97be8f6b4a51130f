"""Samples out of the rows of a team's own file of questions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from pytest_mmbench.benchmarks.questions.answer_type import AnswerReader
from pytest_mmbench.benchmarks.questions.capabilities import CapabilityPaths
from pytest_mmbench.benchmarks.questions.columns import QuestionColumns
from pytest_mmbench.benchmarks.readers.pictures import list_entry, picture_count, picture_path
from pytest_mmbench.benchmarks.readers.rows import Row, index_text
from pytest_mmbench.records import Picture, Sample

LONGEST_CLUSTER: Final = 200
"""Characters of a name of a cluster; of pictures that lie in the file a digest is the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionReader:
    """Makes samples of rows, by what the settings say of the columns."""

    benchmark: str
    columns: QuestionColumns
    answers: AnswerReader
    paths: CapabilityPaths = field(repr=False)
    cells_are_cheap: bool
    """Whether picture columns may be read for what pictures are called, as texts of a file."""

    def sample(self, id: str, row: Row) -> Sample:
        """The sample of a row; a DataError if the row cannot be used."""
        columns = self.columns
        target, options, accepted = self.answers.read(row)
        return Sample(
            id=id,
            dimension=self.paths.path(row),
            question=row.verbatim(columns.question),
            options=options,
            target=target,
            accepted=accepted,
            pictures=self._pictures(id, row),
            cluster=self._cluster(row),
        )

    def _pictures(self, id: str, row: Row) -> tuple[Picture, ...]:
        name = f"{self.benchmark}/{id}"
        is_one = len(self.columns.pictures) == 1
        pictures = [
            picture
            for column in self.columns.pictures
            for picture in row.pictures(column, name=name if is_one else f"{name}-{column}")
        ]
        if self.columns.needs_picture and not pictures:
            remedy = "name the column in pictures instead of picture if some questions have none"
            raise row.error(self.columns.pictures[0], "holds no picture.", what_to_do=remedy)
        return tuple(pictures)

    def _cluster(self, row: Row) -> str:
        """What the row names, or else the pictures that it shows."""
        if self.columns.cluster:
            return index_text(row.optional(self.columns.cluster))
        names: list[str] = []
        for column in self.columns.pictures:
            with row.data_errors(column):
                names += _picture_names(row, column, cells_are_cheap=self.cells_are_cheap)
        cluster = " ".join(names)
        if len(cluster) > LONGEST_CLUSTER:
            return hashlib.sha256(cluster.encode("utf-8", "surrogatepass")).hexdigest()
        return cluster


def _picture_names(row: Row, column: str, *, cells_are_cheap: bool) -> list[str]:
    """Paths of pictures that lie in files, and digests of those that are texts in the row."""
    stored = row.fields.get(column)
    if stored is None and cells_are_cheap:
        stored = row.source.cell(row.number, column)
    entries = [list_entry(stored, at) for at in range(picture_count(stored))]
    return [
        picture_path(entry)
        or hashlib.sha256(repr(entry).encode("utf-8", "surrogatepass")).hexdigest()
        for entry in entries
    ]
