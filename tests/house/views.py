"""Samples in several views, made from what a test wants to say about them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from pytest_mmbench import stats
from pytest_mmbench.records import Mark
from pytest_mmbench.stats import Pairs
from pytest_mmbench.vision import NOT_ASKED, Fate, Fates, Look, Reply, Vision, measure, reply

FIXTURES = Path(__file__).parents[2] / "fixtures"
MMSTAR = json.loads((FIXTURES / "published" / "mmstar" / "tables.json").read_text("utf-8"))
"""MMStar's published tables, in percent."""


def seen(*, right: bool) -> Reply:
    """A right or a wrong answer where A is right."""
    return reply(Mark.RIGHT, "A") if right else reply(Mark.WRONG, "B")


SILENT = reply(Mark.UNREADABLE, "")


def paired(
    *, both: int = 0, earned: int = 0, hurt: int = 0, neither: int = 0, options: int = 4
) -> Fates:
    """So many samples of each kind, with the picture and without it."""
    kinds = {(True, True): both, (True, False): earned, (False, True): hurt, (False,) * 2: neither}
    return Counter(
        {
            Fate(
                options=options,
                target="A",
                with_image=seen(right=looks),
                without_image=seen(right=blind),
            ): samples
            for (looks, blind), samples in kinds.items()
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
) -> Fates:
    """So many right of `asked` in each view, the first ones first; a base model is asked from 0."""
    return Counter(
        Fate(
            options=0 if at < open_questions else options,
            target="A",
            with_image=seen(right=at < with_image),
            without_image=seen(right=at < without_image),
            llm_text=NOT_ASKED if llm_text < 0 else seen(right=at < llm_text),
        )
        for at in range(asked)
    )


def looked(fates: Fates, dimension: str = "shapes") -> Vision:
    """The measures of these samples."""
    return measure(dimension, fates)


def looks(fates: Fates) -> list[Look]:
    """The samples one by one."""
    every = [fate for fate, samples in fates.items() for _ in range(samples)]
    return [Look(sample=str(at), fate=fate) for at, fate in enumerate(every)]


def bounds(pairs: Pairs) -> str:
    """The 90 % interval of a difference, as a sentence shows it."""
    interval = stats.newcombe(pairs, 0.9)
    return f"90% {interval.low:.3f} to {interval.high:.3f}"
