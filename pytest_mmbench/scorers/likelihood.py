"""The most likely option is the answer, as SEED-Bench ranks them (its `eval.py`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from pytest_mmbench.records import LETTERS, Answer, Sample, Score
from pytest_mmbench.scorers.choice_scorer import score

TIE: Final = 1e-9
"""Nats. Options within this distance of the best are tied, and the first of them is taken."""


def option_logprobs(answer: Answer, *, mean: bool = False) -> tuple[float, ...]:
    """The log-likelihood of each option of a ranked answer (nats); nothing of a generated one.

    `mean` divides by the number of tokens, as the method `rank-mean` and a loss of Hugging Face
    transformers do; the sum is SEED-Bench's rule for the models that it ranks itself.
    """
    return tuple(
        option.logprob / option.tokens if mean else option.logprob
        for option in answer.option_logprobs
    )


def margin(logprobs: Sequence[float]) -> float:
    """By how much the best option beats the second best (nats); infinite without a rival.

    It is the same whether or not probabilities are first normalised over the options.
    """
    ranked = sorted(logprobs, reverse=True)
    return ranked[0] - ranked[1] if len(ranked) > 1 else math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class MostLikely:
    """Scores a ranked answer."""

    mean: bool = False
    """Whether likelihoods are divided by their number of tokens first."""
    rule: ClassVar[str] = ""

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct if the first of the most likely options is the target."""
        logprobs = option_logprobs(answer, mean=self.mean)
        best = max(logprobs)
        letter = LETTERS[next(at for at, value in enumerate(logprobs) if value >= best - TIE)]
        return score(sample, letter, correct=letter == sample.target)
