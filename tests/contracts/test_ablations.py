import warnings
from pathlib import Path

import pytest

from pytest_mmbench import registry
from pytest_mmbench.benchmarks import mmstar
from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.conditions import condition, shows_pictures, substitute_for
from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.records import Sample
from pytest_mmbench.testing import check_condition, samples

PUBLISHED = Path(__file__).parents[2] / "fixtures" / "published"
BUILT_IN = [name.replace("-N", "-3") for name in registry.condition_names()]
JOINED = ["no-image+rotated-2", "mismatched+blur", "patch-shuffle+mismatched+rotated-1"]


def drawn() -> list[Sample]:
    benchmark = Shapes(per_axis=6)
    leaf = benchmark.dimensions()[0].leaves[0]
    return [benchmark.sample(id) for id in benchmark.ids(leaf)]


def published() -> list[Sample]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return list(samples(mmstar.load({"data": str(PUBLISHED / "mmstar" / "mmstar.parquet")})))


@pytest.mark.parametrize("name", [*BUILT_IN, *JOINED])
def test_every_built_in_condition_keeps_the_contract(name: str) -> None:
    """Ids, order, laziness, purity and targets are as the protocol promises, on both benchmarks."""
    check_condition(condition(name), drawn())
    check_condition(condition(name), published(), seed=7)


@pytest.mark.parametrize("name", [*BUILT_IN, *JOINED])
def test_whether_pictures_are_asked_is_known_before(name: str) -> None:
    """What `asks_pictures` says holds for every sample; a stand-in always shows one."""
    assert {bool(each.pictures) for each in condition(name)(drawn(), seed=0)} == {
        shows_pictures(name)
    }
    assert all(each.pictures for each in substitute_for(name)(drawn(), seed=0))
