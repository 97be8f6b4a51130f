"""Counting scores, and adding the counts of leaves up to the nodes above them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from pytest_mmbench.records import Dimension, Mark, Score, Tally


def tally(leaf: str, scores: Iterable[Score]) -> Tally:
    """The scores of one leaf, counted."""
    marks = Counter(score.mark for score in scores)
    return Tally(
        dimension=leaf,
        right=marks[Mark.RIGHT],
        asked=marks.total(),
        unreadable=marks[Mark.UNREADABLE],
    )


def micro(dimension: Dimension, leaves: Mapping[str, Tally]) -> Tally:
    """The tally of a node: every sample below it counts the same.

    Micro average, as MMStar's capabilities and total are computed (its `eval/.../mmstar.py`).
    """
    below = [leaves[leaf] for leaf in dimension.leaves]
    return Tally(
        dimension=dimension.path,
        right=sum(part.right for part in below),
        asked=sum(part.asked for part in below),
        unreadable=sum(part.unreadable for part in below),
    )
