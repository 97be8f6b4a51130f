"""ScienceQA's leaderboard, through this project's own counting.

Its authors collected it by hand and warn of errors: rows that do not agree with themselves are
named.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from pytest_mmbench.benchmarks.dimensions import dimensions, leaf_path
from pytest_mmbench.benchmarks.scienceqa import COUNTS, GRADES, NAME, SUBJECTS, TEXTS, VIEW_COUNTS
from pytest_mmbench.records import Dimension, Tally
from pytest_mmbench.results.tally import combined

NUMBERS = Path(__file__).parents[3] / "fixtures" / "published" / "scienceqa" / "numbers.json"
ROUNDED = Fraction(1, 200)
"""Percent by which a number with two decimals differs at most from what it stands for."""
TABLE = json.loads(NUMBERS.read_text(encoding="utf-8"))[0]
ROWS: dict[str, Mapping[str, float]] = {
    row[0]: dict(zip(TABLE["columns"][1:], row[1:], strict=True)) for row in TABLE["rows"]
}
SIZES = {**COUNTS, **VIEW_COUNTS["all"]}
SUBJECT_COLUMNS = dict(zip(("NAT", "SOC", "LAN"), COUNTS, strict=True))
GRADE_COLUMNS = {name: leaf_path(NAME, "grades", name) for name in GRADES}
CONTEXT_COLUMNS = {name: leaf_path(NAME, "context", name) for name in ("TXT", "IMG", "NO")}
WHOLE = dimensions(NAME, dict.fromkeys(SUBJECTS, ()), SIZES)[0]
OVER_GRADES = replace(WHOLE, leaves=tuple(GRADE_COLUMNS.values()))

NO_MODELS = {"Human Performance", "Random Chance"}
SCITUNE = {"LLaMA-SciTune (13B)", "LLaMA-SciTune (7B)"}
OTHER_SUBJECTS = {"Random Chance", "UnifiedQA-T-SciQ_Base", "DDCoT (ChatGPT)"}
"""Rows whose subjects do not make their average."""
OTHER_GRADES = {
    "Human Performance",
    "Chameleon (GPT-4)",
    "Chameleon (ChatGPT)",
    "CoT GPT-4",
    "CoT ChatGPT",
    "UnifiedQA-T-SciQ_Base",
    "DDCoT (ChatGPT)",
    *SCITUNE,
}
"""Rows whose grades do not make it; all others agree both ways, 40 of 49."""
NO_FRACTIONS = {
    "TXT": {"UnifiedQA-T-SciQ_Base", *NO_MODELS, *SCITUNE},
    "IMG": {"UnifiedQA-T-SciQ_Base", "HoT-T5_Base", "LLaMA-SciTune (13B)", *NO_MODELS},
    "NO": {"UnifiedQA-T-SciQ_Base", "Human Performance", *SCITUNE},
}
"""Rows whose percentage of a context is no whole number of right answers."""


def exact(percent: float) -> Fraction:
    return Fraction(str(percent))


def right(percent: float, size: int) -> int:
    """How many of so many questions a percentage stands for."""
    return round(exact(percent) * size / 100)


def micro(whole: Dimension, row: Mapping[str, float], columns: Mapping[str, str]) -> Fraction:
    """The score of the whole, from those of its parts."""
    parts = {
        path: Tally(dimension=path, correct=right(row[column], SIZES[path]), total=SIZES[path])
        for column, path in columns.items()
    }
    return 100 * combined(whole, parts).score


def fits(percent: float, size: int) -> bool:
    """Whether a percentage with two decimals can be a whole number of so many questions."""
    hundredths = round(100 * percent)
    whole = (hundredths * size + 5000) // 10_000
    return abs(20_000 * whole - 2 * hundredths * size) <= size


@pytest.mark.parametrize("model", ROWS)
def test_the_average_is_micro_over_subjects(model: str) -> None:
    """Of 2,252, 889 and 1,100 questions; but for the known rows."""
    found = micro(WHOLE, ROWS[model], SUBJECT_COLUMNS)

    agrees = abs(found - exact(ROWS[model]["Avg"])) <= ROUNDED
    assert agrees is (model not in OTHER_SUBJECTS)


@pytest.mark.parametrize("model", ROWS)
def test_the_average_is_micro_over_grades(model: str) -> None:
    """Of 2,724 and 1,517 questions; but for the known rows."""
    found = micro(OVER_GRADES, ROWS[model], GRADE_COLUMNS)

    agrees = abs(found - exact(ROWS[model]["Avg"])) <= ROUNDED
    assert agrees is (model not in OTHER_GRADES)


def test_subjects_do_not_count_the_same() -> None:
    """Published rows tell the micro average from the mean of subjects, which differ in size."""
    for row in ROWS.values():
        mean = Fraction(sum(round(100 * row[each]) for each in SUBJECT_COLUMNS), 300)
        assert abs(mean - exact(row["Avg"])) > ROUNDED


@pytest.mark.parametrize(("column", "path"), CONTEXT_COLUMNS.items())
def test_contexts_are_fractions_of_their_counts(column: str, path: str) -> None:
    """Each published percentage is a whole number of right answers; but for the known rows."""
    others = {model for model, row in ROWS.items() if not fits(row[column], SIZES[path])}

    assert others == NO_FRACTIONS[column]


@pytest.mark.parametrize(("column", "path"), CONTEXT_COLUMNS.items())
def test_no_other_counts_of_contexts_would_do(column: str, path: str) -> None:
    """The sizes of classes that nobody published follow from the leaderboard.

    Larger ones than 2,806 leave no room for the other two classes.
    """
    agreeing = {
        size: sum(fits(row[column], size) for row in ROWS.values()) for size in range(100, 2807)
    }

    most = max(agreeing.values())
    assert [size for size, rows in agreeing.items() if rows == most] == [SIZES[path]]


def test_how_many_questions_have_a_hint_and_a_picture() -> None:
    """Questions with neither are NO: inclusion and exclusion give the size of the view."""
    sizes = VIEW_COUNTS["all"]
    either = WHOLE.size - sizes[CONTEXT_COLUMNS["NO"]]

    both = sizes[TEXTS] + sizes[CONTEXT_COLUMNS["IMG"]] - either
    assert VIEW_COUNTS["image"] == {TEXTS: both}
