"""How far one model's rounding carries an answer: some samples asked again in other company."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from pytest_mmbench import noise
from pytest_mmbench.noise import Repeat, worths
from pytest_mmbench.protocols import Model
from pytest_mmbench.records import Answer, Ask, Request

SAMPLES: Final = 64
"""Requests that are asked again."""
SIZES: Final = (1, 3)
"""Batches in which they are: alone, and in an odd number, which pads otherwise."""


def chosen(requests: Sequence[Request], seed: int) -> list[Request]:
    """The requests to ask again: ranked ones with a rival, spread over what there is."""
    ranked = [each for each in requests if each.ask is Ask.RANK and len(each.options) > 1]
    return random.Random(f"{seed} calibration").sample(ranked, min(SAMPLES, len(ranked)))


def tolerance(
    model: Model, requests: Sequence[Request], known: Sequence[Answer], *, mean: bool = False
) -> float:
    """The widest margin (nats) that this model's noise may turn, from requests asked again.

    Each is asked alone and in batches of three, and compared with what was said before; `mean`
    compares likelihoods per token, where margins are per token too.

    Raises:
        DataError: no request has options with a rival.
    """
    again = [_asked(model, requests, size) for size in SIZES]
    pairs = [
        Repeat(first=worths(before, mean=mean), second=worths(after, mean=mean))
        for answers in again
        for before, after in zip(known, answers, strict=True)
    ]
    return noise.tolerance(noise.noise(pairs))


def _asked(model: Model, requests: Sequence[Request], size: int) -> list[Answer]:
    batches = (requests[start : start + size] for start in range(0, len(requests), size))
    return [answer for batch in batches for answer in model.rank(batch)]
