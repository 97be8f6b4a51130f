"""What is said of a set of questions, and what it is looked through by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pytest_mmbench.images.fingerprint import PictureFacts
from pytest_mmbench.records import Sample

MAX_EXAMPLES: Final = 3
"""Of one finding that are shown."""


class Severity(StrEnum):
    """How much a finding matters, the gravest first."""

    ERROR = "error"
    """A sample cannot be asked, or its answer cannot be scored."""
    WARNING = "warning"
    """A score means something else than it seems to."""
    NOTE = "note"
    """Worth knowing before a gate rests on the set."""

    @property
    def place(self) -> int:
        """0 for the gravest, for sorting."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One case of a finding."""

    place: str
    """The id of a sample, the path of a leaf, or a row of a file; empty if it is the whole set."""
    text: str
    """What is wrong there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """One thing that is wrong with a set of questions, wherever it occurs."""

    check: str
    """What is looked for, such as `twin-options`; docs/lint.md explains each."""
    severity: Severity
    count: int
    """How many cases there are."""
    unit: str
    """What is counted: `sample`, `row`, `leaf` ..."""
    problem: str
    """What is wrong with each, without the count."""
    remedy: str
    """What to do about it."""
    examples: tuple[Example, ...] = ()
    """The first few cases."""
    samples: tuple[str, ...] = ()
    """Ids of all samples that are concerned; none where it is about the set."""
    excluded: tuple[str, ...] = ()
    """Ids of those that should not be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row of the data that made no sample."""

    place: str
    """File and row."""
    field: str
    """The column that is wrong; empty if it is the row as a whole."""
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindSamples:
    """Samples that models answered without the picture, by a rule of `gates.shortcuts`."""

    samples: tuple[str, ...]
    total: int
    """How many samples the rule was applied to."""
    expected_by_chance: float
    """How many would be there by independent guesses."""
    rule: str
    """In words, with the number of models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSet:
    """A set of questions, as far as it was read."""

    samples: tuple[Sample, ...]
    """Each once, in the order of the data."""
    pictures: Mapping[str, tuple[PictureFacts, ...]] = field(default_factory=dict)
    """By id of the sample; none if pictures were not read."""
    alike: Mapping[str, str] = field(default_factory=dict)
    """By digest of a picture, that of the first one that looks the same."""
    bad_rows: tuple[BadRow, ...] = ()
    """Rows that made no sample."""
    blind: BlindSamples | None = None
    """None if no model was asked."""


Check = Callable[[QuestionSet], list[LintFinding]]
"""Looks for one thing."""


def sample_findings(
    check: str,
    severity: Severity,
    cases: Mapping[str, str],
    problem: str,
    remedy: str,
    *,
    excluded: bool = False,
) -> list[LintFinding]:
    """A finding about samples, by what is wrong with each; none if there are none."""
    if not cases:
        return []
    samples = tuple(cases)
    shown = [Example(place=id, text=text) for id, text in list(cases.items())[:MAX_EXAMPLES]]
    return [
        LintFinding(
            check=check,
            severity=severity,
            count=len(cases),
            unit="sample",
            problem=problem,
            remedy=remedy,
            examples=tuple(shown),
            samples=samples,
            excluded=samples if excluded else (),
        )
    ]
