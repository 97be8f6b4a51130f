"""A published benchmark: `BenchmarkSpec` declares it, and `BenchmarkSpec.load` reads its data."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from pytest_mmbench.benchmarks.dimensions import check_counts
from pytest_mmbench.benchmarks.prompts import choice_request
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.settings import BenchmarkOptions
from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Answer, Dimension, Method, Prompt, Request, Sample, Score, Turn
from pytest_mmbench.scorers.likelihood import MostLikely

SHOWN: Final = 3
"""Samples that a warning names."""
E = TypeVar("E")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSample(Generic[E]):
    """A sample, and what its row says beside it."""

    sample: Sample
    extra: E
    """What the prompt or the scorers need beside it, such as a hint."""
    views: tuple[str, ...] = ()
    """Paths of the views that hold the sample again."""
    ranked_by_letter: bool = False
    """Whether letters are ranked also where the texts of options would be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedData(Generic[E]):
    """What was read of a benchmark, and by which options."""

    options: BenchmarkOptions
    table: Table
    samples: Mapping[str, Sample]
    """By id, in the order of the data."""
    extras: Mapping[str, E]
    """`PublishedSample.extra` by id; none where the spec makes plain samples."""
    sizes: Mapping[str, int]
    """Samples by leaf and view; 0 for those that hold none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedBenchmark:
    """A benchmark whose data are read: a `protocols.Benchmark`."""

    name: str
    revision: str
    nodes: tuple[Dimension, ...]
    samples: Mapping[str, Sample]
    """By id, in the order of the data."""
    leaf_ids: Mapping[str, Sequence[str]]
    """By leaf and by view."""
    prompt: Callable[[Sample, Method], Prompt]
    scorers: Mapping[Method, Scorer]
    """By method, the default first."""
    new_tokens: int
    ranked_by_letter: frozenset[str]
    """Ids of samples whose letters are ranked also where the texts of options would be."""
    few_shot: tuple[Turn, ...]
    """Solved questions that text models are shown first."""
    variant: str
    """Which of several published ones it is, in the words of a run's header."""
    view_units: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By view, what its samples count together with there, by id: another `Sample.unit`."""

    def dimensions(self) -> tuple[Dimension, ...]:
        """The whole tree."""
        return self.nodes

    def ids(self, leaf: str) -> Sequence[str]:
        """Ids of the samples of a leaf or a view."""
        return self.leaf_ids[leaf]

    def sample(self, id: str) -> Sample:
        """The sample of that id."""
        return self.samples[id]

    def methods(self) -> tuple[Method, ...]:
        """The ways in which it can be asked."""
        return tuple(self.scorers)

    def request(self, sample: Sample, method: Method) -> Request:
        """The official wording. Without options there is nothing to rank: text is asked for."""
        if not sample.options:
            method = Method.GENERATE
        elif method is not Method.GENERATE and sample.id in self.ranked_by_letter:
            method = Method.RANK_LETTER
        prompt = self.prompt(sample, method)
        return choice_request(sample, method, prompt, new_tokens=self.new_tokens)

    def examples(self, method: Method) -> tuple[Turn, ...]:  # noqa: ARG002 - the same for all
        """Solved questions for text models."""
        return self.few_shot

    def scorer(self, method: Method) -> Scorer:
        """How answers are read."""
        return self.scorers[method]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkSpec(Generic[E]):
    """What a published benchmark declares. An entry point names its `load`.

    `docs/extending.md` has a whole program for a benchmark of one's own.
    """

    name: str
    """The first word of every dimension's path."""
    version: int
    """Raised when the same file gives other samples or another wording than before."""
    published_as: str
    """How to set `data` to the authors' files, for whoever has not."""
    table: Callable[[BenchmarkOptions], Table]
    samples: Callable[[Table, BenchmarkOptions], Mapping[str, Sample | PublishedSample[E]]]
    """By id."""
    tree: Callable[[PublishedData[E]], tuple[Dimension, ...]]
    """Each node before the nodes below it."""
    prompt: Callable[[Sample, Method, PublishedData[E]], Prompt]
    """The official prompt of a sample, as a condition may have changed it, without its target."""
    scorers: Callable[[PublishedData[E]], Mapping[Method, Scorer]]
    """By method, the default first."""
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """`BenchmarkOptions.words`"""
    withheld: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """`BenchmarkOptions.withheld`"""
    counts: Callable[[PublishedData[E]], Mapping[str, int]] | None = None
    """Samples by dimension, as published: a run warns of other numbers."""
    warn: Callable[[PublishedData[E]], None] | None = None
    """Warns of what else is not as published."""
    letters_because: str = ""
    """Why some samples are ranked by letter, for the warning that counts them."""
    edition: Callable[[PublishedData[E]], str] | None = None
    """What of the options and the data the revision names, such as a split."""
    variant: Callable[[PublishedData[E]], str] | None = None
    """`PublishedBenchmark.variant`"""
    new_tokens: int = 32
    few_shot: tuple[Turn, ...] = ()
    """Solved questions that text models are shown first."""
    view_units: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """`PublishedBenchmark.view_units`, whose views hold these samples and no others."""

    def load(self, settings: Mapping[str, object]) -> PublishedBenchmark:
        """The benchmark with its settings; warns of data that are not the published ones.

        Raises:
            SettingsError: `data` is not set, or another option is not known.
            DataError: the data cannot be read.
        """
        options = BenchmarkOptions(
            benchmark=self.name,
            options=settings,
            words=self.options,
            withheld=self.withheld,
            published_as=self.published_as,
        )
        table = self.table(options)
        items = self.samples(table, options).items()
        samples = {id: item if isinstance(item, Sample) else item.sample for id, item in items}
        published = {id: item for id, item in items if not isinstance(item, Sample)}
        ranked_by_letter = [id for id, item in published.items() if item.ranked_by_letter]
        leaves = [(id, sample.dimension) for id, sample in samples.items()]
        views = [(id, view) for id, item in published.items() for view in item.views]
        views += [(id, view) for view, units in self.view_units.items() for id in units]
        data = PublishedData(
            options=options,
            table=table,
            samples=samples,
            extras={id: item.extra for id, item in published.items()},
            sizes=Counter(path for _, path in leaves + views),
        )
        nodes = self.tree(data)
        leaf_ids: dict[str, list[str]] = {leaf: [] for node in nodes for leaf in node.leaves}
        for id, leaf in leaves + views:
            leaf_ids[leaf].append(id)
        edition = [self.edition(data)] if self.edition else []
        self._warn(data, nodes, ranked_by_letter)
        return PublishedBenchmark(
            name=self.name,
            revision=" ".join([f"{self.name}-{self.version}", *edition, table.digest]),
            nodes=nodes,
            samples=samples,
            leaf_ids=leaf_ids,
            prompt=lambda sample, method: self.prompt(sample, method, data),
            scorers=self.scorers(data),
            new_tokens=self.new_tokens,
            ranked_by_letter=frozenset(ranked_by_letter),
            few_shot=self.few_shot,
            variant=self.variant(data) if self.variant else "",
            view_units=self.view_units,
        )

    def _warn(
        self, data: PublishedData[E], nodes: Sequence[Dimension], ranked_by_letter: Sequence[str]
    ) -> None:
        file = data.table.name
        if self.counts:
            sizes = {node.path: node.size for node in nodes}
            views = {node.path for node in nodes if node.leaves == (node.path,)}
            check_counts(file, self.counts(data), sizes, views=views.difference(nodes[0].leaves))
        if ranked_by_letter:
            count = f"{len(ranked_by_letter)} of {len(data.samples)} questions"
            problem = f"the options of {count} {self.letters_because}"
            message = f"{file}: {problem}: {first_few(ranked_by_letter)}"
            warnings.warn(MMBenchWarning(message), stacklevel=3)
        if self.warn:
            self.warn(data)


def first_few(ids: Sequence[str]) -> str:
    """The first ids of a list, as a warning names them: `17, 18, 19 ...`."""
    return ", ".join(ids[:SHOWN]) + (" ..." if len(ids) > SHOWN else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedScorer:
    """Reads questions with options, and open ones: those are answered with text by every method."""

    choice: Scorer
    open: Scorer

    @property
    def rule(self) -> str:
        """What reports call it: one word if both are called so, or if ranking has no name."""
        return " and ".join(dict.fromkeys(filter(None, [self.choice.rule, self.open.rule])))

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """By the rule for its kind of question."""
        return (self.choice if sample.options else self.open)(sample, answer)


def scorers_by_method(*, choice: Scorer, open: Scorer | None = None) -> dict[Method, Scorer]:
    """Scorers of every method, `generate` first: `open` reads open questions under all of them."""
    scorers: dict[Method, Scorer] = {
        Method.GENERATE: choice,
        Method.RANK_LETTER: MostLikely(),
        Method.RANK: MostLikely(),
        Method.RANK_MEAN: MostLikely(mean=True),
    }
    if open is None:
        return scorers
    return {method: MixedScorer(choice=scorer, open=open) for method, scorer in scorers.items()}
