"""What a recipe says: which data a published benchmark has, and how it is asked and scored."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Final

import msgspec

from pytest_mmbench.records import Average

SUFFIX: Final = ".toml"


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One form in which the data are published, known by its columns."""

    about: str
    """Whose it is, in the words of the documents."""
    when: tuple[str, ...] = ()
    """Columns that it has and the layouts behind it have not; none of the last one."""
    files: str = ""
    """Names, with wildcards, of the files of a folder that are read one after the other."""
    adapt: tuple[str, ...] = ()
    """Names of `adaptations`, in their order."""
    constants: Mapping[str, str] = {}
    """Columns that the data lack, and what all rows have in them."""
    columns: Mapping[str, str | list[str]]
    """As a team's own [benchmarks.NAME.columns]; columns of `cluster` may be missing, several of
    `id` are joined, and where there is none the number of the row is the id."""

    def names(self, key: str) -> tuple[str, ...]:
        """The columns of a key; none if it has none."""
        return names_of(self.columns.get(key, ()))


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """One published benchmark, declared: data and no code."""

    title: str
    about: str
    """What it asks for, in one sentence."""
    paper: str
    source: str
    """Where rule and counts come from."""
    licence: str
    memory: tuple[str, ...]
    """What of this recipe is from memory, and was checked in no source."""
    notes: tuple[str, ...] = ()
    """What else a reader of its scores has to know, such as what the authors publish beside."""
    hub: str = ""
    """Where it can be loaded from; empty if that is not known."""
    configs: tuple[str, ...] = ()
    """Of the dataset of the hub, all of which are read."""
    splits: tuple[str, ...] = ("test",)
    """That have answers, the default first."""
    withheld: tuple[str, ...] = ()
    """Splits whose answers are not published."""
    answer: str
    """A type of answers."""
    open_answer: str = ""
    """The type of those rows that have no options; empty if all have some."""
    target_form: str = "letter"
    """How the data write the correct option."""
    settings: Mapping[str, object] = {}
    """Of the answer type, as a team's own table of the settings has them."""
    groups: Mapping[str, str | list[str]] = {}
    """Questions that are also counted together, as in a team's own table of the settings."""
    strict: str = "strict"
    """The word for `scoring` of the answer type by which gates score."""
    official: str
    """That of the published rule, or a name of `rules`."""
    open_strict: str = "strict"
    open_official: str = ""
    """The same of rows without options."""
    official_below: Mapping[str, str] = {}
    """Dimensions that have another published rule."""
    closing: str | None = None
    """The last line of a question, or none if empty; that of the answer type if it is left out."""
    letters_only: bool = False
    """Whether the picture or the question shows the options, so that they are not listed."""
    new_tokens: int = 32
    average: Average = Average.MICRO
    version: int = 1
    """Raised when the same data give other samples or another wording than before."""
    counts: Mapping[str, Mapping[str, int]] = {}
    """By split, samples by dimension, as published."""
    layouts: tuple[Layout, ...]
    """The first that fits the columns of the data is read."""

    def leaf_counts(self, split: str) -> dict[str, int]:
        """Of a split, published samples by the dimensions below which none is counted."""
        counts = self.counts.get(split, {})
        above = {path.rpartition(".")[0] for path in counts}
        return {path: count for path, count in counts.items() if path not in above}

    @property
    def published_as(self) -> str:
        """How to set `data`, for whoever has not."""
        forms = "; or ".join(layout.about for layout in self.layouts if layout.about != "the hub")
        local = f'set data = "PATH" to {forms or "a file or folder with the columns of the hub"}'
        return local + (f', or data = "{self.hub}" to load it from the hub' if self.hub else "")


def names_of(columns: str | Sequence[str]) -> tuple[str, ...]:
    """One column or several, as several."""
    return (columns,) if isinstance(columns, str) else tuple(columns)


def read_recipe(name: str) -> Recipe:
    """The recipe of that name, which lies beside this module."""
    text = files(__package__).joinpath(f"{name}{SUFFIX}").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Recipe)


def recipe_names() -> tuple[str, ...]:
    """Those that lie beside this module, in the order of the alphabet."""
    names = (each.name for each in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)))
