"""How often the regression gate ships, stops or leaves open: `python tests/regression_rates.py`.

Simulates whole gates with the defaults of the settings and prints a table in Markdown. Every sample
of an axis flips or not by itself. With another checkout first on PYTHONPATH it measures that one.

`python tests/regression_rates.py --pictures` prints how often the lower end of the interval of a
whole benchmark lies above the true change, and above the margin, where samples share pictures. With
the probability `fate` all samples of a picture change together. *before* is the interval of earlier
versions: Newcombe's and a t of the clustered error, of which neither presumed a picture lost.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).with_name("house")))

from comparisons import comparison, verdicts

from pytest_mmbench.gates.comparison import Comparison, Flip
from pytest_mmbench.gates.credit_changes import CreditChanges
from pytest_mmbench.gates.stats import clusters
from pytest_mmbench.gates.stats.clusters import Cluster
from pytest_mmbench.gates.stats.differences import CreditCluster
from pytest_mmbench.gates.stats.paired import Pairs, newcombe
from pytest_mmbench.gates.verdicts import RegressionVerdict
from pytest_mmbench.records import Mark, Outcome
from pytest_mmbench.results.rows import ScoredAnswer

AXES = 18
ACCURACY = 0.6
MARGIN = 0.02
DECISIONS = ("SHIP", "UNDECIDED", "DO NOT SHIP")
Counts = NDArray[np.int64]
"""Of each axis: correct twice, regressed, fixed, near ties regressed, near ties fixed, the rest."""

_RIGHT = ScoredAnswer(sample="s", mark=Mark.CORRECT, answer="A", margin=0.01)
_WRONG = ScoredAnswer(sample="s", mark=Mark.INCORRECT, answer="B", margin=0.01)
_FELL = Flip(baseline=_RIGHT, candidate=_WRONG, near_tie=True)
_ROSE = Flip(baseline=_WRONG, candidate=_RIGHT, near_tie=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happens to the samples of an axis, as shares of them."""

    flips: float = 0.1
    """Correct under one model only."""
    drop: float = 0.0
    """How many more of these regressed than were fixed."""
    near: float = 0.0
    """The same where it was a near tie."""
    near_drop: float = 0.0

    def draw(self, rng: np.random.Generator, size: int, axes: int) -> Counts:
        """The counts of so many axes of that size."""
        shares = [
            (self.flips + self.drop) / 2,
            (self.flips - self.drop) / 2,
            (self.near + self.near_drop) / 2,
            (self.near - self.near_drop) / 2,
        ]
        both = ACCURACY - shares[0] - shares[2]
        return rng.multinomial(size, [both, *shares, 1 - both - sum(shares)], size=axes)


def node(path: str, counts: Counts) -> Comparison:
    """The comparison of a dimension with such counts."""
    both, regressed, fixed, near_regressed, near_fixed, _ = (int(each) for each in counts)
    found = comparison(
        path,
        # A near tie counts as what it was.
        both=both + near_regressed,
        regressed=regressed,
        fixed=fixed,
        total=int(counts.sum()),
    )
    return replace(found, flips=(_FELL,) * near_regressed + (_ROSE,) * near_fixed)


def gate(axes: Counts) -> list[RegressionVerdict]:
    """The verdicts on a whole, its six capabilities and their 18 axes."""
    nodes = [node("b", axes.sum(axis=0))]
    for place, capability in enumerate(axes.reshape(6, 3, -1)):
        nodes.append(node(f"b.c{place}", capability.sum(axis=0)))
        nodes += [node(f"b.c{place}.a{at}", axis) for at, axis in enumerate(capability)]
    return verdicts(nodes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A mean of leaves of these sizes, of which the first so many lose; flips are 0.1."""

    sizes: tuple[int, ...]
    losers: int = 0
    drop: float = 0.0

    def gate(self, rng: np.random.Generator) -> list[RegressionVerdict]:
        """The verdicts on the mean and on its leaves."""
        changes = [Change(drop=self.drop)] * self.losers
        changes += [Change()] * (len(self.sizes) - self.losers)
        counts = [
            change.draw(rng, size, 1)[0] for change, size in zip(changes, self.sizes, strict=True)
        ]
        leaves = [node(f"b.a{at}", each) for at, each in enumerate(counts)]
        whole = node("b", np.sum(counts, axis=0))
        return verdicts([replace(whole, credits=self._credits(leaves)), *leaves])

    def _credits(self, leaves: list[Comparison]) -> CreditChanges:
        clusters = []
        for leaf in leaves:
            weight = Fraction(sum(self.sizes), len(self.sizes) * leaf.total)
            kinds = {-1: leaf.regressed, 1: leaf.fixed, 0: leaf.total - leaf.pairs.flips}
            for sign, number in kinds.items():
                change, square = weight * sign, weight**2 * abs(sign)
                clusters += [CreditCluster(size=weight, change=change, squares=square)] * number
        before, after = (
            sum((Fraction(correct, leaf.total) for correct, leaf in scores), Fraction(0))
            / len(leaves)
            for scores in (
                [(leaf.pairs.both_correct + leaf.regressed, leaf) for leaf in leaves],
                [(leaf.pairs.both_correct + leaf.fixed, leaf) for leaf in leaves],
            )
        )
        return CreditChanges(
            before=before,
            counted=after,
            actual=after,
            clusters=tuple(clusters),
            with_near_ties=tuple(clusters),
            near=(),
        )


MEANS = {
    "mean of 25, equal": Mean(sizes=(60,) * 6 + (1_000,) * 19),
    "mean of 25, six of 60 lose 5 points": Mean(
        sizes=(60,) * 6 + (1_000,) * 19, losers=6, drop=0.05
    ),
    "mean of 18, equal": Mean(sizes=(150,) * 6 + (600,) * 12),
    "mean of 18, six of 150 lose 5 points": Mean(
        sizes=(150,) * 6 + (600,) * 12, losers=6, drop=0.05
    ),
}
"""As SEED-Bench-2 has it, where a small dimension weighs as much as a large one."""


def decision(judged: list[RegressionVerdict]) -> str:
    """What the release decision would be."""
    outcomes = {each.outcome for each in judged}
    if Outcome.FAIL in outcomes:
        return DECISIONS[2]
    return DECISIONS[1] if Outcome.INCONCLUSIVE in outcomes else DECISIONS[0]


def decisions(
    size: int, change: Change, *, one: Change | None = None, runs: int, seed: int
) -> Counter[str]:
    """How often each decision falls; `one` is what happens to a single axis."""
    rng = np.random.default_rng(seed)
    found: Counter[str] = Counter()
    for _ in range(runs):
        axes = change.draw(rng, size, AXES)
        if one is not None:
            axes[4] = one.draw(rng, size, 1)[0]
        found[decision(gate(axes))] += 1
    return found


def scenarios() -> Iterator[tuple[str, int, Change, Change | None]]:
    """A name, the samples of an axis, what happens to all of them, and to one."""
    for size in (40, 83):
        for flips in (0.02, 0.05, 0.1):
            yield f"equal, flips {flips:g}", size, Change(flips=flips), None
        yield "equal, flips 0.05, near ties 0.1", size, Change(flips=0.05, near=0.1), None
        yield "3 points everywhere, flips 0.1", size, Change(drop=0.03), None
        yield "3 points everywhere, flips 0.05", size, Change(flips=0.05, drop=0.03), None
        yield "9 points everywhere, flips 0.1", size, Change(drop=0.09), None
        near = Change(flips=0, near=0.09, near_drop=0.09)
        yield "9 points everywhere, all near ties", size, near, None
        yield "one axis 15 points, flips 0.1", size, Change(), Change(flips=0.2, drop=0.15)
        yield "one axis 30 points, flips 0.1", size, Change(), Change(flips=0.35, drop=0.3)
    size = 1_334
    yield "equal, flips 0.1", size, Change(), None
    yield "1 point everywhere, flips 0.1", size, Change(drop=0.01), None
    yield "3 points everywhere, flips 0.1", size, Change(drop=0.03), None
    yield "one axis 5 points, flips 0.1", size, Change(), Change(drop=0.05)
    yield "one axis 8 points, flips 0.1", size, Change(), Change(drop=0.08)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """A benchmark whose samples share pictures."""

    number: int
    size: int
    """Questions of a picture."""
    flips: float
    drop: float
    fate: float
    """How often all samples of a picture change together."""

    def draw(self, rng: np.random.Generator) -> tuple[Cluster, ...]:
        """The samples that regressed and were fixed, by picture."""
        chances = [(self.flips + self.drop) / 2, (self.flips - self.drop) / 2, 1 - self.flips]
        alone = rng.multinomial(self.size, chances, self.number)
        together = self.size * rng.multinomial(1, chances, self.number)
        whole = rng.random((self.number, 1)) < self.fate
        return tuple(
            Cluster(size=self.size, regressed=int(regressed), fixed=int(fixed))
            for regressed, fixed, _ in np.where(whole, together, alone)
        )


def low_ends(found: tuple[Cluster, ...]) -> tuple[float, float]:
    """Of the 90 % interval: before, and now."""
    total = sum(each.size for each in found)
    regressed, fixed = sum(each.regressed for each in found), sum(each.fixed for each in found)
    both = max(0, round(ACCURACY * total) - regressed)
    pairs = Pairs(
        both_correct=both,
        regressed=regressed,
        fixed=fixed,
        both_wrong=total - both - regressed - fixed,
    )
    half = clusters.t_quantile(0.9, len(found) - 1) * clusters.clustered_error(found)
    before = min(newcombe(pairs, 0.9).low, pairs.difference - half)
    return before, clusters.paired_interval(pairs, found, 0.9).low


def picture_scenarios() -> Iterator[Pictures]:
    """What is lost whole, what is lost one by one, and candidates of equal quality."""
    for number, size in ((50, 20), (100, 4), (500, 4)):
        for fate in (0.0, 0.5, 1.0):
            fall = 2.5 / number
            yield Pictures(number=number, size=size, flips=fall, drop=fall, fate=fate)
    yield Pictures(number=200, size=5, flips=0.025, drop=0.025, fate=1.0)
    for number, size in ((100, 4), (180, 4), (375, 4), (1_000, 4), (500, 10)):
        for flips in (0.02, 0.05, 0.1):
            yield Pictures(number=number, size=size, flips=flips, drop=0.0, fate=0.0)
    yield Pictures(number=375, size=4, flips=0.05, drop=0.0, fate=1.0)


def print_pictures(runs: int) -> None:
    """The table of shared pictures."""
    print("| pictures | questions | flips | fall | fate | above the truth, before | now |", end="")
    print(" above -0.02, before | now |\n|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for one in picture_scenarios():
        rng = np.random.default_rng(one.number)
        lows = np.array([low_ends(one.draw(rng)) for _ in range(runs)])
        rates = [*(lows > -one.drop).mean(axis=0), *(lows > -MARGIN).mean(axis=0)]
        row = f"| {one.number} | {one.size} | {one.flips:g} | {one.drop:g} | {one.fate:g} |"
        print(row, " | ".join(f"{rate:.3f}" for rate in rates), "|", flush=True)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--pictures", action="store_true")
    options = parser.parse_args()
    runs = options.runs
    if options.pictures:
        print_pictures(runs)
        return
    print(f"| candidate | axes | {' | '.join(DECISIONS)} |\n|---|---|---:|---:|---:|")
    for name, size, change, one in scenarios():
        found = decisions(size, change, one=one, runs=runs, seed=size)
        rates = " | ".join(f"{found[each] / runs:.3f}" for each in DECISIONS)
        print(f"| {name} | {AXES} of {size} | {rates} |", flush=True)
    for name, mean in MEANS.items():
        rng = np.random.default_rng(len(mean.sizes))
        fewer = max(1, runs // 10)
        found = Counter(decision(mean.gate(rng)) for _ in range(fewer))
        rates = " | ".join(f"{found[each] / fewer:.3f}" for each in DECISIONS)
        print(f"| {name} | {sum(mean.sizes)} samples | {rates} |", flush=True)


if __name__ == "__main__":
    main()
