"""Any benchmark, less some of its samples, or with every rotation of its options."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

from pytest_mmbench.conditions.text import movable, rotated
from pytest_mmbench.protocols import Benchmark, Scorer, view_units
from pytest_mmbench.records import Dimension, Method, Request, Sample, Turn, Unit

AT: Final = "@"
"""Stands between the id of a sample and the number of its rotation."""
_DIGITS: Final = 12


class WrappedBenchmark:
    """Another benchmark, unchanged."""

    def __init__(self, inner: Benchmark) -> None:
        self.inner = inner

    @property
    def name(self) -> str:
        """Of the inner benchmark."""
        return self.inner.name

    def sample(self, id: str) -> Sample:
        """The sample of that id."""
        return self.inner.sample(id)

    def methods(self) -> tuple[Method, ...]:
        """The ways in which it can be asked."""
        return self.inner.methods()

    def request(self, sample: Sample, method: Method) -> Request:
        """The benchmark's wording."""
        return self.inner.request(sample, method)

    def examples(self, method: Method) -> tuple[Turn, ...]:
        """Solved questions for text models."""
        return self.inner.examples(method)

    def scorer(self, method: Method) -> Scorer:
        """How answers are read."""
        return self.inner.scorer(method)


class FilteredBenchmark(WrappedBenchmark):
    """A benchmark without some samples; dimensions that lose all of them stay, with none."""

    def __init__(self, inner: Benchmark, excluded: Collection[str]) -> None:
        super().__init__(inner)
        self._excluded = frozenset(excluded)

    @property
    def revision(self) -> str:
        """The benchmark's, and a digest of what is left out."""
        ids = "\0".join(sorted(self._excluded)).encode()
        return f"{self.inner.revision} less {hashlib.sha256(ids).hexdigest()[:_DIGITS]}"

    @property
    def variant(self) -> str:
        """The benchmark's, and how many samples are left out."""
        variant = getattr(self.inner, "variant", "")
        return f"{variant}, {len(self._excluded)} left out".lstrip(", ")

    def dimensions(self) -> tuple[Dimension, ...]:
        """The whole tree, with the sizes that are left."""
        nodes = self.inner.dimensions()
        sizes = {leaf: len(self.ids(leaf)) for node in nodes for leaf in node.leaves}
        return tuple(replace(node, size=sum(sizes[leaf] for leaf in node.leaves)) for node in nodes)

    @property
    def view_units(self) -> Mapping[str, Mapping[str, str]]:
        """The benchmark's: what is left of a unit counts."""
        return view_units(self.inner)

    def ids(self, leaf: str) -> Sequence[str]:
        """Those that are not left out."""
        return [id for id in self.inner.ids(leaf) if id not in self._excluded]


class CircularBenchmark(WrappedBenchmark):
    """A benchmark whose questions are asked under every rotation of their options.

    A question with m options becomes m samples of one unit, and is right if all of them are:
    CircularEval (Liu et al., *MMBench*, 2023). Open questions are asked once, and so are those
    whose options no rotation moves.
    """

    @property
    def revision(self) -> str:
        """The benchmark's, and that it is asked in circles."""
        return f"{self.inner.revision} circular"

    @property
    def variant(self) -> str:
        """The benchmark's, and that every rotation has to be right."""
        return ", ".join(filter(None, [getattr(self.inner, "variant", ""), "circular"]))

    @cached_property
    def _passes(self) -> dict[str, tuple[str, ...]]:
        """The samples of each leaf and view, every rotation of each."""
        return {
            leaf: tuple(
                f"{sample.id}{AT}{by}"
                for sample in map(self.inner.sample, self.inner.ids(leaf))
                for by in range(len(sample.options) if movable(sample) else 1)
            )
            for leaf in {leaf: None for node in self.inner.dimensions() for leaf in node.leaves}
        }

    def dimensions(self) -> tuple[Dimension, ...]:
        """The same tree, in which questions count and not their rotations."""
        sizes = {leaf: len(ids) for leaf, ids in self._passes.items()}
        return tuple(
            replace(node, size=sum(sizes[leaf] for leaf in node.leaves), unit=Unit.ALL_CORRECT)
            for node in self.inner.dimensions()
        )

    def ids(self, leaf: str) -> Sequence[str]:
        """Every rotation of every sample: `17@0`, `17@1` ..."""
        return self._passes[leaf]

    def sample(self, id: str) -> Sample:
        """The sample with its options rotated."""
        own, by = pass_of(id)
        (rotated_sample,) = rotated(by)([self.inner.sample(own)], seed=0)
        return replace(rotated_sample, id=id, unit=own)

    def request(self, sample: Sample, method: Method) -> Request:
        """The benchmark's wording of the rotated options."""
        own = replace(sample, id=pass_of(sample.id)[0])
        return replace(self.inner.request(own, method), sample=sample.id)


def published(benchmark: Benchmark) -> Benchmark:
    """The benchmark itself, with all its samples and each of them once."""
    while isinstance(benchmark, WrappedBenchmark):
        benchmark = benchmark.inner
    return benchmark


def published_id(benchmark: Benchmark, id: str) -> str:
    """The id of a sample in the benchmark itself."""
    return pass_of(id)[0] if isinstance(benchmark, CircularBenchmark) else id


def pass_of(id: str) -> tuple[str, int]:
    """The id without its rotation, which may hold an `@` of its own, and the rotation."""
    own, _, by = id.rpartition(AT)
    return own, int(by)


def counts_samples(benchmark: Benchmark) -> bool:
    """Whether each sample of a benchmark counts by itself, so that it can be made circular."""
    return all(node.unit is Unit.SAMPLE for node in benchmark.dimensions())
