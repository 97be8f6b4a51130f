"""What a benchmark's table in the settings may say, checked in one way for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import SettingsError, near
from pytest_mmbench.files import expand
from pytest_mmbench.records import BadRows

DATA: Final = "data"
SPLIT: Final = "split"
BAD_ROWS: Final = "bad-rows"
PICTURE_FOLDERS: Final = "picture-folders"
SCORING: Final = "scoring"
SCORINGS: Final = ("strict", "official")
"""Words of the option `scoring`: this project's reader of answers, or the published rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkOptions:
    """The options of one benchmark, checked when made; those named above are every one's."""

    benchmark: str
    options: Mapping[str, object]
    """As they were set."""
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The benchmark's own options with their values, the default first; none where they depend on
    the data."""
    withheld: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Values whose answers the benchmark's authors do not publish."""
    published_as: str = ""
    """How to set `data` to the authors' files, for whoever has not."""

    def __post_init__(self) -> None:
        known = (DATA, *self.words, BAD_ROWS, PICTURE_FOLDERS)
        for option in self.options:
            if option not in known:
                problem = f"{self.benchmark} has no option {option!r}."
                facts = near(option, known, label="options")
                if option == "questions":
                    facts["what_to_do"] = "give your own questions a name that is not registered"
                raise self.error(problem, **facts)
        for option, words in self.words.items():
            if words:
                self.word(option)

    def data(self) -> str:
        """Where the data lie: a path or a hub id; a `SettingsError` if it is not set."""
        data = self.options.get(DATA)
        if isinstance(data, str) and data.strip():
            return data.strip()
        problem = f"{self.benchmark} does not know where its data lie."
        if DATA in self.options:
            problem = f"{DATA} = {data!r} is no path and no hub id."
        raise self.error(problem, what_to_do=self.published_as)

    def word(self, option: str, words: Sequence[str] = ()) -> str:
        """The value of an option; the first of `words` (or `self.words`) if it is not set.

        Raises:
            SettingsError: it is another one, or the answers of that one are not published.
        """
        words = words or self.words[option]
        word = self.options.get(option, words[0])
        if word in self.withheld.get(option, ()):
            raise self.error(
                f"{self.benchmark}'s answers of the {option} {word!r} are not published: "
                "nothing can be scored.",
                known=", ".join(words),
                what_to_do=f"send a model's answers to its authors, or ask another {option}",
            )
        if word not in words:
            problem = f"{option} = {word!r} is not known."
            raise self.error(problem, **near(str(word), words))
        return str(word)

    @property
    def official(self) -> bool:
        """Whether generated answers are read by the published rule."""
        return self.word(SCORING) == "official"

    def bad_rows(self) -> BadRows:
        """What becomes of rows that cannot be used; `error` if the option is not set."""
        return BadRows(self.word(BAD_ROWS, tuple(map(str, BadRows))))

    def picture_folders(self) -> tuple[Path, ...]:
        """Folders beside the data's own, in which pictures may lie; none if they are not set.

        Raises:
            SettingsError: they are no list of folders that are there.
        """
        folders = self.options.get(PICTURE_FOLDERS, [])
        if not isinstance(folders, list) or not all(isinstance(each, str) for each in folders):
            raise self.error(f"{PICTURE_FOLDERS} = {folders!r} is no list of folders.")
        paths = tuple(expand(folder) for folder in folders)
        for folder, path in zip(folders, paths, strict=True):
            if not path.is_dir():
                problem = f"{PICTURE_FOLDERS} names {folder!r}, which is no folder."
                raise self.error(problem, looked_for=str(path.absolute()))
        return paths

    def table(
        self,
        *,
        pictures: Sequence[str],
        columns: Sequence[str] = (),
        configs: Sequence[str] = (),
        split: str = "",
        called: Sequence[str] = (),
    ) -> Table:
        """The rows of `data`, as `readers.open_table` reads them, which have these columns.

        Raises:
            SettingsError: `data` is not set.
            DataError: the data cannot be read, or a column is missing.
        """
        table = open_table(
            self.data(),
            pictures=pictures,
            configs=configs,
            split=split,
            called=called,
            bad_rows=self.bad_rows(),
            allowed=self.picture_folders(),
        )
        table.require(*columns)
        return table

    def error(self, problem: str, **facts: str) -> SettingsError:
        """The error that names the benchmark's table."""
        return SettingsError(problem, asked_for_by=f"[benchmarks.{self.benchmark}]", **facts)
