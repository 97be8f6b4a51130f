"""Trees of dimensions: their paths, their nodes, and what their authors counted."""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet

from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.records import Average, Dimension, Unit

Groups = Mapping[str, Sequence[str]]
"""Names of capabilities, and the axes of each, as their authors write them."""


def kebab(name: str) -> str:
    """A published name as a part of a path: `Science & Technology` is `science-and-technology`."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower().replace("&", " and ")))


def leaf_path(benchmark: str, capability: str, axis: str) -> str:
    """The path of an axis: `mmstar.math.geometry`."""
    return f"{benchmark}.{kebab(capability)}.{kebab(axis)}"


def axis_paths(benchmark: str, groups: Mapping[str, Collection[str]]) -> dict[str, str]:
    """The path of each axis, by its published name; no two capabilities may share one."""
    return {
        axis: leaf_path(benchmark, capability, axis)
        for capability, axes in groups.items()
        for axis in axes
    }


def leaf_counts(benchmark: str, groups: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """The published samples of each axis, by its path."""
    return {
        leaf_path(benchmark, capability, axis): count
        for capability, axes in groups.items()
        for axis, count in axes.items()
    }


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

    A capability without axes is a leaf, and so is a benchmark without capabilities. `scale` is the
    authors' full score of one leaf, which the nodes above add up.
    """

    def node(path: str, leaves: Sequence[str]) -> Dimension:
        return Dimension(
            path=path,
            leaves=tuple(leaves),
            size=sum(sizes.get(leaf, 0) for leaf in leaves),
            average=average,
            unit=unit,
            scale=scale * len(leaves) if scale > 1 else 1,
        )

    all_leaves: list[str] = []
    below: list[Dimension] = []
    for capability, axes in groups.items():
        path = f"{benchmark}.{kebab(capability)}"
        leaves = [leaf_path(benchmark, capability, axis) for axis in axes]
        all_leaves += leaves or [path]
        below += [node(path, leaves or [path]), *(node(leaf, [leaf]) for leaf in leaves)]
    return (node(benchmark, all_leaves or [benchmark]), *below)


def views(
    benchmark: str, groups: Mapping[str, Collection[str]], sizes: Mapping[str, int]
) -> tuple[Dimension, ...]:
    """Nodes that hold the samples of other leaves again: those that share a published label.

    They are leaves of themselves, `mathvista.skills.logical-reasoning`, and there is no node for
    the kind of label: a sample may have several of a kind, and a whole would count it twice.
    """
    paths = [
        leaf_path(benchmark, kind, label) for kind, labels in groups.items() for label in labels
    ]
    return tuple(Dimension(path=path, leaves=(path,), size=sizes.get(path, 0)) for path in paths)


def check_counts(
    file: str,
    published: Mapping[str, int],
    sizes: Mapping[str, int],
    *,
    views: AbstractSet[str] = frozenset(),
) -> None:
    """Warns if dimensions do not hold as many samples as published; views count for no sum."""
    differing = [path for path, count in published.items() if sizes.get(path, 0) != count]
    if differing:
        width = max(map(len, differing))
        lines = [
            f"  {path:<{width}}   expected {published[path]:>5}   found {sizes.get(path, 0):>5}"
            for path in differing
        ]
        counted = [path for path in published if path not in views]
        expected, found = (
            sum(counts.get(path, 0) for path in counted) for counts in (published, sizes)
        )
        difference = f"{expected} samples were expected, {found} found"
        if expected == found:
            difference = (
                f"it holds as many samples, {found}, and they are spread otherwise over "
                + ("its views" if set(differing) <= views else "its dimensions")
            )
        problem = (
            f"{file} is not the published data: {difference}. "
            "Its scores compare with no published ones."
        )
        warnings.warn(MMBenchWarning("\n".join([problem, *lines])), stacklevel=2)
