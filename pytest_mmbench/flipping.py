"""Changed answers beside their questions, as a report shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from pytest_mmbench import acceptance
from pytest_mmbench.acceptance import Accepted
from pytest_mmbench.compare import Flip as Changed
from pytest_mmbench.compare import Kind as Fate
from pytest_mmbench.records import Sample
from pytest_mmbench.report.document import Flip, Kind, Said
from pytest_mmbench.runs import RunFile
from pytest_mmbench.sheets import IMAGE, Row

SampleOf = Callable[[str, str], Sample]
"""Finds a sample by its benchmark and id."""

KINDS: Final[Mapping[Fate, Kind]] = MappingProxyType(
    {
        Fate.REGRESSED: Kind.REGRESSED,
        Fate.SILENCED: Kind.UNREADABLE,
        Fate.BECAME_UNREADABLE: Kind.UNREADABLE,
        Fate.STILL_WRONG: Kind.BOTH_WRONG,
        Fate.BECAME_READABLE: Kind.BOTH_WRONG,
        Fate.FIXED: Kind.FIXED,
        Fate.STILL_RIGHT: Kind.BOTH_RIGHT,
    }
)
"""What a report calls a change."""


def unaccepted(
    accepted: Mapping[str, Accepted], model: RunFile, sample_of: SampleOf
) -> Iterable[Flip]:
    """The answers of a model that are not those that were accepted, by leaf.

    Of an accepted answer only what was read is known, and neither its text nor what its options
    were worth.
    """
    for leaf, held in accepted.items():
        sheet = model.sheet(leaf.partition(".")[0], IMAGE)
        rows = {row.sample: row for row in sheet.rows[leaf]}
        tolerance = model.tolerance_of(sheet.benchmark)
        now = acceptance.taken(sheet, leaf, model=model.name, tolerance=tolerance)
        for changed in acceptance.judge(held, now).flips:
            sample = sample_of(sheet.benchmark, changed.sample)
            old = Said(chosen=changed.old.chosen, mark=changed.old.mark)
            yield flip(changed, sample, old, said(rows[sample.id]))


def tells(changed: Changed) -> bool:
    """Whether it is a change beside a baseline, which does not hold a model to its words.

    There, one that is right before and after is none.
    """
    return changed.kind is not Fate.STILL_RIGHT


def flip(changed: Changed, sample: Sample, old: Said, new: Said) -> Flip:
    """A changed answer with its question."""
    return Flip(
        sample=sample.id,
        dimension=sample.dimension,
        question=sample.question,
        options=sample.options,
        target=sample.target,
        old=old,
        new=new,
        kind=Kind.NEAR_TIE if changed.near_tie else KINDS[changed.kind],
    )


def said(row: Row) -> Said:
    """What a model answered."""
    return Said(chosen=row.chosen, mark=row.mark, logs=row.worths, text=row.text)
