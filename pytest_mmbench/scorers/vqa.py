"""VQA accuracy, the measure of TextVQA: how many of ten people gave this answer.

Antol et al., *VQA: Visual Question Answering* (2015), evaluation code of GT-Vision-Lab/VQA. Each
reference is left out in turn; of the others three equal ones earn all, and the mean is the credit.
Texts are compared in small letters without articles, with digits for small numbers, with the
apostrophes of contractions, and without most punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from pytest_mmbench.records import NOTHING

ENOUGH: Final = 3
"""Equal references that earn all."""
ARTICLES: Final = ("a", "an", "the")
DIGITS: Final = {
    "none": "0",
    **{
        word: str(at)
        for at, word in enumerate(
            ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
        )
    },
}
PUNCTUATION: Final = ';/[]"{}()=+\\_-><@`,?!'
MOST_PERIODS: Final = 32
"""That are taken out of a text: the code passes the value of a flag as their number."""
_CONTRACTED: Final = (
    "ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't "
    "haven't he'd he'd've he's how'd how'll how's isn't it'd it'd've it'll ma'am mightn't "
    "mightn't've might've mustn't must've needn't not've o'clock oughtn't 'ow's'at shan't she'd've "
    "should've shouldn't shouldn't've somebody'd've somebody'll somebody's someone'd someone'd've "
    "someone'll someone's something'd something'd've something'll that's there'd there'd've "
    "there're there's they'd they'd've they'll they're they've 'twas wasn't we'd've we've weren't "
    "what'll what're what's what've when's where'd where's where've who'd who'd've who'll who's "
    "who've why'll why're why's won't would've wouldn't wouldn't've y'all y'all'll y'all'd've "
    "you'd you'd've you'll you're you've"
)
CONTRACTIONS: Final = {
    form[:at] + form[at + 1 :]: form
    for form in _CONTRACTED.split()
    for at, sign in enumerate(form)
    if sign == "'"
} | {"somebody'd": "somebodyd"}
"""By how they are written with one apostrophe less; the last one is the code's own slip."""
_GROUPED = re.compile(r"\d,\d")
_PERIOD = re.compile(r"\.(?!\d)")


def vqa_accuracy(text: str, golds: Sequence[str]) -> Fraction:
    """The mean over the references of min(1, equal ones among the others / 3)."""
    said = normal_answer(text)
    equal = sum(normal_answer(gold) == said for gold in golds)
    if not equal:
        return NOTHING
    # Whoever leaves out an equal one has one less to compare with.
    without = min(Fraction(1), Fraction(equal - 1, ENOUGH)) * equal
    others = min(Fraction(1), Fraction(equal, ENOUGH)) * (len(golds) - equal)
    return (without + others) / len(golds)


def normal_answer(text: str) -> str:
    """A text as the evaluation of VQA compares it.

    A sign of punctuation becomes a blank, but is left out in a text in which it stands beside a
    blank, or in which a comma stands between digits.
    """
    text = text.replace("\n", " ").replace("\t", " ").strip()
    is_grouped = _GROUPED.search(text) is not None
    plain = text
    for sign in PUNCTUATION:
        leaves_out = is_grouped or f"{sign} " in text or f" {sign}" in text
        plain = plain.replace(sign, "" if leaves_out else " ")
    plain = _PERIOD.sub("", plain, count=MOST_PERIODS)
    words = (DIGITS.get(word, word) for word in plain.lower().split())
    return " ".join(CONTRACTIONS.get(word, word) for word in words if word not in ARTICLES)
