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
    samples: Sequence[Sample], paint: Callable[[Original], bytes], *, name: str, seed: int
) -> list[Sample]:
    """The samples with each picture replaced by what `paint` makes of it when it is read.

    Args:
        samples: of one leaf.
        paint: gives an encoded picture, the same at every call.
        name: of the condition; a picture `a/1.png` becomes `name/a/1.png`.
        seed: part of every lot.
    """
    return [
        replace(sample, pictures=tuple(_painted(sample, paint, name, seed)))
        if sample.pictures
        else sample
        for sample in samples
    ]


def _painted(
    sample: Sample, paint: Callable[[Original], bytes], name: str, seed: int
) -> Iterator[Picture]:
    for at, picture in enumerate(sample.pictures):
        lot = f"{seed} {name} {sample.id} {at}"
        original = Original(picture=picture, sample=sample.id, lot=lot)
        yield Picture(name=f"{name}/{picture.name}", read=partial(paint, original))
