"""What models answered and how it was scored, sample by sample: all that the gates need.

`TaskResults` hold one model's answers to one benchmark under one condition. Verdicts follow from
these alone, so that a saved run is judged by the code that judges a live one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import chain
from types import MappingProxyType
from typing import Final, Protocol

from pytest_mmbench.errors import DataError
from pytest_mmbench.records import (
    EVERYTHING,
    NOTHING,
    Average,
    Dimension,
    Mark,
    Method,
    Tally,
    Unit,
    check_partial,
)
from pytest_mmbench.records.generation import Decoding
from pytest_mmbench.results.repeats import (
    RepeatedAnswer,
    RepeatedUnit,
    by_repeat,
    is_cut_short,
    joined,
    repeat_stats,
    repeated_unit,
)
from pytest_mmbench.results.tally import (
    ClusteredUnit,
    combined,
    mean_credit,
    repeated_tally,
    with_clusters,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredAnswer:
    """What one model made of one sample."""

    sample: str
    mark: Mark
    answer: str
    """The letter that was read out of the answer; empty if nothing could be read."""
    margin: float = math.inf
    """By how much the best option beat the second best (nats); infinite if none was weighed."""
    cluster: str = ""
    """Same for all samples that share a picture; empty if the sample shares none."""
    partial: Fraction = NOTHING
    """`Score.partial`."""
    unparseable: Fraction = NOTHING
    """The share of its answers that nothing could be read of, where it was asked several times."""

    def __post_init__(self) -> None:
        check_partial(self.mark, self.partial)

    @property
    def credit(self) -> Fraction:
        """`Score.credit`."""
        return EVERYTHING if self.mark is Mark.CORRECT else self.partial


def is_changed(
    baseline: ScoredAnswer | SampleResult, candidate: ScoredAnswer | SampleResult
) -> bool:
    """Whether two models answered a sample differently, or earned another credit for it.

    Two unparseable answers are alike.
    """
    if baseline.mark is not candidate.mark or baseline.partial != candidate.partial:
        return True
    return candidate.mark is not Mark.UNPARSEABLE and baseline.answer != candidate.answer


SCHEMA_1_MARKS: Final[Mapping[str, Mark]] = MappingProxyType(
    {"right": Mark.CORRECT, "wrong": Mark.INCORRECT, "unreadable": Mark.UNPARSEABLE}
)
"""The marks as snapshots and run files of schema 1 spell them."""
SNAPSHOT_NAMES: Final = {"identity": "wording", "method_and_scoring": "how"}
"""Fields as snapshots and run files of schema 1 call them."""
IMAGE: Final = "image"
"""The condition under which everything is asked as it was published."""
NO_IMAGE: Final = "no-image"
"""The same without its pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleResult:
    """One answer, scored, with what is needed of its sample; of several, what they come to."""

    sample: str
    mark: Mark
    answer: str
    """The letter or text that was read out of the answer; empty if nothing could be read. Of
    several answers it is the commonest, as in `repeats.majority`."""
    target: str
    options: int
    """How many there were to choose from; 0 for an open question."""
    option_logprobs: tuple[float, ...] = ()
    """Log-probability of each option (nats); none if text was generated."""
    text: str = ""
    """What it said; empty if options were ranked."""
    cluster: str = ""
    """`Sample.cluster`."""
    unit: str = ""
    """`Sample.unit`."""
    cut_short: bool = False
    """`Answer.cut_short`; of several answers, whether any was."""
    partial: Fraction = NOTHING
    """`Score.partial`; of several answers, the mean of their credits unless all are correct."""
    repeats: tuple[RepeatedAnswer, ...] = ()
    """The single answers, by their seeds; none where the question was asked once."""

    def __post_init__(self) -> None:
        check_partial(self.mark, self.partial)

    @property
    def credit(self) -> Fraction:
        """`Score.credit`."""
        return EVERYTHING if self.mark is Mark.CORRECT else self.partial


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """What was asked, and how: answers are compared only if they answer the same."""

    benchmark: str
    revision: str
    """`Benchmark.revision`: the data and the wording."""
    method: Method
    scoring: str
    """The rule by which answers are read; empty where it does not matter."""
    condition: str
    """The condition that was wanted."""
    condition_used: str
    """The condition that was asked: another one where the model requires a picture."""
    few_shot: bool = False
    """Whether solved examples came first, as text models are asked."""
    seed: int = 0
    """Of whatever the condition draws at random; 0 for `image`, which draws nothing."""
    decoding: Decoding = field(default_factory=Decoding)
    """What of it is other than the benchmark's own."""

    @property
    def identity(self) -> str:
        """Everything that the requests depend on beside the sample's id, as snapshots hold it."""
        few = " few-shot" if self.few_shot else ""
        seed = "" if self.condition_used == IMAGE else f" seed={self.seed}"
        decoding = "".join(f" {part}" for part in self.decoding.parts)
        asked = f"{self.revision} {self.method} {self.benchmark} {self.condition_used}"
        return f"{asked}{few}{seed}{decoding}"

    @property
    def method_and_scoring(self) -> str:
        """The method, and the rule of scoring where it matters: `generate, strict scoring`."""
        return f"{self.method}, {self.scoring} scoring" if self.scoring else self.method.value

    def describe(self) -> str:
        """What is asked, and how, in one text for people."""
        return f"{self.identity} ({self.method_and_scoring})"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResults:
    """One model's answers to one benchmark under one condition."""

    spec: TaskSpec
    rows: Mapping[str, tuple[SampleResult, ...]]
    """By leaf."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Samples of these leaves that have no row as a picture cannot be read, and why."""

    @property
    def benchmark(self) -> str:
        """The name of the benchmark."""
        return self.spec.benchmark

    @property
    def condition(self) -> str:
        """The condition that was wanted."""
        return self.spec.condition


class ModelResults(Protocol):
    """One model's results: those of a run as far as it has come, or those of a saved run."""

    @property
    def name(self) -> str:
        """What people call the model."""

    @property
    def fingerprint(self) -> str:
        """Of everything that can change an answer; empty if that is not known."""

    @property
    def dtype(self) -> str:
        """The dtype in which it computed; empty if that is not known."""

    def tolerance_of(self, benchmark: str) -> float:
        """Widest margin (nats) that its noise may turn there; see `results.tolerance`."""

    def is_measured(self, benchmark: str) -> bool:
        """Whether that noise was measured there, and not assumed for the dtype."""

    def results(
        self, benchmark: str, condition: str, *, few_shot: bool = False
    ) -> Mapping[str, tuple[SampleResult, ...]]:
        """The results of each leaf that was asked."""

    def condition_used(self, benchmark: str, condition: str) -> str:
        """The condition that was used in place of another one; as a rule that one itself."""


def with_repeats(results: Sequence[SampleResult]) -> SampleResult:
    """One result of those of a sample that was asked several times: what `repeats.joined` says."""
    if len(results) == 1:
        return results[0]
    repeats = tuple(
        RepeatedAnswer(
            mark=one.mark,
            answer=one.answer,
            partial=one.partial,
            cut_short=one.cut_short,
            text=one.text if one.mark is Mark.UNPARSEABLE else "",
        )
        for one in results
    )
    whole = joined(repeats)
    # The text that is shown beside the answer has to say it.
    spoken = next(one for one in results if one.answer == whole.answer)
    return replace(
        spoken,
        mark=whole.mark,
        answer=whole.answer,
        partial=whole.partial,
        cut_short=whole.cut_short,
        repeats=repeats,
    )


def is_same_checkpoint(baseline: ModelResults, candidate: ModelResults) -> bool:
    """Whether two models have the same fingerprint, so that only noise tells them apart."""
    return bool(candidate.fingerprint) and baseline.fingerprint == candidate.fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionTree:
    """A benchmark's dimensions, and which samples its views show."""

    nodes: tuple[Dimension, ...]
    views: Mapping[str, tuple[str, ...]]
    """Ids of the samples of leaves that repeat samples of others."""
    units: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By view, what a sample counts together with there, where that is not its own unit."""

    def node(self, path: str) -> Dimension:
        """The dimension of that path."""
        return next(node for node in self.nodes if node.path == path)


def results_in(
    dimension: Dimension, tree: DimensionTree, by_leaf: Mapping[str, tuple[SampleResult, ...]]
) -> list[SampleResult]:
    """The results of all samples of a dimension, each once; `KeyError` if a leaf was not asked."""
    results = chain.from_iterable(results_of_leaf(leaf, tree, by_leaf) for leaf in dimension.leaves)
    return list({result.sample: result for result in results}.values())


def results_of_leaf(
    leaf: str, tree: DimensionTree, by_leaf: Mapping[str, tuple[SampleResult, ...]]
) -> Sequence[SampleResult]:
    """The results of a leaf, or those that a view shows of other leaves."""
    results: Sequence[SampleResult]
    if leaf in by_leaf or leaf not in tree.views:
        results = by_leaf[leaf]
    else:
        by_sample = {row.sample: row for rows in by_leaf.values() for row in rows}
        results = [by_sample[id] for id in tree.views[leaf] if id in by_sample]
    units = tree.units.get(leaf, {})
    return [replace(each, unit=units[each.sample]) for each in results] if units else results


def aggregate(
    dimension: Dimension, tree: DimensionTree, by_leaf: Mapping[str, tuple[SampleResult, ...]]
) -> Tally:
    """The score of a dimension by the benchmark's own aggregate."""
    tallies = {}
    clustered: list[ClusteredUnit] = []
    repeated: list[RepeatedUnit] = []
    for place, leaf in enumerate(dimension.leaves):
        node, results = tree.node(leaf), results_of_leaf(leaf, tree, by_leaf)
        units = group_by_unit(results, joined=node.unit is not Unit.SAMPLE)
        answers = {name: by_repeat(unit) for name, unit in units.items()}
        cut_short = sum(map(is_cut_short, chain.from_iterable(answers.values())))
        tallies[leaf] = replace(repeated_tally(node, answers.values()), cut_short=cut_short)
        for name, unit in units.items():
            # A unit without a picture of its own to share is a cluster by itself.
            cluster = unit[0].cluster or ("", name)
            earned = mean_credit(node.unit, answers[name])
            clustered.append(ClusteredUnit(cluster, place, earned))
            if len(answers[name]) > 1:
                at = place if dimension.average is Average.MACRO else 0
                repeated.append(repeated_unit(node.unit, unit, cluster=cluster, leaf=at))
    counted = with_clusters(combined(dimension, tallies), clustered)
    return replace(counted, repeats=repeat_stats(repeated)) if repeated else counted


def group_by_unit(
    results: Iterable[SampleResult], *, joined: bool
) -> dict[str, list[SampleResult]]:
    """The results that count together, by unit; each by itself where nothing is `joined`."""
    groups: dict[str, list[SampleResult]] = {}
    for result in results:
        key = (result.unit if joined else "") or result.sample
        groups.setdefault(key, []).append(result)
    return groups


def unreadable_reason(error: DataError) -> str:
    """Why a sample could not be asked, and where its row or picture lies, in one line."""
    row = error.facts.get("row", "").split(" ")[0]
    place = ", ".join(filter(None, [error.facts.get("file", ""), row and f"row {row}"]))
    problem = ": ".join(filter(None, [error.problem.rstrip("."), error.facts.get("reason", "")]))
    return " ".join(f"{problem}; {place}".removesuffix("; ").split())


def left_out_sentence(what: str, left_out: Mapping[str, str], *, total: int) -> str:
    """How many samples are left out of how many, and what is wrong with the first of them."""
    first, why = next(iter(left_out.items()))
    several = "samples" if total > 1 else "sample"
    count = f"{len(left_out)} of {total} {several}"
    return f"{what}: {count} left out, as they cannot be asked ({first}: {why})"


def condition_suffix(results: TaskResults) -> str:
    """What follows a name where something else was asked than was published."""
    return "" if results.condition == IMAGE else f" ({results.condition})"


def cut_short_note(task: TaskResults) -> str:
    """How many answers of a task the limit of tokens has cut; empty if none."""
    rows = {row.sample: row for rows in task.rows.values() for row in rows}.values()
    answers: list[SampleResult | RepeatedAnswer] = [
        answer for row in rows for answer in (row.repeats or (row,))
    ]
    cut = [answer for answer in answers if answer.cut_short]
    if not cut:
        return ""
    unread = sum(answer.mark is Mark.UNPARSEABLE for answer in cut)
    subject = f"{task.benchmark}{condition_suffix(task)}"
    counts = f"{len(cut)} of {len(answers)} answers ({len(cut) / len(answers):.3f})"
    fate = f"{unread} of them unparseable"
    return f"{subject}: {counts} were cut short at the limit of tokens, {fate}"


def left_out_notes(results: Iterable[TaskResults]) -> Iterator[str]:
    """A sentence for each task that leaves out samples which no earlier one of its benchmark did.

    A broken picture is missing under nearly every condition and for every model: once is enough.
    """
    known: set[tuple[str, str]] = set()
    for task in results:
        left_out = {(task.benchmark, id) for id in task.left_out}
        if not left_out <= known:
            known |= left_out
            scored = {row.sample for rows in task.rows.values() for row in rows}
            total = len(scored | task.left_out.keys())
            subject = f"{task.benchmark}{condition_suffix(task)}"
            yield left_out_sentence(subject, task.left_out, total=total)
