import itertools
from collections.abc import Sequence

import numpy as np
import pytest
import statsmodels.api as sm  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binom, norm, t
from stat_vectors import vectors

from pytest_mmbench.gates.stats import clusters, paired
from pytest_mmbench.gates.stats.clusters import Cluster


@st.composite
def any_cluster(draw: st.DrawFn, largest: int = 5) -> Cluster:
    size = draw(st.integers(1, largest))
    lost = draw(st.integers(0, size))
    return Cluster(size=size, regressed=lost, fixed=draw(st.integers(0, size - lost)))


several = st.lists(any_cluster(), min_size=2, max_size=9)


def alone(lost: int, gained: int, same: int = 0) -> list[Cluster]:
    kinds = [(1, 0)] * lost + [(0, 1)] * gained + [(0, 0)] * same
    return [Cluster(size=1, regressed=one, fixed=other) for one, other in kinds]


def swapped(found: Sequence[Cluster]) -> list[Cluster]:
    return [Cluster(size=each.size, regressed=each.fixed, fixed=each.regressed) for each in found]


def differences(found: Sequence[Cluster]) -> tuple[list[int], list[int]]:
    """-1, 0 or 1 for each sample, and the number of its cluster."""
    values, groups = [], []
    for number, each in enumerate(found):
        values += (
            [-1] * each.regressed
            + [1] * each.fixed
            + [0] * (each.size - each.regressed - each.fixed)
        )
        groups += [number] * each.size
    return values, groups


def from_answers(old: Sequence[int], new: Sequence[int], groups: Sequence[int]) -> list[Cluster]:
    pairs = list(zip(old, new, groups, strict=True))
    return [
        Cluster(
            size=groups.count(group),
            regressed=pairs.count((1, 0, group)),
            fixed=pairs.count((0, 1, group)),
        )
        for group in dict.fromkeys(groups)
    ]


@pytest.mark.parametrize(("inputs", "expected"), vectors("cluster_signflip_exact"))
def test_sign_flips_agree_with_the_vectors(
    inputs: dict[str, list[int]], expected: dict[str, float]
) -> None:
    """The p-value agrees with the list of all patterns of five signs."""
    found = [
        Cluster(size=9, regressed=max(0, -each), fixed=max(0, each))
        for each in inputs["cluster_sums"]
    ]

    assert clusters.sign_flip_worse(found) == expected["p_one_sided_worse"]


@given(several)
def test_sign_flips_agree_with_the_list_of_all_patterns(found: list[Cluster]) -> None:
    """Counting sums by size is the same as going through all 2 ** n patterns."""
    changes = [each.change for each in found]
    totals = [
        sum(sign * abs(change) for sign, change in zip(signs, changes, strict=True))
        for signs in itertools.product([-1, 1], repeat=len(changes))
    ]
    worse = sum(total <= sum(changes) for total in totals) / len(totals)

    assert clusters.sign_flip_worse(found) == pytest.approx(worse, abs=1e-12)


def test_sign_flips_of_many_clusters_agree_with_a_convolution() -> None:
    """With 600 clusters no list could be made; throwing one coin after the other gives the same."""
    rng = np.random.default_rng(7)
    sizes = rng.integers(1, 7, size=600)
    found = [
        Cluster(size=6, regressed=int(size * loses), fixed=int(size * (1 - loses)))
        for size, loses in zip(sizes, rng.random(600) < 0.53, strict=True)
    ]
    spread = np.ones(1)
    for size in sizes:
        spread = np.convolve(spread, [0.5, *[0] * (size - 1), 0.5])
    lost = sum(each.regressed for each in found)

    assert clusters.sign_flip_worse(found) == pytest.approx(spread[lost:].sum(), rel=1e-9)


@given(st.integers(0, 200), st.integers(0, 200))
def test_sign_flips_of_single_samples_are_the_exact_test(lost: int, gained: int) -> None:
    """Where no picture is shared, the test is McNemar's exact one."""
    exact = paired.mcnemar_worse(lost, gained, exact=True)

    assert clusters.sign_flip_worse(alone(lost, gained, 3)) == pytest.approx(exact, rel=1e-9)


@given(several)
def test_sign_flips_are_probabilities(found: list[Cluster]) -> None:
    """They lie in (0, 1], and those of a change and of its opposite share what is as extreme."""
    worse, better = clusters.sign_flip_worse(found), clusters.sign_flip_worse(swapped(found))

    assert 0 < min(worse, better) <= max(worse, better) <= 1
    assert worse + better >= 1 - 1e-12


@pytest.mark.parametrize(("inputs", "expected"), vectors("clustered_se"))
def test_the_error_agrees_with_the_vectors(
    inputs: dict[str, list[int]], expected: dict[str, float]
) -> None:
    """Twenty answers in five clusters: the error of their mean, and how many samples they are."""
    nothing = [0] * len(inputs["x"])
    found = from_answers(nothing, inputs["x"], inputs["cluster"])

    assert clusters.clustered_error(found) == pytest.approx(expected["se_miller_eq4"], abs=1e-9)
    assert clusters.effective_size(found) == pytest.approx(expected["n_eff"], abs=1e-9)


@pytest.mark.parametrize(("inputs", "expected"), vectors("paired_clustered"))
def test_the_error_of_a_difference_agrees_with_the_vectors(
    inputs: dict[str, list[int]], expected: dict[str, float]
) -> None:
    """Two models on the same twenty samples in five clusters."""
    found = from_answers(inputs["old"], inputs["new"], inputs["cluster"])

    assert clusters.clustered_error(found) == pytest.approx(
        expected["se_clustered_miller"], abs=1e-9
    )


@settings(max_examples=30)  # the oracle takes its time
@given(several)
def test_the_error_agrees_with_statsmodels(found: list[Cluster]) -> None:
    """It is the sandwich estimate, and what a sample's own variance has to have beyond that."""
    values, groups = differences(found)
    asked = len(values)
    fit = sm.OLS(values, np.ones(asked)).fit(
        cov_type="cluster", cov_kwds={"groups": np.array(groups), "use_correction": False}
    )
    own = np.var(values) / asked / (asked - 1)

    assert clusters.clustered_error(found) ** 2 == pytest.approx(fit.bse[0] ** 2 + own, abs=1e-12)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 40))
def test_the_error_of_single_samples_is_the_usual_one(lost: int, gained: int, same: int) -> None:
    """Without shared pictures it is sd / sqrt(n), and every sample counts."""
    found = alone(lost, gained, same + 1)
    values, _ = differences(found)

    expected = np.std(values, ddof=1) / np.sqrt(len(values))
    assert clusters.clustered_error(found) == pytest.approx(expected, abs=1e-12)
    assert clusters.effective_size(found) == pytest.approx(len(values), rel=1e-9)


@given(several, st.sampled_from([0.5, 0.9, 0.95]))
def test_the_interval_is_students(found: list[Cluster], confidence: float) -> None:
    """The mean difference and t errors to both sides, of one cluster more, all lost or gained."""
    values, _ = differences(found)
    one_more = sum(each.size**2 for each in found) / len(values) ** 2
    error = np.hypot(clusters.clustered_error(found), one_more)
    half = t.ppf(0.5 + confidence / 2, len(found) - 1) * error

    interval = clusters.clustered_interval(found, confidence)

    assert interval.low == pytest.approx(max(-1, np.mean(values) - half), abs=1e-9)
    assert interval.high == pytest.approx(min(1, np.mean(values) + half), abs=1e-9)


def test_one_cluster_says_nothing() -> None:
    """Everything is possible if all samples show the same picture."""
    interval = clusters.clustered_interval([Cluster(size=40, regressed=3, fixed=1)])

    assert (interval.low, interval.high) == (-1, 1)


def test_without_flips_a_picture_is_a_sample() -> None:
    """Where no variance says how much samples have in common, they are thought to share all."""
    found = [Cluster(size=4, regressed=0, fixed=0)] * 10

    assert clusters.effective_size(found) == 10
    assert clusters.sign_flip_worse(found) == 1


@pytest.mark.parametrize(("lost", "pictures"), [(0, 50), (1, 50), (3, 20), (7, 200)])
def test_pictures_that_are_lost_whole_are_binomial(lost: int, pictures: int) -> None:
    """The lower end is Clopper and Pearson's bound of the share of lost pictures."""
    found = [Cluster(size=20, regressed=20, fixed=0)] * lost
    found += [Cluster(size=20, regressed=0, fixed=0)] * (pictures - lost)

    interval = clusters.skewed_interval(found, 0.9)

    assert interval.low == pytest.approx(-beta.isf(0.05, lost + 1, pictures - lost), rel=1e-6)


def test_samples_that_flip_by_themselves_presume_little() -> None:
    """Where none of a hundred changed pictures changed whole, the interval is nearly Student's."""
    found = [Cluster(size=4, regressed=1, fixed=0), Cluster(size=4, regressed=0, fixed=1)] * 50
    found += [Cluster(size=4, regressed=0, fixed=0)] * 900

    skewed, students = (
        of(found, 0.9) for of in (clusters.skewed_interval, clusters.clustered_interval)
    )

    assert students.low * 1.12 < skewed.low < students.low


@pytest.mark.parametrize(("pictures", "size", "fall"), [(50, 20, 0.025), (100, 4, 0.04)])
def test_a_fall_by_whole_pictures_rarely_escapes(pictures: int, size: int, fall: float) -> None:
    """Of 200 candidates that lost so many pictures whole, 5 % at most are said to have lost less.

    They were 61 and 60 % while an interval had a width for single samples only.
    """
    rng, runs = np.random.default_rng(pictures), 200
    escaped = {
        lost: paired_low(lost, pictures, size) > -fall
        for lost in range(pictures)
        if lost < 4 * fall * pictures
    }
    drawn = rng.binomial(pictures, fall, runs)

    assert sum(escaped.get(int(lost), False) for lost in drawn) <= binom.isf(0.001, runs, 0.05)


def paired_low(lost: int, pictures: int, size: int) -> float:
    found = [Cluster(size=size, regressed=size, fixed=0)] * lost
    found += [Cluster(size=size, regressed=0, fixed=0)] * (pictures - lost)
    correct = 6 * pictures * size // 10
    pairs = paired.Pairs(
        both_correct=correct,
        regressed=lost * size,
        fixed=0,
        both_wrong=pictures * size - correct - lost * size,
    )
    return clusters.paired_interval(pairs, found, 0.9).low


def shared(rng: np.random.Generator, pictures: int) -> list[Cluster]:
    """Four questions per picture, which in seven of ten cases flip together or not at all."""
    kinds = [-1, 1, 0]
    together = rng.choice(kinds, size=(pictures, 1), p=[0.1, 0.1, 0.8])
    apart = rng.choice(kinds, size=(pictures, 4), p=[0.1, 0.1, 0.8])
    flips = np.where(rng.random((pictures, 1)) < 0.7, together, apart)
    lost, gained = (flips == -1).sum(axis=1), (flips == 1).sum(axis=1)
    both = zip(lost.tolist(), gained.tolist(), strict=True)
    return [Cluster(size=4, regressed=one, fixed=other) for one, other in both]


def test_shared_pictures_deceive_a_test_that_ignores_them() -> None:
    """At 5 %, twice as many harmless candidates fail by samples, and 5 % at most by pictures.

    Among 2,000, each count is compared with what its rate would give once in a thousand times.
    """
    rng = np.random.default_rng(11)
    drawn = [shared(rng, 100) for _ in range(2_000)]
    totals = [(sum(c.regressed for c in each), sum(c.fixed for c in each)) for each in drawn]

    by_picture = sum(clusters.sign_flip_worse(each) <= 0.05 for each in drawn)
    by_sample = sum(paired.mcnemar_worse(lost, gained) <= 0.05 for lost, gained in totals)

    assert by_picture <= binom.isf(0.001, 2_000, 0.05)
    assert by_sample >= binom.isf(0.001, 2_000, 0.1)


def test_a_large_benchmark_is_tested() -> None:
    """Eight thousand pictures with up to four questions each."""
    rng = np.random.default_rng(5)

    assert 0 < clusters.sign_flip_worse(shared(rng, 8_000)) < 1


@given(st.floats(1e-3, 1 - 1e-6), st.integers(1, 500))
def test_quantiles_agree_with_scipy(confidence: float, freedom: int) -> None:
    """From one degree of freedom on, and far into the tails."""
    expected = t.ppf(0.5 + confidence / 2, freedom)

    assert clusters.t_quantile(confidence, freedom) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("freedom", [19, 7_999, 100_000])
def test_quantiles_of_many_clusters(freedom: int) -> None:
    """As many clusters as a benchmark has take the same way; in the end it is the normal's."""
    found = clusters.t_quantile(0.9, freedom)

    assert found == pytest.approx(t.ppf(0.95, freedom), rel=1e-10)
    assert found > norm.ppf(0.95)


@given(st.floats(0.01, 0.999), st.integers(1, 100))
def test_more_freedom_means_less_distance(confidence: float, freedom: int) -> None:
    """An interval of the same confidence narrows with every cluster, and widens with confidence."""
    here = clusters.t_quantile(confidence, freedom)

    assert here > clusters.t_quantile(confidence, freedom + 1)
    assert here < clusters.t_quantile((1 + confidence) / 2, freedom)
