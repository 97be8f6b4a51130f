"""Ids that another version of the file would give to other samples."""

from __future__ import annotations

from typing import Final

from pytest_mmbench.lint.findings import (
    Example,
    LintFinding,
    QuestionSet,
    Severity,
    sample_findings,
)
from pytest_mmbench.lint.text import fold

FEWEST: Final = 10
"""Samples below which numbers in a row are no sign of anything."""


def ids(questions: QuestionSet) -> list[LintFinding]:
    """Ids that are row numbers, and ids that differ in case or blanks alone."""
    return [*_row_numbers(questions), *_similar_ids(questions)]


def _row_numbers(questions: QuestionSet) -> list[LintFinding]:
    every = [sample.id for sample in questions.samples]
    starts = [start for start in (0, 1) if every == [str(start + at) for at in range(len(every))]]
    if len(every) < FEWEST or not starts:
        return []
    return [
        LintFinding(
            check="numbered-ids",
            severity=Severity.NOTE,
            count=len(every),
            unit="sample",
            problem="the ids are the numbers of the rows",
            remedy="give them names that stay: where a row is added or dropped, all behind it are "
            "compared with the answers of others",
            examples=(Example(place="", text=f"{every[0]}, {every[1]} ... {every[-1]}"),),
        )
    ]


def _similar_ids(questions: QuestionSet) -> list[LintFinding]:
    first: dict[str, str] = {}
    similar: dict[str, str] = {}
    for sample in questions.samples:
        earlier = first.setdefault(fold(sample.id), sample.id)
        if earlier != sample.id:
            similar[sample.id] = f"beside {earlier!r}"
    return sample_findings(
        "similar-ids",
        Severity.WARNING,
        similar,
        "the id differs from an earlier one in case or blanks alone",
        "rename it: a spreadsheet or a file system may take the two for one",
    )
