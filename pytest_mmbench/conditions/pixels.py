"""Conditions that replace pictures by others made of them, when their bytes are read.

Planning reads and makes none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Final

from pytest_mmbench.errors import SettingsError
from pytest_mmbench.images.identity import Original, software_identity
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
    """The samples with each picture replaced by what `alter` makes of it when it is read.

    Args:
        samples: of one leaf.
        alter: gives an encoded picture, the same at every call.
        name: of the condition; a picture `a/1.png` becomes `name/a/1.png`.
        seed: part of the text that seeds what is random in a picture.
        version: changes when `alter` makes other bytes of the same originals than before. Without
            it they are altered in every run to find out what they are.
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


def grey(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """Every pixel at 127: MMStar's "pure grey image" for models that need one."""
    return _altered_here(
        samples, lambda picture: _pixels().flat(picture, (127, 127, 127)), name="grey", seed=seed
    )


def black(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """Every pixel at 0."""
    return _altered_here(
        samples, lambda picture: _pixels().flat(picture, (0, 0, 0)), name="black", seed=seed
    )


def white(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """Every pixel at 255."""
    return _altered_here(
        samples, lambda picture: _pixels().flat(picture, (255, 255, 255)), name="white", seed=seed
    )


def noise(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """Every channel of every pixel drawn from 0 to 255, each value equally likely."""
    return _altered_here(samples, lambda picture: _pixels().noise(picture), name="noise", seed=seed)


def blur(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """A Gaussian whose standard deviation is 1/32 of the shorter side.

    Relative, so that it hides the same at every resolution. The fraction is ours, for want of a
    published one: an edge is smeared over a twelfth of the shorter side, print is lost, and the
    layout stays.
    """
    return _altered_here(
        samples, lambda picture: _pixels().blurred(picture), name="blur", seed=seed
    )


def patch_shuffle(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """Patches of a 4 by 4 grid, each in the place of another."""
    return _altered_here(
        samples, lambda picture: _pixels().shuffled(picture, GRID), name="patch-shuffle", seed=seed
    )


def patch_shuffle_by(grid: int) -> ConditionFunction:
    """`patch_shuffle` with patches of a `grid` by `grid` grid."""
    name = f"patch-shuffle-{grid}"
    if grid < SMALLEST_GRID:
        raise SettingsError(
            f"{name} leaves every picture as it is.",
            what_to_do=f"write patch-shuffle-{SMALLEST_GRID} or more",
        )

    def shuffle(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
        return _altered_here(
            samples, lambda picture: _pixels().shuffled(picture, grid), name=name, seed=seed
        )

    return shuffle


def _altered_here(
    samples: Sequence[Sample], alter: Callable[[Original], bytes], *, name: str, seed: int
) -> list[Sample]:
    def version() -> str:
        software = software_identity("pillow")
        return f"{VERSION}|{software}" if software else ""

    return altered(samples, alter, name=name, seed=seed, version=version)


def _pixels() -> ModuleType:
    # It loads PIL, which neither planning nor wording needs.
    from pytest_mmbench.images import pixels  # noqa: PLC0415

    return pixels
