"""Samples whose pictures are painted over, once somebody looks at them.

A picture is painted when its bytes are asked for, and not before: planning reads none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from pytest_mmbench.records import Picture, Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A picture that is to be painted over."""

    picture: Picture
    sample: str
    """The id, for messages."""
    lot: str
    """Seeds what is random. No two seeds, conditions, samples or places in a sample share one."""


def repainted(
    samples: Sequence[Sample],
    paint: Callable[[Original], bytes],
    *,
    name: str,
    seed: int,
    edition: Callable[[], str] = str,
) -> list[Sample]:
    """The samples with each picture replaced by what `paint` makes of it when it is read.

    Args:
        samples: of one leaf.
        paint: gives an encoded picture, the same at every call.
        name: of the condition; a picture `a/1.png` becomes `name/a/1.png`.
        seed: part of every lot.
        edition: changes when `paint` makes other bytes of the same originals than before. Without
            it they are painted in every run to find out what they are.
    """

    def painted(sample: Sample) -> Iterator[Picture]:
        for original in _originals(sample, name, seed):
            yield replace(
                original.picture,
                name=f"{name}/{original.picture.name}",
                read=partial(paint, original),
                identity=partial(_identity, original, edition),
            )

    return [replace(sample, pictures=tuple(painted(sample))) for sample in samples]


def _originals(sample: Sample, name: str, seed: int) -> Iterator[Original]:
    for at, picture in enumerate(sample.pictures):
        lot = f"{seed} {name} {sample.id} {at}"
        yield Original(picture=picture, sample=sample.id, lot=lot)


def _identity(original: Original, edition: Callable[[], str]) -> str:
    """What it was painted over, with what, and by whom; empty if one of these is not known."""
    whole, painter = original.picture.identity(), edition()
    return f"{whole}|{original.lot}|{painter}" if whole and painter else ""
