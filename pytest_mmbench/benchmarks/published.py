"""A benchmark that was published: one declared spec, and what is read by it.

The file of a benchmark declares a `BenchmarkSpec`: its options, its table, how a row becomes a
sample, its dimensions, its prompt and its scorers. `BenchmarkSpec.load` reads the data by it, and
gives a `PublishedBenchmark`, which keeps the contract of `protocols.Benchmark`.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
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
    """What the prompt or the scorers need beside the sample, such as a hint."""
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
    """The benchmark as a file holds it."""

    name: str
    revision: str
    """Changes with the data, and with what is made of them."""
    nodes: tuple[Dimension, ...]
    samples: Mapping[str, Sample]
    """By id, in the order of the data."""
    leaf_ids: Mapping[str, Sequence[str]]
    """Ids by leaf, and by view."""
    prompt: Callable[[Sample, Method], Prompt]
    """The official prompt, from the sample as a condition may have changed it, without its
    target."""
    scorers: Mapping[Method, Scorer]
    """Methods, the default first, and how the answers to each are read."""
    new_tokens: int
    """Of a generated answer."""
    ranked_by_letter: frozenset[str]
    """Samples whose letters are ranked also where the texts of options would be."""
    few_shot: tuple[Turn, ...]
    """Solved questions that text models are shown first."""
    variant: str
    """Which of several published ones it is, in the words of a run's header."""

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
    r"""What a published benchmark declares. An entry point names its `load`.

    A benchmark of your own, in a file `acme_bench.py`:

        from pytest_mmbench.benchmarks.dimensions import dimensions, leaf_path
        from pytest_mmbench.benchmarks.prompts import lettered_lines, single_turn
        from pytest_mmbench.benchmarks.published import BenchmarkSpec, scorers_by_method
        from pytest_mmbench.benchmarks.readers.samples import build_samples
        from pytest_mmbench.records import Sample
        from pytest_mmbench.scorers.choice import StrictChoice

        def sample(id, row):
            return Sample(
                id=id,
                dimension=leaf_path("acme", "reading", row.text("axis")),
                question=row.text("question"),
                options=row.texts("options"),
                target=row.text("answer"),
                pictures=(row.picture("image", name=f"acme/{id}"),),
            )

        def prompt(sample, method, data):
            text = f"{sample.question}\n{lettered_lines(sample.options)}"
            return single_turn(sample.pictures, text)

        load = BenchmarkSpec(
            name="acme",
            version=1,
            published_as='set data = "PATH" to acme.json',
            table=lambda options: options.table(pictures=("image",)),
            samples=lambda table, options: build_samples(table, sample, id="id").items,
            tree=lambda data: dimensions("acme", {"reading": ("signs", "charts")}, data.sizes),
            prompt=prompt,
            scorers=lambda data: scorers_by_method(choice=StrictChoice()),
        ).load
    """

    name: str
    """The first word of every dimension's path."""
    version: int
    """Raised when the same file gives other samples or another wording than before."""
    published_as: str
    """How to set `data` to the authors' files, for whoever has not."""
    table: Callable[[BenchmarkOptions], Table]
    """The rows that are asked about."""
    samples: Callable[[Table, BenchmarkOptions], Mapping[str, Sample | PublishedSample[E]]]
    """What the rows say, by id."""
    tree: Callable[[PublishedData[E]], tuple[Dimension, ...]]
    """The whole tree, each node before the nodes below it."""
    prompt: Callable[[Sample, Method, PublishedData[E]], Prompt]
    """The official wording of a sample, as a condition may have changed it, without its target."""
    scorers: Callable[[PublishedData[E]], Mapping[Method, Scorer]]
    """Methods, the default first, and how the answers to each are read."""
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
    """Of a generated answer."""
    few_shot: tuple[Turn, ...] = ()
    """Solved questions that text models are shown first."""

    def load(self, settings: Mapping[str, object]) -> PublishedBenchmark:
        """The benchmark with the options of its table in the settings.

        It warns of data that are not the published ones.

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
        samples: dict[str, Sample] = {}
        extras: dict[str, E] = {}
        paths: dict[str, tuple[str, ...]] = {}
        ranked_by_letter = []
        for id, sample in self.samples(table, options).items():
            if isinstance(sample, Sample):
                samples[id] = sample
                paths[id] = (sample.dimension,)
                continue
            samples[id] = sample.sample
            extras[id] = sample.extra
            paths[id] = (sample.sample.dimension, *sample.views)
            if sample.ranked_by_letter:
                ranked_by_letter.append(id)
        sizes = Counter(chain.from_iterable(paths.values()))
        data = PublishedData(
            options=options, table=table, samples=samples, extras=extras, sizes=sizes
        )
        nodes = self.tree(data)
        leaf_ids: dict[str, list[str]] = {leaf: [] for node in nodes for leaf in node.leaves}
        for id, leaves in paths.items():
            for leaf in leaves:
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
        )

    def _warn(
        self, data: PublishedData[E], nodes: Sequence[Dimension], ranked_by_letter: Sequence[str]
    ) -> None:
        """Warns of other counts than the published ones, and of samples ranked by letter."""
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
    """Reads answers to either kind of question by the rule for its kind.

    Open questions are answered with text under every method: there is nothing to rank.
    """

    choice: Scorer
    open: Scorer

    @property
    def rule(self) -> str:
        """What reports call it: the rule for open questions if ranking has no name of its own."""
        return self.choice.rule or self.open.rule

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """What became of the answer."""
        return (self.choice if sample.options else self.open)(sample, answer)


def scorers_by_method(*, choice: Scorer, open: Scorer | None = None) -> dict[Method, Scorer]:
    """Every way of asking questions with options, to generate first, and how answers are read.

    Args:
        choice: reads generated answers to questions with options; ranked ones need no reading.
        open: reads answers to open questions, under every method; None if there are none.
    """
    scorers: dict[Method, Scorer] = {
        Method.GENERATE: choice,
        Method.RANK_LETTER: MostLikely(),
        Method.RANK: MostLikely(),
        Method.RANK_MEAN: MostLikely(mean=True),
    }
    if open is None:
        return scorers
    return {method: MixedScorer(choice=scorer, open=open) for method, scorer in scorers.items()}
