"""Answers that the limit of tokens has cut: what they end with may be half of something else.

`12` may have become 125, and a text that weighs C at its end has not settled on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Answer, Mark, Sample, Score, letters
from pytest_mmbench.records.generation import Marks
from pytest_mmbench.scorers.response import without_thoughts

_CONTINUATIONS: Final = (".\nAnd so it goes on", ".\nWhereupon more was said")
"""Behind them nothing that was cut is a conclusion, and they say nothing themselves."""
_AROUND: Final = " \t\r\n.*()"


def score_answer(scorer: Scorer, sample: Sample, answer: Answer, *, marks: Marks = ()) -> Score:
    """The score of an answer, and of one that was cut only what its end has no part in.

    No rule sees a thought, strict or published; `marks` enclose thoughts beside the known ones.

    1. A whole answer, or one that is nothing but an option or its letter, is read as it stands.
    2. Of another one strict rules read what holds without its last word, whatever would have
       followed: a letter at its beginning, a statement in its middle. What has none is unparseable.
    3. A published rule reads what its authors would have read.
    """
    text = without_thoughts(answer.text, sample.options, marks)
    answer = replace(answer, text=text)
    if (
        not answer.cut_short
        or not scorer.rule.startswith("strict")
        or _is_option(text, sample.options)
    ):
        return scorer(sample, answer)
    words = text.rsplit(maxsplit=1)
    kept = words[0] if len(words) > 1 else ""
    one, other = (scorer(sample, replace(answer, text=kept + each)) for each in _CONTINUATIONS)
    # What depends on how it goes on was not said.
    return one if one == other else Score(sample=sample.id, mark=Mark.UNPARSEABLE, answer="")


def _is_option(text: str, options: Sequence[str]) -> bool:
    """Whether a text is nothing but an option or its letter, and the beginning of no other one."""
    said = text.strip(_AROUND).casefold()
    texts = {each.strip(_AROUND).casefold() for each in options}
    if said in map(str.casefold, letters(options)):
        return not any(each.startswith(f"{said} ") for each in texts)
    return said in texts and not any(each.startswith(said) for each in texts - {said})
