"""Invented questions with which nothing is wrong, and a way to put single faults among them."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

import PIL.Image

from pytest_mmbench.images.fingerprint import PictureFacts
from pytest_mmbench.lint.findings import QuestionSet
from pytest_mmbench.lint.lookalikes import alike_digests
from pytest_mmbench.lint.pictures import read_pictures
from pytest_mmbench.records import LETTERS, Picture, Sample

WORDS: Final = [
    *("amber", "basil", "cedar", "delta", "ember", "fjord", "grape", "hazel", "ivory", "jolly"),
    *("karma", "lemon", "mango", "noble", "olive", "pearl", "quilt", "raven", "salsa", "tulip"),
    *("umbra", "vivid", "waltz", "xenon", "yacht", "zebra", "acorn", "bison", "coral", "daisy"),
]
"""Of five letters each, so that no option is longer than another."""
PLACES: Final = ["bakery", "harbour", "library", "market", "museum", "quarry", "stadium", "tower"]
COUNT: Final = 72


def noise(seed: int, *, size: tuple[int, int] = (96, 72)) -> PIL.Image.Image:
    """A picture of coloured clouds, unlike that of any other seed."""
    draws = random.Random(seed)
    image = PIL.Image.new("RGB", (8, 6))
    for at in range(48):
        colour = (draws.randrange(256), draws.randrange(256), draws.randrange(256))
        image.putpixel((at % 8, at // 8), colour)
    return image.resize(size, PIL.Image.Resampling.BICUBIC)


def encoded(image: PIL.Image.Image, form: str = "PNG", **options: int) -> bytes:
    """An image as the bytes of a file."""
    file = io.BytesIO()
    image.save(file, format=form, **options)
    return file.getvalue()


def shown(name: str, content: bytes | Callable[[], bytes]) -> Picture:
    """A picture of these bytes, or of what a function gives."""
    return Picture(name=name, read=content if callable(content) else lambda: content)


@cache
def clean(count: int = COUNT) -> tuple[Sample, ...]:
    """So many questions in two leaves, each about a picture of its own."""
    draws = random.Random(7)
    samples = []
    for number in range(count):
        first, second, *options = draws.sample(WORDS, 6)
        place = draws.choice(PLACES)
        samples.append(
            Sample(
                id=f"acme-{first}-{number * 37 % 1000}",
                dimension=f"acme.{'signs' if number % 2 else 'charts'}",
                question=f"Which name stands below the {first} {second} sign at the {place}?",
                options=tuple(options),
                target=LETTERS[draws.randrange(4)],
                pictures=(shown(f"{number}.png", encoded(noise(number))),),
                cluster=f"{number}.png",
            )
        )
    return tuple(samples)


def changed(fields: Mapping[int, Mapping[str, object]]) -> tuple[Sample, ...]:
    """The clean questions, some of which have other values in these fields."""
    return tuple(
        replace(sample, **fields.get(at, {}))  # type: ignore[arg-type]  # whatever a fault needs
        for at, sample in enumerate(clean())
    )


@cache
def clean_pictures() -> Mapping[str, tuple[PictureFacts, ...]]:
    """The facts of the pictures of the clean questions, read once."""
    return read_pictures(clean(), lambda *_: None)


def question_set(samples: Sequence[Sample]) -> QuestionSet:
    """The samples with their pictures, as the command reads them."""
    known = {sample.pictures: clean_pictures()[sample.id] for sample in clean()}
    others = [sample for sample in samples if sample.pictures not in known]
    read = read_pictures(others, lambda *_: None)
    pictures = {
        sample.id: read[sample.id] if sample.id in read else known[sample.pictures]
        for sample in samples
    }
    alike = alike_digests(pictures.values())
    return QuestionSet(samples=tuple(samples), pictures=pictures, alike=alike)
