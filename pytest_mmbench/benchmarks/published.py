"""A benchmark that was read from a published file: what all of them have in common.

The file of a benchmark says what is its own: how a row becomes a sample, how it is worded, which
dimensions it has, and which scorer reads its answers. It hands them to `Published`, which keeps the
contract of `protocols.Benchmark`.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_mmbench.benchmarks.prompts import choice_request
from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Dimension, Method, Prompt, Request, Sample, Turn

SHOWN: Final = 3
"""Samples that a warning names."""


_NOWHERE: Final[Mapping[str, Sequence[str]]] = {}


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
    variant: str = ""
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
        elif method is not Method.GENERATE and sample.id in self.lettered:
            method = Method.RANK_LETTER
        prompt = self.prompt(sample, method)
        return choice_request(sample, method, prompt, new_tokens=self.new_tokens)

    def examples(self, method: Method) -> tuple[Turn, ...]:  # noqa: ARG002 - the same for all
        """Solved questions for text models."""
        return self.solved

    def scorer(self, method: Method) -> Scorer:
        """How answers are read."""
        return self.scorers[method]


def ids_by_leaf(
    samples: Mapping[str, Sample],
    nodes: Sequence[Dimension],
    seen_in: Mapping[str, Sequence[str]] = _NOWHERE,
) -> dict[str, list[str]]:
    """Ids by leaf, from the samples themselves, and by view.

    Args:
        samples: by id.
        nodes: the whole tree; leaves and views without samples are there nevertheless.
        seen_in: the views of a sample, by its id.
    """
    found: dict[str, list[str]] = {leaf: [] for node in nodes for leaf in node.leaves}
    for id, sample in samples.items():
        for path in (sample.dimension, *seen_in.get(id, ())):
            found[path].append(id)
    return found


def count_by_leaf(
    samples: Mapping[str, Sample], seen_in: Mapping[str, Sequence[str]] = _NOWHERE
) -> Counter[str]:
    """How many samples each leaf and view has, before there is a tree."""
    return Counter(
        path for id, sample in samples.items() for path in (sample.dimension, *seen_in.get(id, ()))
    )


def warn_of_lettered(file: str, lettered: Sequence[str], *, of: int, because: str) -> None:
    """Warns of samples that are ranked by letter where texts are asked for, if there are any.

    Args:
        file: what was read.
        lettered: ids, of which the first few are named.
        of: how many samples there are.
        because: what is the matter with their options, and what is done about it.
    """
    if lettered:
        named = ", ".join(lettered[:SHOWN]) + " ..." * (len(lettered) > SHOWN)
        told = f"{file}: the options of {len(lettered)} of {of} questions {because}: {named}"
        warnings.warn(MMBenchWarning(told), stacklevel=3)
