"""Rows that made no sample, and samples that models answer without looking."""

from __future__ import annotations

from pytest_mmbench.lint.findings import (
    MAX_EXAMPLES,
    BadRow,
    Example,
    LintFinding,
    QuestionSet,
    Severity,
)


def bad_rows(questions: QuestionSet) -> list[LintFinding]:
    """Rows of the data that cannot be used, by the field that is wrong."""
    by_field: dict[str, list[BadRow]] = {}
    for row in questions.bad_rows:
        by_field.setdefault(row.field, []).append(row)
    return [
        LintFinding(
            check="bad-row",
            severity=Severity.ERROR,
            count=len(rows),
            unit="row",
            problem=f"a row makes no question: its {field or 'content'} cannot be used",
            remedy="correct them; until then --mm-bad-rows=skip leaves them out, and counts them",
            examples=tuple(
                Example(place=row.place, text=row.problem) for row in rows[:MAX_EXAMPLES]
            ),
        )
        for field, rows in by_field.items()
    ]


def solved_blind(questions: QuestionSet) -> list[LintFinding]:
    """Samples that enough models answer without the picture, as MMStar left them out."""
    blind = questions.blind
    if blind is None or not blind.samples:
        return []
    text = f"{blind.rule}; guessing alone would make it {blind.expected_by_chance:,.0f}"
    return [
        LintFinding(
            check="solved-blind",
            severity=Severity.WARNING,
            count=len(blind.samples),
            unit="sample",
            problem=f"of {blind.total:,} samples, answered without the picture",
            remedy="leave them out of what is to measure vision; where most of them may be chance, "
            "name more models",
            examples=(
                Example(place="", text=text),
                *(Example(place=id, text="") for id in blind.samples[: MAX_EXAMPLES - 1]),
            ),
            samples=blind.samples,
            excluded=blind.samples,
        )
    ]
