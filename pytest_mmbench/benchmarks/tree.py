"""Trees of dimensions: their paths, their nodes, and what their authors counted."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence

from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.records import Dimension

Groups = Mapping[str, Sequence[str]]
"""Names of capabilities, and the axes of each, as their authors write them."""


def kebab(name: str) -> str:
    """A published name as a part of a path: `Science & Technology` is `science-and-technology`."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower().replace("&", " and ")))


def leaf(benchmark: str, capability: str, axis: str) -> str:
    """The path of an axis: `mmstar.math.geometry`."""
    return f"{benchmark}.{kebab(capability)}.{kebab(axis)}"


def dimensions(benchmark: str, groups: Groups, sizes: Mapping[str, int]) -> tuple[Dimension, ...]:
    """The whole tree: the benchmark, and each capability before its axes.

    Args:
        benchmark: the root.
        groups: what lies below it.
        sizes: samples by leaf; a leaf that is not named has none.
    """
    nodes = []
    for capability, axes in groups.items():
        leaves = [leaf(benchmark, capability, axis) for axis in axes]
        nodes.append(_node(f"{benchmark}.{kebab(capability)}", leaves, sizes))
        nodes += [_node(path, [path], sizes) for path in leaves]
    every = [node.path for node in nodes if node.leaves == (node.path,)]
    return (_node(benchmark, every, sizes), *nodes)


def _node(path: str, leaves: Sequence[str], sizes: Mapping[str, int]) -> Dimension:
    size = sum(sizes.get(each, 0) for each in leaves)
    return Dimension(path=path, leaves=tuple(leaves), size=size)


def check_counts(file: str, published: Mapping[str, int], found: Mapping[str, int]) -> None:
    """Warns if the leaves do not hold as many samples as their authors say.

    Args:
        file: what was read, for the message.
        published: samples by leaf.
        found: the same, of what was read.
    """
    differing = [path for path, count in published.items() if found.get(path, 0) != count]
    if differing:
        width = max(map(len, differing))
        lines = [
            f"  {path:<{width}}   expected {published[path]:>5}   found {found.get(path, 0):>5}"
            for path in differing
        ]
        told = (
            f"{file} is not the published data: {sum(published.values())} samples were expected, "
            f"{sum(found.values())} found. Its scores compare with no published ones."
        )
        warnings.warn(MMBenchWarning("\n".join([told, *lines])), stacklevel=2)
