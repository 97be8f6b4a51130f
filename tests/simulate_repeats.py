"""How often intervals hold the truth where questions are asked several times.

    python tests/simulate_repeats.py [--runs 1000] [--questions 200] [--repeats 8]

A question is answered correctly with a probability of its own, drawn from a beta distribution: the
*alike* of two answers to one question is their correlation, 0 where only luck decides and 1 where a
question is always or never answered. What is to be covered is the mean over all questions that
there could be. `gate` is the product's own interval of the question's mean credits, `se` its
standard error times 1.96, `naive` Wilson's of all answers as if each were a question. Seeds are
fixed. A share of 0.95 of 1,000 runs has a standard error of 0.007.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from pytest_mmbench.gates.stats import binomial, gaffke
from pytest_mmbench.records import Interval
from pytest_mmbench.results.repeats import RepeatedUnit, repeat_stats

Z = 1.959964
"""Of a normal distribution, 95 % lie within so many standard deviations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What is asked of whom."""

    accuracy: float
    alike: float
    """Correlation of two answers to one question, above 0 and below 1."""
    questions: int = 200
    repeats: int = 8

    def counts(self, rng: np.random.Generator) -> list[int]:
        """How many answers to each question are correct."""
        size = 1 / self.alike - 1
        chances = rng.beta(self.accuracy * size, (1 - self.accuracy) * size, self.questions)
        return [int(each) for each in rng.binomial(self.repeats, chances)]

    def intervals(self, counts: list[int]) -> dict[str, Interval]:
        """By rule."""
        credits = [Fraction(count, self.repeats) for count in counts]
        units = [
            RepeatedUnit(
                cluster=at,
                leaf=0,
                credits=(1.0,) * count + (0.0,) * (self.repeats - count),
                majority=float(2 * count > self.repeats),
            )
            for at, count in enumerate(counts)
        ]
        mean = sum(counts) / (self.repeats * self.questions)
        reach = Z * repeat_stats(units).standard_error
        return {
            "gate": gaffke.interval(gaffke.equal_shares(credits)),
            "se": Interval(low=mean - reach, high=mean + reach),
            "naive": binomial.wilson(sum(counts), self.repeats * self.questions),
        }


def coverage(design: Design, runs: int) -> dict[str, tuple[float, float]]:
    """By rule, how often the truth lies in the interval, and the mean width of that."""
    rng = np.random.default_rng([round(1000 * design.accuracy), round(1000 * design.alike)])
    held: dict[str, list[bool]] = {}
    widths: dict[str, list[float]] = {}
    for _ in range(runs):
        for rule, found in design.intervals(design.counts(rng)).items():
            held.setdefault(rule, []).append(found.low <= design.accuracy <= found.high)
            widths.setdefault(rule, []).append(found.high - found.low)
    return {rule: (sum(held[rule]) / runs, math.fsum(widths[rule]) / runs) for rule in held}


def coverage_table(questions: int, repeats: int, runs: int) -> Iterator[str]:
    """Coverage and width for accuracies, and for questions that are more and less alike."""
    rules = ("gate", "se", "naive")
    yield f"| accuracy | alike | {' | '.join(f'{rule} | width' for rule in rules)} |"
    yield f"|---:|---:|{'---:|' * 2 * len(rules)}"
    for accuracy in (0.3, 0.6, 0.9):
        for alike in (0.05, 0.3, 0.6, 0.9):
            design = Design(accuracy=accuracy, alike=alike, questions=questions, repeats=repeats)
            found = coverage(design, runs)
            cells = " | ".join(f"{found[rule][0]:.3f} | {found[rule][1]:.3f}" for rule in rules)
            yield f"| {accuracy} | {alike} | {cells} |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=8)
    given = parser.parse_args()
    for line in coverage_table(given.questions, given.repeats, given.runs):
        print(line, flush=True)


if __name__ == "__main__":
    main()
