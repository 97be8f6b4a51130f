"""Text from models and data files, made harmless to look at.

What a model says may hold escape sequences of terminals, marks that turn the direction of writing
round, and characters that nobody sees. Each becomes a sign that is seen. What is left is plain text
that still has to be escaped for the format that it goes into.
"""

from __future__ import annotations

import re
from typing import Final

MOST: Final = 2_000
"""Characters of one text that are shown."""

_CONTROL_PICTURES: Final = 0x2400
"""Unicode's pictures of the 32 control characters begin here, in their order."""
_DELETE: Final = 0x7F

# C0 and C1 controls; soft hyphen; direction (UAX 9); zero width and fillers; line and paragraph
# separators; interlinear annotations; halves of surrogate pairs; noncharacters; tags.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_BREAKS: Final = re.compile(r"\r\n|\r|\n")


def legible(text: str, *, most: int = MOST) -> str:
    """The text with every unseen character shown, and cut behind `most` characters with a note.

    Line breaks and tabs stay. A control character becomes its picture, such as `␛`; other unseen
    ones their number, such as `⟨U+202E⟩`.
    """
    left_out = len(text) - most
    note = f"… ({left_out:,} more characters)" if left_out > 0 else ""
    kept = _BREAKS.sub("\n", text[:most])
    return _UNSEEN.sub(lambda found: _shown(ord(found[0])), kept) + note


def one_line(text: str, *, most: int = MOST) -> str:
    """The same in one line: breaks become `⏎`, tabs blanks."""
    return legible(text, most=most).replace("\n", " ⏎ ").replace("\t", " ")


def whole(text: str) -> str:
    """The same at any length: a command that is cut would do something else."""
    return legible(text, most=len(text))


def _shown(number: int) -> str:
    if number < ord(" "):
        return chr(_CONTROL_PICTURES + number)
    return "␡" if number == _DELETE else f"⟨U+{number:04X}⟩"
