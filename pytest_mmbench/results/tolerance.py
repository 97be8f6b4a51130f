"""How wide a margin rounding may turn: as measured, or assumed for a dtype and a method."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pytest_mmbench.records import Method
from pytest_mmbench.results.rows import ModelResults

BY_DTYPE: Final[Mapping[str, float]] = MappingProxyType(
    {"float64": 1e-3, "float32": 1e-3, "float16": 0.06, "bfloat16": 0.5}
)
"""Tolerances (nats) for a model whose noise was not measured; a choice of this project.

The noise of twelve random layers on a CPU was 0.06 at most (root mean square) in bfloat16, and 5e-6
in float32; a real model's is to be measured.
"""
BY_METHOD: Final[Mapping[Method, float]] = MappingProxyType(
    {Method.RANK_LETTER: 0.5, Method.RANK_MEAN: 0.25}
)
"""The part of it that is assumed for other methods than a sum over several tokens: a letter is one
token, and a mean of four has half the noise of one. A choice of this project too."""
SMALLEST: Final = 1e-3
"""No tolerance is below that, measured or assumed (nats): another machine moves answers so far, and
a fall of so little changes none."""


def default_tolerance(dtype: str, method: Method = Method.RANK) -> float:
    """The tolerance (nats) of weights of this precision, where noise was not measured.

    Names are torch's, with or without `torch.`; one that is not known counts as the coarsest.
    """
    widest = BY_DTYPE.get(dtype.removeprefix("torch."), max(BY_DTYPE.values()))
    return max(SMALLEST, widest * BY_METHOD.get(method, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """The widest margin of a near tie between models."""

    nats: float
    source: str
    """Where it is from, for people."""

    def __str__(self) -> str:
        return f"{self.nats:.2g} nats"


def tolerance_between(
    models: Collection[ModelResults], benchmark: str, *, given: float | None = None
) -> Tolerance:
    """The tolerance of answers of these models to one benchmark; `given` (nats) beats any other.

    What was measured on one model holds for the others of the same dtype; what is only
    assumed counts where nothing was measured.
    """
    if given is not None:
        return Tolerance(nats=given, source="given")
    measured = [model for model in models if model.is_measured(benchmark)]
    formats = {model.dtype for model in measured}
    assumed = [
        model for model in models if not model.is_measured(benchmark) and model.dtype not in formats
    ]
    nats = max((model.tolerance_of(benchmark) for model in [*measured, *assumed]), default=0.0)
    if not assumed:
        return Tolerance(nats=nats, source="measured")
    names = f", {', '.join(model.name for model in assumed)}" if measured else ""
    return Tolerance(nats=nats, source=f"assumed for its dtype{names}")
