"""What models said and what it was worth, sample by sample: all that judging needs.

A *sheet* holds one model's answers to one benchmark under one condition. Verdicts follow from
sheets alone, so that a saved run is judged by the code that judges a live one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from pytest_mmbench.records import Answer, Dimension, Mark, Sample, Score, Tally, Unit
from pytest_mmbench.results.tally import combined, tally
from pytest_mmbench.scorers.likelihood import margin, option_logprobs


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredAnswer:
    """What one model made of one sample."""

    sample: str
    mark: Mark
    answer: str
    """The letter that was read out of the answer; empty if unreadable."""
    margin: float = math.inf
    """By how much the best option beat the second best (nats); infinite if none was weighed."""
    cluster: str = ""
    """Same for all samples that share a picture; empty if the sample shares none."""


def judged(sample: Sample, score: Score, answer: Answer, *, mean: bool = False) -> ScoredAnswer:
    """What one model made of one sample, from its score and the answer that was scored.

    `mean` compares options by their likelihood per token, as the method `rank-mean` does. Samples
    that count together, such as the rotations of a question, succeed or fail together as well, and
    are taken for a cluster if they share no picture with others.
    """
    return ScoredAnswer(
        sample=sample.id,
        mark=score.mark,
        answer=score.answer,
        margin=margin(option_logprobs(answer, mean=mean)),
        cluster=sample.cluster or sample.unit,
    )


IMAGE = "image"
"""The condition under which everything is asked as it was published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleResult:
    """One answer, scored, with what is needed of its sample."""

    sample: str
    mark: Mark
    answer: str
    """The letter or text that was read out of the answer; empty if unreadable."""
    target: str
    options: int
    """How many there were to choose from; 0 for an open question."""
    option_logprobs: tuple[float, ...] = ()
    """What each option was worth to the model (nats); none if text was asked for."""
    text: str = ""
    """What it said; empty if options were ranked."""
    cluster: str = ""
    """`Sample.cluster`."""
    unit: str = ""
    """`Sample.unit`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResults:
    """One model's answers to one benchmark under one condition."""

    benchmark: str
    condition: str
    condition_used: str
    """The condition that was shown: another one where the model cannot do without a picture."""
    few_shot: bool
    """Whether solved questions came first, as text models are asked."""
    wording: str
    """Everything that the questions depend on: the data's revision, the method, the seed."""
    how: str
    """The method, and the rule of scoring where it matters."""
    rows: Mapping[str, tuple[SampleResult, ...]]
    """By leaf."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Samples of these leaves that have no row as a picture cannot be read, and why."""


class ModelResults(Protocol):
    """One model's answers, whether they are asked for now or were kept by an earlier run."""

    @property
    def name(self) -> str:
        """What people call the model."""

    def tolerance_of(self, benchmark: str) -> float:
        """Widest margin (nats) that its noise may turn there; see `noise`."""

    def results(
        self, benchmark: str, condition: str, *, few_shot: bool = False
    ) -> Mapping[str, tuple[SampleResult, ...]]:
        """The rows of each leaf; a live model is asked when one is looked up."""

    def condition_used(self, benchmark: str, condition: str) -> str:
        """The condition that stands for another one with this model; as a rule itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionTree:
    """A benchmark's dimensions, and which samples its views show."""

    nodes: tuple[Dimension, ...]
    views: Mapping[str, tuple[str, ...]]
    """Ids of the samples of leaves that repeat samples of others."""

    def node(self, path: str) -> Dimension:
        """The dimension of that path."""
        return next(node for node in self.nodes if node.path == path)


def results_in(
    dimension: Dimension, tree: DimensionTree, by_leaf: Mapping[str, tuple[SampleResult, ...]]
) -> list[SampleResult]:
    """The rows of all samples of a dimension, each once."""
    found = chain.from_iterable(results_of_leaf(leaf, tree, by_leaf) for leaf in dimension.leaves)
    return list({row.sample: row for row in found}.values())


def results_of_leaf(
    leaf: str, tree: DimensionTree, by_leaf: Mapping[str, tuple[SampleResult, ...]]
) -> Sequence[SampleResult]:
    """The rows of a leaf, or those that a view shows of other leaves."""
    if leaf in by_leaf or leaf not in tree.views:
        return by_leaf[leaf]
    by_sample = {row.sample: row for below in by_leaf.values() for row in below}
    return [by_sample[id] for id in tree.views[leaf] if id in by_sample]


def aggregate(
    dimension: Dimension, tree: DimensionTree, by_leaf: Mapping[str, tuple[SampleResult, ...]]
) -> Tally:
    """The score of a dimension by the benchmark's own aggregate."""
    leaves = {
        leaf: tally(node, _units(node, results_of_leaf(leaf, tree, by_leaf)))
        for leaf in dimension.leaves
        for node in [tree.node(leaf)]
    }
    return combined(dimension, leaves)


def _units(leaf: Dimension, rows: Iterable[SampleResult]) -> list[list[Mark]]:
    """The marks of the samples that count together."""
    if leaf.unit is Unit.SAMPLE:
        return [[row.mark] for row in rows]
    together: dict[str, list[Mark]] = {}
    for row in rows:
        together.setdefault(row.unit or row.sample, []).append(row.mark)
    return list(together.values())
