import warnings
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import overload

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.benchmarks.mmbench import load
from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.evaluation.limit import limited_ids, stratified
from pytest_mmbench.protocols import Benchmark

CIRCULAR = Path(__file__).parents[3] / "fixtures" / "published" / "mmbench" / "MMBench_DEV_EN.tsv"


@pytest.fixture
def circular() -> Benchmark:
    """Seven questions of two to four passes each."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return load({"data": str(CIRCULAR)})


def drawn(benchmark: Benchmark, limit: int) -> set[str]:
    found = limited_ids(benchmark, benchmark.dimensions(), limit=limit, seed=0)
    return {id for ids in found.values() for id in ids}


def test_without_a_limit_all_samples_are_asked(circular: Benchmark) -> None:
    """Whether they count alone or together."""
    assert len(drawn(circular, 0)) == 18
    assert len(drawn(Shapes(per_axis=2), 0)) == 36


@pytest.mark.parametrize("limit", [1, 3, 6])
def test_a_limit_keeps_the_passes_of_a_question_together(circular: Benchmark, limit: int) -> None:
    """A question counts once against it, and none is asked in a part of its passes."""
    ids = drawn(circular, limit)
    units = {circular.sample(id).unit for id in ids}

    every = {id for leaf in circular.dimensions()[0].leaves for id in circular.ids(leaf)}
    assert len(units) == limit
    assert ids == {id for id in every if circular.sample(id).unit in units}


def test_a_limit_of_samples_that_count_alone() -> None:
    """So many samples are left."""
    assert len(drawn(Shapes(per_axis=4), 20)) == 20


class Endless(Sequence[str]):
    """Ids of a leaf, made on demand; notes how many were."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.made = 0

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        assert isinstance(at, int)
        if not 0 <= at < self.size:
            raise IndexError(at)
        self.made += 1
        return f"{at:06}"


leaves = st.dictionaries(st.text("abc", max_size=3), st.integers(0, 60), max_size=8)
limits = st.integers(1, 100)


def sample_ids(sizes: dict[str, int], limit: int, seed: int = 0) -> dict[str, tuple[str, ...]]:
    return stratified({leaf: Endless(size) for leaf, size in sizes.items()}, limit, seed)


@given(leaves, limits, st.integers(0, 9))
def test_the_limit_is_used_up_and_never_exceeded(
    sizes: dict[str, int], limit: int, seed: int
) -> None:
    """As many samples are chosen as the limit allows, each once, in the order of the data."""
    picked = sample_ids(sizes, limit, seed)

    assert sum(map(len, picked.values())) == min(limit, sum(sizes.values()))
    assert picked.keys() == sizes.keys()
    for leaf, ids in picked.items():
        assert list(ids) == sorted(set(ids))
        assert len(ids) <= sizes[leaf]


@given(leaves, limits)
def test_every_leaf_has_a_sample_if_the_limit_allows(sizes: dict[str, int], limit: int) -> None:
    """A limit that has one sample for each leaf gives each leaf at least one."""
    filled = [leaf for leaf, size in sizes.items() if size]
    picked = sample_ids(sizes, limit)

    assert len(filled) > limit or all(picked[leaf] for leaf in filled)


@given(leaves.filter(lambda sizes: sum(sizes.values()) > 0), limits)
def test_shares_follow_the_sizes(sizes: dict[str, int], limit: int) -> None:
    """No leaf gets a whole sample more than its proportional share, unless it is its only one."""
    picked = sample_ids(sizes, limit)
    fraction = Fraction(min(limit, sum(sizes.values())), sum(sizes.values()))

    for leaf, ids in picked.items():
        assert len(ids) <= 1 or len(ids) < sizes[leaf] * fraction + 1


@pytest.mark.parametrize(
    ("limit", "shares"),
    [(10, (5, 3, 2)), (11, (5, 4, 2)), (1, (1, 0, 0)), (3, (1, 1, 1)), (4, (2, 1, 1))],
)
def test_largest_remainders_by_hand(limit: int, shares: tuple[int, ...]) -> None:
    """Shares of leaves of 50, 32 and 18 samples, worked out on paper."""
    picked = sample_ids({"a": 50, "b": 32, "c": 18}, limit)

    assert tuple(map(len, picked.values())) == shares


@given(st.integers(1, 60), st.data())
def test_a_larger_limit_keeps_what_a_smaller_one_chose(size: int, data: st.DataObject) -> None:
    """Answers that were paid for under a small limit are used again under a larger one."""
    small = data.draw(st.integers(1, size))
    large = data.draw(st.integers(small, size))

    assert set(sample_ids({"a": size}, small)["a"]) <= set(sample_ids({"a": size}, large)["a"])


def test_a_leaf_does_not_depend_on_its_neighbours() -> None:
    """With an equal share, a leaf keeps its samples when others come, go or move."""
    alone = sample_ids({"a": 100, "b": 100}, 20)
    moved = sample_ids({"c": 100, "a": 100}, 20)

    assert len(alone["a"]) == 10
    assert moved["a"] == alone["a"]
    assert moved["c"] != alone["b"]


def test_seeds_choose_differently() -> None:
    """Another seed is another choice, and the same seed the same one."""
    assert sample_ids({"a": 100}, 10, seed=1) == sample_ids({"a": 100}, 10, seed=1)
    assert sample_ids({"a": 100}, 10, seed=1) != sample_ids({"a": 100}, 10, seed=2)


@given(leaves, st.integers(0, 9))
def test_no_limit_is_all(sizes: dict[str, int], seed: int) -> None:
    """Limit 0 leaves nothing out."""
    assert [len(ids) for ids in sample_ids(sizes, 0, seed).values()] == list(sizes.values())


def test_every_sample_is_as_likely_as_any_other() -> None:
    """Over many seeds each sample of a leaf is drawn about equally often."""
    counts = Counter(
        chain.from_iterable(sample_ids({"a": 10}, 3, seed)["a"] for seed in range(2000))
    )

    # 600 expected, standard deviation 20.5: five of them leave one false alarm in 10^5 runs.
    assert all(abs(count - 600) < 103 for count in counts.values())
    assert len(counts) == 10


def test_a_small_limit_makes_few_ids() -> None:
    """Of a lazy leaf only the chosen ids are made."""
    leaf = Endless(100_000)

    stratified({"a": leaf, "b": Endless(3)}, 5, 0)

    assert leaf.made == 4
