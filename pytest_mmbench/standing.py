"""How answers depend on where options stand, told beside the scores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_mmbench.circular import Answered, Turned, bias, circular
from pytest_mmbench.records import Unit
from pytest_mmbench.sheets import IMAGE, Row, Sheet, Tree, rows_of


def told(sheet: Sheet, tree: Tree) -> Iterator[str]:
    """Sentences about one benchmark as it was published; none if nothing has options.

    1. The recall of each letter, and how far recalls differ: a habit of letters shows there.
    2. Where rotations were asked: right as published, on average, and under all of them.
    """
    if sheet.condition != IMAGE:
        return
    leaves = [leaf for leaf in tree.nodes[0].leaves if leaf in sheet.rows]
    rows = [row for leaf in leaves for row in rows_of(leaf, tree, sheet.rows) if row.options > 1]
    if not rows:
        return
    found = bias(Answered(chosen=row.chosen, target=row.target) for row in rows)
    recalls = ", ".join(f"{letter} {share:.3f}" for letter, share in found.recall.items())
    yield f"{sheet.benchmark}: recall by letter {recalls}; their spread is {found.spread:.3f}"
    turned = list(_turned(rows)) if tree.nodes[0].unit is Unit.ALL else []
    if turned:
        whole = circular(turned)
        yield (
            f"{sheet.benchmark}: right as published {whole.vanilla:.3f}, on average over rotations"
            f" {whole.mean:.3f}, under every rotation {whole.circular:.3f}; the same text chosen"
            f" under every rotation in {whole.consistency:.3f}"
        )


def _turned(rows: Iterable[Row]) -> Iterator[Turned]:
    """Units of which every rotation was asked, in the order of the rotations."""
    units: dict[str, list[Row]] = {}
    for row in rows:
        units.setdefault(row.unit, []).append(row)
    for unit, passes in units.items():
        if unit and len(passes) == passes[0].options:
            chosen = tuple(row.chosen for row in passes)
            yield Turned(sample=unit, target=passes[0].target, chosen=chosen)
