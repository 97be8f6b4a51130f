"""How often thresholds and the vision gate err: tables for docs/statistics.md, from simulation.

    python tests/simulate_thresholds.py [--runs 1000] [pictures | thresholds | vision | leakage ...]

Every verdict is the product's own; "before" is the rule that it replaced, written out here. Seeds
are fixed. A share of 0.05 of 1,000 runs has a standard error of 0.007.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from pytest_mmbench.cli.scores import DimensionScore, threshold_below
from pytest_mmbench.gates.capability import judge_capability
from pytest_mmbench.gates.stats import binomial
from pytest_mmbench.gates.stats.paired import Pairs
from pytest_mmbench.gates.vision.claims import (
    failure_levels,
    is_below_chance_margin,
    is_below_margin,
    is_leaking,
)
from pytest_mmbench.gates.vision.measures import Contrast, NotMeasured, Vision
from pytest_mmbench.records import Dimension, Outcome, Rule, Tally, Threshold
from pytest_mmbench.results.tally import ClusteredUnit, with_clusters

ALPHA = 0.05
MARGIN = Fraction(1, 20)
Counts = NDArray[np.int64]


def of_pictures(correct: Sequence[int], size: int) -> Tally:
    """The tally of pictures with so many correct answers each, of `size` questions."""
    units = (
        ClusteredUnit(picture, 0, Fraction(at < right))
        for picture, right in enumerate(correct)
        for at in range(size)
    )
    plain = Tally(dimension="b", correct=sum(correct), total=size * len(correct))
    return with_clusters(plain, units)


def drawn_pictures(
    rng: np.random.Generator, pictures: int, size: int, accuracy: float, shared: float
) -> list[int]:
    """Correct answers by picture: with the probability `shared` all its questions share a fate."""
    same = rng.random(pictures) < shared
    one = rng.random(pictures) < accuracy
    return [
        int(each) for each in np.where(same, one * size, rng.binomial(size, accuracy, pictures))
    ]


def picture_errors(pictures: int, tau: str, shared: float, runs: int) -> dict[str, float]:
    """How often a model exactly at a threshold is strongly above it, and significantly below."""
    rng = np.random.default_rng(pictures)
    total, limit = 4 * pictures, Fraction(tau)
    strong = binomial.min_correct_significant(total, limit, ALPHA)
    below = binomial.max_correct_significant(total, limit, ALPHA)
    counts = dict.fromkeys(("strong before", "strong", "three-way before", "three-way"), 0)
    for _ in range(runs):
        tally = of_pictures(drawn_pictures(rng, pictures, 4, float(limit), shared), 4)
        counts["strong before"] += tally.correct >= strong
        counts["three-way before"] += tally.correct <= below
        for rule, wrong in ((Rule.STRONG, Outcome.PASS), (Rule.THREE_WAY, Outcome.FAIL)):
            (verdict,) = judge_capability(
                [tally],
                {"b": Threshold(at_least=tau, rule=rule)},
                alpha=ALPHA,
                unparseable_limit=0.05,
            )
            counts[rule.value] += verdict.outcome is wrong
    return {name: count / runs for name, count in counts.items()}


def pictures_table(runs: int) -> Iterator[str]:
    """Error of a model exactly at its threshold, four questions to a picture."""
    columns = ("strong before", "strong", "three-way before", "three-way")
    yield f"| pictures | threshold | shared fate | {' | '.join(columns)} |"
    yield "|---:|---:|---:|---:|---:|---:|---:|"
    for pictures in (10, 20, 83):
        for tau in ("0.6", "0.9"):
            for shared in (0.0, 0.3, 0.6, 1.0):
                found = picture_errors(pictures, tau, shared, runs)
                cells = " | ".join(f"{each:.3f}" for each in found.values())
                yield f"| {pictures} | {tau} | {shared} | {cells} |"


def capability_scores(axes: Counts, size: int, runs: int = 1) -> list[DimensionScore]:
    """The root and six capabilities of so many runs together: what `init` gates by default."""
    nodes = [axes.sum(), *axes.reshape(6, 3).sum(axis=1)]
    totals = [18 * size] + [3 * size] * 6
    return [
        DimensionScore(
            node=Dimension(path="b", leaves=("b",), size=total),
            tally=Tally(dimension="b", correct=int(correct), total=runs * total),
            samples=total,
            size=total,
            guess_rate=Fraction(0),
        )
        for correct, total in zip(nodes, totals, strict=True)
    ]


def misses(scores: Sequence[DimensionScore], limits: Sequence[Fraction]) -> bool:
    """Whether any score is below its threshold."""
    return any(score.tally.score < limit for score, limit in zip(scores, limits, strict=True))


def before(score: DimensionScore) -> Fraction:
    """A threshold by the rule before: the score less 0.05, rounded down."""
    return max(Fraction(0), Fraction((score.tally.score - MARGIN) * 100 // 1, 100))


def after(score: DimensionScore) -> Fraction:
    """A threshold by today's rule, at the default error of all seven."""
    return threshold_below(score, MARGIN, ALPHA / 7)


def ratcheted(
    rng: np.random.Generator, size: int, accuracy: float, turns: int, rule: str
) -> list[Fraction]:
    """Thresholds after so many runs of equally good models."""
    pool = np.zeros(18, dtype=np.int64)
    limits = [Fraction(0)] * 7
    for turn in range(1, turns + 1):
        axes = rng.binomial(size, accuracy, 18)
        pool += axes
        seen = (pool, turn) if rule == "pooled" else (axes, 1)
        made = before if rule == "before" else after
        limits = [
            max(limit, made(score))
            for limit, score in zip(limits, capability_scores(seen[0], size, seen[1]), strict=True)
        ]
    return limits


def missed_share(
    size: int, accuracy: float, turns: int, rule: str, runs: int
) -> tuple[float, float]:
    """How often the same model misses one on a fresh seed; and the mean of a capability's."""
    rng = np.random.default_rng(round(1000 * accuracy) + turns)
    missed, limit = 0, 0.0
    for _ in range(runs):
        limits = ratcheted(rng, size, accuracy, turns, rule)
        fresh = capability_scores(rng.binomial(size, accuracy, 18), size)
        missed += misses(fresh, limits)
        limit += float(sum(limits[1:])) / 6
    return missed / runs, limit / runs


def thresholds_table(runs: int) -> Iterator[str]:
    """The same model on a fresh seed, gated as `mmbench init` gates."""
    columns = ("before", "one run each", "pooled runs", "capability's threshold before", "today")
    yield f"| axes x samples | accuracy | turns | {' | '.join(columns)} |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for size in (40, 83):
        for accuracy in (0.6, 0.8, 0.95):
            for turns in (1, 10):
                few = runs if turns == 1 else max(50, runs // 5)
                rules = ("before", "single", "pooled")
                found = [missed_share(size, accuracy, turns, rule, few) for rule in rules]
                shares = " | ".join(f"{share:.3f}" for share, _ in found)
                limits = f"{found[0][1]:.2f} | {found[2][1]:.2f}"
                yield f"| 18 x {size} | {accuracy} | {turns} | {shares} | {limits} |"


def contrast(cells: Sequence[int]) -> Contrast:
    """Both correct, regressed, fixed, both wrong, of questions with four options."""
    both, regressed, fixed, neither = map(int, cells)
    pairs = Pairs(both_correct=both, regressed=regressed, fixed=fixed, both_wrong=neither)
    return Contrast(pairs=pairs, chance=Fraction(1, 4), open=0)


def visions(axes: Counts) -> list[Vision]:
    """The root, six capabilities and eighteen axes."""
    capabilities = axes.reshape(6, 3, 4)
    tables = {"b": axes.sum(axis=0)}
    for place, capability in enumerate(capabilities):
        tables[f"b.c{place}"] = capability.sum(axis=0)
        tables |= {f"b.c{place}.a{at}": axis for at, axis in enumerate(capability)}
    return [
        Vision(
            dimension=path,
            gain_contrast=contrast(cells),
            leakage_contrast=NotMeasured.NOT_ASKED,
            swap=NotMeasured.NOT_ASKED,
            unparseable=(),
        )
        for path, cells in tables.items()
    ]


def is_stopped(found: Sequence[Vision], levels: Mapping[str, float]) -> bool:
    """Whether any dimension fails by its gain."""
    return any(
        is_below_margin(each.gain_contrast, MARGIN, levels.get(each.dimension, ALPHA))
        or is_below_chance_margin(each.gain_contrast, MARGIN, levels.get(each.dimension, ALPHA))
        for each in found
    )


def stopped_share(size: int, cells: Sequence[float], runs: int) -> tuple[float, float]:
    """How often a model is stopped by any of 25 vision cases, before and today."""
    rng = np.random.default_rng(size)
    counts = [0, 0]
    for _ in range(runs):
        found = visions(rng.multinomial(size, cells, size=18))
        levels = failure_levels(found, min_gain="0.05", max_leakage="0.05", alpha=ALPHA)
        counts[0] += is_stopped(found, {})
        counts[1] += is_stopped(found, {path: one.level for path, one in levels.items()})
    return counts[0] / runs, counts[1] / runs


def independent(before: float, after: float) -> list[float]:
    """Cells of answers with and without the picture that have nothing to do with each other."""
    return [before * after, before * (1 - after), (1 - before) * after, (1 - before) * (1 - after)]


MODELS = {
    "gain 0.10 (0.25 to 0.35, independent answers)": independent(0.25, 0.35),
    "gain 0.10 (0.50 to 0.60, 14 % changed)": [0.48, 0.02, 0.12, 0.38],
    "gain just 0.05 (0.50 to 0.55, 9 % changed)": [0.48, 0.02, 0.07, 0.43],
    "gain just 0.05 (0.25 to 0.30, independent answers)": independent(0.25, 0.30),
    "blind (0.70, 2 % changed)": [0.69, 0.01, 0.01, 0.29],
    "blind (0.50, 5 % changed)": [0.475, 0.025, 0.025, 0.475],
    "blind (0.55, 10 % changed)": [0.5, 0.05, 0.05, 0.4],
    "blind (0.60, 20 % changed)": [0.5, 0.1, 0.1, 0.3],
    "blind (0.25, guesses anew)": independent(0.25, 0.25),
}


def vision_table(runs: int) -> Iterator[str]:
    """Models that use the picture, just so, or not at all."""
    yield "| model | 18 x 40 before | 18 x 40 | 18 x 83 before | 18 x 83 |"
    yield "|---|---:|---:|---:|---:|"
    for name, cells in MODELS.items():
        shares = [share for size in (40, 83) for share in stopped_share(size, cells, runs)]
        yield f"| {name} | {' | '.join(f'{share:.3f}' for share in shares)} |"


def leakage_passes(samples: int, leak: float, base: float, runs: int) -> tuple[float, float]:
    """How often a leak over a base LLM passes as little: as measured, and by its bound."""
    rng = np.random.default_rng(samples)
    counts = [0, 0]
    for cells in rng.multinomial(samples, independent(base, max(base, 0.25) + leak), size=runs):
        known = contrast([int(each) for each in cells])
        counts[0] += known.above_chance_after - known.above_chance_before <= MARGIN
        counts[1] += not is_leaking(known, MARGIN, ALPHA) and (
            is_below_margin(known, MARGIN, ALPHA / 2)
            or is_below_chance_margin(known, MARGIN, ALPHA / 2)
        )
    return counts[0] / runs, counts[1] / runs


def leakage_table(runs: int) -> Iterator[str]:
    """A leak of nothing, of just the limit of 0.05, and of twice that."""
    yield "| samples | true leakage | base model | passes before | passes |"
    yield "|---:|---:|---:|---:|---:|"
    for samples in (40, 120, 720, 1494):
        for leak in (0.0, 0.05, 0.10):
            for base in (0.15, 0.25, 0.40):
                old, new = leakage_passes(samples, leak, base, runs)
                yield f"| {samples:,} | {leak:.2f} | {base:.2f} | {old:.3f} | {new:.3f} |"


TABLES: dict[str, Callable[[int], Iterator[str]]] = {
    "pictures": pictures_table,
    "thresholds": thresholds_table,
    "vision": vision_table,
    "leakage": leakage_table,
}


def main() -> None:
    """Prints the tables that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=", ".join(TABLES))
    parser.add_argument("--runs", type=int, default=1000)
    arguments = parser.parse_args()
    for name in arguments.tables or TABLES:
        print(f"\n{name}: {TABLES[name].__doc__}\n")
        for line in TABLES[name](arguments.runs):
            print(line, flush=True)


if __name__ == "__main__":
    main()
