"""A set of invented records as large as SEED-Bench-2, for measurements: see `tests/measure.py`.

Every dimension has as many questions as were published, and every picture and frame is a file of
its own with one megapixel. Few pictures are different: the others are hard links to them.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import PIL.Image

from pytest_mmbench.benchmarks.seed_bench_2 import COUNTS, LEAVES, PICTURE_ANSWERS, PUBLISHED

SIDE = 1000
"""Pixels."""
DIFFERENT = 16
SHOWN = {"Single Image": 1, "Multiple Images": 2, "Video": 8, "Interleaved Image": 3}
"""Pictures of a question; of those that are answered with pictures, four are options."""

MODEL = '''
import pytest

from pytest_mmbench.images.decode import decode
from pytest_mmbench.images.decode import decode_ahead
from pytest_mmbench.images.decode import bytes_per_request
from pytest_mmbench.models.scripted import ScriptedModel


class Decoding(ScriptedModel):
    """Decodes all pictures of a batch, as a network needs them, and says A."""

    def prepare(self, request):
        return decode_ahead(request, max_bytes=bytes_per_request(self.batch_size))

    def rank(self, requests):
        seen = [
            [decode(picture, sample=each.sample) for picture in each.prompt.pictures]
            for each in requests
        ]
        assert all(image.mode == "RGB" for of in seen for image in of)
        return super().rank(requests)


@pytest.fixture(scope="session")
def mm_model():
    model = Decoding({}, name="decoding")
    model.batch_size = 32
    return model
'''
"""A conftest file with a model that handles its pictures as `models.local` does."""


def write(folder: Path) -> int:
    """Writes a project that is asked about such a set, and says how many pictures it shows."""
    kinds = [kind for kind, names in PUBLISHED.items() for _ in names]
    questions = [
        question
        for at, (path, kind) in enumerate(zip(LEAVES, kinds, strict=True), start=1)
        for question in _questions(at, kind, COUNTS[path])
    ]
    shown = [name for each in questions for name in each["data_id"] if each["level"] != "L3"]
    _pictures(folder / "data" / "SEED-Bench-2-image", shown)
    whole = {"questions": questions, "question_type": {}}
    name = "SEED-Bench_v2_level1_2_3.json"
    (folder / "data" / name).write_text(json.dumps(whole), encoding="utf-8")
    table = f'[benchmarks.seed-bench-2]\ndata = "data/{name}"\nlevel = "L2"\n'
    (folder / "mmbench.toml").write_text(table, encoding="utf-8")
    (folder / "conftest.py").write_text(MODEL, encoding="utf-8")
    return len(shown)


def _questions(dimension: int, kind: str, count: int) -> Iterator[dict[str, Any]]:
    for at in range(count):
        names = [f"task{dimension}/{at}/{n}.jpg" for n in range(SHOWN.get(kind, 4))]
        level = "L3" if kind in PICTURE_ANSWERS else "L2" if kind == "Interleaved Image" else "L1"
        marks = "<img>: one. <img>: two. <img>: " if kind == "Interleaved Image" else ""
        yield {
            "question_id": f"{dimension}_{at}",
            "question_type_id": dimension,
            "data_type": kind,
            "data_source": "SEED-Bench v2",
            "data_id": names,
            "level": level,
            "version": "v2",
            "question": f"{marks}What is {'shown ' * (at % 11)}in number {at}?",
            "answer": "ABCD"[at % 4],
            **{f"choice_{letter}": f"{letter} thing {at}" for letter in "abcd"},
        }


def _pictures(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True)
    originals = [folder / f"{at}.jpg" for at in range(DIFFERENT)]
    for path in originals:
        PIL.Image.effect_noise((SIDE, SIDE), 20).convert("RGB").save(path, quality=60)
    for name, original in zip(names, itertools.cycle(originals), strict=False):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        os.link(original, path)
