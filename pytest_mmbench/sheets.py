"""What models said and what it was worth, sample by sample: all that judging needs.

A *sheet* holds one model's answers to one benchmark under one condition. Verdicts follow from
sheets alone, so that a saved run is judged by the code that judges a live one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from pytest_mmbench.records import Dimension, Mark, Tally, Unit
from pytest_mmbench.tally import combined, tally

IMAGE = "image"
"""The condition under which everything is asked as it was published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One answer, scored, with what is needed of its sample."""

    sample: str
    mark: Mark
    chosen: str
    """The letter or text that was read out of the answer; empty if unreadable."""
    target: str
    options: int
    """How many there were to choose from; 0 for an open question."""
    worths: tuple[float, ...] = ()
    """What each option was worth to the model (nats); none if text was asked for."""
    text: str = ""
    """What it said; empty if options were ranked."""
    cluster: str = ""
    """`Sample.cluster`."""
    unit: str = ""
    """`Sample.unit`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One model's answers to one benchmark under one condition."""

    benchmark: str
    condition: str
    shown: str
    """The condition that was shown: another one where the model cannot do without a picture."""
    solved: bool
    """Whether solved questions came first, as text models are asked."""
    wording: str
    """Everything that the questions depend on: the data's revision, the method, the seed."""
    how: str
    """The method, and the rule of scoring where it matters."""
    rows: Mapping[str, tuple[Row, ...]]
    """By leaf."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Samples of these leaves that have no row as a picture cannot be read, and why."""


class Exam(Protocol):
    """One model's answers, whether they are asked for now or were kept by an earlier run."""

    @property
    def name(self) -> str:
        """What people call the model."""

    def tolerance_of(self, benchmark: str) -> float:
        """Widest margin (nats) that its noise may turn there; see `noise`."""

    def rows(
        self, benchmark: str, condition: str, *, solved: bool = False
    ) -> Mapping[str, tuple[Row, ...]]:
        """The rows of each leaf; a live model is asked when one is looked up."""

    def shown(self, benchmark: str, condition: str) -> str:
        """The condition that stands for another one with this model; as a rule itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A benchmark's dimensions, and which samples its views show."""

    nodes: tuple[Dimension, ...]
    views: Mapping[str, tuple[str, ...]]
    """Ids of the samples of leaves that repeat samples of others."""

    def node(self, path: str) -> Dimension:
        """The dimension of that path."""
        return next(node for node in self.nodes if node.path == path)


def rows_below(dimension: Dimension, tree: Tree, rows: Mapping[str, tuple[Row, ...]]) -> list[Row]:
    """The rows of all samples of a dimension, each once."""
    found = chain.from_iterable(rows_of(leaf, tree, rows) for leaf in dimension.leaves)
    return list({row.sample: row for row in found}.values())


def rows_of(leaf: str, tree: Tree, rows: Mapping[str, tuple[Row, ...]]) -> Sequence[Row]:
    """The rows of a leaf, or those that a view shows of other leaves."""
    if leaf in rows or leaf not in tree.views:
        return rows[leaf]
    by_sample = {row.sample: row for below in rows.values() for row in below}
    return [by_sample[id] for id in tree.views[leaf] if id in by_sample]


def tallied(dimension: Dimension, tree: Tree, rows: Mapping[str, tuple[Row, ...]]) -> Tally:
    """The score of a dimension by the benchmark's own aggregate."""
    leaves = {
        leaf: tally(node, _units(node, rows_of(leaf, tree, rows)))
        for leaf in dimension.leaves
        for node in [tree.node(leaf)]
    }
    return combined(dimension, leaves)


def _units(leaf: Dimension, rows: Iterable[Row]) -> list[list[Mark]]:
    """The marks of the samples that count together."""
    if leaf.unit is Unit.SAMPLE:
        return [[row.mark] for row in rows]
    together: dict[str, list[Mark]] = {}
    for row in rows:
        together.setdefault(row.unit or row.sample, []).append(row.mark)
    return list(together.values())
