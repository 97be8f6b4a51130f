"""What a benchmark's table in the settings may say, checked in one way for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_mmbench.errors import SettingsError, near
from pytest_mmbench.records import BadRows

DATA: Final = "data"


SPLIT: Final = "split"


BAD_ROWS: Final = "bad-rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkOptions:
    """The options of one benchmark, every one of them known.

    Raises:
        SettingsError: when it is made, if it has an option that is not among `known`.
    """

    benchmark: str
    options: Mapping[str, object]
    known: Sequence[str]

    def __post_init__(self) -> None:
        for option in self.options:
            if option not in self.known:
                problem = f"{self.benchmark} has no option {option!r}."
                raise self.error(problem, **near(option, self.known, label="options"))

    def data(self, *, published_as: str) -> str:
        """Where the data lie.

        Args:
            published_as: how the authors' files are found, for whoever has not said.

        Raises:
            SettingsError: nothing was said, or no text.
        """
        found = self.options.get(DATA)
        if isinstance(found, str) and found.strip():
            return found.strip()
        problem = f"{self.benchmark} does not know where its data lie."
        if DATA in self.options:
            problem = f"{DATA} = {found!r} is no path and no hub id."
        raise self.error(problem, what_to_do=published_as)

    def word(self, option: str, words: Sequence[str]) -> str:
        """One of a few words; the first of them if nothing was said.

        Raises:
            SettingsError: it is another one.
        """
        found = self.options.get(option, words[0])
        if found not in words:
            problem = f"{option} = {found!r} is not known."
            raise self.error(problem, **near(str(found), words))
        return str(found)

    def split(
        self, splits: Sequence[str], *, withheld: Sequence[str] = ("test",), option: str = SPLIT
    ) -> str:
        """The split that is asked; the first one if nothing was said.

        Args:
            splits: those whose answers are published.
            withheld: those whose answers their authors keep to themselves.
            option: what its authors call a split.

        Raises:
            SettingsError: it is another one.
        """
        found = self.options.get(option, splits[0])
        if found in withheld:
            raise self.error(
                f"{self.benchmark}'s answers of the {option} {found!r} are not published: "
                "nothing can be scored.",
                known=", ".join(splits),
                what_to_do=f"send a model's answers to its authors, or ask another {option}",
            )
        return self.word(option, splits)

    def bad_rows(self) -> BadRows:
        """What becomes of rows that cannot be used; an error if nothing was said.

        Raises:
            SettingsError: it is another word.
        """
        return BadRows(self.word(BAD_ROWS, tuple(map(str, BadRows))))

    def error(self, problem: str, **facts: str) -> SettingsError:
        """The error that names the benchmark's table."""
        return SettingsError(problem, asked_for_by=f"[benchmarks.{self.benchmark}]", **facts)
