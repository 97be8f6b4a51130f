"""Which pictures are the same, and which look the same: copies in another size or format."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from operator import mul
from typing import Final

from pytest_mmbench.images.fingerprint import BLOCKS, PictureFacts, look_alike
from pytest_mmbench.lint.findings import QuestionSet
from pytest_mmbench.lint.similarity import groups

CELL: Final = 8
"""Steps of brightness in a cell, of 255: two pictures that look alike differ by half of it."""
NEIGHBOURS: Final = 300
"""Pictures of a cell that one is compared with."""
LEAST_CORRELATION: Final = 0.9
"""Of the brightness of the parts of two pictures, below which they are not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureGroups:
    """The pictures of a set, by what they show."""

    pixels: Mapping[str, tuple[str, ...]]
    """By sample, a name for each of its pictures: the same if all their pixels are."""
    looks: Mapping[str, tuple[str, ...]]
    """By sample, a name for each of its pictures: the same if they look alike."""


def picture_groups(questions: QuestionSet) -> PictureGroups:
    """Names for the pictures of all samples.

    Pictures that were not read are called by the cluster, or else by their identities or names.
    """
    pixels: dict[str, tuple[str, ...]] = {}
    by_digest: dict[str, PictureFacts] = {}
    for sample in questions.samples:
        facts = questions.pictures.get(sample.id, ())
        names = [picture.identity() or picture.name for picture in sample.pictures]
        if names and not facts and sample.cluster:
            names = [sample.cluster]
        for place, fact in enumerate(facts):
            if fact.digest:
                names[place] = fact.digest
                by_digest.setdefault(fact.digest, fact)
        pixels[sample.id] = tuple(names)
    looks = _alike([*by_digest.values()])
    return PictureGroups(
        pixels=pixels,
        looks={id: tuple(looks.get(name, name) for name in names) for id, names in pixels.items()},
    )


def _alike(facts: Sequence[PictureFacts]) -> dict[str, str]:
    """By digest, the digest of the first picture that looks the same."""
    varied = [fact for fact in facts if not fact.is_plain]
    return {
        varied[place].digest: varied[group[0]].digest
        for group in groups(len(varied), _similar(varied))
        for place in group
    }


def _similar(facts: Sequence[PictureFacts]) -> Iterator[tuple[int, int]]:
    """Pairs that look alike, without comparing all with all.

    The brightness of the quarters and the tint make a cell of six coordinates. Each picture is
    compared with those in the cells that lie half a cell around it. Where a cell is full, as the
    forms of one template fill it, only the last of them are.
    """
    cells: dict[tuple[int, ...], list[int]] = {}
    patterns = [_pattern(fact.brightness) for fact in facts]
    reach = CELL // 2
    for place, fact in enumerate(facts):
        centre = _coordinates(fact)
        around = product(*({(at - reach) // CELL, (at + reach) // CELL} for at in centre))
        for cell in around:
            for other in cells.get(cell, ())[-NEIGHBOURS:]:
                correlation = sum(map(mul, patterns[place], patterns[other]))
                if correlation >= LEAST_CORRELATION and look_alike(facts[other], fact):
                    yield other, place
        cells.setdefault(tuple(at // CELL for at in centre), []).append(place)


def _coordinates(fact: PictureFacts) -> tuple[int, ...]:
    """Mean brightness of each quarter, and the tint."""
    half = BLOCKS // 2
    quarters = []
    for top, left in product((0, half), repeat=2):
        rows = (fact.brightness[BLOCKS * row + left :][:half] for row in range(top, top + half))
        quarters.append(sum(map(sum, rows)) // half**2)
    return (*quarters, *fact.tint)


def _pattern(brightness: Sequence[int]) -> tuple[float, ...]:
    """The brightness of the parts about its mean, of length 1."""
    mean = sum(brightness) / len(brightness)
    length = math.dist(brightness, [mean] * len(brightness))
    return tuple((part - mean) / (length or 1) for part in brightness)
