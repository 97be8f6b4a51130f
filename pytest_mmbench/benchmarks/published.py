"""A benchmark that was read from a published file: what all of them have in common.

The file of a benchmark says what is its own: how a row becomes a sample, how it is worded, which
dimensions it has, and which scorer reads its answers. It hands them to `Published`, which keeps the
contract of `protocols.Benchmark`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pytest_mmbench.prompts import choice_request
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Dimension, Method, Prompt, Request, Sample, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The benchmark as a file holds it."""

    name: str
    revision: str
    """Changes with the data, and with what is made of them."""
    nodes: tuple[Dimension, ...]
    samples: Mapping[str, Sample]
    """By id, in the order of the data."""
    members: Mapping[str, Sequence[str]]
    """Ids by leaf, and by view."""
    wording: Callable[[Sample, Method], Prompt]
    """The official prompt; it takes what may be ablated from the sample, and nothing from its
    target."""
    scorers: Mapping[Method, Scorer]
    """The ways in which it can be asked, the default first, and how each is read."""
    new_tokens: int = 32
    """Of a generated answer."""
    lettered: frozenset[str] = frozenset()
    """Samples whose letters are ranked also where the texts of options would be."""
    solved: tuple[Turn, ...] = ()
    """Shown to text models first."""

    def dimensions(self) -> tuple[Dimension, ...]:
        """The whole tree."""
        return self.nodes

    def ids(self, leaf: str) -> Sequence[str]:
        """Ids of the samples of a leaf or a view."""
        return self.members[leaf]

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
        elif method is not Method.GENERATE and sample.id in self.lettered:
            method = Method.RANK_LETTER
        prompt = self.wording(sample, method)
        return choice_request(sample, method, prompt, new_tokens=self.new_tokens)

    def examples(self, method: Method) -> tuple[Turn, ...]:  # noqa: ARG002 - the same for all
        """Solved questions for text models."""
        return self.solved

    def scorer(self, method: Method) -> Scorer:
        """How answers are read."""
        return self.scorers[method]


def members(samples: Mapping[str, Sample], nodes: Sequence[Dimension]) -> dict[str, list[str]]:
    """Ids by leaf, from the samples themselves."""
    found: dict[str, list[str]] = {leaf: [] for leaf in nodes[0].leaves}
    for id, sample in samples.items():
        found[sample.dimension].append(id)
    return found
