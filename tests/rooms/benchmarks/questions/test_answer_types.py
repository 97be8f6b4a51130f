"""The table of answer types, and which rules and settings each of them has."""

from pathlib import Path
from typing import Any

import pytest
from question_files import load, write_jsonl

from pytest_mmbench.benchmarks.questions.answer_types import ANSWER_TYPES
from pytest_mmbench.errors import SettingsError

NO_PICTURES: dict[str, object] = {"columns": {"pictures": []}}
ROWS: dict[str, dict[str, Any]] = {
    "choice": {"options": ["x", "y"], "target": "A"},
    "yes-no": {"target": "yes"},
    "number": {"target": "3.5", "accepted": ["7/2"]},
    "text": {"target": "a door", "capability": "signs"},
}
REVISIONS = {
    "choice": ("3e06378e443e5b0a", "219b496d8bf2535d"),
    "yes-no": ("850ec8a63072567f", "3a739e416c20c2de"),
    "number": ("bc3add10e9f8175a", "48bf1256e13f8c39"),
    "text": ("04d8ca0045a8ca62", "e71a72c8b7c59f20"),
}
"""With the default wording, and with a template: what baselines name them by."""


def question_file(folder: Path, answer: str) -> Path:
    """A file of one question without a picture."""
    return write_jsonl(folder, [{"id": "q1", "question": "?", **ROWS[answer]}])


@pytest.mark.parametrize("answer", ROWS)
def test_revisions_stay(tmp_path: Path, answer: str) -> None:
    """Old baselines and snapshots of a file are still those of the same questions."""
    path = question_file(tmp_path, answer)

    plain = load(path, answer=answer, **NO_PICTURES)
    worded = load(path, answer=answer, prompt="{question} now", **NO_PICTURES)

    digests = [each.revision.split()[1][:16] for each in (plain, worded)]
    assert tuple(digests) == REVISIONS[answer]


@pytest.mark.parametrize("answer", ROWS)
def test_the_first_rule_is_the_default(tmp_path: Path, answer: str) -> None:
    """Without `scoring` the first one of the table holds; an unknown one is told the nearest."""
    path = question_file(tmp_path, answer)
    first, *_ = ANSWER_TYPES[answer].scorings

    named = load(path, answer=answer, scoring=first, **NO_PICTURES)
    default = load(path, answer=answer, **NO_PICTURES)

    method = default.methods()[0]
    assert default.scorer(method) == named.scorer(method)
    with pytest.raises(SettingsError, match="scoring = 'strickt'") as caught:
        load(path, answer=answer, scoring="strickt", **NO_PICTURES)
    assert "strict" in str(caught.value.facts)
