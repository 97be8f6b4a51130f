"""Published measures of short texts: equal, contained, within 5 %, and VQA's ten references.

`anls` has the one by edit distance. Each gives what a text earns beside its references, exactly.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from pytest_mmbench.records import EVERYTHING, NOTHING
from pytest_mmbench.scorers.number_answer import read_number
from pytest_mmbench.scorers.open_answer import is_number
from pytest_mmbench.scorers.phrases import bare

RELATIVE: Final = 0.05
"""By which a number may differ from its reference."""


def equal(text: str, golds: Sequence[str]) -> Fraction:
    """All for a reference; case, white space and punctuation around it do not count."""
    return Fraction(_normal(text) in map(_normal, golds))


def _normal(text: str) -> str:
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return bare(folded) or folded


def contains(text: str, golds: Sequence[str]) -> Fraction:
    """OCRBench's rule: all if a reference occurs in the text, in any case.

    After `OCRBench` of open-compass/VLMEvalKit (`vlmeval/dataset/image_vqa.py`, from memory). Its
    quirk: no word boundary, so that `12` is found in `2012`, and a text that guesses much is right.
    """
    said = text.lower().strip().replace("\n", " ")
    return Fraction(any(gold.lower().strip().replace("\n", " ") in said for gold in golds))


def contains_formula(text: str, golds: Sequence[str]) -> Fraction:
    """OCRBench's rule for formulas: case counts, and blanks and line breaks do not."""
    said = _without_blanks(text)
    return Fraction(any(_without_blanks(gold) in said for gold in golds))


def _without_blanks(text: str) -> str:
    return text.strip().replace("\n", "").replace(" ", "")


def relaxed(text: str, golds: Sequence[str]) -> Fraction:
    """ChartQA's rule: a number within 5 % of a reference, else one that is equal in any case.

    After `relaxed_correctness` of google-research/pix2struct, as VLMEvalKit has it. Computed in
    floats as there, so that 1.05 is too far from 1. Its quirks: a percent sign divides by 100, so
    that `50%` is wrong beside `50`; a reference of 0 is compared as text; a year may be off by 100;
    `12 dollars` is no number, and `1,200` neither.
    """
    text = text.strip()
    number = _float(text)
    for gold in golds:
        gold_number = _float(gold)
        if number is not None and gold_number:
            near = abs(number - gold_number) / abs(gold_number) <= RELATIVE
        else:
            near = text.lower() == gold.lower()
        if near:
            return EVERYTHING
    return NOTHING


def _float(text: str) -> float | None:
    try:
        return float(text.rstrip("%")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return None


def relaxed_exactly(text: str, golds: Sequence[str]) -> Fraction:
    """The same for what was read out of a text: numbers exactly, grouped or with a unit too."""
    number = read_number(text)
    for gold in golds:
        if not is_number(gold):
            near = bool(equal(text, [gold]))
        else:
            value = Fraction(read_number(gold))
            near = bool(number) and abs(Fraction(number) - value) <= abs(value) / 20
        if near:
            return EVERYTHING
    return NOTHING
