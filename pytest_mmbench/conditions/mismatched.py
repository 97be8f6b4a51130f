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
from typing import NamedTuple

from pytest_mmbench.errors import AbsentError
from pytest_mmbench.records import Picture, Sample

NAME = "mismatched"
VERSION = 1
"""Raised when samples are shown other pictures than before."""


def mismatched(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    """Each sample with the pictures of another sample of the leaf, their bytes unchanged.

    1. Samples with equally many pictures stand in a seeded circle, those of the same cluster or
       with the same names of pictures side by side, and each is shown the pictures of the sample
       as far ahead as the largest such group is long. That is a permutation without a fixed point
       if no group is more than half of the circle; if one is, the other samples' pictures are used
       in turn.
    2. Same bytes under other names are seen when the first picture is read: then the next sample
       in the circle is used that has none of the same pictures. Two samples may be shown the same
       pictures then.
    3. Where no sample fits, single pictures of the whole leaf that the sample has not fill its
       places one by one.

    Same pictures are those with the same encoded bytes. Which are shown depends on samples,
    pictures and seed, and not on what is read first: give it all samples of a leaf, also those that
    a limit leaves out. Samples without pictures stay as they are.

    Raises:
        AbsentError: for some sample the leaf has no other picture, as in a leaf of one sample.
            Where only the bytes tell, reading the picture raises it.
    """
    with_pictures = [sample for sample in samples if sample.pictures]
    every_name = {picture.name for sample in with_pictures for picture in sample.pictures}
    is_one_group = len(set(map(_group_key, with_pictures))) == 1
    for sample in with_pictures:
        names = {picture.name for picture in sample.pictures}
        if is_one_group or len(names) == len(every_name):
            raise _no_other_picture(sample)
    swapper = PictureSwapper(with_pictures, random.Random(f"{seed} {NAME}"))

    def swap(sample: Sample) -> Sample:
        expected = swapper.expected_names(sample)
        pictures = (
            replace(
                own,
                name=f"{NAME}/{own.name}",
                read=partial(swapper.read, sample.id, at),
                identity=partial(swapper.identity, sample.id, at),
                shown_as=expected[at] if expected else "",
            )
            for at, own in enumerate(sample.pictures)
        )
        return replace(sample, pictures=tuple(pictures))

    return [swap(sample) if sample.pictures else sample for sample in samples]


def _group_key(sample: Sample) -> str | tuple[str, ...]:
    """The same for samples that are known to show the same pictures."""
    return sample.cluster or tuple(picture.name for picture in sample.pictures)


def _no_other_picture(sample: Sample) -> AbsentError:
    return AbsentError(
        f"{sample.dimension} has no picture that sample {sample.id!r} does not show already.",
        asked_for_by=f"condition {NAME}",
        what_to_do="leave mismatched out for this dimension",
    )


class PictureSwapper:
    """Finds pictures of other samples, and remembers what it has found and hashed."""

    def __init__(self, samples: Sequence[Sample], generator: random.Random) -> None:
        shuffled = generator.sample(samples, len(samples))
        self._shuffled = shuffled
        self._by_id = {sample.id: sample for sample in samples}
        self._all = circle_of(shuffled)
        counts = {len(sample.pictures) for sample in shuffled}
        self._by_count = {
            count: circle_of([sample for sample in shuffled if len(sample.pictures) == count])
            for count in counts
        }
        self._hash = cache(lambda picture: hashlib.sha256(picture.read()).digest())
        self._pictures_for = cache(self._find_pictures)

    def read(self, id: str, at: int) -> bytes:
        """The encoded picture that is shown in the place of picture `at` of a sample."""
        return self._pictures_for(id)[at].read()

    def identity(self, id: str, at: int) -> str:
        """Of that picture: which one it is, follows from the leaf once the pictures are read."""
        return f"{self._leaf_identity}|{id}|{at}" if self._leaf_identity else ""

    @cached_property
    def _leaf_identity(self) -> str:
        """Everything that decides which pictures are shown; empty if one has no identity."""
        content = hashlib.sha256()
        for sample in self._shuffled:
            identities = [(picture.name, picture.identity()) for picture in sample.pictures]
            if not all(identity for _, identity in identities):
                return ""
            content.update(f"{sample.id!a} {sample.cluster!a} {identities!a}\n".encode())
        return f"{NAME}|{VERSION}|{content.hexdigest()}"

    def expected_names(self, sample: Sample) -> tuple[str, ...]:
        """Names of the pictures that it is shown unless their bytes are its own; reads none."""
        other = next(self._by_count[len(sample.pictures)].others(sample), None)
        return tuple(picture.name for picture in other.pictures) if other else ()

    def _find_pictures(self, id: str) -> Sequence[Picture]:
        sample = self._by_id[id]
        count = len(sample.pictures)
        own = set(map(self._hash, sample.pictures))
        for other in self._by_count[count].others(sample):
            if own.isdisjoint(map(self._hash, other.pictures)):
                return other.pictures
        single = (
            picture
            for other in self._all.others(sample)
            for picture in other.pictures
            if self._hash(picture) not in own
        )
        pictures = list(islice(single, count))
        if not pictures:
            raise _no_other_picture(sample)
        return tuple(islice(cycle(pictures), count))


class CirclePosition(NamedTuple):
    """Start and size of a sample's group in a circle, and the sample's offset in the group."""

    start: int
    size: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """Samples in a circle; a group, known to show the same pictures, stands side by side."""

    samples: tuple[Sample, ...]
    positions: dict[str, CirclePosition]
    """By id."""
    largest_group: int

    def others(self, sample: Sample) -> Iterator[Sample]:
        """All outside its group: the one `largest_group` ahead first, then on in the circle."""
        position = self.positions[sample.id]
        count = len(self.samples) - position.size
        first = position.offset + self.largest_group - position.size
        after = position.start + position.size
        for step in range(count):
            yield self.samples[(after + (first + step) % count) % len(self.samples)]


def circle_of(samples: Sequence[Sample]) -> Circle:
    """A circle in the given order, in which groups stand where their first sample stands."""
    groups: dict[str | tuple[str, ...], list[Sample]] = {}
    for sample in samples:
        groups.setdefault(_group_key(sample), []).append(sample)
    positions: dict[str, CirclePosition] = {}
    for group in groups.values():
        start = len(positions)
        for offset, sample in enumerate(group):
            positions[sample.id] = CirclePosition(start, len(group), offset)
    return Circle(
        samples=tuple(sample for group in groups.values() for sample in group),
        positions=positions,
        largest_group=max(map(len, groups.values()), default=0),
    )
