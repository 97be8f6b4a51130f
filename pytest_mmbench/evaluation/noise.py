"""How close an answer was, and how far rounding alone can carry it.

The same weights give other log-probabilities under another batch size, padding or kernel, and an
answer whose two best options nearly tie may then be another one. How far they move is measured by
asking some samples twice, or taken from the precision of the weights.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pytest_mmbench.errors import DataError
from pytest_mmbench.protocols import Model
from pytest_mmbench.records import Answer, Request, RequestType
from pytest_mmbench.scorers.likelihood import option_logprobs

BY_DTYPE: Final[Mapping[str, float]] = MappingProxyType(
    {"float64": 1e-3, "float32": 1e-3, "float16": 0.06, "bfloat16": 0.5}
)
"""Tolerances (nats) for a model whose noise was not measured; a choice of this project.

The noise of twelve random layers on a CPU was 0.06 at most (root mean square) in bfloat16, and 5e-6
in float32; a real model's is to be measured.
"""
SAMPLES: Final = 64
"""Requests that are asked again."""
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


def default_tolerance(dtype: str) -> float:
    """The tolerance (nats) of weights of this precision, where noise was not measured.

    Names are torch's, with or without `torch.`; one that is not known counts as the coarsest.
    """
    return BY_DTYPE.get(dtype.removeprefix("torch."), max(BY_DTYPE.values()))


def calibration_requests(requests: Sequence[Request], seed: int) -> list[Request]:
    """The requests to ask again: ranked ones with a rival, spread over what there is."""
    ranked = [each for each in requests if each.type is RequestType.LOGLIKELIHOOD]
    ranked = [request for request in ranked if len(request.options) > 1]
    return random.Random(f"{seed} calibration").sample(ranked, min(SAMPLES, len(ranked)))


def measured_tolerance(
    model: Model,
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
