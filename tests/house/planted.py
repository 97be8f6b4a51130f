"""A benchmark of which half can be answered from the text, by whoever has read it before.

Half of its questions come from the published default set of `shapes`, which `tiny-vlm-blind` knows
by heart; of those, only questions whose words and options settle the answer. The other half is
drawn from a seed that nobody has seen. It is offered through an entry point, as any package's is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Dimension, Method, Request, Sample, Turn

FRESH_SEED = 505
LEAKED, FRESH = "leaked", "fresh"


class Planted:
    """As many leaked questions as fresh ones, in one dimension; of both, `every` so-many-th."""

    name = "planted"
    revision = "planted-1"

    def __init__(self, *, every: int = 1) -> None:
        self._sources = {LEAKED: Shapes(), FRESH: Shapes(seed=FRESH_SEED)}
        settled = self._settled()
        leaked, fresh = settled[::every], _ids(self._sources[FRESH])[: len(settled) : every]
        self._ids = [f"{LEAKED}/{id}" for id in leaked] + [f"{FRESH}/{id}" for id in fresh]

    def _settled(self) -> list[str]:
        """The leaked questions whose words no other one shares, wherever the options stand."""
        words = {id: _words(self._sources[LEAKED].sample(id)) for id in _ids(self._sources[LEAKED])}
        shared = Counter(words.values())
        return [id for id, key in words.items() if shared[key] == 1]

    def dimensions(self) -> tuple[Dimension, ...]:
        return (Dimension(path=self.name, leaves=(self.name,), size=len(self._ids)),)

    def ids(self, leaf: str) -> Sequence[str]:
        return self._ids if leaf == self.name else ()

    def sample(self, id: str) -> Sample:
        source, _, own = id.partition("/")
        return replace(self._sources[source].sample(own), id=id, dimension=self.name)

    def methods(self) -> tuple[Method, ...]:
        return (Method.RANK,)

    def request(self, sample: Sample, method: Method) -> Request:
        return self._sources[LEAKED].request(sample, method)

    def examples(self, method: Method) -> tuple[Turn, ...]:
        return self._sources[LEAKED].examples(method)

    def scorer(self, method: Method) -> Scorer:
        return self._sources[LEAKED].scorer(method)


def _ids(shapes: Shapes) -> list[str]:
    return [id for leaf in shapes.dimensions()[0].leaves for id in shapes.ids(leaf)]


def _words(sample: Sample) -> tuple[str, ...]:
    first = sample.options.index(min(sample.options))
    return (sample.question, *sample.options[first:], *sample.options[:first])


def load(options: Mapping[str, object]) -> Planted:
    """The benchmark; the option `every = 3` takes the third part of each half."""
    (every,) = options.values() or (1,)
    assert isinstance(every, int)
    return Planted(every=every)
