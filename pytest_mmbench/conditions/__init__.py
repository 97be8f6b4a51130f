"""Conditions under which a benchmark is asked, by name: what if there were no picture to look at?

A name is one of `registry.ablation_names()`, or several of them joined with `+`, which are applied
from left to right: `no-image+rotated-2` shows no picture and moves the options by two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pytest_mmbench import registry
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.protocols import Condition, ConditionFunction
from pytest_mmbench.records import Picture, Sample

JOINT: Final = "+"


_SUBSTITUTES: Final = {"no-image": "grey", "options-only": "no-question+grey"}
"""Conditions without pictures, and what comes nearest to them with pictures."""


_PROBES: Final = tuple(
    Sample(
        id=id,
        dimension="probe",
        question="Which?",
        options=("one", "other"),
        target="A",
        pictures=(Picture(name=id, read=lambda: b""),),
    )
    for id in ("one", "other")
)
"""Two samples that show different pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedCondition:
    """Changes of samples, made one after the other."""

    name: str
    functions: tuple[ConditionFunction, ...]

    def __call__(self, samples: Sequence[Sample], *, seed: int) -> list[Sample]:
        """The samples as they are asked under this condition."""
        changed = list(samples)
        for change in self.functions:
            changed = change(changed, seed=seed)
        return changed


def condition(name: str) -> Condition:
    """The condition of that name.

    Raises:
        SettingsError: a part of the name is not registered, or has a number that it cannot have.
        DataError: a library that it needs is not installed.
    """
    asked_for_by = f"condition {name}"
    parts = name.split(JOINT)
    return CombinedCondition(
        name=name, functions=tuple(registry.condition(each, asked_for_by) for each in parts)
    )


def shows_pictures(name: str) -> bool:
    """Whether prompts still show pictures under that condition, which is most of what they cost.

    Found out by trying it on two samples, so that it also holds for conditions of other packages.

    Raises:
        SettingsError: as `condition`.
    """
    return any(sample.pictures for sample in condition(name)(_PROBES, seed=0))


def substitute_for(name: str) -> Condition:
    """What stands in for that condition with a model that cannot be asked without a picture.

    Grey pictures stand in for none, as MMStar's authors did it for such models (Chen et al. 2024);
    a condition that shows pictures stands for itself. The name says what was shown.

    Raises:
        SettingsError: as `condition`, or nothing is known to stand in for it.
    """
    parts = (_SUBSTITUTES.get(each, each) for each in name.split(JOINT))
    found = condition(JOINT.join(parts))
    if not shows_pictures(found.name):
        raise SettingsError(
            f"condition {name!r} shows no picture, and nothing is known to stand in for it.",
            what_to_do="choose one that shows pictures, such as grey",
        )
    return found
