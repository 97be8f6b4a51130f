"""What of a benchmark a run asks, and how: the samples, the wording, the condition."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from pytest_mmbench import registry
from pytest_mmbench.benchmarks.wrappers import (
    CircularBenchmark,
    FilteredBenchmark,
    counts_samples,
    published_id,
)
from pytest_mmbench.conditions import condition
from pytest_mmbench.config.generation import check_decodings
from pytest_mmbench.config.settings import BenchmarkSettings, Settings
from pytest_mmbench.config.tables import check_allowances, check_thresholds
from pytest_mmbench.errors import AbsentError, DataError, MMBenchWarning, SettingsError, near
from pytest_mmbench.evaluation.generation import abridged, decoded, ended, without_defaults
from pytest_mmbench.evaluation.inference.plan import TaskPlan
from pytest_mmbench.evaluation.limit import limited_ids
from pytest_mmbench.protocols import Benchmark, Condition, view_units
from pytest_mmbench.records import Answer, BadRows, Dimension, Method, Request, Sample
from pytest_mmbench.records.generation import Decoding
from pytest_mmbench.results import exclusions
from pytest_mmbench.results.exclusions import Exclusion
from pytest_mmbench.results.rows import IMAGE, DimensionTree, SampleResult, TaskResults, TaskSpec
from pytest_mmbench.scorers.cut_answer import score_answer
from pytest_mmbench.scorers.likelihood import check_option_logprobs, option_logprobs

TEXT_KEPT: Final = 2000
"""Characters of a text that are kept beside its score; the store keeps all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkSelection:
    """A benchmark of this run, and the samples of it that are asked."""

    benchmark: Benchmark
    method: Method
    dimensions: tuple[Dimension, ...]
    ids: Mapping[str, Sequence[str]]
    """By leaf and view; fewer than the benchmark has if there is a limit."""
    decoding: Decoding = field(default_factory=Decoding)
    """What of it is other than the benchmark's own."""

    @property
    def name(self) -> str:
        """The benchmark's name."""
        return self.benchmark.name

    @property
    def leaves(self) -> tuple[str, ...]:
        """Those that hold every sample once."""
        return self.dimensions[0].leaves

    @property
    def method_and_scoring(self) -> str:
        """How it is asked and answered, and where it matters by which rule answers are read."""
        return ", ".join([Task.published(self).spec.method_and_scoring, *self.decoding.parts])

    def describe(self) -> str:
        """The number of samples, which of several published benchmarks it is, and the method."""
        variant = getattr(self.benchmark, "variant", "")
        return ", ".join(filter(None, [f"{self.size} samples", variant, self.method_and_scoring]))

    @property
    def tree(self) -> DimensionTree:
        """Its dimensions, and the samples of its views that are asked."""
        views = {leaf: tuple(ids) for leaf, ids in self.ids.items() if leaf not in self.leaves}
        units = view_units(self.benchmark)
        return DimensionTree(nodes=self.dimensions, views=views, units=units)

    @property
    def size(self) -> int:
        """How many samples are asked if every dimension is judged."""
        nodes = (node for node in self.dimensions if node.leaves == (node.path,))
        asked = (node.path for node in nodes if not node.skip_reason)
        return sum(len(self.ids[path]) for path in asked if path in self.leaves)

    @property
    def max_options(self) -> int:
        """The most options of any sample that is asked."""
        asked = (self.benchmark.sample(id) for leaf in self.leaves for id in self.ids[leaf])
        return max((len(sample.options) for sample in asked), default=0)

    def sample_ids(self, dimension: Dimension) -> tuple[str, ...]:
        """The samples of a dimension that are asked."""
        return tuple(id for leaf in dimension.leaves for id in self.ids[leaf])

    def skip_reason(self, dimension: Dimension) -> str | None:
        """Why the benchmark says that a dimension, or a leaf below it, cannot be asked."""
        reasons = {node.path: node.skip_reason for node in self.dimensions}
        paths = (dimension.path, *dimension.leaves)
        return next((reasons[path] for path in paths if reasons[path]), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Samples of a benchmark under one condition, as one model is asked them."""

    selection: BenchmarkSelection
    applied: Condition
    seed: int
    few_shot: bool = False
    """Whether solved questions come first, as text models are asked."""
    repeat: int = 0
    """Which time its questions are asked, from 0: each has a seed of its own."""
    _changed_samples: dict[str, dict[str, Sample]] = field(
        default_factory=dict, compare=False, repr=False
    )
    """By leaf, remembered: a derangement is of all samples of a leaf together."""

    @classmethod
    def published(cls, selected: BenchmarkSelection) -> Task:
        """The benchmark as it was published."""
        return cls(selection=selected, applied=condition(IMAGE), seed=0)

    @property
    def condition(self) -> str:
        """The name of the condition."""
        return self.applied.name

    @property
    def name(self) -> str:
        """The name under which its requests are planned."""
        few = " few-shot" * self.few_shot
        again = f" repeat {self.repeat + 1}" if self.repeat else ""
        return f"{self.selection.name} {self.condition}{few}{again}"

    @property
    def repeats(self) -> tuple[Task, ...]:
        """This task, as often as its questions are asked."""
        return tuple(replace(self, repeat=each) for each in range(self.selection.decoding.repeats))

    def sample(self, id: str) -> Sample:
        """The sample under the condition."""
        benchmark = self.selection.benchmark
        sample = benchmark.sample(id)
        if self.condition == IMAGE:
            return sample
        leaf = sample.dimension
        if leaf not in self._changed_samples:
            # All of them, whatever a limit leaves: a sample is asked the same in every run.
            ids = benchmark.ids(leaf)
            samples = [benchmark.sample(id) for id in ids]
            try:
                changed = self.applied(samples, seed=self.seed)
            except DataError as error:
                # It has read no picture yet, so that none can be broken.
                raise AbsentError(error.problem, **error.facts) from error
            self._changed_samples[leaf] = dict(zip(ids, changed, strict=True))
        return self._changed_samples[leaf][id]

    def request(self, id: str) -> Request:
        """What is asked about a sample."""
        benchmark, method = self.selection.benchmark, self.selection.method
        request = benchmark.request(self.sample(id), method)
        if self.few_shot:
            turns = (*benchmark.examples(method), *request.prompt.turns)
            request = replace(request, prompt=replace(request.prompt, turns=turns))
        decoding = self.selection.decoding
        return decoded(request, replace(decoding, seed=decoding.seed + self.repeat))

    def result(self, answer: Answer) -> SampleResult:
        """The answer, scored."""
        sample, method = self.sample(answer.sample), self.selection.method
        if method is not Method.GENERATE:
            check_option_logprobs(sample, answer)
        answer = ended(answer, self.selection.decoding)
        scorer, marks = self.selection.benchmark.scorer(method), self.selection.decoding.thoughts
        score = score_answer(scorer, sample, answer, marks=marks)
        return SampleResult(
            sample=sample.id,
            mark=score.mark,
            answer=score.answer,
            target=sample.target,
            options=len(sample.options),
            option_logprobs=option_logprobs(answer, mean=method is Method.RANK_MEAN),
            text=abridged(answer.text, most=TEXT_KEPT),
            cluster=sample.cluster,
            unit=sample.unit,
            cut_short=answer.cut_short,
            partial=score.partial,
        )

    def results(
        self,
        rows: Mapping[str, tuple[SampleResult, ...]],
        *,
        condition: str = IMAGE,
        left_out: Mapping[str, str] = MappingProxyType({}),
    ) -> TaskResults:
        """The record of these results, under the condition that was wanted of the model."""
        spec = replace(self.spec, condition=condition)
        return TaskResults(spec=spec, rows=rows, left_out=dict(left_out))

    @property
    def spec(self) -> TaskSpec:
        """What is asked, and how."""
        benchmark, method = self.selection.benchmark, self.selection.method
        return TaskSpec(
            benchmark=benchmark.name,
            revision=benchmark.revision,
            method=method,
            scoring=benchmark.scorer(method).rule,
            condition=self.condition,
            condition_used=self.condition,
            few_shot=self.few_shot,
            seed=0 if self.condition == IMAGE else self.seed,
            decoding=self.selection.decoding,
        )

    def plan(self, leaves: Sequence[str]) -> TaskPlan:
        """The requests for all samples of these leaves."""
        ids = dict.fromkeys(id for leaf in leaves for id in self.selection.ids[leaf])
        return TaskPlan(
            task=self.name,
            ids=tuple(ids),
            request=self.request,
            identity=f"{self.spec.identity}{f' repeat {self.repeat + 1}' if self.repeat else ''}",
        )


class Tasks:
    """The benchmarks of a run under each condition, made once."""

    def __init__(self, selections: Mapping[str, BenchmarkSelection], *, seed: int) -> None:
        self._selections = selections
        self._seed = seed
        self._tasks: dict[tuple[str, str, bool], Task] = {}

    def task(self, benchmark: str, condition_name: str, *, few_shot: bool = False) -> Task:
        """A benchmark under a condition, as a model is asked it.

        Solved examples come first if they are wanted and the benchmark has published some.
        """
        selection = self._selections[benchmark]
        few_shot = few_shot and bool(selection.benchmark.examples(selection.method))
        key = (benchmark, condition_name, few_shot)
        if key not in self._tasks:
            applied = condition(condition_name)
            self._tasks[key] = Task(
                selection=selection, applied=applied, seed=self._seed, few_shot=few_shot
            )
        return self._tasks[key]


SHOWN: Final = 3
"""Dimensions without a threshold that an error names, and questions that a warning does."""


def select_benchmarks(settings: Settings) -> list[BenchmarkSelection]:
    """The benchmarks of this run, and the samples of each that a limit leaves.

    The limit is shared out over the whole benchmark, whichever cases are selected: so a dimension
    keeps its samples, and its verdict, under `-k`.

    Raises:
        SettingsError: an option, a method or a threshold does not fit the benchmark.
        DataError: the benchmark's data cannot be read.
    """
    for name in settings.vision.conditions:
        condition(name)
    lists = exclusions.read(settings.exclude) if settings.exclude else ()
    selections = [_select(benchmark, settings, lists) for benchmark in settings.benchmarks]
    decodings = {configured.name: configured.decoding for configured in settings.benchmarks}
    check_decodings(decodings, {selection.name: selection.method for selection in selections})
    nodes = [node for selection in selections for node in selection.dimensions]
    check_thresholds(settings.thresholds, nodes, source=settings.source)
    check_allowances(settings.snapshots, nodes, source=settings.source)
    for selection in selections:
        empty = [node.path for node in selection.dimensions if not selection.sample_ids(node)]
        if gated := [path for path in empty if path in settings.thresholds]:
            raise SettingsError(
                f"a limit of {settings.limit} leaves no sample of {gated[0]},"
                " which has a threshold.",
                asked_for_by=settings.sources["limit"],
                what_to_do=f"ask for at least {len(selection.leaves)} samples, one for each leaf",
            )
    ungated = [node.path for node in nodes if node.path not in settings.thresholds]
    if settings.strict and ungated:
        more = f" and {len(ungated) - SHOWN} more" if len(ungated) > SHOWN else ""
        raise SettingsError(
            f"{len(ungated)} of {len(nodes)} dimensions have no threshold.",
            asked_for_by=settings.sources["strict"],
            without_one=", ".join(ungated[:SHOWN]) + more,
            what_to_do=f"set them in [thresholds] of {settings.source or 'mmbench.toml'}",
        )
    return selections


def check_thresholds_run(settings: Settings) -> None:
    """Accepts thresholds of benchmarks that run, or that only this run leaves out.

    A threshold of any other benchmark would be judged in no run, and would look like a gate.

    Raises:
        SettingsError: there is one, or one is left out under `strict`.
    """
    running = {*settings.configured_benchmarks, *(each.name for each in settings.benchmarks)}
    for path, threshold in settings.thresholds.items():
        name = path.partition(".")[0]
        if name not in running:
            raise SettingsError(
                f"a threshold is set for {name!r}, which does not run.",
                asked_for_by=f'{settings.source} [thresholds] "{path}" = {threshold.at_least}',
                **near(name, running, label="benchmarks"),
                what_to_do=f"add [benchmarks.{name}], or take the line out",
            )
    if settings.strict and (message := thresholds_not_run(settings)):
        raise SettingsError(
            f"{message}.",
            asked_for_by=settings.sources["strict"],
            what_to_do="run every benchmark that has a threshold, or add --no-mm-strict",
        )


def thresholds_not_run(settings: Settings) -> str:
    """Whose thresholds this run does not judge, and what leaves them out; empty if none."""
    running = {benchmark.name for benchmark in settings.benchmarks}
    names = dict.fromkeys(path.partition(".")[0] for path in settings.thresholds)
    missing = [name for name in names if name not in running]
    if not missing:
        return ""
    them = "it" if len(missing) == 1 else "them"
    place = settings.sources["benchmark"]
    return f"thresholds of {', '.join(missing)} are not judged: {place} leaves {them} out"


def _select(
    configured: BenchmarkSettings, settings: Settings, lists: Sequence[Exclusion]
) -> BenchmarkSelection:
    skip = {"bad-rows": "skip"} if settings.bad_rows is BadRows.SKIP else {}
    benchmark = registry.benchmark(configured.name, {**configured.options, **skip})
    excluded: set[str] = set()
    for exclusion in lists:
        if exclusion.benchmark != benchmark.name:
            continue
        if exclusion.revision != benchmark.revision:
            raise SettingsError(
                f"the list of samples to leave out was made for another {benchmark.name}.",
                asked_for_by=settings.sources["exclude"],
                made_for=exclusion.revision,
                now=benchmark.revision,
                what_to_do="make the list anew from these data",
            )
        excluded.update(exclusion.samples)
    if excluded:
        benchmark = FilteredBenchmark(benchmark, excluded)
    if settings.circular and counts_samples(benchmark):
        benchmark = CircularBenchmark(benchmark)
    nodes = benchmark.dimensions()
    method = configured.method_from(benchmark.methods())
    every = (id for leaf in nodes[0].leaves for id in benchmark.ids(leaf))
    selection = BenchmarkSelection(
        benchmark=benchmark,
        method=method,
        dimensions=nodes,
        ids=limited_ids(benchmark, nodes, limit=settings.limit, seed=settings.seed),
        decoding=without_defaults(configured.decoding.for_method(method), benchmark, method, every),
    )
    if selection.method in (Method.RANK, Method.RANK_MEAN):
        _warn_of_twins(selection)
    return selection


def _warn_of_twins(selection: BenchmarkSelection) -> None:
    """Counts questions that no ranking of texts can answer: two of the texts are the same."""
    benchmark = selection.benchmark
    questions: dict[str, bool] = {}
    for id in (id for leaf in selection.leaves for id in selection.ids[leaf]):
        sample = benchmark.sample(id)
        # Options that are alike may still be ranked by their letters.
        questions[published_id(benchmark, id)] = _has_twins(sample.options) and _has_twins(
            benchmark.request(sample, selection.method).options
        )
    twins = [id for id, has_twins in questions.items() if has_twins]
    if twins:
        more = f" and {len(twins) - SHOWN} more" if len(twins) > SHOWN else ""
        message = (
            f"{benchmark.name}: {len(twins)} of {len(questions)} questions have two options of "
            f"the same text, of which {selection.method} always takes the first: "
            f"{', '.join(twins[:SHOWN])}{more}"
        )
        warnings.warn(MMBenchWarning(message), stacklevel=2)


def _has_twins(options: Sequence[str]) -> bool:
    return len({option.strip() for option in options}) < len(options)
