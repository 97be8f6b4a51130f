"""How close an answer was, and how far rounding alone can carry it.

The same weights give other log-probabilities under another batch size, padding or kernel, and an
answer whose two best options nearly tie may then be another one. How far they move is measured by
asking some samples twice; `results.tolerance` says what is assumed where it was not.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from pytest_mmbench.errors import DataError
from pytest_mmbench.protocols import Model, Store, check_unchanged
from pytest_mmbench.records import Answer, Request, RequestType
from pytest_mmbench.scorers.likelihood import option_logprobs

SAMPLES: Final = 64
"""Requests that are asked again, at most."""
FEWEST: Final = 8
"""Of a small benchmark."""
BATCH_SIZES: Final = (1, 3)
"""In which they are asked again: alone, and in an odd number, which pads otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedLogprobs:
    """One sample that was asked twice in different batches: log-probabilities of its options."""

    first: tuple[float, ...]
    """Nats, in the order of the options; a constant may be added to all of them."""
    second: tuple[float, ...]
    """The same options, the second time."""


def noise(repeats: Iterable[RepeatedLogprobs]) -> float:
    """How much an option's log-probability changes with its batch alone (nats, one sigma).

    1. A sample's changes are centred, because what all its options share moves no answer.
    2. Their squares are summed over all samples and divided by the number of options less one for
       each sample: the centre was taken from the same numbers.
    3. The root of that is the standard deviation of one option's change.
    """
    squares = []
    degrees_of_freedom = 0
    for repeat in repeats:
        first, second = repeat.first, repeat.second
        if len(first) != len(second):
            raise DataError(
                f"a sample was asked with {len(first)} options and with {len(second)}.",
                what_to_do="compare answers to the same request",
            )
        changes = [after - before for before, after in zip(first, second, strict=True)]
        centre = math.fsum(changes) / max(1, len(changes))
        squares += [(change - centre) ** 2 for change in changes]
        degrees_of_freedom += max(0, len(changes) - 1)
    if not degrees_of_freedom:
        raise DataError(
            "noise cannot be measured: no sample with two options was asked twice.",
            what_to_do="measure it on ranked answers, or rely on the precision of the weights",
        )
    return math.sqrt(math.fsum(squares) / degrees_of_freedom)


def tolerance_for(noise: float) -> float:
    """The widest margin (nats) that noise of this size may turn: 4 sqrt(2) sigma.

    A margin is a difference of two options, whose noise is sqrt(2) times that of one. Normal noise
    goes beyond four times that once in 16,000 answers, and then it must also turn the answer.
    """
    return 4 * math.sqrt(2) * noise


def calibration_requests(
    requests: Sequence[Request], seed: int, most: int = SAMPLES
) -> list[Request]:
    """The requests to ask again: ranked ones with a rival, spread over what there is."""
    ranked = [each for each in requests if each.type is RequestType.LOGLIKELIHOOD]
    ranked = [request for request in ranked if len(request.options) > 1]
    return random.Random(f"{seed} calibration").sample(ranked, min(most, len(ranked)))


def few_samples(total: int) -> int:
    """How many of so many are asked again where nobody asked for it: 1 %, 8 to 64.

    Each is asked once in every size of `BATCH_SIZES`. Eight samples of four options tell the noise
    within a tenth or two, and a tolerance is four times what it has to be.
    """
    return max(FEWEST, min(SAMPLES, total // 100))


class Ranker(Protocol):
    """The part of a model that is measured."""

    def rank(self, requests: Sequence[Request]) -> list[Answer]:
        """The log-likelihood (nats) of each option of each request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRanker:
    """A model whose answers to the same batch are kept: what was measured once costs nothing."""

    model: Model
    store: Store
    task: str
    """What tells one task from another: its identity."""
    fresh: bool
    """Whether kept answers count for nothing."""

    def rank(self, requests: Sequence[Request]) -> list[Answer]:
        """The answers to one batch, all asked together, now or earlier."""
        batch = json.dumps([self.task, *(request.sample for request in requests)])
        keys = [
            hashlib.sha256(f"noise {request.sample} in {batch}".encode()).hexdigest()
            for request in requests
        ]
        known = {} if self.fresh else self.store.get(self.model.fingerprint, keys)
        if len(known) < len(set(keys)):
            answers = self.model.rank(requests)
            check_unchanged(self.model)
            self.store.put(self.model.fingerprint, dict(zip(keys, answers, strict=True)))
            return answers
        return [
            replace(known[key], sample=request.sample)
            for key, request in zip(keys, requests, strict=True)
        ]


def measured_tolerance(
    model: Ranker,
    requests: Sequence[Request],
    first_answers: Sequence[Answer],
    *,
    mean: bool = False,
) -> float:
    """The widest margin (nats) that this model's noise may turn, from requests asked again.

    Each is asked alone and in batches of three, and compared with its first answer; `mean`
    compares likelihoods per token, where margins are per token too.
    """
    repeats = []
    for size in BATCH_SIZES:
        batches = [requests[start : start + size] for start in range(0, len(requests), size)]
        second_answers = [answer for batch in batches for answer in model.rank(batch)]
        for answers in zip(first_answers, second_answers, strict=True):
            first, second = (option_logprobs(answer, mean=mean) for answer in answers)
            repeats.append(RepeatedLogprobs(first=first, second=second))
    return tolerance_for(noise(repeats))
