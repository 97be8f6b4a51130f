"""How close an answer was, and how far rounding alone can carry it.

The same weights give other log-probabilities under another batch size, padding or kernel, and an
answer whose two best options nearly tie may then be another one. How far they move is measured by
asking some samples twice, or taken from the precision of the weights.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pytest_mmbench.errors import DataError
from pytest_mmbench.records import Answer
from pytest_mmbench.scoring.likelihood import per_token, total

BY_DTYPE: Final[Mapping[str, float]] = MappingProxyType(
    {"float64": 1e-3, "float32": 1e-3, "float16": 0.06, "bfloat16": 0.5}
)
"""Tolerances (nats) for a model whose noise was not measured; a choice of this project.

The noise of twelve random layers on a CPU was 0.06 at most (root mean square) in bfloat16, and 5e-6
in float32; a real model's is to be measured.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """One sample that was asked twice in different surroundings: what each option was worth."""

    first: tuple[float, ...]
    """Nats, in the order of the options; a constant may be added to all of them."""
    second: tuple[float, ...]
    """The same options, the second time."""


def worths(answer: Answer, *, mean: bool = False) -> tuple[float, ...]:
    """What each option of a ranked answer is worth (nats); nothing of a generated one.

    `mean` divides by the number of tokens, as the method `rank-mean` does.
    """
    worth = per_token if mean else total
    return tuple(worth(likelihood) for likelihood in answer.likelihoods)


def margin(worths: Sequence[float]) -> float:
    """By how much the best option beats the second best (nats).

    It is the same whether or not probabilities are first normalised over the options. An option
    without a rival, and an answer that was not ranked, win by infinity: no noise turns them.
    """
    ranked = sorted(worths, reverse=True)
    return ranked[0] - ranked[1] if len(ranked) > 1 else math.inf


def noise(repeats: Iterable[Repeat]) -> float:
    """How much an option's worth changes when only its surroundings do (nats, one sigma).

    1. A sample's changes are centred, because what all its options share moves no answer.
    2. Their squares are summed over all samples and divided by the number of options less one for
       each sample: the centre was taken from the same numbers.
    3. The root of that is the standard deviation of one option's change.

    Raises:
        DataError: the options of a sample differ between its two answers, or none has a rival.
    """
    changes = [_changes(repeat) for repeat in repeats]
    freedom = sum(max(0, len(each) - 1) for each in changes)
    if not freedom:
        raise DataError(
            "noise cannot be measured: no sample with two options was asked twice.",
            what_to_do="measure it on ranked answers, or rely on the precision of the weights",
        )
    squares = math.fsum((each - math.fsum(one) / len(one)) ** 2 for one in changes for each in one)
    return math.sqrt(squares / freedom)


def tolerance(noise: float) -> float:
    """The widest margin (nats) that noise of this size may turn: 4 sqrt(2) sigma.

    A margin is a difference of two options, whose noise is sqrt(2) times that of one. Normal noise
    goes beyond four times that once in 16,000 answers, and then it must also turn the answer.
    """
    return 4 * math.sqrt(2) * noise


def fallback(dtype: str) -> float:
    """The tolerance (nats) of weights of this precision, where noise was not measured.

    Names are torch's, with or without `torch.`; one that is not known counts as the coarsest.
    """
    return BY_DTYPE.get(dtype.removeprefix("torch."), max(BY_DTYPE.values()))


def _changes(repeat: Repeat) -> tuple[float, ...]:
    if len(repeat.first) != len(repeat.second):
        raise DataError(
            f"a sample was asked with {len(repeat.first)} options and with {len(repeat.second)}.",
            what_to_do="compare answers to the same request",
        )
    return tuple(after - before for before, after in zip(repeat.first, repeat.second, strict=True))
