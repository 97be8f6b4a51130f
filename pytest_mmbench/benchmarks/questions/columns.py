"""Which columns of a file hold what of a question: as a table of the settings says, or by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.settings import BenchmarkOptions
from pytest_mmbench.errors import SettingsError, near
from pytest_mmbench.records import LETTERS

COLUMNS: Final = "columns"
"""The table [benchmarks.NAME.columns]."""
PICTURE: Final = "picture"
"""Columns of which each row holds at least one picture."""
PICTURES: Final = "pictures"
"""Columns that may also hold none, for sets in which some questions are about a text."""
PLAIN_NAMES: Final[Mapping[str, Sequence[str]]] = {
    "id": ("id", "file_name"),
    PICTURE: ("picture", "image", "file_name"),
    PICTURES: ("pictures", "images", "file_names"),
    "question": ("question",),
    "options": ("options",),
    "target": ("target", "answer"),
    "accepted": ("accepted",),
    "capability": ("capability",),
    "cluster": ("cluster",),
    "size": (),
}
"""By key of [columns], the columns that need no table; `datasets` calls pictures `file_name`."""
SEVERAL: Final = (PICTURE, PICTURES, "options", "capability", "size")
"""Keys that may name a list of columns."""
FEWEST_OPTIONS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionColumns:
    """The columns of a file of questions, by what they hold."""

    id: str
    pictures: tuple[str, ...]
    """None if no question shows a picture."""
    question: str
    options: tuple[str, ...]
    """One column of lists, or a column for each option; none if the file has none."""
    target: str
    accepted: str
    """Further answers that are correct; empty if there is no such column."""
    capability: tuple[str, ...]
    """One for each level of the tree; none if the benchmark is one leaf."""
    cluster: str
    """Empty if samples depend on each other only where they show the same picture."""
    needs_picture: bool
    """Whether a question without a picture is a bad row."""
    # What a revision is made of must not change for files whose answers are no places.
    targets: tuple[str, ...] = field(default=(), repr=False)
    """The target's column, or those of the four numbers of a box."""
    size: tuple[str, ...] = field(default=(), repr=False)
    """One column with width and height of the picture, or two; none if the file has neither."""


def named_columns(options: BenchmarkOptions) -> dict[str, tuple[str, ...]]:
    """The columns that the settings name, by key.

    Raises:
        SettingsError: a key is not known, or its value names no column.
    """
    table = options.options.get(COLUMNS, {})
    if not isinstance(table, Mapping):
        raise options.error(f'{COLUMNS} is a table, such as {COLUMNS} = {{ id = "qid" }}.')
    for key in table:
        if key not in PLAIN_NAMES:
            problem = f"{key!r} is not a key of {COLUMNS}."
            raise options.error(problem, **near(key, PLAIN_NAMES))
    if PICTURE in table and PICTURES in table:
        remedy = f"{PICTURE}: at least one for each question; {PICTURES}: any number, also none"
        raise options.error(f"{PICTURE} and {PICTURES} are both set.", what_to_do=remedy)
    return {key: _names(key, value, options) for key, value in table.items()}


def _names(key: str, value: object, options: BenchmarkOptions) -> tuple[str, ...]:
    # A target is one column; a box may also have one for each of its numbers.
    names = value if isinstance(value, list) and key in (*SEVERAL, "target") else [value]
    is_empty = not names and key not in (PICTURES, "capability")
    if is_empty or not all(isinstance(name, str) and name for name in names):
        what = "a column, or a list of columns" if key in SEVERAL else "one column"
        raise options.error(f"{key} = {value!r} of {COLUMNS} is not {what}.")
    return tuple(map(str, names))


def picture_columns(options: BenchmarkOptions) -> tuple[str, ...]:
    """The columns that may hold pictures, before it is known which ones the file has."""
    named = named_columns(options)
    plain = (*PLAIN_NAMES[PICTURE], *PLAIN_NAMES[PICTURES])
    return named.get(PICTURE, named.get(PICTURES, plain))


def resolve_columns(
    options: BenchmarkOptions,
    table: Table,
    answer: str,
    *,
    needs_options: bool,
    is_place: bool = False,
) -> QuestionColumns:
    """The columns of this file: those that the settings name, and plain names for the others.

    Raises:
        SettingsError: the file has no such column, or none for what every question needs.
    """
    named = named_columns(options)
    for key, names in named.items():
        for name in names:
            if name not in table.columns:
                raise SettingsError(
                    f"{table.name} has no column {name!r}.",
                    asked_for_by=f"[benchmarks.{options.benchmark}.{COLUMNS}] {key}",
                    **near(name, table.columns, label="columns"),
                )

    def first(key: str) -> str:
        plain = (name for name in PLAIN_NAMES[key] if name in table.columns)
        return named[key][0] if named.get(key) else next(plain, "")

    def needed(key: str) -> str:
        if name := first(key):
            return name
        raise _unknown_column(key, options, table)

    key = PICTURE if PICTURE in named or (PICTURES not in named and first(PICTURE)) else PICTURES
    if PICTURES not in named and not first(key):
        raise _unknown_column(PICTURE, options, table)
    if "options" in named and not needs_options:
        raise options.error(f'answer = "{answer}" has no options, and {COLUMNS} names some.')
    targets = named.get("target") or (needed("target"),)
    _check_places(options, answer, targets, named.get("size", ()), is_place=is_place)
    choices = named.get("options") or _plain_options(table)
    if needs_options and not choices:
        raise _unknown_column("options", options, table)
    plain_capability = (first("capability"),) if first("capability") else ()
    return QuestionColumns(
        id=needed("id"),
        pictures=named.get(key, tuple(filter(None, [first(key)]))),
        question=needed("question"),
        options=choices,
        target=targets[0],
        accepted=first("accepted"),
        capability=named.get("capability", plain_capability),
        cluster=first("cluster"),
        needs_picture=key == PICTURE,
        targets=targets,
        size=named.get("size", ()),
    )


def _check_places(
    options: BenchmarkOptions,
    answer: str,
    targets: Sequence[str],
    size: Sequence[str],
    *,
    is_place: bool,
) -> None:
    """Refuses columns that only answers have which are places in a picture, and too many of them.

    Raises:
        SettingsError: a target has several columns and is no box, or a size has not one or two.
    """
    most = 4 if is_place else 1
    if len(targets) not in (1, most):
        problem = f'answer = "{answer}" has a target in one column'
        problem += f" or in {most}" if is_place else ""
        raise options.error(f"{problem}, and {COLUMNS} names {len(targets)}.")
    if size and not is_place:
        remedy = 'size belongs to answer = "box" and "point"'
        raise options.error(f'answer = "{answer}" has no size.', what_to_do=remedy)
    if len(size) > 2:  # noqa: PLR2004 - width and height
        raise options.error(f"size is one column or two, and {COLUMNS} names {len(size)}.")


def _plain_options(table: Table) -> tuple[str, ...]:
    """The column `options`, or the columns A, B ... as far as the file has them."""
    if "options" in table.columns:
        return ("options",)
    known = [letter for letter in LETTERS if letter in table.columns]
    is_row_of_letters = known == list(LETTERS[: len(known)])
    return tuple(known) if len(known) >= FEWEST_OPTIONS and is_row_of_letters else ()


def _unknown_column(key: str, options: BenchmarkOptions, table: Table) -> SettingsError:
    remedies = {
        PICTURE: f"; {PICTURES} = [] says that there are none",
        "options": '; answer = "yes-no", "number" or "text" has none',
    }
    return options.error(
        f"it is not known which column of {table.name} holds the {key}.",
        **near(key, table.columns, label="columns"),
        what_to_do=f'write {key} = "COLUMN" in [benchmarks.{options.benchmark}.{COLUMNS}]'
        + remedies.get(key, ""),
    )
