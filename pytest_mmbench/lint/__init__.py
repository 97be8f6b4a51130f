"""What is wrong with a set of questions, before a model is asked: checks of samples, no more.

A check is a function from a `QuestionSet` to findings. It asks no model and opens no file but
pictures, which are read once, before all checks.
"""

from __future__ import annotations

from typing import Final

from pytest_mmbench.lint.damage import damaged_texts, unlike_the_rest
from pytest_mmbench.lint.duplicates import duplicates
from pytest_mmbench.lint.findings import Check, LintFinding, QuestionSet
from pytest_mmbench.lint.ids import ids
from pytest_mmbench.lint.keys import letter_balance, longest_option
from pytest_mmbench.lint.leaves import clusters, small_leaves
from pytest_mmbench.lint.options import lettered_options, targets, twin_options
from pytest_mmbench.lint.pictures import broken_pictures, extreme_pictures, shared_pictures
from pytest_mmbench.lint.questions import absent_pictures, named_answers
from pytest_mmbench.lint.rows import bad_rows, solved_blind

CHECKS: Final[tuple[Check, ...]] = (
    bad_rows,
    broken_pictures,
    targets,
    absent_pictures,
    duplicates,
    twin_options,
    lettered_options,
    named_answers,
    letter_balance,
    longest_option,
    solved_blind,
    shared_pictures,
    extreme_pictures,
    damaged_texts,
    unlike_the_rest,
    ids,
    clusters,
    small_leaves,
)
"""In the order in which findings of one severity are shown."""


def lint(questions: QuestionSet) -> tuple[LintFinding, ...]:
    """Everything that the checks find, the gravest first; nothing where all is well."""
    findings = [finding for check in CHECKS for finding in check(questions)]
    return tuple(sorted(findings, key=lambda finding: finding.severity.place))
