"""Where a text says what its answer is: `the answer is ...`, `Answer: ...`, a box, an answer tag.

What `multiple_choice` and the readers of open answers share. It knows the phrases and where they
end, and nothing of letters, numbers or options.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterator
from typing import Final

WRAPPING: Final = " \t\r\n.,:;!?*_`'\"()[]{}<>#"
"""What may stand around an answer without being part of it."""
LAST: Final = 8
"""Statements that are looked at, from the end: a text that announces more answers than these and
means none of them settles on nothing."""
SENTENCE: Final = 1000
"""Characters. A sentence that is longer states no answer."""

_VERB = r"(?:\s+(?:is|would be|should be))?"
_NOUN = r"\b(?:answer|choice)(?:\s+(?:option|choice|letter))?\b[*_>]*"
# The look-ahead changes nothing but the time that a long text takes.
_STATEMENT = re.compile(
    rf"(?=[acir\\])(?:{_NOUN}(?:\s+to\s+(?:the|this)\s+question)?{_VERB}"
    rf"|\b(?:correct|right)\s+option\b{_VERB}"
    r"|\bi(?:'ll| will)? (?:choose|pick|select)"
    r"|\\boxed\s*\{(?:\\text\s*\{)?)"
    r"\s*[:=]?[*_]*\s*(?:the\s+)?(?:(?:option|letter|choice)\s+)?"
)
_END = re.compile(r"[.;!?](?:\s|$)|\n")


def plain(text: str) -> str:
    """What is said after any thinking: without case, in Unicode's compatible form, on one line."""
    return " ".join(_aloud(text).split())


def plain_lines(text: str) -> str:
    """The same, line by line; a line that says nothing is left out."""
    lines = (" ".join(line.split()) for line in _aloud(text).strip().splitlines())
    return "\n".join(line for line in lines if line)


def _aloud(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().rpartition("</think>")[2]


def bare(plain_text: str) -> str:
    """Without the punctuation and mark-up around it."""
    return plain_text.strip(WRAPPING)


def stated(plain_text: str) -> Iterator[str]:
    """What follows each statement of an answer, up to the end of the text; the last one first."""
    found = deque(_STATEMENT.finditer(plain_text), maxlen=LAST)
    return (plain_text[each.end() :] for each in reversed(found))


def sentence(rest: str) -> str:
    """What follows a statement, up to the end of its sentence or line."""
    end = _END.search(rest, 0, SENTENCE + 1)
    return rest[: end.start()] if end else rest if len(rest) <= SENTENCE else ""
