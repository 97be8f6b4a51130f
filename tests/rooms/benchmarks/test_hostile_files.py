"""Every layout of every benchmark with wrong bytes or wrong values: only this project's errors.

A fault found here is to be mended where the reader meets the bytes, and not in the test.
"""

import random
import warnings
from pathlib import Path

import pytest
from hostile_files import made_hostile

from pytest_mmbench import registry
from pytest_mmbench.errors import MMBenchError
from pytest_mmbench.images.decode import decode

PUBLISHED = Path(__file__).parents[3] / "fixtures" / "published"
LAYOUTS = {
    "ai2d": ("AI2D_TEST.tsv", "lmms-lab", "ai2d"),
    "mathvista": ("hub", "data"),
    "mmbench": ("MMBench_DEV_EN.tsv", "en", "CCBench.tsv"),
    "mme": ("MME_Benchmark_release_version.zip", "Your_Results.zip", "hub", "MME.tsv"),
    "mmie": ("",),
    "mmmu": ("subjects", "merged", "MMMU_DEV_VAL.tsv"),
    "mmstar": ("mmstar.parquet", "MMStar.tsv", "MMStar_columns.tsv"),
    "scienceqa": ("ScienceQA_TEST.tsv", "hub", "original"),
    "seed-bench": ("SEED-Bench.json", "test-00000-of-00001.parquet", "SEEDBench_IMG.tsv"),
    "seed-bench-2": ("SEED-Bench_v2_level1_2_3.json", "test-00000-of-00001.parquet"),
}
CASES = [(name, layout) for name, layouts in LAYOUTS.items() for layout in layouts]
QUICK, MANY = 2, 8
"""Copies of each layout."""
MAX_MESSAGE = 10_000
"""Characters of an error, whatever the length of a field that it is about."""
PLACES = {"file", "folder", "archive", "split", "missing", "columns"}
"""Facts by which an error says what it is about; one of them is enough. Where a column is missing
from a whole file, the sentence itself names the file."""


def check_copy(name: str, layout: str, folder: Path, seed: int) -> None:
    """Reads a hostile copy as a run does, pictures too; an error must say where it is."""
    chance = random.Random(f"{name} {layout} {seed}")
    place = made_hostile(PUBLISHED / name / layout, folder / str(seed), chance)
    options = {"data": str(place), "bad-rows": chance.choice(["error", "skip"])}
    try:
        benchmark = registry.benchmark(name, options)
    except MMBenchError as error:
        assert PLACES & error.facts.keys(), error  # noqa: PT017 - only some copies are refused
        assert len(str(error)) < MAX_MESSAGE  # noqa: PT017
        return
    for leaf in benchmark.dimensions()[0].leaves:
        for sample in map(benchmark.sample, benchmark.ids(leaf)):
            for method in benchmark.methods():
                benchmark.request(sample, method)
            for picture in sample.pictures:
                picture.identity()
                try:
                    decode(picture, sample=sample.id)
                except MMBenchError as error:
                    assert PLACES & error.facts.keys(), error  # noqa: PT017


@pytest.mark.parametrize(("name", "layout"), CASES)
def test_a_hostile_copy_is_read_or_refused(name: str, layout: str, tmp_path: Path) -> None:
    """Whatever a file holds, what comes out is a benchmark or an error that names the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in range(QUICK):
            check_copy(name, layout, tmp_path, seed)


@pytest.mark.slow  # reads two hundred copies
@pytest.mark.parametrize(("name", "layout"), CASES)
def test_many_hostile_copies(name: str, layout: str, tmp_path: Path) -> None:
    """The same for more of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in range(QUICK, QUICK + MANY):
            check_copy(name, layout, tmp_path, seed)
