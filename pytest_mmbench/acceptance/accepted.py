"""A model's answers to the samples of one leaf, as they are accepted: what was read, never said."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pytest_mmbench.compare import Judged
from pytest_mmbench.noise import margin
from pytest_mmbench.sheets import Row, Sheet

LONGEST: Final = 60
"""Characters of an answer that are kept as they are; a longer one is a text, and is abridged."""
BEGINNING: Final = 40
"""Characters that are kept of a longer one, before its digest."""
WIDEST: Final = 20.0
"""Margin (nats) beyond which all are alike: the second option is a two-billionth as likely."""
DECIMALS: Final = 4
"""Of a margin: a tenth of the finest tolerance that `noise` takes unmeasured."""
KEPT: Final = 2
"""Factor within which a margin counts as the one that was accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The answers of one leaf, and what they are answers to."""

    dimension: str
    wording: str
    """`Sheet.wording`."""
    how: str
    """`Sheet.how`."""
    model: str
    """Whose answers they were; for people, and compared with nothing."""
    tolerance: float
    """Widest margin (nats) that the model's noise may turn."""
    answers: Mapping[str, Judged]
    """By sample; none if nothing was accepted yet."""

    @property
    def question(self) -> str:
        """What they are answers to, for people and for comparing."""
        return f"{self.wording} ({self.how})"


def taken(sheet: Sheet, leaf: str, *, model: str, tolerance: float) -> Accepted:
    """A model's answers to a leaf, in the form in which they can be accepted."""
    return Accepted(
        dimension=leaf,
        wording=sheet.wording,
        how=sheet.how,
        model=model,
        tolerance=tolerance,
        answers={row.sample: _read(row) for row in sheet.rows[leaf]},
    )


def accept(held: Accepted, now: Accepted, known: Collection[str]) -> Accepted:
    """What is accepted from now on.

    1. Answers to samples that were not asked stay, if they answer the same question and the
       benchmark still has the sample.
    2. An answer that did not change stays as it was, with its margin, unless that has halved or
       doubled; and so does the tolerance. The difference between two versions of a file is what
       the model says otherwise, and no number that is held is off by more than a factor of two.
    3. If that leaves everything as it was, so does the name of the model.

    Args:
        held: what was accepted until now.
        now: what the model answers.
        known: the samples of the leaf, whether or not they were asked.
    """
    before = held.answers if held.question == now.question else {}
    unasked = {
        sample: was
        for sample, was in before.items()
        if sample in known and sample not in now.answers
    }
    asked = {sample: _kept(before, _rounded(each)) for sample, each in now.answers.items()}
    wider = max(now.tolerance, held.tolerance) if unasked else now.tolerance
    tolerance = held.tolerance if before and _near(held.tolerance, wider) else _digits(wider)
    accepted = replace(now, answers={**unasked, **asked}, tolerance=tolerance)
    named = replace(accepted, model=held.model)
    return named if named == held else accepted


def _read(row: Row) -> Judged:
    weighed = margin(row.worths)
    return Judged(
        sample=row.sample,
        mark=row.mark,
        chosen=_short(row.chosen),
        # Options that are all impossible have no margin: no noise turns what was not weighed.
        margin=weighed if math.isfinite(weighed) else math.inf,
    )


def _short(chosen: str) -> str:
    """An answer in one line; of a text only its beginning, and a digest that tells it apart."""
    # Data can hold half a surrogate pair, which no file in UTF-8 can.
    line = " ".join(chosen.encode("utf-8", "replace").decode().split())
    if len(line) <= LONGEST:
        return line
    return f"{line[:BEGINNING]}... {hashlib.sha256(line.encode()).hexdigest()[:8]}"


def _rounded(judged: Judged) -> Judged:
    """The same with two digits of its margin."""
    if math.isinf(judged.margin):
        return judged
    short = round(min(judged.margin, WIDEST), DECIMALS)
    return replace(judged, margin=_digits(short))


def _digits(value: float) -> float:
    return float(f"{value:.2g}")


def _kept(before: Mapping[str, Judged], now: Judged) -> Judged:
    was = before.get(now.sample, now)
    same = (was.mark, was.chosen) == (now.mark, now.chosen)
    return was if same and _near(was.margin, now.margin) else now


def _near(was: float, now: float) -> bool:
    return was <= KEPT * now and now <= KEPT * was
