"""The most likely option is the answer, as SEED-Bench ranks them (its `eval.py`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from pytest_mmbench.errors import DataError
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


def check_option_logprobs(sample: Sample, answer: Answer) -> None:
    """Refuses a ranked answer that no model can have given, such as a damaged row of a store.

    Raises:
        DataError: it has not one log-probability per option, or one that cannot be.
    """
    options, count = answer.option_logprobs, len(sample.options)
    impossible = [option for option in options if not option.is_possible]
    if len(options) != count:
        problem = f"{len(options)} log-probabilities for {count} options"
    elif impossible:
        first = impossible[0]
        problem = f"a log-probability of {first.logprob:g} nats over {first.tokens} tokens"
    else:
        return
    raise DataError(
        f"the store holds an answer to sample {sample.id!r} that no model gives: {problem}.",
        what_to_do="move the store's answers.sqlite away, or ask again with --mm-fresh",
    )


def margin(logprobs: Sequence[float]) -> float:
    """By how much the best option beats the second best (nats); infinite without a rival.

    It is the same whether or not probabilities are first normalised over the options.
    """
    ranked = sorted(logprobs, reverse=True)
    return ranked[0] - ranked[1] if len(ranked) > 1 else math.inf


def most_likely(logprobs: Sequence[float]) -> str:
    """The letter of the first of the most likely options."""
    best = max(logprobs)
    return LETTERS[next(at for at, value in enumerate(logprobs) if value >= best - TIE)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MostLikely:
    """Scores a ranked answer."""

    mean: bool = False
    """Whether likelihoods are divided by their number of tokens first."""
    rule: ClassVar[str] = ""

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct if the first of the most likely options is the target."""
        letter = most_likely(option_logprobs(answer, mean=self.mean))
        return score(sample, letter, correct=letter == sample.target)
