"""Which pictures are the same, and which look the same: copies in another size or format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_mmbench.images.fingerprint import PictureFacts, thumbnail_distance
from pytest_mmbench.lint.findings import QuestionSet
from pytest_mmbench.lint.similarity import groups

MAX_BITS: Final = 4
"""Bits of two perceptual hashes that may differ."""
MAX_DISTANCE: Final = 12
"""Of 255, at any pixel of two thumbnails: what a JPEG of middling quality changes is less, and a
word that is replaced more."""
_HASH_BITS: Final = 64
NEIGHBOURS: Final = 100
"""Pictures that one is compared with as they share a part of its hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureGroups:
    """The pictures of a set, by what they show."""

    pixels: Mapping[str, tuple[str, ...]]
    """By sample, a name for each of its pictures: the same if all their pixels are."""
    looks: Mapping[str, tuple[str, ...]]
    """By sample, a name for each of its pictures: the same if they look alike."""


def picture_groups(questions: QuestionSet) -> PictureGroups:
    """Names for the pictures of all samples.

    A picture that was not read, or cannot be, is called by its identity or its name.
    """
    pixels: dict[str, tuple[str, ...]] = {}
    by_digest: dict[str, PictureFacts] = {}
    for sample in questions.samples:
        facts = questions.pictures.get(sample.id, ())
        names = [picture.identity() or picture.name for picture in sample.pictures]
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
    """Two hashes that differ in 4 bits agree in one of five parts: others are not compared.

    Where many share a part, as the forms of one template do, each is compared with those of the
    nearest hashes.
    """
    parts = MAX_BITS + 1
    width = -(-_HASH_BITS // parts)
    bands: dict[tuple[int, int], list[int]] = {}
    for place in sorted(range(len(facts)), key=lambda at: facts[at].perceptual_hash):
        for part in range(parts):
            value = facts[place].perceptual_hash >> (part * width) & ((1 << width) - 1)
            bands.setdefault((part, value), []).append(place)
    for band in bands.values():
        for at, one in enumerate(band):
            for other in band[at + 1 : at + 1 + NEIGHBOURS]:
                if _look_alike(facts[one], facts[other]):
                    yield (one, other) if one < other else (other, one)


def _look_alike(one: PictureFacts, other: PictureFacts) -> bool:
    if (one.perceptual_hash ^ other.perceptual_hash).bit_count() > MAX_BITS:
        return False
    return thumbnail_distance(one.thumbnail, other.thumbnail) <= MAX_DISTANCE
