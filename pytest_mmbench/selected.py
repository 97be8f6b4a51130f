"""What of a benchmark a run asks, and how: the samples, the wording, the condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from pytest_mmbench.ablations import condition
from pytest_mmbench.batching import stratified
from pytest_mmbench.errors import AbsentError, DataError
from pytest_mmbench.noise import worths
from pytest_mmbench.protocols import Ablation, Benchmark
from pytest_mmbench.records import Answer, Dimension, Method, Request, Sample, Unit
from pytest_mmbench.runner import Planned
from pytest_mmbench.sheets import IMAGE, Row, Sheet, Tree

SAID: Final = 2000
"""Characters of a text that are kept beside its score; the store keeps all of it."""


def limited(
    benchmark: Benchmark, nodes: Sequence[Dimension], *, limit: int, seed: int
) -> dict[str, Sequence[str]]:
    """The samples that a limit leaves of every leaf, and of views as far as they are among those.

    Samples that count together are drawn together, and count once against the limit: a question
    is easier to get right in two of its passes than in four.

    Args:
        benchmark: its samples are looked up only where several count together.
        nodes: its whole tree.
        limit: as `batching.stratified` takes it; 0 means all.
        seed: of the draw.
    """
    every = {leaf: benchmark.ids(leaf) for node in nodes for leaf in node.leaves}
    if not limit:
        return every
    joined = {node.path for node in nodes if node.unit is not Unit.SAMPLE}
    units = {leaf: _units(benchmark, leaf) for leaf in nodes[0].leaves if leaf in joined}
    countable = {leaf: list(units.get(leaf, ())) or every[leaf] for leaf in nodes[0].leaves}
    drawn: dict[str, Sequence[str]] = {
        leaf: [id for each in chosen for id in units[leaf][each]] if leaf in units else chosen
        for leaf, chosen in stratified(countable, limit, seed).items()
    }
    kept = {id for ids in drawn.values() for id in ids}
    views = {leaf: ids for leaf, ids in every.items() if leaf not in drawn}
    return drawn | {view: [id for id in ids if id in kept] for view, ids in views.items()}


def _units(benchmark: Benchmark, leaf: str) -> dict[str, list[str]]:
    """The samples of a leaf that count together, by their unit."""
    found: dict[str, list[str]] = {}
    for id in benchmark.ids(leaf):
        found.setdefault(benchmark.sample(id).unit or id, []).append(id)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A benchmark of this run, and the samples of it that are asked."""

    benchmark: Benchmark
    method: Method
    dimensions: tuple[Dimension, ...]
    ids: Mapping[str, Sequence[str]]
    """By leaf and view; fewer than the benchmark has if there is a limit."""

    @property
    def name(self) -> str:
        """The benchmark's."""
        return self.benchmark.name

    @property
    def leaves(self) -> tuple[str, ...]:
        """Those that hold every sample once."""
        return self.dimensions[0].leaves

    @property
    def how(self) -> str:
        """How it is asked, and where it matters by which rule answers are read."""
        rule = self.benchmark.scorer(self.method).rule
        return f"{self.method}, {rule} scoring" if rule else self.method.value

    @property
    def told(self) -> str:
        """What a run says of it: how many samples, which of several published ones, and how."""
        variant = getattr(self.benchmark, "variant", "")
        return ", ".join(filter(None, [f"{self.size} samples", variant, self.how]))

    @property
    def tree(self) -> Tree:
        """Its dimensions, and the samples of its views that are asked."""
        views = {leaf: tuple(ids) for leaf, ids in self.ids.items() if leaf not in self.leaves}
        return Tree(nodes=self.dimensions, views=views)

    @property
    def size(self) -> int:
        """How many samples are asked if every dimension is judged."""
        asked = (node for node in self.dimensions if node.leaves == (node.path,) and not node.skip)
        return sum(len(self.ids[node.path]) for node in asked if node.path in self.leaves)

    @property
    def most_options(self) -> int:
        """Of any sample that is asked."""
        asked = (self.benchmark.sample(id) for leaf in self.leaves for id in self.ids[leaf])
        return max((len(sample.options) for sample in asked), default=0)

    def asked(self, dimension: Dimension) -> tuple[str, ...]:
        """The samples of a dimension that are asked."""
        return tuple(id for leaf in dimension.leaves for id in self.ids[leaf])

    def skipped(self, dimension: Dimension) -> str:
        """Why a dimension cannot be asked; empty if nothing of the benchmark's stands against it.

        A node above leaves that cannot be asked has no score of its own.
        """
        reasons = {node.path: node.skip for node in self.dimensions}
        return next(
            (reasons[path] for path in (dimension.path, *dimension.leaves) if reasons[path]), ""
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Samples of a benchmark under one condition, as one model is asked them."""

    selected: Selected
    ablation: Ablation
    seed: int
    solved: bool = False
    """Whether solved questions come first, as text models are asked."""
    _ablated: dict[str, dict[str, Sample]] = field(default_factory=dict, compare=False, repr=False)
    """By leaf, remembered: a derangement is of all samples of a leaf together."""

    @classmethod
    def published(cls, selected: Selected) -> Series:
        """The benchmark as it was published."""
        return cls(selected=selected, ablation=condition(IMAGE), seed=0)

    @property
    def condition(self) -> str:
        """The name of its ablation."""
        return self.ablation.name

    @property
    def name(self) -> str:
        """What a runner knows it by."""
        few = " few-shot" * self.solved
        return f"{self.selected.name} {self.condition}{few}"

    def sample(self, id: str) -> Sample:
        """The sample under the condition."""
        sample = self.selected.benchmark.sample(id)
        if self.condition == IMAGE:
            return sample
        return self._leaf(sample.dimension)[id]

    def _leaf(self, leaf: str) -> dict[str, Sample]:
        if leaf not in self._ablated:
            # All of them, whatever a limit leaves: a sample is asked the same in every run.
            ids = self.selected.benchmark.ids(leaf)
            whole = [self.selected.benchmark.sample(id) for id in ids]
            self._ablated[leaf] = dict(zip(ids, self._changed(whole), strict=True))
        return self._ablated[leaf]

    def _changed(self, samples: Sequence[Sample]) -> list[Sample]:
        try:
            return self.ablation(samples, seed=self.seed)
        except DataError as error:
            # It has read no picture yet, so that none can be broken.
            raise AbsentError(error.problem, **error.facts) from error

    def request(self, id: str) -> Request:
        """What is asked about a sample."""
        benchmark, method = self.selected.benchmark, self.selected.method
        request = benchmark.request(self.sample(id), method)
        if not self.solved:
            return request
        turns = (*benchmark.examples(method), *request.prompt.turns)
        return replace(request, prompt=replace(request.prompt, turns=turns))

    def row(self, answer: Answer) -> Row:
        """The answer, scored."""
        sample, method = self.sample(answer.sample), self.selected.method
        score = self.selected.benchmark.scorer(method)(sample, answer)
        return Row(
            sample=sample.id,
            mark=score.mark,
            chosen=score.chosen,
            target=sample.target,
            options=len(sample.options),
            worths=worths(answer, mean=method is Method.RANK_MEAN),
            text=answer.text[:SAID],
            cluster=sample.cluster,
            unit=sample.unit,
        )

    def sheet(
        self,
        rows: Mapping[str, tuple[Row, ...]],
        *,
        wanted: str = IMAGE,
        left_out: Mapping[str, str] = MappingProxyType({}),
    ) -> Sheet:
        """The sheet that holds these rows, under the condition that was wanted of the model."""
        return Sheet(
            benchmark=self.selected.name,
            condition=wanted,
            shown=self.condition,
            solved=self.solved,
            wording=self.wording,
            how=self.selected.how,
            rows=rows,
            left_out=dict(left_out),
        )

    @property
    def wording(self) -> str:
        """Everything that the requests depend on beside the sample's id."""
        revision = f"{self.selected.benchmark.revision} {self.selected.method}"
        seed = f" seed={self.seed}" * (self.condition != IMAGE)
        return f"{revision} {self.name}{seed}"

    def planned(self, leaves: Sequence[str]) -> Planned:
        """The requests for all samples of these leaves."""
        ids = dict.fromkeys(id for leaf in leaves for id in self.selected.ids[leaf])
        return Planned(
            series=self.name, ids=tuple(ids), request=self.request, identity=self.wording
        )
