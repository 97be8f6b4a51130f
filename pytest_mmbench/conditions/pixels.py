"""Samples whose pictures are painted over, once somebody looks at them.

A picture is painted when its bytes are asked for, and not before: planning reads none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Final

from pytest_mmbench.errors import SettingsError
from pytest_mmbench.images.identity import software_identity
from pytest_mmbench.images.pixels import Original
from pytest_mmbench.protocols import ConditionFunction
from pytest_mmbench.records import Picture, Sample


def altered(
    samples: Sequence[Sample],
    paint: Callable[[Original], bytes],
    *,
    name: str,
    seed: int,
    version: Callable[[], str] = str,
) -> list[Sample]:
    """The samples with each picture replaced by what `paint` makes of it when it is read.

    Args:
        samples: of one leaf.
        paint: gives an encoded picture, the same at every call.
        name: of the condition; a picture `a/1.png` becomes `name/a/1.png`.
        seed: part of every lot.
        version: changes when `paint` makes other bytes of the same originals than before. Without
            it they are painted in every run to find out what they are.
    """

    def painted(sample: Sample) -> Iterator[Picture]:
        for original in _originals(sample, name, seed):
            yield replace(
                original.picture,
                name=f"{name}/{original.picture.name}",
                read=partial(paint, original),
                identity=partial(_identity, original, version),
            )

    return [replace(sample, pictures=tuple(painted(sample))) for sample in samples]


def _originals(sample: Sample, name: str, seed: int) -> Iterator[Original]:
    for at, picture in enumerate(sample.pictures):
        lot = f"{seed} {name} {sample.id} {at}"
        yield Original(picture=picture, sample=sample.id, seed_text=lot)


def _identity(original: Original, edition: Callable[[], str]) -> str:
    """What it was painted over, with what, and by whom; empty if one of these is not known."""
    whole, painter = original.picture.identity(), edition()
    return f"{whole}|{original.seed_text}|{painter}" if whole and painter else ""


GRID: Final = 4
"""Rows and columns into which `patch-shuffle` cuts a picture."""


SMALLEST_GRID: Final = 2


VERSION: Final = 1
"""Raised when a condition paints other pixels than before."""


def grey(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """Every pixel at 127: MMStar's "pure grey image" for models that need one."""
    return _altered(
        samples, lambda each: _pixels().flat(each, (127, 127, 127)), name="grey", seed=seed
    )


def black(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """Every pixel at 0."""
    return _altered(samples, lambda each: _pixels().flat(each, (0, 0, 0)), name="black", seed=seed)


def white(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """Every pixel at 255."""
    return _altered(
        samples, lambda each: _pixels().flat(each, (255, 255, 255)), name="white", seed=seed
    )


def noise(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """Every channel of every pixel drawn from 0 to 255, each value equally likely."""
    return _altered(samples, lambda each: _pixels().noise(each), name="noise", seed=seed)


def blur(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """A Gaussian whose standard deviation is 1/32 of the shorter side.

    Relative, so that it hides the same at every resolution. The fraction is ours, for want of a
    published one: an edge is smeared over a twelfth of the shorter side, print is lost, and the
    layout stays.
    """
    return _altered(samples, lambda each: _pixels().blurred(each), name="blur", seed=seed)


def patch_shuffle(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """Patches of a 4 by 4 grid, each in the place of another."""
    return _altered(
        samples, lambda each: _pixels().shuffled(each, GRID), name="patch-shuffle", seed=seed
    )


def patch_shuffle_by(grid: int) -> ConditionFunction:
    """The same with another grid.

    Raises:
        SettingsError: one patch has no place to go to.
    """
    name = f"patch-shuffle-{grid}"
    if grid < SMALLEST_GRID:
        raise SettingsError(
            f"{name} leaves every picture as it is.",
            what_to_do=f"write patch-shuffle-{SMALLEST_GRID} or more",
        )

    def changed(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
        return _altered(samples, lambda each: _pixels().shuffled(each, grid), name=name, seed=seed)

    return changed


def _altered(
    samples: Sequence[Sample], paint: Callable[[Original], bytes], *, name: str, seed: int
) -> list[Sample]:
    return altered(samples, paint, name=name, seed=seed, version=_version)


def _version() -> str:
    painter = software_identity("pillow")
    return f"{VERSION}|{painter}" if painter else ""


def _pixels() -> ModuleType:
    # It loads PIL, which neither planning nor wording needs.
    from pytest_mmbench.images import pixels  # noqa: PLC0415

    return pixels
