import random
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stat_vectors import vectors

from pytest_mmbench.errors import DataError
from pytest_mmbench.evaluation.noise import tolerance_for
from pytest_mmbench.gates.comparison import Comparison, PairedTest
from pytest_mmbench.gates.flips import FlipKind
from pytest_mmbench.gates.paired import compare_answers
from pytest_mmbench.gates.stats import paired
from pytest_mmbench.gates.stats.clustered import Cluster
from pytest_mmbench.gates.stats.paired import Pairs
from pytest_mmbench.records import Mark
from pytest_mmbench.results.rows import ScoredAnswer

MARKS = {"r": Mark.CORRECT, "w": Mark.INCORRECT, "u": Mark.UNPARSEABLE}
CHOSEN = {"r": "A", "w": "B", "u": ""}


def model(marks: str, *, margin: float = 9.0, clusters: str = "") -> list[ScoredAnswer]:
    """A sample for each letter: right, wrong or unreadable; its picture below it, `-` for none."""
    pictures = (clusters or "-" * len(marks)).replace("-", " ")
    return [
        ScoredAnswer(
            sample=f"s{at}",
            mark=MARKS[mark],
            answer=CHOSEN[mark],
            margin=margin,
            cluster=picture.strip(),
        )
        for at, (mark, picture) in enumerate(zip(marks, pictures, strict=True))
    ]


def compared(
    old: Sequence[ScoredAnswer], new: Sequence[ScoredAnswer], tolerance: float = 0.1
) -> Comparison:
    return compare_answers("b.d", old, new, tolerance=tolerance)


def answers(letters: str, gold: str) -> list[ScoredAnswer]:
    return [
        ScoredAnswer(
            sample=f"s{at:02}",
            mark=Mark.CORRECT if letter == target else Mark.INCORRECT,
            answer=letter,
        )
        for at, (letter, target) in enumerate(zip(letters, gold, strict=True))
    ]


@st.composite
def twice(draw: st.DrawFn) -> tuple[list[ScoredAnswer], list[ScoredAnswer]]:
    """The same samples under two models, with near ties and shared pictures among them."""
    size = draw(st.integers(1, 30))
    sides = [
        [
            ScoredAnswer(
                sample=f"s{at}",
                mark=MARKS[mark],
                answer=CHOSEN[mark] or "" if mark != "w" else draw(st.sampled_from("BCD")),
                margin=draw(st.sampled_from([0.05, 2.0])),
            )
            for at, mark in enumerate(draw(st.text("rwu", min_size=size, max_size=size)))
        ]
        for _ in range(2)
    ]
    pictures = draw(st.lists(st.sampled_from(["", "p", "q"]), min_size=size, max_size=size))
    old, new = (
        [replace(each, cluster=at) for each, at in zip(side, pictures, strict=True)]
        for side in sides
    )
    return old, new


@pytest.mark.parametrize(("inputs", "expected"), vectors("snapshot_compare"))
def test_comparisons_agree_with_the_vectors(
    inputs: dict[str, str], expected: dict[str, Any]
) -> None:
    """From two strings of answers to counts, rates and p-values."""
    found = compared(answers(inputs["old"], inputs["gold"]), answers(inputs["new"], inputs["gold"]))

    kinds = [flip.kind for flip in found.flips]
    assert (found.regressed, found.fixed) == (expected["loss"], expected["gain"])
    assert kinds.count(FlipKind.STILL_WRONG) == expected["wrong_to_other_wrong"]
    assert (
        found.baseline_accuracy,
        found.candidate_accuracy,
        found.flip_rate,
        found.change_rate,
        paired.mcnemar(found.regressed, found.fixed, exact=True),
        found.p_worse,
    ) == pytest.approx(
        (
            expected["acc_old"],
            expected["acc_new"],
            expected["flip_rate"],
            expected["answer_change_rate"],
            expected["mcnemar_exact_two_sided"],
            expected["mcnemar_midp_one_sided_worse"],
        ),
        abs=1e-9,
    )


def test_samples_are_counted_by_what_became_of_them() -> None:
    """An unreadable answer is not right, and losing one to silence is losing it."""
    found = compared(model("rrrrwwwuu"), model("rwurrwuuw"))

    assert found.pairs == Pairs(both_correct=2, regressed=2, fixed=1, both_wrong=4)
    assert (found.baseline_unparseable, found.candidate_unparseable) == (2, 3)
    assert (found.became_unparseable, found.became_parseable) == (2, 1)
    assert found.test is PairedTest.MID_P


def test_what_was_lost_comes_first() -> None:
    """Changed answers are listed from the worst kind to the best, real ones before near ties."""
    old, new = model("wwrrr"), model("urwuw")
    close = [replace(each, margin=0.01) for each in (old[2], new[2])]
    old[2], new[2] = close

    found = compared(old, new)

    assert [(flip.sample, flip.kind, flip.near_tie) for flip in found.flips] == [
        ("s4", FlipKind.REGRESSED, False),
        ("s2", FlipKind.REGRESSED, True),
        ("s3", FlipKind.CORRECT_TO_UNPARSEABLE, False),
        ("s0", FlipKind.BECAME_UNPARSEABLE, False),
        ("s1", FlipKind.FIXED, False),
    ]


def test_near_ties_are_listed_and_not_counted() -> None:
    """A flip that rounding explains leaves its sample what it was, for counts and tests."""
    old, new = model("rrrw", margin=0.1), model("rwwr", margin=0.1)
    new[1] = replace(new[1], margin=0.2)

    found = compared(old, new, tolerance=0.1)

    assert found.pairs == Pairs(both_correct=2, regressed=1, fixed=0, both_wrong=1)
    assert [flip.sample for flip in found.near_ties] == ["s2", "s3"]
    assert (found.near_regressed, found.near_fixed, found.p_near) == (1, 1, 0.5)
    assert (found.baseline_accuracy, found.candidate_accuracy, found.difference) == (
        0.75,
        0.5,
        -0.25,
    )
    assert found.change_rate == 0.75


@pytest.mark.parametrize(("inputs", "expected"), vectors("flip_class"))
def test_a_near_tie_takes_both_margins(inputs: dict[str, float], expected: dict[str, Any]) -> None:
    """A model that was torn and is now sure has changed its mind."""
    old = model("r", margin=inputs["margin_old"])
    new = model("w", margin=inputs["margin_new"])

    (flip,) = compared(old, new, tolerance_for(inputs["eps"])).flips

    assert flip.near_tie == (expected["cls"] == "near_tie")


def test_another_wrong_answer_is_a_change_and_no_loss() -> None:
    """So is another right one, where a benchmark accepts several; silence kept is neither."""
    old, new = model("rwu"), model("rwu")
    new = [replace(each, answer=other) for each, other in zip(new, ["C", "D", "E"], strict=True)]

    found = compared(old, new)

    assert [flip.kind for flip in found.flips] == [FlipKind.STILL_WRONG, FlipKind.STILL_CORRECT]
    assert (found.regressed, found.fixed, found.p_worse, found.p_value) == (0, 0, 1, 1)


def test_samples_that_share_a_picture_are_counted_together() -> None:
    """Clusters hold the same counts as the pairs, and change the test; a lone key is no cluster."""
    old = model("rrrrrr", clusters="ppqq-z")
    new = model("wwrwww", clusters="ppqq-z")

    found = compared(old, new)

    assert found.test is PairedTest.SIGN_FLIP
    assert sorted((each.size, each.regressed, each.fixed) for each in found.clusters) == [
        (1, 1, 0), (1, 1, 0), (2, 1, 0), (2, 2, 0),
    ]  # fmt: skip
    assert found.p_worse == 1 / 2**4
    assert compared(model("rr", clusters="pq"), model("rw", clusters="pq")).clusters == ()


def test_near_ties_do_not_count_in_clusters_either() -> None:
    """Counts by picture and by sample are of the same flips."""
    old, new = model("rr", margin=0, clusters="pp"), model("ww", margin=0, clusters="pp")

    assert compared(old, new).clusters == (Cluster(size=2, regressed=0, fixed=0),)


@given(twice(), st.randoms())
def test_the_order_of_the_samples_is_nothing(
    sides: tuple[list[ScoredAnswer], list[ScoredAnswer]], chance: random.Random
) -> None:
    """Two models whose answers come in any order compare to the same record, bit by bit."""
    old, new = sides
    found = compared(old, new)
    shuffled = compared(chance.sample(old, len(old)), chance.sample(new, len(new)))

    assert shuffled == found
    assert shuffled.interval() == found.interval()
    assert shuffled.p_worse == found.p_worse


@given(twice())
def test_swapping_the_models_mirrors_the_comparison(
    sides: tuple[list[ScoredAnswer], list[ScoredAnswer]],
) -> None:
    """What one gains the other loses; near ties leave each sample at its older mark."""
    old, new = ([replace(each, margin=2.0) for each in side] for side in sides)
    one, other = compared(old, new), compared(new, old)

    assert one.difference == -other.difference
    assert (one.regressed, one.fixed) == (other.fixed, other.regressed)
    assert one.p_value == pytest.approx(other.p_value, abs=1e-12)
    assert (one.interval().low, one.interval().high) == pytest.approx(
        (-other.interval().high, -other.interval().low), abs=1e-12
    )
    assert (one.baseline_unparseable, one.candidate_unparseable) == (
        other.candidate_unparseable,
        other.baseline_unparseable,
    )


@given(twice())
def test_counts_add_up(sides: tuple[list[ScoredAnswer], list[ScoredAnswer]]) -> None:
    """Accuracies are those of the two models, and differ by real flips and near ties."""
    old, new = sides
    found = compared(old, new)
    right = [sum(each.mark is Mark.CORRECT for each in side) for side in sides]
    near = (found.near_fixed - found.near_regressed) / found.total

    assert found.total == len(old)
    assert (found.baseline_accuracy, found.candidate_accuracy) == (
        right[0] / len(old),
        right[1] / len(new),
    )
    assert found.candidate_accuracy - found.baseline_accuracy == pytest.approx(
        found.difference + near
    )
    assert found.candidate_unparseable == sum(each.mark is Mark.UNPARSEABLE for each in new)
    assert sum(each.regressed for each in found.clusters) == found.regressed * bool(found.clusters)


@given(twice())
def test_a_model_has_not_changed_since_itself(
    sides: tuple[list[ScoredAnswer], list[ScoredAnswer]],
) -> None:
    """Nothing is lost, gained or changed, and the interval holds 0."""
    found = compared(sides[0], sides[0])

    assert (found.flips, found.difference, found.p_value, found.p_worse) == ((), 0, 1, 1)
    assert found.interval().low <= 0 <= found.interval().high


def test_other_samples_are_refused() -> None:
    """Two models that were not asked the same cannot be compared; the error names a sample each."""
    with pytest.raises(DataError) as caught:
        compared(model("rr"), model("rrr")[1:])

    assert str(caught.value).splitlines() == [
        "mmbench: the models were not asked the same samples of 'b.d', or none at all.",
        "  asked          2 of the old model, 2 of the new one",
        "  only the old   s0",
        "  only the new   s2",
        "  what to do     ask both models with the same data and the same limit",
    ]


def test_nothing_cannot_be_compared() -> None:
    """Models that were asked nothing are refused."""
    with pytest.raises(DataError, match="or none at all"):
        compared([], [])


def test_a_sample_counts_once() -> None:
    """A sample that one model was judged twice on is refused."""
    with pytest.raises(DataError, match="the new model was judged twice on sample 's1'"):
        compared(model("rr"), [*model("rr"), *model("rr")[1:]])


def test_a_large_benchmark_is_compared_well_under_a_second() -> None:
    """24,000 samples of 8,000 pictures, one answer in five changed."""
    old = [
        ScoredAnswer(
            sample=f"s{at}", mark=Mark.CORRECT, answer="A", margin=1.0, cluster=f"p{at // 3}"
        )
        for at in range(24_000)
    ]
    new = [
        each if at % 5 else replace(each, mark=Mark.INCORRECT, answer="B")
        for at, each in enumerate(old)
    ]
    started = time.perf_counter()

    found = compared(old, new)

    assert time.perf_counter() - started < 1
    assert found.regressed == len(found.flips) == 4_800
