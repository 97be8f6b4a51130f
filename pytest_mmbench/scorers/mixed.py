"""Scorers of a whole benchmark, by method: questions with options, and open ones beside them."""

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


def scorers_by_method(*, choice: Scorer, open: Scorer | None = None) -> dict[Method, Scorer]:
    """Every way of asking questions with options, to generate first, and how answers are read.

    Args:
        choice: reads generated answers to questions with options; ranked ones need no reading.
        open: reads answers to open questions, under every method; None if there are none.
    """
    scorers: dict[Method, Scorer] = {
        Method.GENERATE: choice,
        Method.RANK_LETTER: MostLikely(),
        Method.RANK: MostLikely(),
        Method.RANK_MEAN: MostLikely(mean=True),
    }
    if open is None:
        return scorers
    return {method: Mixed(choice=scorer, open=open) for method, scorer in scorers.items()}
