"""Wording that benchmarks share: options as a list, a question and its pictures as one turn."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from pytest_mmbench.records import (
    LETTERS,
    Method,
    Picture,
    Prompt,
    Request,
    RequestType,
    Sample,
    Turn,
    letters,
)
from pytest_mmbench.scorers.coordinates import Convention, Coordinates, Corners

ANSWER_WITH_LETTER: Final = "Answer with the option's letter from the given choices directly."
"""lmms-eval's sentence, which is LLaVA's."""
_UNITS: Final[Mapping[Coordinates, str]] = {
    Coordinates.UNIT: "as shares of the picture's width and height, from 0 to 1",
    Coordinates.PERCENT: "in percent of the picture's width and height, from 0 to 100",
    Coordinates.THOUSAND: "in thousandths of the picture's width and height, from 0 to 1000",
    Coordinates.PIXELS: "in pixels of the picture",
}
_ORDERS: Final[Mapping[Corners, tuple[str, str]]] = {
    Corners.XYXY: ("[x1, y1, x2, y2]", "[x, y]"),
    Corners.XYWH: ("[x, y, width, height]", "[x, y]"),
    Corners.YXYX: ("[y1, x1, y2, x2]", "[y, x]"),
}
"""How a box and a point are written."""


def ranks_texts(method: Method) -> bool:
    """Whether the texts of options are ranked: then a prompt asks for no letter."""
    return method in (Method.RANK, Method.RANK_MEAN)


def inline_options(options: Sequence[str]) -> str:
    """`Options: A: one, B: two`, the way in which MMStar writes them inside its questions."""
    listed = ", ".join(f"{letter}: {text}" for letter, text in zip(LETTERS, options, strict=False))
    return f"Options: {listed}"


def lettered_lines(options: Sequence[str]) -> str:
    """`A. one` and `B. two`, each on a line of its own."""
    return "\n".join(f"{at}. {text}" for at, text in zip(LETTERS, options, strict=False))


def question_and_letters(sample: Sample, method: Method) -> str:
    """lmms-eval's text for a question with options.

    Where the texts of options are ranked its last sentence is left out: there is no published one.
    """
    last = "" if ranks_texts(method) else f"\n{ANSWER_WITH_LETTER}"
    return f"{sample.question}\n{lettered_lines(sample.options)}{last}"


def answer_with_place(convention: Convention, *, is_box: bool) -> str:
    """The sentence that asks for a box or a point, and says how its coordinates are written."""
    box, point = _ORDERS[convention.corners]
    what = f"the bounding box as {box}" if is_box else f"one point as {point}"
    unit = _UNITS[convention.coordinates]
    return f"Answer with {what}, {unit}, counted from the top left corner."


def bracketed_lines(options: Sequence[str]) -> str:
    """`(A) one` and `(B) two`, each on a line of its own."""
    return "\n".join(f"({at}) {text}" for at, text in zip(LETTERS, options, strict=False))


def single_turn(pictures: Sequence[Picture], text: str) -> Prompt:
    """One user turn: the pictures first, then the text."""
    return Prompt(turns=(Turn(role="user", parts=(*pictures, text)),))


def interleaved(
    text: str, pictures: Sequence[Picture], mark: re.Pattern[str], *, missing: str | None = None
) -> Prompt:
    """One user turn in which each picture stands where the text has its mark, such as `<image 2>`.

    Pictures without a mark come first. `mark` has a group `number` (counted from 1) if marks are
    numbered; `missing` replaces the mark of a picture that is not there, and None leaves it.
    """
    parts: list[str | Picture] = []
    shown: set[int] = set()
    start = 0
    for count, match in enumerate(mark.finditer(text)):
        number = int(match["number"]) - 1 if "number" in mark.groupindex else count
        replacement = match[0] if missing is None else missing
        parts += [
            text[start : match.start()],
            pictures[number] if number < len(pictures) else replacement,
        ]
        shown.add(number)
        start = match.end()
    merged: list[str | Picture] = [
        picture for number, picture in enumerate(pictures) if number not in shown
    ]
    for part in [*parts, text[start:]]:
        # Neighbouring texts are made one, and empty ones left out.
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part:
            merged.append(part)
    return Prompt(turns=(Turn(role="user", parts=tuple(merged) or ("",)),))


def choice_request(sample: Sample, method: Method, prompt: Prompt, *, new_tokens: int) -> Request:
    """What is asked about a multiple-choice question: a text, or which option is the likeliest."""
    if method is Method.GENERATE:
        return Request(
            sample=sample.id, type=RequestType.GENERATE, prompt=prompt, new_tokens=new_tokens
        )
    options = letters(sample.options) if method is Method.RANK_LETTER else sample.options
    return Request(sample=sample.id, type=RequestType.LOGLIKELIHOOD, prompt=prompt, options=options)
