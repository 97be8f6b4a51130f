"""Benchmarks that have both questions with options and open ones."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Answer, Method, Sample, Score
from pytest_mmbench.scorers.likelihood import MostLikely


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    """Reads answers to either kind of question by the rule for its kind.

    Open questions are answered with text under every method: there is nothing to rank.
    """

    choice: Scorer
    open: Scorer

    @property
    def rule(self) -> str:
        """What reports call it: the rule for open questions if ranking has no name of its own."""
        return self.choice.rule or self.open.rule

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """What became of the answer."""
        return (self.choice if sample.options else self.open)(sample, answer)


def by_method(*, choice: Scorer, open: Scorer) -> dict[Method, Scorer]:
    """Every way of asking such a benchmark, to generate first, and how its answers are read.

    Args:
        choice: reads generated answers to questions with options; ranked ones need no reading.
        open: reads answers to open questions, under every method.
    """
    ranked = Mixed(choice=MostLikely(), open=open)
    return {
        Method.GENERATE: Mixed(choice=choice, open=open),
        Method.RANK_LETTER: ranked,
        Method.RANK: ranked,
        Method.RANK_MEAN: Mixed(choice=MostLikely(mean=True), open=open),
    }
