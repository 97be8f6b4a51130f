"""lmms-eval's rule for AI2D, which stands for an official one.

After the filter and the metric of EvolvingLMMs-Lab/lmms-eval (`lmms_eval/tasks/ai2d`): a capital
with a full stop at the beginning is the answer, else the whole text is; case and punctuation do not
count. How the paper's authors read answers was not looked up (NOT VERIFIED).

Its quirks: `(B)` and `**b**` are right for B, `B: two` and `b. two` are not; white space at either
end goes before the punctuation does, so that `( B )` is wrong.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from typing import Final

from pytest_mmbench.records import LETTERS
from pytest_mmbench.scorers.choice_scorer import ChoiceScorer

_OPENING = re.compile(r"\s*+([A-Z])\.")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def read_filtered(text: str, options: Sequence[str]) -> str:
    """The letter that an answer is equal to after the filter; empty if none."""
    opening = _OPENING.match(text)
    filtered = opening[1] if opening else text.strip()
    # In small letters first: some capitals have none of one letter, and `upper` would make one.
    letter = filtered.lower().translate(_PUNCTUATION)
    return letter.upper() if letter in tuple(LETTERS[: len(options)].lower()) else ""


FILTERED_LETTER: Final = ChoiceScorer(rule="official", read=read_filtered)
"""Scores an answer to AI2D as lmms-eval does."""
