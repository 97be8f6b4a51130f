"""What became of accepted answers, in words: a sentence for reports, and some lines for people."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Final

from pytest_mmbench.acceptance.judging import Acceptance
from pytest_mmbench.compare import Flip, Judged, Kind
from pytest_mmbench.records import Outcome

SHOWN: Final = 12
"""Changed answers that are told one by one."""
NEAR_TIE: Final = "near tie, not counted"


def because(found: Acceptance) -> str:
    """One sentence with the integers that decided."""
    if found.updated:
        return f"{found.dimension}: {_accepted(found)}"
    if found.refused:
        return (
            f"{found.dimension} cannot be compared: accepted were answers to {found.refused},"
            f" and {found.question} is asked now"
        )
    return f"{found.dimension} {'; '.join(_parts(found))}"


def _accepted(found: Acceptance) -> str:
    news = [f"{len(found.flips)} of them changed"] if found.flips else []
    news += [f"{found.missing} of them new"] if 0 < found.missing < found.asked else []
    if found.refused:
        news = ["to another question than before"]
    elif not news:
        news = ["for the first time" if found.missing else "as before"]
    return f"{_count(found.asked, 'answer')} accepted, {', '.join(news)}"


def _parts(found: Acceptance) -> Iterator[str]:
    compared = found.asked - found.missing
    kinds = Counter(flip.kind for flip in found.changed)
    if not compared:
        yield f"has no accepted answer to {_count(found.missing, 'sample')}"
    elif kinds:
        counts = ", ".join(f"{kinds[kind]} {_plain(kind)}" for kind in Kind if kind in kinds)
        yield f"changed {len(found.changed)} of {_count(compared, 'accepted answer')}: {counts}"
    else:
        yield f"keeps {_count(compared, 'accepted answer')}"
    if found.near_ties:
        yield f"{_count(len(found.near_ties), 'near tie')} not counted"
    if compared and found.missing:
        yield f"{found.missing} of {found.asked} samples have none"


def told(found: Acceptance, *, baseline: str = "") -> str:
    """The sentence, the changed answers with their margins, and what to do: 20 lines at most.

    `baseline` is what the run compares with besides: its report lists what changed since that.
    """
    return "\n".join([because(found), *_listed(found), *_facts(found, baseline)])


def _listed(found: Acceptance) -> Iterator[str]:
    flips = [*found.changed, *found.near_ties]
    shown = [(_what(each), each.sample, _said(each.old), _said(each.new)) for each in flips[:SHOWN]]
    widths = [max((len(row[column]) for row in shown), default=0) for column in range(3)]
    for what, sample, old, new in shown:
        yield f"  {what:<{widths[0]}}   {sample:<{widths[1]}}   {old:<{widths[2]}} -> {new}"
    if len(flips) > SHOWN:
        yield f"  and {len(flips) - SHOWN} more"


def _facts(found: Acceptance, baseline: str) -> Iterator[str]:
    if found.flips:
        benchmark = found.dimension.partition(".")[0]
        first = (*found.changed, *found.near_ties)[0]
        yield f"  see one       mmbench show {benchmark} {first.sample}"
        without = ", and name no baseline" if baseline else ""
        yield f"  see all       add --mm-html=FILE{without}"
    if found.outcome is not Outcome.PASS:
        yield "  accept them   add --snapshot-update"


def _what(flip: Flip) -> str:
    return NEAR_TIE if flip.near_tie else flip.kind


def _said(judged: Judged) -> str:
    weighed = f" (by {judged.margin:.2g} nats)" if math.isfinite(judged.margin) else ""
    return f"{judged.chosen or 'unreadable'}{weighed}"


def _plain(kind: Kind) -> str:
    return kind.replace(", now", " and now")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
