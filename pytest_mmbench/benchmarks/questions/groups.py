"""Questions that are only right together: all about one figure, or all wordings of one question.

    [benchmarks.acme.groups]
    question = ["set", "number"]
    figure = "file"

Each group is a view beside the capabilities, `acme.all-of-question`, which counts the questions of
one label once: right if all are, as HallusionBench has it. The score of the whole stays the share
of single questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_mmbench.benchmarks.dimensions import kebab
from pytest_mmbench.benchmarks.readers.rows import Row, index_text
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.settings import BenchmarkOptions
from pytest_mmbench.errors import near
from pytest_mmbench.records import Dimension, Unit

GROUPS: Final = "groups"
"""The table [benchmarks.NAME.groups]."""
_PREFIX: Final = "all-of-"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionGroups:
    """The groups of one file, which fill up while its rows are read."""

    columns: Mapping[str, Sequence[str]]
    """By path of the view, the columns whose texts together are the label."""
    units: Mapping[str, dict[str, str]] = field(repr=False)
    """By path of the view, labels by the id of a sample."""

    def add(self, id: str, row: Row) -> None:
        """Notes the labels of a sample; a DataError if one is missing."""
        labels = {
            path: " ".join(index_text(row.text(name)) for name in names)
            for path, names in self.columns.items()
        }
        for path, label in labels.items():
            self.units[path][id] = label

    def nodes(self) -> tuple[Dimension, ...]:
        """A view for each group."""
        return tuple(
            Dimension(path=path, leaves=(path,), size=len(units), unit=Unit.ALL_CORRECT)
            for path, units in self.units.items()
        )


def read_groups(options: BenchmarkOptions, table: Table) -> QuestionGroups:
    """The groups that the settings name; none if they name none.

    Raises:
        SettingsError: a group names no column, or one that the file has not.
    """
    groups = options.options.get(GROUPS, {})
    if not isinstance(groups, Mapping):
        raise options.error(f'{GROUPS} is a table, such as {GROUPS} = {{ figure = "file" }}.')
    columns: dict[str, Sequence[str]] = {}
    for group, value in groups.items():
        names = value if isinstance(value, list) else [value]
        if not names or not all(isinstance(name, str) for name in names):
            problem = f"{group} = {value!r} of {GROUPS} is not a column, or a list of columns."
            raise options.error(problem)
        if kebab(group) != group:
            problem = f"{group!r} of {GROUPS} cannot be part of a dimension."
            raise options.error(problem, what_to_do="write letters from a to z, digits and -")
        for name in names:
            if name not in table.columns:
                problem = f"{table.name} has no column {name!r} for the {group} of {GROUPS}."
                raise options.error(problem, **near(name, table.columns, label="columns"))
        columns[f"{options.benchmark}.{_PREFIX}{group}"] = tuple(names)
    return QuestionGroups(columns=columns, units={path: {} for path in columns})
