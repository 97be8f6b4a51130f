"""The tree that one or several columns of labels make, a level each."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from itertools import accumulate, chain

from pytest_mmbench.benchmarks.dimensions import kebab
from pytest_mmbench.benchmarks.readers.rows import Row, index_text
from pytest_mmbench.errors import shorten
from pytest_mmbench.records import Dimension


class CapabilityPaths:
    """Paths of leaves, by the labels of rows; two labels never share a path."""

    def __init__(self, benchmark: str, columns: Sequence[str]) -> None:
        self._benchmark = benchmark
        self._columns = tuple(columns)
        self._labels: dict[str, str] = {}
        """By path of a node, the label that it comes from, in small letters."""

    def path(self, row: Row) -> str:
        """The leaf of a row: `acme.reading.signs`; the benchmark itself without columns.

        Raises:
            DataError: a label is empty, cannot be part of a path, or is another's as a path.
        """
        path = self._benchmark
        for column in self._columns:
            labels = row.several(column)
            if len(labels) > 1:
                problem = f"holds {len(labels)} labels, and a question has one place in the tree."
                raise row.error(column, problem)
            label = index_text(labels[0].strip() if labels else row.text(column))
            path = f"{path}.{_part(row, column, label)}"
            plain = " ".join(label.lower().split())
            if self._labels.setdefault(path, plain) != plain:
                problem = f"is {shorten(label)!r}, which would be called {path!r}"
                raise row.error(column, f"{problem}, as {self._labels[path]!r} is.")
        return path


def _part(row: Row, column: str, label: str) -> str:
    """A label as a part of a path, accents left out; nothing else of it may get lost."""
    plain = unicodedata.normalize("NFKD", label)
    part = kebab("".join(sign for sign in plain if not unicodedata.combining(sign)))
    readable = sum(sign.isalnum() for sign in plain)
    if not part or readable > sum(sign.isalnum() for sign in part):
        raise row.error(
            column,
            f"is {shorten(label)!r}, which cannot be the name of a dimension.",
            what_to_do="write it with letters from a to z and digits",
        )
    return part


def capability_tree(benchmark: str, sizes: Mapping[str, int]) -> tuple[Dimension, ...]:
    """Each node of the leaves of these sizes, in their order, before the nodes below it."""
    nodes = {leaf: [*accumulate(leaf.split("."), "{}.{}".format)] for leaf in sizes}
    first: dict[str, int] = {}
    for node in chain.from_iterable(nodes.values()):
        first.setdefault(node, len(first))
    paths: dict[str, list[str]] = {benchmark: []}
    # What lies below one node stays together, in the order in which nodes come first.
    for leaf in sorted(sizes, key=lambda leaf: [first[node] for node in nodes[leaf]]):
        for node in nodes[leaf]:
            paths.setdefault(node, []).append(leaf)
    return tuple(
        Dimension(path=path, leaves=tuple(leaves), size=sum(sizes[leaf] for leaf in leaves))
        for path, leaves in paths.items()
    )
