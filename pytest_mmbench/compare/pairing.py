"""Two models' answers, matched by sample and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from pytest_mmbench.compare.changes import Flip, Judged, Kind
from pytest_mmbench.compare.comparison import Comparison
from pytest_mmbench.errors import DataError
from pytest_mmbench.records import Mark
from pytest_mmbench.stats import Cluster, Pairs

_ORDER: Final = tuple(Kind)


def compare(
    dimension: str, old: Sequence[Judged], new: Sequence[Judged], *, tolerance: float
) -> Comparison:
    """Two models on the same samples, in any order.

    Args:
        dimension: path of the node that the samples lie below.
        old: what the accepted model made of them.
        new: what the candidate made of them; which samples share a picture is taken from here.
        tolerance: widest margin (nats) of a near tie, from `noise.tolerance` or `noise.fallback`.

    Raises:
        DataError: the samples differ, one occurs twice, or there are none.
    """
    before, after = _by_sample(old, "the old model"), _by_sample(new, "the new model")
    _check_same(dimension, before, after)
    changed = [
        Flip(old=was, new=now, near_tie=max(was.margin, now.margin) <= tolerance)
        for now in new
        if _differs(was := before[now.sample], now)
    ]
    return Comparison(
        dimension=dimension,
        pairs=_pairs(old, changed),
        clusters=_clusters(new, changed),
        flips=tuple(sorted(changed, key=_worst_first)),
        unreadable_old=sum(each.mark is Mark.UNREADABLE for each in old),
    )


def _differs(old: Judged, new: Judged) -> bool:
    readable = new.mark is not Mark.UNREADABLE
    return old.mark is not new.mark or (readable and old.chosen != new.chosen)


def _worst_first(flip: Flip) -> tuple[int, bool, str]:
    return _ORDER.index(flip.kind), flip.near_tie, flip.sample


def _pairs(old: Sequence[Judged], changed: Sequence[Flip]) -> Pairs:
    right = sum(each.mark is Mark.RIGHT for each in old)
    lost = sum(flip.lost for flip in changed if not flip.near_tie)
    gained = sum(flip.gained for flip in changed if not flip.near_tie)
    return Pairs(both=right - lost, lost=lost, gained=gained, neither=len(old) - right - gained)


def _clusters(new: Sequence[Judged], changed: Sequence[Flip]) -> tuple[Cluster, ...]:
    sizes = Counter(map(_picture, new))
    if len(sizes) == len(new):
        return ()
    real = [flip for flip in changed if not flip.near_tie]
    lost = Counter(_picture(flip.new) for flip in real if flip.lost)
    gained = Counter(_picture(flip.new) for flip in real if flip.gained)
    found = (Cluster(size=sizes[at], lost=lost[at], gained=gained[at]) for at in sizes)
    # In an order of their own, so that sums of floats do not depend on the order of the samples.
    return tuple(sorted(found, key=lambda each: (each.size, each.lost, each.gained)))


def _picture(each: Judged) -> tuple[str, str]:
    """What is the same for samples that share a picture, and only for them."""
    return (each.cluster, "") if each.cluster else ("", each.sample)


def _by_sample(judged: Sequence[Judged], model: str) -> dict[str, Judged]:
    found = {each.sample: each for each in judged}
    if len(found) < len(judged):
        twice = next(
            id for id, times in Counter(each.sample for each in judged).items() if times > 1
        )
        raise DataError(
            f"{model} was judged twice on sample {twice!r}.",
            what_to_do="give every sample an id that is unique in its benchmark",
        )
    return found


def _check_same(dimension: str, old: Mapping[str, Judged], new: Mapping[str, Judged]) -> None:
    if old.keys() == new.keys() and new:
        return
    raise DataError(
        f"the models were not asked the same samples of {dimension!r}, or none at all.",
        asked=f"{len(old)} of the old model, {len(new)} of the new one",
        only_the_old=next((id for id in old if id not in new), ""),
        only_the_new=next((id for id in new if id not in old), ""),
        what_to_do="ask both models with the same data and the same limit",
    )
