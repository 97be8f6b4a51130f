"""Trees of dimensions: their paths, their nodes, and what their authors counted."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence

from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.records import Average, Dimension, Unit

Groups = Mapping[str, Sequence[str]]
"""Names of capabilities, and the axes of each, as their authors write them."""


def kebab(name: str) -> str:
    """A published name as a part of a path: `Science & Technology` is `science-and-technology`."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower().replace("&", " and ")))


def leaf(benchmark: str, capability: str, axis: str) -> str:
    """The path of an axis: `mmstar.math.geometry`."""
    return f"{benchmark}.{kebab(capability)}.{kebab(axis)}"


def leaves(benchmark: str, groups: Groups) -> tuple[str, ...]:
    """The paths of all axes, in the order in which their authors number them."""
    return tuple(leaf(benchmark, each, axis) for each, axes in groups.items() for axis in axes)


def dimensions(
    benchmark: str,
    groups: Groups,
    sizes: Mapping[str, int],
    *,
    average: Average = Average.MICRO,
    unit: Unit = Unit.SAMPLE,
    scale: int = 1,
) -> tuple[Dimension, ...]:
    """The whole tree: the benchmark, and each capability before its axes.

    Args:
        benchmark: the root.
        groups: what lies below it.
        sizes: samples by leaf; a leaf that is not named has none.
        average: how the scores of leaves make those above.
        unit: what counts once.
        scale: the authors' full score of one leaf, which those above add up.
    """
    paths = {
        f"{benchmark}.{kebab(capability)}": [leaf(benchmark, capability, axis) for axis in axes]
        for capability, axes in groups.items()
    }

    def node(path: str, leaves: Sequence[str]) -> Dimension:
        return Dimension(
            path=path,
            leaves=tuple(leaves),
            size=sum(sizes.get(each, 0) for each in leaves),
            average=average,
            unit=unit,
            scale=scale * len(leaves) if scale > 1 else 1,
        )

    below = [
        each
        for path, leaves in paths.items()
        for each in (node(path, leaves), *(node(leaf, [leaf]) for leaf in leaves))
    ]
    return (node(benchmark, [leaf for leaves in paths.values() for leaf in leaves]), *below)


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
