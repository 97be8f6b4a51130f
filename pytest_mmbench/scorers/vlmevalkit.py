"""VLMEvalKit's rule for questions with options, as it is without a judge.

After `can_infer` of open-compass/VLMEvalKit (`vlmeval/utils/matching_util.py`, commit e8e78f0) in
its mode `exact_matching`, by which MMBench, AI2D and others are scored there. First a letter is
looked for: the only option letter among the words, one of the last four; else the letter of
`answer is B`. If there is none, the only option whose text occurs counts, in answers of at most
twice the length of all options together. What is still undecided is wrong; with a judge it would be
asked, and after that an option would be drawn.

Its quirks: letters are capitals, options' texts are in any case and know no word boundary; four
sentences of refusal decide before any letter; `A` as an article is a letter (a guard against that
acts only with the environment variable VERBOSE, and is left out); `answer is` takes only A to D.
The rule has changed: snapshots before had no rule for `answer is`, or looked for the letter at any
place, or only before the last five words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pytest_mmbench.records import letters
from pytest_mmbench.scorers.choice_scorer import ChoiceScorer

REFUSED: Final = "Z"
"""Stands for an answer that declines to choose."""
REFUSALS: Final = (
    "Sorry, I can't help with images of people yet.",
    "I can't process this file.",
    "I'm sorry, but without the image provided",
    "Cannot determine the answer",
)
FAILURE: Final = "Failed to obtain answer via API"
LAST: Final = 4
"""Words from the end among which the letter has to stand first."""
_PUNCTUATION = str.maketrans(dict.fromkeys(".()[],:;!*#{}", " "))
_ANSWER_IS = re.compile(r"answer\s++is\s++\**+([ABCD])", re.IGNORECASE)


def infer(text: str, options: Sequence[str]) -> str:
    """The letter of an option; empty for a refusal, and where the rule is undecided."""
    letter = infer_letter(text, options) or infer_text(text, options)
    return letter if letter in letters(options) else ""


def infer_letter(text: str, options: Sequence[str]) -> str:
    """What the letters in a text decide: an option's, or `Z` for a refusal."""
    if FAILURE in text:
        return ""
    if any(refusal in text for refusal in REFUSALS):
        return REFUSED
    words = text.translate(_PUNCTUATION).split()
    named = [letter for letter in letters(options) if letter in words]
    if len(named) == 1 and words.index(named[0]) >= len(words) - LAST:
        return named[0]
    if not named and REFUSED in words:
        return REFUSED
    statement = _ANSWER_IS.search(text)
    letter = statement[1].upper() if statement else ""
    return letter if letter in letters(options) else ""


def infer_text(text: str, options: Sequence[str]) -> str:
    """The letter of the only option whose text occurs; empty for a long text."""
    text = text.lower()
    if len(text) > 2 * sum(map(len, options)):
        return ""
    texts = zip(letters(options), (option.lower() for option in options), strict=True)
    named = [letter for letter, option in texts if option in text]
    return named[0] if len(named) == 1 else ""


INFERRED_CHOICE: Final = ChoiceScorer(rule="official", read=infer)
"""Scores a generated answer as VLMEvalKit does without a judge."""
