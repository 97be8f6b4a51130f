r"""Answers that are numbers or expressions in LaTeX: the rule of MathVision, and a strict one.

MathVision's (`evaluation/evaluate.py` and `utils.py` of mathllm/MATH-V) takes the last box, or what
follows the last `is`, tidies it up and calls it right if it is written as the target is, or if both
have the same value, rounded to two decimals. Questions with options may be answered by the letter
or by the option's text. Its quirks: 0.33 is right for 1/3 and 0.004 for 0; what stands before the
last `=` counts for nothing; a text without a box that ends with ` B.` answers B.

There a library finds the value, which also takes the beginning of what it cannot read to the end,
and prints some negative fractions as others; here the grammar of `latex_value` does. Of the
authors' 3,040 decisions on Qwen-VL-Max 3 differ, of 10,000 fuzzed pairs of expressions 16.

The strict rule reads the last statement of an answer, or a text of one line, and compares values
exactly, with no rounding; what has no value is compared as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Final

from pytest_mmbench.records import EVERYTHING, LETTERS, Answer, Mark, Sample, Score
from pytest_mmbench.scorers.choice_scorer import score
from pytest_mmbench.scorers.latex_value import Value, latex_value, same_value
from pytest_mmbench.scorers.number_answer import read_number
from pytest_mmbench.scorers.phrases import bare, braced, folded, plain_lines, sentence, stated
from pytest_mmbench.scorers.text_scorer import graded

_BOX: Final = "oxed{"
_STATEMENTS: Final = (
    *("the final answer is", "The final answer is", "the answer is", "The answer is"),
    *("the correct answer is", "The correct answer is"),
    *("the answer should be", "The answer should be"),
)
_REMOVED: Final = (
    *(" ", "\\,", "\n", "\\text", "\\mbox", "\\left", "\\right", "^{\\circ}", "^\\circ", "{m}^3"),
    *("m^3", "{units}", "units", "{km}", "km", "\\!", "\\$", "$", "\\%"),
)
_LETTER_FORMS: Final = (re.compile(r"\(([a-e])\)"), re.compile(r"\{([a-e])\}"))


def read_mathvision(text: str) -> str:
    """What MathVision's authors take for the answer, in small letters and tidied up."""
    text = text.strip()
    for letter in LETTERS[:5]:
        openings = (f"{letter}\n", f"({letter})\n", f"({letter}) {letter}\n")
        if text.endswith((f" {letter}.", f" ({letter}).")) or text.startswith(openings):
            text = letter
    last = text.split("is ")[-1].rstrip(".")
    text = last if _is_float(last) else text
    if _BOX in text:
        text = "\\boxed{" + text.rpartition(_BOX)[2]
    else:
        for statement in _STATEMENTS:
            if statement in text:
                text = text.split(statement)[-1].strip().split("\n")[0].split(". ")[0]
    tidied = _tidied(text.lower().replace("{}", ""))
    for form in _LETTER_FORMS:
        tidied = form.sub(r"\1", tidied)
    return tidied.rstrip(".").lstrip(":").strip()


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _tidied(text: str) -> str:
    box = text.rpartition(_BOX)[2] if _BOX in text else text
    if _BOX in text and "}" in box:
        box = box.rpartition("}")[0]
    first_close, first_open = box.find("}"), box.find("{")
    if first_close >= 0 and (first_open < 0 or first_close < first_open):
        box = box[:first_close]
    box = box.split("=")[-1].split("\\approx")[-1].replace("\\\\", "\\")
    for removed in _REMOVED:
        box = box.replace(removed, "")
    return box.replace("tfrac", "frac").replace("dfrac", "frac")


def equal_rounded(one: str, other: str) -> bool:
    """Whether two answers are written alike, or have the same value to two decimals."""
    one, other = one.lower().strip(), other.lower().strip()
    if not one or not other:
        return False
    if one == other:
        return True
    items, others = _items(one), _items(other)
    if len(items) != len(others):
        return False
    return all(map(_same_rounded, items, others))


def _same_rounded(one: str, other: str) -> bool:
    # A ratio is a quotient there.
    values = [latex_value(each.replace(":", "/"), short_forms=False) for each in (one, other)]
    if None in values:
        return one == other
    try:
        rounded = [round(float(value), 2) for value in values if value is not None]
    except OverflowError:
        return values[0] == values[1]
    return rounded[0] == rounded[1]


def _items(text: str) -> list[str]:
    """The parts of a pair in brackets; any other text as a whole."""
    is_pair = text[:1] + text[-1:] in ("()", "[]") and "," in text
    return text[1:-1].split(",") if is_pair else [text]


def golds_of(sample: Sample) -> Sequence[str]:
    """The answers that are right: of a question with options the letter, and its option."""
    if not sample.options:
        return (sample.target, *sample.accepted)
    place = LETTERS.find(sample.target)
    return (sample.target, *sample.options[place : place + 1])


@dataclass(frozen=True, slots=True)
class MathVisionScorer:
    """Scores as MathVision's authors do."""

    rule: ClassVar[str] = "latex"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct if what is read equals the target; nothing is unparseable."""
        reading = read_mathvision(answer.text)
        correct = any(equal_rounded(gold, reading) for gold in golds_of(sample))
        return score(sample, reading, correct=correct)


def read_expression(text: str) -> str:
    """The expression that a text gives as its answer, in small letters; empty if it gives none."""
    lines = plain_lines(text)
    for rest in stated(lines):
        before = lines[: len(lines) - len(rest)].rstrip()
        said = braced(rest)[0] if before.endswith("{") else _alone(sentence(rest))
        if bare(said):
            return said.strip()
    return _alone(lines) if "\n" not in lines else read_number(text)


def _alone(text: str) -> str:
    """What stands behind the last sign of equality, without the point of a sentence."""
    end = re.split(r"[=\u2248]|\\approx(?![a-z])", text)[-1].strip()
    return end.rstrip(".,;") if bare(end) else ""


def equal_exactly(reading: str, gold: str) -> bool:
    """Whether two expressions have the same value, or are written alike if they have none."""
    items, others = (_items(each.strip(" $")) for each in (reading, gold))
    if len(items) != len(others):
        return False
    return all(map(same_expression, items, others))


def same_expression(one: str, other: str) -> bool:
    """Whether two texts have one value, or are the same but for blanks if one has none."""
    value, other_value = _value(one), _value(other)
    if value is None or other_value is None:
        return bare(plain_lines(one)).replace(" ", "") == bare(plain_lines(other)).replace(" ", "")
    return same_value(value, other_value)


def _value(text: str) -> Value | None:
    """Of an expression, or else of the one number in it: `3.5 cm`."""
    value = latex_value(text)
    return latex_value(read_number(text)) if value is None else value


@dataclass(frozen=True, slots=True)
class StrictLatex:
    """Scores the expression that a text gives; a text that gives none is unparseable."""

    rule: ClassVar[str] = "strict"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct if its value is that of the target, exactly."""
        golds = (sample.target, *sample.accepted)
        # Whoever says a target and nothing else is right, whatever it reads as.
        whole = folded(answer.text.strip())
        if whole and whole in map(folded, golds):
            return graded(sample, whole, EVERYTHING)
        reading = read_expression(answer.text)
        if not reading:
            return Score(sample=sample.id, mark=Mark.UNPARSEABLE, answer="")
        return graded(sample, reading, Fraction(any(equal_exactly(reading, g) for g in golds)))
