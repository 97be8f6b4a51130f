"""Conditions that replace pictures by others made of them, when their bytes are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Final

from pytest_mmbench.errors import SettingsError
from pytest_mmbench.images import Original, software_identity
from pytest_mmbench.protocols import ConditionFunction
from pytest_mmbench.records import Picture, Sample


def altered(
    samples: Sequence[Sample],
    alter: Callable[[Original], bytes],
    *,
    name: str,
    seed: int,
    version: Callable[[], str] = str,
) -> list[Sample]:
    """The samples of a leaf, each picture replaced by what `alter` makes of it when it is read.

    A picture `a/1.png` becomes `name/a/1.png`; `seed` is part of the text that seeds what is random
    in it. `alter` gives the same encoded picture at every call. `version` changes when it makes
    other bytes of the same originals than before; without it they are altered in every run to find
    out what they are.
    """

    def identity(original: Original) -> str:
        source, software = original.picture.identity(), version()
        return f"{source}|{original.seed_text}|{software}" if source and software else ""

    def pictures(sample: Sample) -> Iterator[Picture]:
        for at, picture in enumerate(sample.pictures):
            seed_text = f"{seed} {name} {sample.id} {at}"
            original = Original(picture=picture, sample=sample.id, seed_text=seed_text)
            yield replace(
                picture,
                name=f"{name}/{picture.name}",
                read=partial(alter, original),
                identity=partial(identity, original),
            )

    return [replace(sample, pictures=tuple(pictures(sample))) for sample in samples]


GRID: Final = 4
"""Rows and columns into which `patch-shuffle` cuts a picture."""
SMALLEST_GRID: Final = 2
VERSION: Final = 1
"""Raised when a condition gives other pixels than before."""


def _pixel_condition(name: str, alter: Callable[[Original], bytes]) -> ConditionFunction:
    def version() -> str:
        software = software_identity("pillow")
        return f"{VERSION}|{software}" if software else ""

    def apply(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
        return altered(samples, alter, name=name, seed=seed, version=version)

    return apply


def _transforms() -> ModuleType:
    # It loads PIL, which neither planning nor wording needs.
    from pytest_mmbench.images import transforms  # noqa: PLC0415

    return transforms


grey = _pixel_condition("grey", lambda original: _transforms().flat(original, (127, 127, 127)))
"""Every pixel at 127: MMStar's "pure grey image" for models that need one."""
black = _pixel_condition("black", lambda original: _transforms().flat(original, (0, 0, 0)))
"""Every pixel at 0."""
white = _pixel_condition("white", lambda original: _transforms().flat(original, (255, 255, 255)))
"""Every pixel at 255."""
noise = _pixel_condition("noise", lambda original: _transforms().noise(original))
"""Every channel of every pixel drawn from 0 to 255, each value equally likely."""
blur = _pixel_condition("blur", lambda original: _transforms().blurred(original))
"""A Gaussian whose standard deviation is 1/32 of the shorter side. The fraction is ours, for want
of a published one: an edge is smeared over a twelfth of the side, print is lost, layout stays."""
patch_shuffle = _pixel_condition(
    "patch-shuffle", lambda original: _transforms().shuffled(original, GRID)
)
"""Patches of a 4 by 4 grid, each in the place of another."""


def patch_shuffle_by(grid: int) -> ConditionFunction:
    """`patch_shuffle` with patches of a `grid` by `grid` grid."""
    name = f"patch-shuffle-{grid}"
    if grid < SMALLEST_GRID:
        raise SettingsError(
            f"{name} leaves every picture as it is.",
            what_to_do=f"write patch-shuffle-{SMALLEST_GRID} or more",
        )
    return _pixel_condition(name, lambda original: _transforms().shuffled(original, grid))
