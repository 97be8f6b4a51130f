"""MMMU's published rule for open questions.

After `parse_open_response` and `eval_open` of MMMU-Benchmark/MMMU (`mmmu/utils/eval_utils.py`). Of
each line the shortest end after a word that announces an answer is taken, of a text without such a
word everything; to these come all numbers in them. An answer is right if one of its numbers is a
gold one, both rounded to two decimals, or if a gold text occurs anywhere in one of its texts.

Its quirks: the text is in small letters before it is split at full stops that a capital follows, so
that only line breaks split it; `so ` and `is ` are found inside words (`also `, `this `); only the
last line may announce its answer by `=`; an end that is empty gives way to whichever comes next;
`1,5` is fifteen, and `nan` and `infinity` are numbers; a gold text that is one character long has
to stand beside a space. Nothing that it cannot read is unreadable: it is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from pytest_mmbench.records import Answer, Mark, Sample, Score

ANNOUNCING: Final = (
    "could be ",
    "so ",
    "is ",
    "thus ",
    "therefore ",
    "final ",
    "answer ",
    "result ",
)
"""What follows the last of one of these in a line may be the answer."""
TRIVIAL: Final = frozenset(":,.!?;'")
"""No answers, if they are all that follows."""

# Look-aheads, guards and possessive counts change no match: without them the time for a long row of
# digits would grow with the square of its length.
_GROUPED = re.compile(r"(?=[-\d])-?\b\d{1,3}(?:,\d{3})+\b")
_SCIENTIFIC = re.compile(r"(?=[-\d])-?(?<!\d)\d++(?:\.\d++)?[eE][+-]?\d++")
_SIMPLE = re.compile(r"(?=[-.\d])-?(?:(?<!\d)\d++(?:\.\d++|\b)|\.\d++)(?![eE][+-]?\d)(?![,\d])")


def read_open(text: str) -> list[str | float]:
    """Every text and number that an answer may stand for, each once, in the order of finding."""
    texts = _ends(text)
    found = [number for each in texts for number in _numbers(each)]
    return list(dict.fromkeys(_normal([*texts, *found])))


def matches(found: Iterable[str | float], golds: Sequence[str]) -> bool:
    """Whether one of the readings is one of the golds, or is a text that holds one."""
    wanted = _normal(golds)
    texts = [gold for gold in wanted if isinstance(gold, str)]
    return any(
        any(gold in each for gold in texts) if isinstance(each, str) else each in wanted
        for each in found
    )


def _ends(text: str) -> list[str]:
    said = text.strip().strip(".").lower()
    *earlier, last = said.split("\n")
    ends = [*(_end(line, ANNOUNCING) for line in earlier), _end(last, (*ANNOUNCING, "="))]
    return [end for end in ends if end and end not in TRIVIAL] or [said]


def _end(line: str, announcing: Sequence[str]) -> str:
    """The shortest of what follows the last of each word; an empty one counts only if last."""
    shortest = ""
    for word in announcing:
        end = line.rpartition(word)[2].strip() if word in line else shortest
        shortest = end if not shortest or len(end) < len(shortest) else shortest
    return shortest


def _numbers(text: str) -> Iterator[str]:
    for pattern in (_GROUPED, _SCIENTIFIC, _SIMPLE) if re.search(r"\d", text) else ():
        yield from pattern.findall(text)


def _normal(values: Iterable[str]) -> list[str | float]:
    return [form for value in values for form in _forms(value.strip())]


def _forms(value: str) -> list[str | float]:
    try:
        return [round(float(value.replace(",", "")), 2)]
    except ValueError:
        said = value.lower()
    return [f" {said}", f"{said} "] if len(said) == 1 else [said]


@dataclass(frozen=True, slots=True)
class MMMUOpen:
    """Scores an open answer as MMMU's authors do."""

    rule: ClassVar[str] = "official"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Right if a number or text in it is the target or another accepted answer."""
        found = read_open(answer.text)
        right = matches(found, (sample.target, *sample.accepted))
        mark = Mark.RIGHT if right else Mark.WRONG
        return Score(sample=sample.id, mark=mark, chosen=str(found[0]))
