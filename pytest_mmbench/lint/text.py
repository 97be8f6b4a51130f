"""Texts as they are compared: folded to what two people would read as the same."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from pytest_mmbench.records import LETTERS, Sample

_WORD: Final = re.compile(r"[^\W\d_]{2,}")
"""Letters of any script; a single one may be a variable."""
_LONG_WORD: Final = re.compile(r"[^\W\d_]{3,}")


def fold(text: str) -> str:
    r"""Without case and with single blanks: the same question, typed twice.

    >>> fold("What  is\nthis? ")
    'what is this?'
    """
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def words(text: str) -> list[str]:
    """The words of a text in small letters; no numbers, and no single letters."""
    return _WORD.findall(fold(text))


def fold_option(text: str) -> str:
    """An option as a reader takes it: no full stop at the end, and no capitals that begin words.

    Other capitals count: `XAXa` and `XAXA` are two genotypes, `pH` and `PH` two quantities.

    >>> fold_option("Red  Panda.")
    'red panda'
    """
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    plain = plain.rstrip(" .;,") or plain
    return _LONG_WORD.sub(lambda word: word[0].lower() if word[0].istitle() else word[0], plain)


def target_text(sample: Sample) -> str:
    """What the correct answer says: the text of the correct option, or the target itself."""
    place = LETTERS.find(sample.target) if len(sample.target) == 1 else -1
    if not sample.options:
        return sample.target
    return sample.options[place] if 0 <= place < len(sample.options) else ""
