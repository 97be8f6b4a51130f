"""What can go wrong, with what the reader can do about it.

MMBenchError
 +-- SettingsError    a file, an option or a name that the user typed
 +-- DataError        a benchmark's files or pictures
 |    +-- AbsentError a condition that samples cannot be asked under
 +-- CheckpointError  a model that cannot be loaded or asked
 +-- AnswerError      a model that broke its contract
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from typing import Final

MOST_SHOWN: Final = 60
"""Characters of a wrong value that an error repeats."""


def shorten(text: str, *, most: int = MOST_SHOWN) -> str:
    """The text on one line of at most `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 3]}..."


class MMBenchError(Exception):
    """A problem in one sentence, and facts that help to solve it.

    Each is a line: `asked_for_by="mmbench.toml"` is shown as `asked for by   mmbench.toml`.
    """

    def __init__(self, problem: str, **facts: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.facts = {label.replace("_", " "): fact for label, fact in facts.items() if fact}

    def __str__(self) -> str:
        width = max((len(label) for label in self.facts), default=0)
        lines = [f"  {label:<{width}}   {fact}" for label, fact in self.facts.items()]
        return "\n".join([f"mmbench: {self.problem}", *lines])


class SettingsError(MMBenchError):
    """Something that the user typed is not known or not allowed."""


class DataError(MMBenchError):
    """A benchmark's file, row or picture cannot be read."""


class AbsentError(DataError):
    """Samples cannot be asked under a condition: a leaf of one picture has no other one to show."""


class CheckpointError(MMBenchError):
    """A checkpoint cannot be loaded, or cannot be asked in the way that the settings name."""


class AnswerError(MMBenchError):
    """A model broke its contract."""


class MMBenchWarning(UserWarning):
    """Nothing is wrong, but a release should not rest on it."""


def near(name: str, known: Iterable[str], *, label: str = "known") -> dict[str, str]:
    """Facts for a name that is not known: the nearest valid one, and all valid ones."""
    names = sorted(known)
    last = name.rpartition(".")[2]
    # Whoever forgets the middle of a dotted path still knows its end.
    close = [path for path in names if "." in path and path.rpartition(".")[2] == last]
    close = close or difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    facts = {"did_you_mean": f"{close[0]!r}?"} if close else {}
    return facts | {label: ", ".join(names) or "none"}


def check_registered(name: str, known: Collection[str], asked_for_by: str) -> None:
    """Accepts the name of a benchmark that is registered; any other is a `SettingsError`."""
    if name not in known:
        facts = near(name, known, label="registered")
        problem = f"benchmark {name!r} is not registered."
        raise SettingsError(problem, asked_for_by=asked_for_by, **facts)
