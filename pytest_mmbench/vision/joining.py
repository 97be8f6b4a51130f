"""Rows of several sheets, joined by sample: what each got in every view."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from pytest_mmbench.records import Mark, Unit
from pytest_mmbench.sheets import Row
from pytest_mmbench.vision.replies import NOT_ASKED, Fate, Look, Reply, View, reply


def joined(rows: Mapping[View, Iterable[Row]], unit: Unit = Unit.SAMPLE) -> list[Look]:
    """All that was asked with its picture, in that order, with what it got in every view.

    With `Unit.ALL` the samples of one unit are one look, such as the rotations of one question. It
    is right if all of them are, and guessed like one of as many options as there are series of
    answers: 256 for four rotations of four. `Unit.PAIR` gives credit in halves, which no pair of
    views can be compared by; its samples count each for itself.

    A view in which a sample, or a part of its unit, was not asked has no reply to it; rows of what
    was not asked with its picture are left out.
    """
    together = {view: _together(told, unit) for view, told in rows.items()}
    return [
        Look(
            sample=key,
            fate=_fate({view: told.get(key, ()) for view, told in together.items()}),
            cluster=own[0].cluster,
        )
        for key, own in together.get(View.WITH_IMAGE, {}).items()
    ]


def _together(rows: Iterable[Row], unit: Unit) -> Mapping[str, Sequence[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault((row.unit if unit is Unit.ALL else "") or row.sample, []).append(row)
    return found


def _fate(told: Mapping[View, Sequence[Row]]) -> Fate:
    own = told[View.WITH_IMAGE]
    replies = {view: _reply(rows) for view, rows in told.items() if len(rows) == len(own)}
    return Fate(
        options=math.prod(row.options for row in own),
        target=_series(row.target for row in own),
        with_image=replies[View.WITH_IMAGE],
        without_image=replies.get(View.WITHOUT_IMAGE, NOT_ASKED),
        mismatched=replies.get(View.MISMATCHED, NOT_ASKED),
        llm_text=replies.get(View.LLM_TEXT, NOT_ASKED),
    )


def _reply(rows: Sequence[Row]) -> Reply:
    marks = {row.mark for row in rows}
    # One wrong answer settles a unit, whatever the others said.
    mark = next(each for each in (Mark.WRONG, Mark.UNREADABLE, Mark.RIGHT) if each in marks)
    return reply(mark, _series(row.chosen for row in rows))


def _series(letters: Iterable[str]) -> str:
    return " ".join(letters)
