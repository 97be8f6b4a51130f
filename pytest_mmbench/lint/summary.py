"""How large a set of questions is, in every way that counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from pytest_mmbench.lint.findings import QuestionSet
from pytest_mmbench.lint.leaves import cluster_sizes, effective_size
from pytest_mmbench.lint.lookalikes import picture_groups


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSummary:
    """The size of a set."""

    samples: int
    leaves: int
    options: dict[str, int]
    """Samples by number of options; "0" are open questions."""
    pictures: int
    """Different ones."""
    without_picture: int
    """Samples that show none."""
    clusters: int
    """A sample that shares no picture is one of its own."""
    effective_size: float
    """Samples that they are worth at least: if all of a cluster are answered alike."""


def summary(questions: QuestionSet) -> SetSummary:
    """Counts what there is; nothing is judged."""
    options = Counter(len(sample.options) for sample in questions.samples)
    names = picture_groups(questions).pixels.values()
    return SetSummary(
        samples=len(questions.samples),
        leaves=len({sample.dimension for sample in questions.samples}),
        options={str(number): options[number] for number in sorted(options)},
        pictures=len({name for shown in names for name in shown}),
        without_picture=sum(not sample.pictures for sample in questions.samples),
        clusters=len(cluster_sizes(questions)),
        effective_size=round(effective_size(questions), 1),
    )
