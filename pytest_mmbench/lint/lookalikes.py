"""Which pictures are the same, and which look the same: copies in another size or format."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from operator import mul
from typing import Final

from pytest_mmbench.images.fingerprint import BLOCKS, PictureFacts, look_alike
from pytest_mmbench.lint.findings import QuestionSet
from pytest_mmbench.lint.similarity import groups

GRIDS: Final = 8
"""Ways in which pictures are sorted into cells."""
CELL: Final = 32
"""Steps of brightness of a cell, of 255."""
NEIGHBOURS: Final = 50
"""Pictures of a cell that one is compared with."""
LEAST_CORRELATION: Final = 0.9
"""Of the brightness of the parts of two pictures, below which they are not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureGroups:
    """The pictures of a set, by what they show."""

    pixels: Mapping[str, tuple[str, ...]]
    """By sample, a name for each of its pictures: the same if all their pixels are."""
    appearances: Mapping[str, tuple[str, ...]]
    """By sample, a name for each of its pictures: the same if they look alike."""


def picture_groups(questions: QuestionSet) -> PictureGroups:
    """Names for the pictures of all samples.

    Pictures that were not read are called by the cluster, or else by their identities or names.
    """
    pixels: dict[str, tuple[str, ...]] = {}
    for sample in questions.samples:
        facts = questions.pictures.get(sample.id, ())
        names = [picture.identity() or picture.name for picture in sample.pictures]
        if names and not facts and sample.cluster:
            names = [sample.cluster]
        for place, fact in enumerate(facts):
            names[place] = fact.digest or names[place]
        pixels[sample.id] = tuple(names)
    alike = questions.alike
    return PictureGroups(
        pixels=pixels,
        appearances={id: tuple(alike.get(name, name) for name in pixels[id]) for id in pixels},
    )


def alike_digests(pictures: Iterable[Sequence[PictureFacts]]) -> dict[str, str]:
    """By digest, the digest of the first picture that looks the same: another one's or its own."""
    by_digest: dict[str, PictureFacts] = {}
    for facts in pictures:
        for fact in facts:
            if fact.digest and not fact.is_plain:
                by_digest.setdefault(fact.digest, fact)
    varied = [*by_digest.values()]
    return {
        varied[place].digest: varied[group[0]].digest
        for group in groups(len(varied), _similar(varied))
        for place in group
    }


def _similar(facts: Sequence[PictureFacts]) -> Iterator[tuple[int, int]]:
    """Pairs that look alike, without comparing all with all.

    The brightness of 16 parts and the tint make a cell in each of eight grids, which are shifted
    against each other: two pictures that differ by 2 steps everywhere share a cell of one of them
    in all but 2 of 100 cases, by 1 step in nearly all. Where a cell is full, as pages of one
    template fill it, only the last of them are compared.
    """
    cells: dict[tuple[int, ...], list[int]] = {}
    draws = random.Random(0)
    size = (BLOCKS // 2) ** 2 + 2
    shifts = [[draws.randrange(CELL) for _ in range(size)] for _ in range(GRIDS)]
    patterns = [normalized(fact.brightness) for fact in facts]
    for place, fact in enumerate(facts):
        centre = _coordinates(fact)
        others: dict[int, None] = {}
        for grid, shift in enumerate(shifts):
            cell = (grid, *((at + by) // CELL for at, by in zip(centre, shift, strict=True)))
            known = cells.setdefault(cell, [])
            others |= dict.fromkeys(known[-NEIGHBOURS:])
            known.append(place)
        for other in others:
            correlation = sum(map(mul, patterns[place], patterns[other]))
            if correlation >= LEAST_CORRELATION and look_alike(facts[other], fact):
                yield other, place


def _coordinates(fact: PictureFacts) -> tuple[int, ...]:
    """Mean brightness of parts, four blocks each, and the tint."""
    parts = []
    for top, left in product(range(0, BLOCKS, 2), repeat=2):
        start = BLOCKS * top + left
        above, below = fact.brightness[start:][:2], fact.brightness[start + BLOCKS :][:2]
        parts.append((sum(above) + sum(below)) // 4)
    return (*parts, *fact.tint)


def normalized(brightness: Sequence[int]) -> tuple[float, ...]:
    """The brightness of parts about its mean, of length 1: products are correlations."""
    mean = sum(brightness) / len(brightness)
    length = math.dist(brightness, [mean] * len(brightness))
    return tuple((part - mean) / (length or 1) for part in brightness)
