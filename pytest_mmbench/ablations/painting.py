"""Conditions that show other pixels in the place of each picture, of the same size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Final

from pytest_mmbench.ablations.repainting import Original, repainted
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.protocols import Change
from pytest_mmbench.records import Sample
from pytest_mmbench.version import made_by

GRID: Final = 4
"""Rows and columns into which `patch-shuffle` cuts a picture."""
SMALLEST_GRID: Final = 2
EDITION: Final = 1
"""Raised when a condition paints other pixels than before."""


def grey(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """Every pixel at 127: MMStar's "pure grey image" for models that need one."""
    return _painted(
        samples, lambda each: _pixels().flat(each, (127, 127, 127)), name="grey", seed=seed
    )


def black(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """Every pixel at 0."""
    return _painted(samples, lambda each: _pixels().flat(each, (0, 0, 0)), name="black", seed=seed)


def white(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """Every pixel at 255."""
    return _painted(
        samples, lambda each: _pixels().flat(each, (255, 255, 255)), name="white", seed=seed
    )


def noise(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """Every channel of every pixel drawn from 0 to 255, each value equally likely."""
    return _painted(samples, lambda each: _pixels().noise(each), name="noise", seed=seed)


def blur(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """A Gaussian whose standard deviation is 1/32 of the shorter side.

    Relative, so that it hides the same at every resolution. The fraction is ours, for want of a
    published one: an edge is smeared over a twelfth of the shorter side, print is lost, and the
    layout stays.
    """
    return _painted(samples, lambda each: _pixels().blurred(each), name="blur", seed=seed)


def patch_shuffle(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """Patches of a 4 by 4 grid, each in the place of another."""
    return _painted(
        samples, lambda each: _pixels().shuffled(each, GRID), name="patch-shuffle", seed=seed
    )


def patch_shuffle_by(grid: int) -> Change:
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
        return _painted(samples, lambda each: _pixels().shuffled(each, grid), name=name, seed=seed)

    return changed


def _painted(
    samples: Sequence[Sample], paint: Callable[[Original], bytes], *, name: str, seed: int
) -> list[Sample]:
    return repainted(samples, paint, name=name, seed=seed, edition=_edition)


def _edition() -> str:
    painter = made_by("pillow")
    return f"{EDITION}|{painter}" if painter else ""


def _pixels() -> ModuleType:
    # It loads PIL, which neither planning nor wording needs.
    from pytest_mmbench.ablations import pixels  # noqa: PLC0415

    return pixels
