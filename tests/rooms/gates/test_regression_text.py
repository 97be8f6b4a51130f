from dataclasses import replace

import pytest
from comparisons import comparison, verdicts

from pytest_mmbench.gates.comparison import Comparison
from pytest_mmbench.gates.flips import Flip
from pytest_mmbench.gates.stats import paired
from pytest_mmbench.gates.stats.clustered import Cluster
from pytest_mmbench.records import Mark
from pytest_mmbench.results.rows import ScoredAnswer

COUNTING = "shapes.fine-grained-perception.counting"


def told(*found: Comparison, margin: float = 0.02) -> str:
    """What is said of the first of these."""
    return verdicts(found, margin=margin)[0].explanation


def counting(lost: int, gained: int, *, both: int = 12, asked: int = 40) -> Comparison:
    return comparison(COUNTING, lost=lost, gained=gained, both=both, asked=asked)


OTHERS = [comparison(f"shapes.x{at}", lost=3, gained=3, both=20, asked=40) for at in range(17)]


def flips(kinds: str) -> tuple[Flip, ...]:
    """Near ties that were lost or gained (l, g), and right answers that became unreadable (u)."""
    right = ScoredAnswer(sample="s", mark=Mark.CORRECT, answer="A", margin=0.01)
    wrong = replace(right, mark=Mark.INCORRECT, answer="B")
    silent = ScoredAnswer(sample="s", mark=Mark.UNPARSEABLE, answer="")
    known = {
        "l": Flip(baseline=right, candidate=wrong, near_tie=True),
        "g": Flip(baseline=wrong, candidate=right, near_tie=True),
        "u": Flip(baseline=right, candidate=silent, near_tie=False),
    }
    return tuple(known[kind] for kind in kinds)


def test_a_regression_is_told_with_its_integers() -> None:
    """By how much, out of what, how improbable it is, and beside how many others."""
    assert told(counting(26, 0), *OTHERS) == (
        f"{COUNTING} fell by 0.650 (0.950 to 0.300; 26 lost, 0 gained of 40),"
        " p = 7.5e-9 (mid-p McNemar), 1.3e-7 by Holm among 18: significantly worse"
    )


def test_a_score_of_another_kind_is_told() -> None:
    """The accuracies are those of samples, and the table beside them shows a mean."""
    found = replace(counting(26, 0), published="a mean of 27 dimensions")

    assert told(found).startswith(
        f"{COUNTING} fell by 0.650 (0.950 to 0.300; 26 lost, 0 gained of 40; samples count the same"
        " here, and the published score is a mean of 27 dimensions), p = "
    )


def test_no_regression_tells_what_would_have_been_seen() -> None:
    """Not significantly worse is not the same as unchanged, and the sentence says how far."""
    assert told(counting(4, 2)) == (
        f"{COUNTING} fell by 0.050 (0.400 to 0.350; 4 lost, 2 gained of 40),"
        " p = 0.23 (mid-p McNemar): not significantly worse;"
        " a fall by 0.155 would be noticed four times in five"
    )


@pytest.mark.parametrize(
    ("lost", "gained", "moved"),
    [
        (0, 0, "neither fell nor rose (0.300 to 0.300; 0 lost, 0 gained of 40)"),
        (2, 2, "neither fell nor rose (0.350 to 0.350; 2 lost, 2 gained of 40)"),
        (1, 3, "rose by 0.050 (0.325 to 0.375; 1 lost, 3 gained of 40)"),
    ],
)
def test_what_did_not_fall_is_told_as_well(lost: int, gained: int, moved: str) -> None:
    """A rise, and nothing at all."""
    assert told(counting(lost, gained)).startswith(f"{COUNTING} {moved}, p = ")


def test_near_ties_and_silence_are_told_beside_the_counts() -> None:
    """The accuracies are those of the counts: near ties are put back to what they were."""
    found = replace(counting(1, 0), flips=flips("llgu"))

    assert told(found).startswith(
        f"{COUNTING} fell by 0.025 (0.325 to 0.300; 1 lost, 0 gained of 40;"
        " 3 near ties not counted, 2 lost and 1 gained; 1 became unreadable), p = "
    )
    assert "; 1 near tie not counted, 0 lost and 1 gained)" in told(
        replace(counting(1, 0), flips=flips("g"))
    )


def test_clusters_are_told_with_their_test() -> None:
    """Two pictures that lost everything."""
    lost = (Cluster(size=4, regressed=4, fixed=0),) * 2
    found = replace(
        comparison(COUNTING, lost=8, gained=0, asked=80),
        clusters=(*lost, *[Cluster(size=4, regressed=0, fixed=0)] * 18),
    )

    assert "8 lost, 0 gained of 80), p = 0.25 (cluster sign-flip of 20 clusters): not" in told(
        found
    )


@pytest.mark.parametrize(
    ("lost", "gained", "end"),
    [
        (30, 30, "worse by less than the margin 0.02, if at all"),
        (22, 6, "significantly worse, but by less than the margin 0.02"),
        (60, 45, "perhaps worse by more than the margin 0.02"),
        (60, 30, "significantly worse, perhaps by more than the margin 0.02"),
        (100, 30, "significantly worse, by more than the margin 0.02"),
    ],
)
def test_a_root_is_told_beside_its_margin(lost: int, gained: int, end: str) -> None:
    """Its interval, and whether a fall is certain, possible, or smaller than what is allowed."""
    found = comparison("shapes", lost=lost, gained=gained, both=800, asked=1_500)
    interval = paired.newcombe(found.pairs, 0.9)

    assert told(found).endswith(
        f"{lost} lost, {gained} gained of 1500),"
        f" 90% {interval.low:.4f} to {interval.high:.4f}: {end}"
    )


def test_a_difference_that_is_rounded_to_0_has_no_sign() -> None:
    """No interval ends at -0.000."""
    found = [
        comparison("shapes", lost=lost, gained=20, both=300, asked=900) for lost in range(20, 60)
    ]

    assert all(" -0.000" not in told(each) for each in found)
    assert any("to 0.000:" in told(each) for each in found)


def test_a_margin_that_cannot_be_kept_is_told() -> None:
    """With the margin that as many samples could keep."""
    found = comparison("shapes", lost=12, gained=12, both=120, asked=250)

    assert told(found).endswith(
        ": too few samples to exclude a fall by more than the margin 0.02;"
        " with 24 flips among 250 samples a margin below 0.049 cannot be kept reliably"
    )


def test_too_few_clusters_are_told() -> None:
    """How many there are, and how many it takes."""
    found = replace(
        comparison("shapes", lost=0, gained=0, asked=400),
        clusters=(Cluster(size=40, regressed=0, fixed=0),) * 10,
    )

    assert told(found).endswith(": its samples share 10 pictures, and 20 are needed")


@pytest.mark.parametrize(
    ("clusters", "asked", "needed"),
    [(4, 40, "4 pictures of 5"), (0, 3, "3 samples of 4")],
)
def test_a_dimension_that_nothing_could_fail_is_told(
    clusters: int, asked: int, needed: str
) -> None:
    """How many pictures, or samples, it takes for the loss of everything to be significant."""
    found = replace(
        comparison(COUNTING, lost=asked, gained=0, asked=asked),
        clusters=(Cluster(size=10, regressed=10, fixed=0),) * clusters,
    )

    assert verdicts([found], min_items=2)[0].explanation.endswith(
        f": {needed} that are needed to judge it alone; counts in shapes.fine-grained-perception"
    )


def test_what_could_be_lost_unnoticed_beside_others_is_told() -> None:
    """Six pictures that lost everything have p = 0.016, and 0.016 times 24 is no significance."""
    six = (Cluster(size=10, regressed=10, fixed=0),) * 6
    found = replace(comparison(COUNTING, lost=60, gained=0, asked=60), clusters=six)
    others = [comparison(f"{COUNTING}{at}", lost=4, gained=4, asked=83) for at in range(23)]

    assert verdicts([found, *others])[0].explanation.endswith(
        "not significantly worse; beside the others it could lose everything unnoticed"
    )


def test_a_small_dimension_is_told_where_it_counts() -> None:
    """It is measured, and its parent is judged."""
    assert told(counting(5, 1, both=4, asked=12)) == (
        f"{COUNTING} fell by 0.333 (0.750 to 0.417; 5 lost, 1 gained of 12): 12 samples of 30 that"
        " are needed to judge it alone; counts in shapes.fine-grained-perception"
    )


def test_unreadable_answers_are_told_with_their_model() -> None:
    """Whose they are, how many, and how many would be allowed."""
    old = replace(counting(0, 0), baseline_unparseable=3)
    both = replace(old, flips=flips("uu"))

    assert told(old, *OTHERS) == (
        f"{COUNTING} cannot be compared: of 40 answers 3 by the old model and 3 by the new model"
        " are unreadable, at most 2 (0.05) are allowed"
    )
    assert " 3 by the old model and 5 by the new model are " in told(both)
    assert " of 40 answers 3 by the new model are " in told(
        replace(counting(3, 0), flips=flips("uuu"))
    )
