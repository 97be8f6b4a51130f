"""Conditions by name: what is taken from the pictures, the question or the options of samples.

A name is one of `registry.condition_names()`, or several of them joined with `+`, which are applied
from left to right: `no-image+rotated-2` shows no picture and moves the options by two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from pytest_mmbench import registry
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.protocols import Condition, ConditionFunction
from pytest_mmbench.records import Picture, Sample

JOIN: Final = "+"
_SUBSTITUTES: Final = {"no-image": "grey", "options-only": "no-question+grey"}
"""Conditions without pictures, and the nearest ones with pictures."""
_PROBE: Final = Sample(
    id="", dimension="probe", question="Which?", options=("one", "other"), target="A"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedCondition:
    """Condition functions, applied one after the other."""

    name: str
    functions: tuple[ConditionFunction, ...]

    def __call__(self, samples: Sequence[Sample], *, seed: int) -> list[Sample]:
        """The samples under this condition."""
        result = list(samples)
        for function in self.functions:
            result = function(result, seed=seed)
        return result


def condition(name: str) -> Condition:
    """The condition of that name.

    Raises:
        SettingsError: a part of the name is not registered, or has a number that it cannot have.
        DataError: a library that it needs is not installed.
    """
    functions = (registry.condition(part, f"condition {name}") for part in name.split(JOIN))
    return CombinedCondition(name=name, functions=tuple(functions))


def shows_pictures(name: str) -> bool:
    """Whether prompts show pictures under that condition, tried on two samples."""
    pictures = [Picture(name=id, read=bytes) for id in ("one", "other")]
    samples = [replace(_PROBE, id=picture.name, pictures=(picture,)) for picture in pictures]
    return any(sample.pictures for sample in condition(name)(samples, seed=0))


def substitute_for(name: str) -> Condition:
    """The condition used instead for models that require a picture; its name says what is shown.

    Grey pictures replace none, as in MMStar for such models (Chen et al. 2024); a condition that
    shows pictures is its own substitute.
    """
    substitute = condition(JOIN.join(_SUBSTITUTES.get(part, part) for part in name.split(JOIN)))
    if not shows_pictures(substitute.name):
        raise SettingsError(
            f"condition {name!r} shows no picture, and nothing is known to stand in for it.",
            what_to_do="choose one that shows pictures, such as grey",
        )
    return substitute
