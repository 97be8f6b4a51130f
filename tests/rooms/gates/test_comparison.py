import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.gates.comparison import Comparison
from pytest_mmbench.gates.stats import clustered, paired
from pytest_mmbench.gates.stats.clustered import Cluster
from pytest_mmbench.gates.stats.paired import Pairs


def counted(clusters: tuple[Cluster, ...] = ()) -> Comparison:
    pairs = Pairs(both_correct=40, regressed=9, fixed=3, both_wrong=28)
    return Comparison(dimension="b.d", pairs=pairs, clusters=clusters)


TOGETHER = (
    *[Cluster(size=4, regressed=3, fixed=0)] * 3,
    *[Cluster(size=4, regressed=0, fixed=3)],
    *[Cluster(size=4, regressed=0, fixed=0)] * 16,
)


def test_without_shared_pictures_samples_are_what_counts() -> None:
    """The interval is Newcombe's, the test McNemar's, and every sample tells something."""
    found = counted()

    assert found.interval(0.9) == paired.newcombe(found.pairs, 0.9)
    assert found.p_worse == paired.mcnemar_worse(9, 3)
    assert found.p_value == paired.mcnemar(9, 3)
    assert found.effective == 80


def test_shared_pictures_make_everything_less_sure() -> None:
    """Nine losses on three pictures are three, to the test, the interval and the smallest drop."""
    alone, together = counted(), counted(TOGETHER)

    assert together.p_worse == paired.mcnemar_worse(3, 1, exact=True) > alone.p_worse
    assert together.p_value == paired.mcnemar(3, 1, exact=True)
    assert together.interval().low < alone.interval().low
    assert together.interval().high > alone.interval().high
    assert together.effective < 80 / 2
    assert together.detectable_drop() > alone.detectable_drop()


def test_what_cancels_out_on_each_picture_is_no_finer_instrument() -> None:
    """40 samples tell no more than 40, also where every picture lost as much as it gained."""
    pairs = Pairs(both_correct=20, regressed=5, fixed=5, both_wrong=10)
    even = (Cluster(size=2, regressed=1, fixed=1),) * 5 + (
        Cluster(size=2, regressed=0, fixed=0),
    ) * 15

    found = Comparison(dimension="b.d", pairs=pairs, clusters=even)

    assert clustered.effective_size(even) == pytest.approx(40**2)
    assert found.effective == 40
    assert found.detectable_drop() == paired.detectable_drop(0.25, 40)


def test_pictures_without_flips_leave_newcombes_interval() -> None:
    """The clustered error of no flips is 0, and an interval without a width claims too much."""
    pairs = Pairs(both_correct=80, regressed=0, fixed=0, both_wrong=20)
    still = (Cluster(size=4, regressed=0, fixed=0),) * 25

    found = Comparison(dimension="b.d", pairs=pairs, clusters=still)

    assert clustered.clustered_interval(still).low == 0
    assert found.interval() == paired.newcombe(pairs)


@given(st.floats(0.001, 0.4), st.floats(0.5, 0.99))
def test_the_smallest_drop_grows_with_what_is_asked(level: float, power: float) -> None:
    """A stricter level and a surer test need a larger fall."""
    found = counted()
    drop = found.detectable_drop(level=level, power=power)

    assert drop == pytest.approx(paired.detectable_drop(12 / 80, 80, level=level, power=power))
    assert drop <= found.detectable_drop(level=level / 2, power=power)
    assert drop <= found.detectable_drop(level=level, power=(1 + power) / 2)
