"""Answers of yes or no: MME's published rule, and a strict one.

MME's (`calculation.py` of its `eval_tool`, BradyFU/Awesome-Multimodal-Large-Language-Models) looks
for `yes`, then for `no`, in the first four characters. Its quirks: they know no word, so that
`know`, `not sure` and `Nobody` answer no; nothing is stripped, so that ` Yes` is yes and one more
space hides it; `Well, yes` is neither. What is neither is wrong. A response with a tab or a line
break spoils the authors' file of results; here it is read like any other.

The strict rule reads words: exactly one of yes and no has to occur, in the last statement that has
either or else in the whole text, or after a correction, and not in an idiom such as `no idea`.
Beside a yes, a no that belongs to the next word denies that and not the question (`Yes, with no
hat`). Both, or neither, is unparseable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pytest_mmbench.records import letters
from pytest_mmbench.scorers.choice_scorer import ChoiceScorer
from pytest_mmbench.scorers.phrases import correction, plain_lines, sentence, stated
from pytest_mmbench.scorers.vqa import normal_answer

_WORD = re.compile(r"(?<![\w'])(?<!not )(?:yes|no(?! (?:idea|clue|doubt|way to)\b))(?![\w'])")
_NO_SUCH = re.compile(r"(?<![\w'])(?<!or )no (?!yes\b)(?=\w)")


def read_opening(text: str) -> str:
    """`yes`, `no`, or nothing, by MME's rule."""
    opening = text[:4].lower()[:4]
    return next((word for word in ("yes", "no") if word in opening), "")


def read_first_sentence(text: str) -> str:
    """`yes` or `no`, by the rule of POPE's authors (`evaluate.py` of AoiDragon/POPE).

    Of the first sentence, up to a full stop and without commas, the words between single blanks
    count: `No`, `no` or `not` makes it a no, and anything else is a yes. Its quirks: silence is a
    yes, and so are `NO` and `no!`; nothing is unparseable.
    """
    words = text.partition(".")[0].replace(",", "").split(" ")
    return "no" if {"No", "no", "not"}.intersection(words) else "yes"


def read_word(text: str) -> str:
    """`yes` or `no`, whichever is the only one that the text states or holds; empty if none is."""
    text = plain_lines(text)
    # `Yes. Wait, actually no.`
    after = correction(text)
    text = after if _WORD.search(after) else text
    parts = (sentence(rest) for rest in stated(text))
    return _only_word(next((part for part in parts if _WORD.search(part)), "")) or _only_word(text)


def _only_word(part: str) -> str:
    words = set(_WORD.findall(part))
    if len(words) > 1:
        words = set(_WORD.findall(_NO_SUCH.sub("", part)))
    return words.pop() if len(words) == 1 else ""


def letter_of(word: str, options: Sequence[str]) -> str:
    """The letter of the option that is this word, in any case; empty if there is none."""
    return dict(zip(map(str.lower, options), letters(options), strict=True)).get(word, "")


OPENING_YES_NO: Final = ChoiceScorer(
    rule="official", read=lambda text, options: letter_of(read_opening(text), options)
)
"""The options are Yes and No, in either order."""
STRICT_YES_NO: Final = ChoiceScorer(
    rule="strict", read=lambda text, options: letter_of(read_word(text), options)
)
"""What says both or neither is unparseable."""


def read_lone_word(text: str) -> str:
    """`yes` or `no`, whichever is the only one of both among the words of a text; else empty.

    VLMEvalKit's rule for HallusionBench, as it is without a judge (`YOrN_Extraction` in
    `vlmeval/dataset/utils/yorn.py`). What is undecided is wrong. Words are what is left when
    punctuation is taken off as the evaluation of VQA does (from memory, NOT VERIFIED). Its quirks:
    any `no` counts, so that `Yes, there is no doubt` is neither; a colon stays, so that `yes:` is
    no word.
    """
    words = {"yes", "no"}.intersection(normal_answer(text).split())
    return words.pop() if len(words) == 1 else ""


WORD_YES_NO: Final = ChoiceScorer(
    rule="official", read=lambda text, options: letter_of(read_lone_word(text), options)
)
"""HallusionBench."""
