import pytest

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.testing import check_benchmark


@pytest.mark.parametrize("benchmark", [Shapes(per_axis=4)], ids=["shapes"])
def test_every_built_in_benchmark_keeps_the_contract(benchmark: Benchmark) -> None:
    """Tree, ids, samples, pictures and requests are as the protocol promises."""
    check_benchmark(benchmark)
