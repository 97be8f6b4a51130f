"""What can go wrong, with what the reader can do about it; foreign text made harmless to show.

Escape sequences of terminals, marks of writing direction and invisible characters become signs that
are seen. What is left is plain text that has to be escaped for the format that it goes into.

MMBenchError
 +-- SettingsError    a file, an option or a name that the user typed
 +-- DataError        a benchmark's files or pictures
 |    +-- AbsentError a condition that samples cannot be asked under
 +-- CheckpointError  a model that cannot be loaded or asked
 +-- AnswerError      a model that broke its contract
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

MOST_SHOWN: Final = 60
"""Characters of a wrong value that an error repeats."""
MOST_LISTED: Final = 400
"""Characters of a valid name that an error lists, and a tenth of those of all of them: headers of
foreign files can be of any length."""


MOST: Final = 2_000
"""Characters of one text that are shown."""
_PICTURES: Final = {chr(code): chr(0x2400 + code) for code in range(32)} | {"\x7f": "␡"}
"""Unicode's pictures of the control characters."""
# C0 and C1 controls; soft hyphen; direction (UAX 9); zero width and fillers; line and paragraph
# separators; interlinear annotations; halves of surrogate pairs; noncharacters; tags.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_BREAKS: Final = re.compile(r"\r\n|\r|\n")


def visible(text: str, *, most: int = MOST) -> str:
    """The text with every unseen character shown, and cut behind `most` characters with a note.

    Line breaks and tabs stay. A control character becomes its picture, such as `␛`; other unseen
    ones their number, such as `⟨U+202E⟩`.
    """
    left_out = len(text) - most
    note = f"… ({left_out:,} more characters)" if left_out > 0 else ""
    cut = _BREAKS.sub("\n", text[:most])
    return _UNSEEN.sub(lambda sign: _PICTURES.get(sign[0], f"⟨U+{ord(sign[0]):04X}⟩"), cut) + note


def one_line(text: str, *, most: int = MOST) -> str:
    """The visible text in one line: breaks become `⏎`, tabs blanks."""
    return visible(text, most=most).replace("\n", " ⏎ ").replace("\t", " ")


def visible_whole(text: str) -> str:
    """The visible text at any length: a command that is cut would do something else."""
    return visible(text, most=len(text))


_COMMAND: Final = re.compile(r"^(\s*)::|##\[", re.MULTILINE)
"""What makes a line of a log a command to GitHub Actions, wherever it comes from ("Workflow
commands for GitHub Actions"; the second form is the older one, anywhere in a line)."""


def for_log(text: str) -> str:
    """The visible text at any length, no line of which is a command to the system that runs it."""
    return _COMMAND.sub(
        lambda sign: f"{sign[1]}∷" if sign[1] is not None else "##⟦", visible_whole(text)
    )


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
        return for_log("\n".join([f"mmbench: {self.problem}", *lines]))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedRows:
    """How many rows of published data cannot be read and are left out."""

    table: str
    count: int
    total: int
    errors: tuple[DataError, ...] = field(default=(), compare=False, repr=False)
    """Of each of them, what is wrong with it."""


class MMBenchWarning(UserWarning):
    """Nothing is wrong, but a release should not rest on it."""

    def __init__(self, message: str, *, rows: SkippedRows | None = None) -> None:
        super().__init__(for_log(message))
        self.rows = rows


def near(name: str, known: Iterable[str], *, label: str = "known") -> dict[str, str]:
    """Facts for a name that is not known: the nearest valid one, and all valid ones."""
    # What is far longer than any name is near to none, and takes long to compare.
    name, names = name[:MOST_SHOWN], sorted(known)
    first, last = name.partition(".")[0], name.rpartition(".")[2]
    # Whoever forgets the middle of a dotted path still knows its end; files all end in csv.
    close = [
        path
        for path in names
        if "." in path
        and path.rpartition(".")[2] == last
        and first in (last, path.partition(".")[0])
    ]
    close = close or difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    facts = {"did_you_mean": f"{shorten(close[0], most=MOST_LISTED)!r}?"} if close else {}
    listed = ", ".join(shorten(each, most=MOST_LISTED) for each in names)
    return facts | {label: shorten(listed, most=10 * MOST_LISTED) or "none"}


def check_registered(name: str, known: Collection[str], asked_for_by: str) -> None:
    """Accepts the name of a benchmark that is registered; any other is a `SettingsError`."""
    if name not in known:
        facts = near(name, known, label="registered")
        problem = f"benchmark {name!r} is not registered."
        raise SettingsError(problem, asked_for_by=asked_for_by, **facts)
