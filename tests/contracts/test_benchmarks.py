import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_mmbench.benchmarks import mmstar
from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.testing import check_benchmark

PUBLISHED = Path(__file__).parents[2] / "fixtures" / "published"


def read_mmstar(file: str) -> Benchmark:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return mmstar.load({"data": str(PUBLISHED / "mmstar" / file)})


MAKERS: dict[str, Callable[[], Benchmark]] = {
    "shapes": lambda: Shapes(per_axis=4),
    "mmstar-parquet": lambda: read_mmstar("mmstar.parquet"),
    "mmstar-tsv": lambda: read_mmstar("MMStar.tsv"),
    "mmstar-columns": lambda: read_mmstar("MMStar_columns.tsv"),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_every_built_in_benchmark_keeps_the_contract(make: Callable[[], Benchmark]) -> None:
    """Tree, ids, samples, pictures and requests are as the protocol promises."""
    check_benchmark(make())
