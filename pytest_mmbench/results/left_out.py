"""Samples that are left out because their pictures cannot be read, told beside the scores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pytest_mmbench.errors import DataError
from pytest_mmbench.results.rows import IMAGE, TaskResults


def reason(error: DataError) -> str:
    """What was wrong with a picture and where it lies, in one line."""
    row = error.facts.get("row", "").split(" ")[0]
    place = ", ".join(filter(None, [error.facts.get("file", ""), row and f"row {row}"]))
    told = ": ".join(filter(None, [error.problem.rstrip("."), error.facts.get("reason", "")]))
    return " ".join(f"{told}; {place}".removesuffix("; ").split())


def sentence(what: str, left_out: Mapping[str, str], *, total: int) -> str:
    """How many samples are left out of how many, and what is wrong with the first of them."""
    first, why = next(iter(left_out.items()))
    several = "samples" if total > 1 else "sample"
    count = f"{len(left_out)} of {total} {several}"
    return f"{what}: {count} left out, as their pictures cannot be read ({first}: {why})"


def condition(results: TaskResults) -> str:
    """What follows a name where something else was asked than was published."""
    return "" if results.condition == IMAGE else f" ({results.condition})"


def notes(results: Iterable[TaskResults]) -> Iterator[str]:
    """A sentence for each sheet that leaves out what no earlier one of its benchmark has told of.

    A broken picture is missing under nearly every condition and for every model: once is enough.
    """
    known: set[tuple[str, str]] = set()
    for sheet in results:
        left_out = {(sheet.benchmark, id) for id in sheet.left_out}
        if not left_out <= known:
            known |= left_out
            scored = {row.sample for rows in sheet.rows.values() for row in rows}
            asked = len(scored | sheet.left_out.keys())
            yield sentence(f"{sheet.benchmark}{condition(sheet)}", sheet.left_out, total=asked)
