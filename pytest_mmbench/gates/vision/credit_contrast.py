"""Two views of samples that are right in part: what their credits add up to, picture by picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from pytest_mmbench.gates.stats.differences import CreditCluster, credit_clusters
from pytest_mmbench.gates.stats.gaffke import Shares
from pytest_mmbench.gates.vision.outcomes import OutcomeCounts, View, outcomes_in
from pytest_mmbench.records import NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditContrast:
    """Samples that were asked both ways, with what they earned."""

    before: Fraction
    """Sum of credits without it."""
    after: Fraction
    """Sum of credits with it."""
    differences: tuple[CreditCluster, ...]
    """What it adds, by picture."""
    shares_after: Shares
    """What was earned with it, by picture; see `stats.gaffke`."""

    def times(self, factor: int) -> CreditContrast:
        """So many times the samples, with the same means."""
        return replace(
            self,
            before=factor * self.before,
            after=factor * self.after,
            differences=factor * self.differences,
            shares_after={share: factor * number for share, number in self.shares_after.items()},
        )

    def reversed_differences(self) -> Iterator[CreditCluster]:
        """What its absence adds."""
        return (replace(each, change=-each.change) for each in self.differences)


def credit_contrast(
    outcomes: OutcomeCounts, before: View, after: View, shared: Iterable[OutcomeCounts]
) -> CreditContrast | None:
    """The credits of the samples that were asked in both views; None if none is right in part.

    `shared` has the outcomes of the samples that show the same picture, for each such picture.
    """
    single = Counter(dict(outcomes_in(outcomes, before, after)))
    views = [each.in_view(view) for each in single for view in (before, after)]
    if not any(view.partial for view in views):
        return None
    pictures = [dict(outcomes_in(picture, before, after)) for picture in shared]
    for picture in pictures:
        single.subtract(picture)
    # Whoever shares no picture is one by itself.
    pictures += [{outcome: 1} for outcome in single.elements()]
    earned = [
        (at, outcome.in_view(before).credit, outcome.in_view(after).credit)
        for at, picture in enumerate(pictures)
        for outcome in Counter(picture).elements()
    ]
    sizes = Counter(at for at, _, _ in earned)
    sums: dict[int, Fraction] = dict.fromkeys(sizes, NOTHING)
    for at, _, credit in earned:
        sums[at] += credit
    return CreditContrast(
        before=sum((credit for _, credit, _ in earned), NOTHING),
        after=sum(sums.values(), NOTHING),
        differences=credit_clusters((at, now - was) for at, was, now in earned),
        shares_after=Counter((Fraction(sizes[at]), sums[at]) for at in sizes),
    )
