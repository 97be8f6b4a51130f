"""The most likely option is the answer, as SEED-Bench ranks them (its `eval.py`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from pytest_mmbench.records import LETTERS, Answer, Mark, OptionLogprob, Sample, Score


def option_logprobs(answer: Answer, *, mean: bool = False) -> tuple[float, ...]:
    """What each option of a ranked answer is worth (nats); nothing of a generated one.

    `mean` divides by the number of tokens, as the method `rank-mean` does.
    """
    worth = per_token if mean else total
    return tuple(worth(likelihood) for likelihood in answer.option_logprobs)


def margin(worths: Sequence[float]) -> float:
    """By how much the best option beats the second best (nats).

    It is the same whether or not probabilities are first normalised over the options. An option
    without a rival, and an answer that was not ranked, win by infinity: no noise turns them.
    """
    ranked = sorted(worths, reverse=True)
    return ranked[0] - ranked[1] if len(ranked) > 1 else math.inf


TIE = 1e-9
"""Nats. Options within this distance of the best are tied, and the first of them is taken."""


def total(likelihood: OptionLogprob) -> float:
    """Summed over tokens: SEED-Bench's rule for the models that it ranks itself."""
    return likelihood.logprob


def per_token(likelihood: OptionLogprob) -> float:
    """Mean over tokens: what a loss of Hugging Face transformers ranks by."""
    return likelihood.logprob / likelihood.tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class MostLikely:
    """Scores a ranked answer."""

    mean: bool = False
    """Whether likelihoods are divided by their number of tokens first."""
    rule: ClassVar[str] = ""

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Right if the first of the most likely options is the target."""
        worth = per_token if self.mean else total
        values = [worth(likelihood) for likelihood in answer.option_logprobs]
        best = max(values)
        chosen = LETTERS[next(at for at, value in enumerate(values) if value >= best - TIE)]
        mark = Mark.CORRECT if chosen == sample.target else Mark.INCORRECT
        return Score(sample=sample.id, mark=mark, answer=chosen)
