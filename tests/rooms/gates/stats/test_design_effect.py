from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from pytest_mmbench.gates.stats.design_effect import chi_square_share, effective_samples
from pytest_mmbench.records import ClusterStats, Tally
from pytest_mmbench.results.tally import ClusteredUnit, with_clusters


def tally(*pictures: str) -> Tally:
    """Pictures by their answers: `110` has two correct ones and an incorrect one."""
    units = [
        ClusteredUnit(place, 0, Fraction(answer))
        for place, picture in enumerate(pictures)
        for answer in picture
    ]
    plain = Tally(
        dimension="b", correct=sum(map(int, "".join(pictures))), total=len("".join(pictures))
    )
    return with_clusters(plain, units)


def effective(*pictures: str) -> int:
    found = tally(*pictures)
    assert found.clusters is not None
    return effective_samples(found.score, found.clusters)


def test_a_shared_fate_counts_pictures() -> None:
    """Where all answers to a picture are alike, forty answers to ten pictures are ten."""
    assert effective(*["1111"] * 6, *["0000"] * 4) == 10


def test_all_correct_shows_nothing_of_dependence() -> None:
    """Nothing varies, so that only pictures count."""
    assert effective(*["1111"] * 10) == 10


def test_one_bad_picture_shows_nothing_either() -> None:
    """A single miss looks independent of everything; that is one observation, and no evidence."""
    assert effective(*["1111"] * 19, "0111") == 20


def test_independent_answers_count_for_more() -> None:
    """Many pictures of mixed answers are worth most of their samples, and never more than all."""
    mixed = ["1100", "1010", "0110", "1001", "0101"] * 20

    assert effective(*mixed) > 300
    found = tally(*mixed)
    assert found.clusters is not None
    assert found.clusters.concentration == Fraction(1, 100)
    assert [found.clusters.missing, found.clusters.earning] == [100, 100]


@given(st.lists(st.text("01", min_size=1, max_size=5), min_size=2, max_size=30))
def test_never_less_than_a_shared_fate(pictures: list[str]) -> None:
    """The worst is that of clusters which are all correct or all wrong: Kish's number of them."""
    found = tally(*pictures)
    sizes = [len(picture) for picture in pictures]
    if max(sizes) == 1:
        assert found.clusters is None
        return
    assert found.clusters is not None
    worst = sum(sizes) ** 2 // sum(size**2 for size in sizes)
    assert effective_samples(found.score, found.clusters) >= worst


@pytest.mark.parametrize("freedom", [1, 2, 5, 20, 200])
def test_the_quantile_is_that_of_a_chi_square(freedom: int) -> None:
    """Wilson and Hilferty's approximation errs by 0.01 at most."""
    exact = chi2.ppf(0.2, freedom) / freedom

    assert chi_square_share(freedom) == pytest.approx(exact, abs=0.01)


def test_a_variance_of_nothing_is_none() -> None:
    """Scores of 0 and 1 have no spread to divide by."""
    stats = ClusterStats(
        number=5,
        variance=Fraction(0),
        concentration=Fraction(1, 5),
        earning=Fraction(0),
        missing=Fraction(5),
    )
    assert effective_samples(Fraction(0), stats) == 5
