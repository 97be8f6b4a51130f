"""Samples in several views, made from what a test wants to say about them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from pytest_mmbench.gates.stats import paired
from pytest_mmbench.gates.stats.paired import Pairs
from pytest_mmbench.gates.vision.measures import Vision, measure
from pytest_mmbench.gates.vision.outcomes import (
    NOT_ASKED,
    OutcomeCounts,
    SampleViews,
    ViewOutcome,
    ViewOutcomes,
)
from pytest_mmbench.records import Mark

FIXTURES = Path(__file__).parents[2] / "fixtures"
MMSTAR = json.loads((FIXTURES / "published" / "mmstar" / "tables.json").read_text("utf-8"))
"""MMStar's published tables, in percent."""


def seen(*, right: bool) -> ViewOutcome:
    """A right or a wrong answer where A is right."""
    return (
        ViewOutcome(mark=Mark.CORRECT, answer="A")
        if right
        else ViewOutcome(mark=Mark.INCORRECT, answer="B")
    )


SILENT = ViewOutcome(mark=Mark.UNPARSEABLE, answer="")


def outcomes(
    *, both: int = 0, earned: int = 0, hurt: int = 0, neither: int = 0, options: int = 4
) -> OutcomeCounts:
    """So many samples of each kind, with the picture and without it."""
    kinds = {(True, True): both, (True, False): earned, (False, True): hurt, (False,) * 2: neither}
    return Counter(
        {
            ViewOutcomes(
                options=options,
                target="A",
                with_image=seen(right=sighted),
                without_image=seen(right=blind),
            ): samples
            for (sighted, blind), samples in kinds.items()
        }
    )


def scored(
    asked: int,
    *,
    with_image: int,
    without_image: int,
    llm_text: int = -1,
    options: int = 4,
    open_questions: int = 0,
) -> OutcomeCounts:
    """So many right of `asked` in each view, the first ones first; a base model is asked from 0."""
    return Counter(
        ViewOutcomes(
            options=0 if at < open_questions else options,
            target="A",
            with_image=seen(right=at < with_image),
            without_image=seen(right=at < without_image),
            llm_text=NOT_ASKED if llm_text < 0 else seen(right=at < llm_text),
        )
        for at in range(asked)
    )


def vision_of(counts: OutcomeCounts, dimension: str = "shapes") -> Vision:
    """The measures of these samples."""
    return measure(dimension, counts)


def sample_views(counts: OutcomeCounts) -> list[SampleViews]:
    """The samples one by one."""
    every = [outcome for outcome, samples in counts.items() for _ in range(samples)]
    return [SampleViews(sample=str(at), outcomes=outcome) for at, outcome in enumerate(every)]


def bounds(pairs: Pairs) -> str:
    """The 90 % interval of a difference, as a sentence shows it."""
    interval = paired.newcombe(pairs, 0.9)
    return f"90% {interval.low:.3f} to {interval.high:.3f}"
