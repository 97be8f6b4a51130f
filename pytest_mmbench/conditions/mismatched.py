"""The condition that shows each sample the pictures of another.

It keeps what a model may notice of pictures as such, and takes away what they show: the permutation
of inputs by which Gat et al. (2021) measure a model's *perceptual score*, within one leaf.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from itertools import cycle, islice

from pytest_mmbench.errors import AbsentError
from pytest_mmbench.records import Picture, Sample

NAME = "mismatched"


VERSION = 1
"""Raised when other pictures are given than before."""


_REMEDY = "leave mismatched out for this dimension"


def mismatched(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """Each sample with the pictures of another sample of the leaf, their bytes unchanged.

    1. Samples with equally many pictures stand in a seeded circle, those of the same cluster or
       with the same names of pictures side by side, and everybody receives from as far ahead as
       the largest such group is long. That is a permutation without a fixed point if no group is
       more than half of the circle; if one is, the other samples' pictures are dealt out in turn.
    2. Same bytes under other names are seen when the first picture is read: then the next in the
       circle gives, of whose pictures the receiver has none. Two receivers may share a giver then.
    3. Where nobody fits, single pictures of the whole leaf that the receiver has not fill its
       places one by one.

    Who gives to whom depends on samples, pictures and seed, and not on what is read first. Give it
    all samples of a leaf, also those that a limit leaves out: givers are then the same whatever the
    limit. Same pictures are those with the same encoded bytes. Samples without pictures stay as
    they are.

    Raises:
        AbsentError: for some sample the leaf has no other picture, as in a leaf of one sample.
            Where only the bytes tell, reading the picture raises it.
    """
    shown = [sample for sample in samples if sample.pictures]
    _refuse_without_others(shown)
    givers = PictureSwapper(shown, random.Random(f"{seed} {NAME}"))
    return [_swapped(sample, givers) if sample.pictures else sample for sample in samples]


def _refuse_without_others(shown: Sequence[Sample]) -> None:
    every = {picture.name for sample in shown for picture in sample.pictures}
    alone = len(set(map(_group, shown))) == 1
    for sample in shown:
        if alone or len({picture.name for picture in sample.pictures}) == len(every):
            raise _without_others(sample)


def _group(sample: Sample) -> str | tuple[str, ...]:
    """What samples that are known to show the same have in common."""
    return sample.cluster or tuple(picture.name for picture in sample.pictures)


def _without_others(sample: Sample) -> AbsentError:
    return AbsentError(
        f"{sample.dimension} has no picture that sample {sample.id!r} does not show already.",
        asked_for_by=f"condition {NAME}",
        what_to_do=_REMEDY,
    )


def _swapped(sample: Sample, givers: PictureSwapper) -> Sample:
    lent_by = givers.expected_giver(sample)
    pictures = (
        replace(
            own,
            name=f"{NAME}/{own.name}",
            read=partial(givers.read, sample.id, at),
            identity=partial(givers.identity, sample.id, at),
            shown_as=lent_by[at] if lent_by else "",
        )
        for at, own in enumerate(sample.pictures)
    )
    return replace(sample, pictures=tuple(pictures))


class PictureSwapper:
    """Finds the pictures that a sample is given, and remembers what it has found and digested.

    Args:
        shown: samples that have pictures.
        lot: puts them into their order.
    """

    def __init__(self, shown: Sequence[Sample], lot: random.Random) -> None:
        mixed = lot.sample(shown, len(shown))
        self._mixed = mixed
        self._samples = {sample.id: sample for sample in shown}
        self._everybody = circle_of(mixed)
        counts = {len(sample.pictures) for sample in mixed}
        self._alike = {
            count: circle_of([sample for sample in mixed if len(sample.pictures) == count])
            for count in counts
        }
        self._content = cache(_digest)
        self._given = cache(self._find)

    def read(self, id: str, at: int) -> bytes:
        """The encoded picture that stands in for one of a sample's.

        Raises:
            AbsentError: the leaf has no other.
            DataError: one cannot be read.
        """
        return self._given(id)[at].read()

    def identity(self, id: str, at: int) -> str:
        """Of that picture: which one it is, is known once it is read, and follows from the leaf."""
        return f"{self._leaf}|{id}|{at}" if self._leaf else ""

    @cached_property
    def _leaf(self) -> str:
        """Everything that decides who gives to whom; empty if a picture has no identity."""
        content = hashlib.sha256()
        for sample in self._mixed:
            named = [(each.name, each.identity()) for each in sample.pictures]
            if not all(identity for _, identity in named):
                return ""
            content.update(f"{sample.id!a} {sample.cluster!a} {named!a}\n".encode())
        return f"{NAME}|{VERSION}|{content.hexdigest()}"

    def expected_giver(self, sample: Sample) -> tuple[str, ...]:
        """Names of the pictures that it is given if no bytes stand against it; reads none."""
        giver = next(self._alike[len(sample.pictures)].others(sample), None)
        return tuple(picture.name for picture in giver.pictures) if giver else ()

    def _find(self, id: str) -> Sequence[Picture]:
        """As many pictures as the sample has, and none of its own."""
        sample = self._samples[id]
        own = set(map(self._content, sample.pictures))
        for giver in self._alike[len(sample.pictures)].others(sample):
            if own.isdisjoint(map(self._content, giver.pictures)):
                return giver.pictures
        return self._one_by_one(sample, own)

    def _one_by_one(self, sample: Sample, own: set[bytes]) -> Sequence[Picture]:
        others = (
            picture
            for giver in self._everybody.others(sample)
            for picture in giver.pictures
            if self._content(picture) not in own
        )
        few = list(islice(others, len(sample.pictures)))
        if not few:
            raise _without_others(sample)
        return tuple(islice(cycle(few), len(sample.pictures)))


def _digest(picture: Picture) -> bytes:
    return hashlib.sha256(picture.read()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class CirclePosition:
    """Where a sample stands in a circle."""

    start: int
    """Of its group: the samples that are known to show the same."""
    size: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """Samples in a circle, those that are known to show the same side by side."""

    samples: tuple[Sample, ...]
    positions: dict[str, CirclePosition]
    largest_group: int
    """Size of the largest group."""

    def others(self, sample: Sample) -> Iterator[Sample]:
        """Everybody outside its group: who stands `longest` ahead first, then on in the circle."""
        place = self.positions[sample.id]
        count = len(self.samples) - place.size
        first = place.offset + self.largest_group - place.size
        after = place.start + place.size
        for step in range(count):
            yield self.samples[(after + (first + step) % count) % len(self.samples)]


def circle_of(samples: Sequence[Sample]) -> Circle:
    """A circle in the given order, in which groups stand where their first sample stands."""
    groups: dict[str | tuple[str, ...], list[Sample]] = {}
    for sample in samples:
        groups.setdefault(_group(sample), []).append(sample)
    places: dict[str, CirclePosition] = {}
    for group in groups.values():
        start = len(places)
        for offset, sample in enumerate(group):
            places[sample.id] = CirclePosition(start=start, size=len(group), offset=offset)
    return Circle(
        samples=tuple(sample for group in groups.values() for sample in group),
        positions=places,
        largest_group=max(map(len, groups.values()), default=0),
    )
