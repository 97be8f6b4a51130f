"""What samples become under a condition: asked without their picture, with another, or rotated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_mmbench.protocols import Ablation
from pytest_mmbench.records import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class _Image:
    """The samples as they are."""

    name: str = "image"

    def __call__(self, samples: Sequence[Sample], *, seed: int) -> list[Sample]:  # noqa: ARG002
        return list(samples)


def condition(name: str) -> Ablation:  # noqa: ARG001
    """The ablation of that name."""
    return _Image()
