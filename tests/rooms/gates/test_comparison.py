import math
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stat_vectors import vectors

from pytest_mmbench.errors import DataError
from pytest_mmbench.evaluation.noise import tolerance_for
from pytest_mmbench.gates.comparison import (
    Comparison,
    Flip,
    PairedTest,
    compare_answers,
    compare_results,
)
from pytest_mmbench.gates.stats import clusters, paired
from pytest_mmbench.gates.stats.clusters import Cluster
from pytest_mmbench.gates.stats.paired import Pairs
from pytest_mmbench.gates.verdicts import FlipKind
from pytest_mmbench.records import Average, Dimension, Mark, Unit
from pytest_mmbench.results.rows import SampleResult, ScoredAnswer

# What the changed answers of a dimension amount to.


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
    assert found.effective == 80


def test_shared_pictures_make_everything_less_sure() -> None:
    """Nine regressed samples of three pictures are three, to the test and to the interval."""
    alone, together = counted(), counted(TOGETHER)

    assert together.p_worse == paired.mcnemar_worse(3, 1, exact=True) > alone.p_worse
    assert together.interval().low < alone.interval().low
    assert together.interval().high > alone.interval().high
    assert together.effective < 80 / 2
    assert together.detectable_drop() > alone.detectable_drop()


def test_what_cancels_out_on_each_picture_is_no_finer_instrument() -> None:
    """40 samples tell no more than 40, also where each picture has as many fixed as regressed."""
    pairs = Pairs(both_correct=20, regressed=5, fixed=5, both_wrong=10)
    even = (Cluster(size=2, regressed=1, fixed=1),) * 5 + (
        Cluster(size=2, regressed=0, fixed=0),
    ) * 15

    found = Comparison(dimension="b.d", pairs=pairs, clusters=even)

    assert clusters.effective_size(even) == pytest.approx(40**2)
    assert found.effective == 40
    assert found.detectable_drop() == paired.detectable_drop(0.25, 40)


def test_pictures_without_flips_are_as_many_observations() -> None:
    """Where none of 25 pictures was lost, three may be: that of samples claims too much."""
    pairs = Pairs(both_correct=80, regressed=0, fixed=0, both_wrong=20)
    still = (Cluster(size=4, regressed=0, fixed=0),) * 25

    found = Comparison(dimension="b.d", pairs=pairs, clusters=still)

    assert found.interval(0.9).low == pytest.approx(0.05 ** (1 / 25) - 1)
    assert found.interval(0.9).low < paired.newcombe(pairs, 0.9).low


@given(st.floats(0.001, 0.4), st.floats(0.5, 0.99))
def test_the_detectable_drop_grows_with_what_is_demanded(level: float, power: float) -> None:
    """A stricter level and a surer test need a larger fall."""
    found = counted()
    drop = found.detectable_drop(level=level, power=power)

    assert drop == pytest.approx(paired.detectable_drop(12 / 80, 80, level=level, power=power))
    assert drop <= found.detectable_drop(level=level / 2, power=power)
    assert drop <= found.detectable_drop(level=level, power=(1 + power) / 2)


# Two models on the same samples.


MARKS = {"r": Mark.CORRECT, "w": Mark.INCORRECT, "u": Mark.UNPARSEABLE}
ANSWERS = {"r": "A", "w": "B", "u": ""}


def model(marks: str, *, margin: float = 9.0, clusters: str = "") -> list[ScoredAnswer]:
    """A sample for each letter: right, wrong or unparseable; its picture below it, `-` for none."""
    pictures = (clusters or "-" * len(marks)).replace("-", " ")
    return [
        ScoredAnswer(
            sample=f"s{at}",
            mark=MARKS[mark],
            answer=ANSWERS[mark],
            margin=margin,
            cluster=picture.strip(),
        )
        for at, (mark, picture) in enumerate(zip(marks, pictures, strict=True))
    ]


def compared(
    baseline: Sequence[ScoredAnswer], candidate: Sequence[ScoredAnswer], tolerance: float = 0.1
) -> Comparison:
    return compare_answers("b.d", baseline, candidate, tolerance=tolerance)


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
                answer=ANSWERS[mark] or "" if mark != "w" else draw(st.sampled_from("BCD")),
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
    more, fewer = max(found.regressed, found.fixed), min(found.regressed, found.fixed)
    assert (found.regressed, found.fixed) == (expected["loss"], expected["gain"])
    assert kinds.count(FlipKind.STILL_WRONG) == expected["wrong_to_other_wrong"]
    assert (
        found.pairs.before,
        found.candidate_accuracy,
        found.flip_rate,
        len(found.flips) / found.total,
        min(1, 2 * paired.mcnemar_worse(more, fewer, exact=True)),
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
    """An unparseable answer is not correct: what was correct before it has regressed."""
    found = compared(model("rrrrwwwuu"), model("rwurrwuuw"))

    assert found.pairs == Pairs(both_correct=2, regressed=2, fixed=1, both_wrong=4)
    assert (found.baseline_unparseable, found.candidate_unparseable) == (2, 3)
    assert found.became_unparseable == 2
    assert found.test is PairedTest.MID_P


def test_what_regressed_comes_first() -> None:
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
    assert (found.pairs.before, found.candidate_accuracy, found.pairs.difference) == (
        0.75,
        0.5,
        -0.25,
    )
    assert len(found.flips) / found.total == 0.75


@pytest.mark.parametrize(("inputs", "expected"), vectors("flip_class"))
def test_a_near_tie_takes_both_margins(inputs: dict[str, float], expected: dict[str, Any]) -> None:
    """A model that was torn and is now sure has changed its mind."""
    old = model("r", margin=inputs["margin_old"])
    new = model("w", margin=inputs["margin_new"])

    (flip,) = compared(old, new, tolerance_for(inputs["eps"])).flips

    assert flip.near_tie == (expected["cls"] == "near_tie")


def test_another_wrong_answer_is_a_change_and_no_regression() -> None:
    """So is another correct one, where several are accepted; two unparseable ones are alike."""
    old, new = model("rwu"), model("rwu")
    new = [replace(each, answer=other) for each, other in zip(new, ["C", "D", "E"], strict=True)]

    found = compared(old, new)

    assert [flip.kind for flip in found.flips] == [FlipKind.STILL_WRONG, FlipKind.STILL_CORRECT]
    assert (found.regressed, found.fixed, found.p_worse) == (0, 0, 1)


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
    """What is fixed one way has regressed the other way; without near ties, exactly."""
    old, new = ([replace(each, margin=2.0) for each in side] for side in sides)
    one, other = compared(old, new), compared(new, old)

    assert one.pairs.difference == -other.pairs.difference
    assert (one.regressed, one.fixed) == (other.fixed, other.regressed)
    if one.flip_rate and not one.clusters:
        assert one.p_worse + other.p_worse == pytest.approx(1, abs=1e-12)
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
    assert (found.pairs.before, found.candidate_accuracy) == (
        right[0] / len(old),
        right[1] / len(new),
    )
    assert found.candidate_accuracy - found.pairs.before == pytest.approx(
        found.pairs.difference + near
    )
    assert found.candidate_unparseable == sum(each.mark is Mark.UNPARSEABLE for each in new)
    assert sum(each.regressed for each in found.clusters) == found.regressed * bool(found.clusters)


@given(twice())
def test_a_model_has_not_changed_since_itself(
    sides: tuple[list[ScoredAnswer], list[ScoredAnswer]],
) -> None:
    """Nothing has regressed, nothing is fixed or changed, and the interval holds 0."""
    found = compared(sides[0], sides[0])

    assert (found.flips, found.pairs.difference, found.p_worse) == ((), 0, 1)
    assert found.interval().low <= 0 <= found.interval().high


def test_other_samples_are_refused() -> None:
    """Two models that were not asked the same cannot be compared; the error names a sample each."""
    with pytest.raises(DataError) as caught:
        compared(model("rr"), model("rrr")[1:])

    assert str(caught.value).splitlines() == [
        "mmbench: the models were not asked the same samples of 'b.d', or none at all.",
        "  asked                2 of the baseline, 2 of the candidate",
        "  only the baseline    s0",
        "  only the candidate   s2",
        "  what to do           ask both models with the same data and the same limit",
    ]


def test_nothing_cannot_be_compared() -> None:
    """Models that were asked nothing are refused."""
    with pytest.raises(DataError, match="or none at all"):
        compared([], [])


def test_a_sample_counts_once() -> None:
    """A sample that one model was judged twice on is refused."""
    with pytest.raises(DataError, match="the candidate was judged twice on sample 's1'"):
        compared(model("rr"), [*model("rr"), *model("rr")[1:]])


def test_a_large_benchmark_is_compared() -> None:
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

    found = compared(old, new)

    assert found.regressed == len(found.flips) == 4_800


# The results of a dimension.

QUESTIONS = Dimension(path="b", leaves=("b",), size=1, unit=Unit.ALL_CORRECT)
SURE, CLOSE, TOLERANCE = 8.0, 0.01, 0.5


def row(rotation: int, *, right: bool, margin: float) -> SampleResult:
    """An answer to one of a question's rotations."""
    return SampleResult(
        sample=f"q@{rotation}",
        mark=Mark.CORRECT if right else Mark.INCORRECT,
        answer="A" if right else "B",
        target="A",
        options=2,
        option_logprobs=(margin, 0.0) if right else (0.0, margin),
        unit="q",
    )


def test_a_close_rotation_that_stayed_excuses_no_other() -> None:
    """The question regressed for good where a sure answer turned, however close the rest was."""
    stayed = row(1, right=True, margin=CLOSE)
    old = [row(0, right=True, margin=SURE), stayed]
    new = [row(0, right=False, margin=SURE), stayed]

    found = compare_results(QUESTIONS, old, new, tolerance=TOLERANCE)

    assert (found.regressed, found.near_ties) == (1, ())


def test_a_question_changes_in_a_near_tie_if_all_its_changed_rotations_do() -> None:
    """A sure answer that turned makes it a real change, and one that stayed does not."""
    stayed = row(2, right=True, margin=SURE)
    old = [row(0, right=True, margin=CLOSE), row(1, right=True, margin=CLOSE), stayed]
    close = [row(0, right=False, margin=CLOSE), row(1, right=False, margin=CLOSE), stayed]
    mixed = [close[0], row(1, right=False, margin=SURE), stayed]

    near = compare_results(QUESTIONS, old, close, tolerance=TOLERANCE)
    real = compare_results(QUESTIONS, old, mixed, tolerance=TOLERANCE)

    assert (near.regressed, near.near_regressed) == (0, 1)
    assert (real.regressed, real.near_regressed) == (1, 0)


def test_a_question_is_known_by_what_changed_of_it() -> None:
    """A report shows the rotation that regressed, and not one that is as it was."""
    old = [row(at, right=True, margin=SURE) for at in range(3)]
    new = [*old[:2], row(2, right=False, margin=SURE)]

    assert [flip.sample for flip in compare_results(QUESTIONS, old, new, tolerance=0).flips] == [
        "q@2"
    ]


def test_samples_that_count_alone_are_compared_alone() -> None:
    """Elsewhere each answer is its own, and those of one unit share what happens to them."""
    old = [row(at, right=True, margin=SURE) for at in range(2)]
    new = [old[0], row(1, right=False, margin=SURE)]

    found = compare_results(replace(QUESTIONS, unit=Unit.SAMPLE), old, new, tolerance=TOLERANCE)

    assert (found.total, found.regressed, len(found.clusters)) == (2, 1, 1)


ALONE = replace(QUESTIONS, unit=Unit.SAMPLE)


def answered(letter: str, **more: Any) -> SampleResult:
    """The answer to a sample whose target is A."""
    mark = Mark.CORRECT if letter == "A" else Mark.INCORRECT
    return SampleResult(sample="s1", mark=mark, answer=letter, target="A", options=2, **more)


def test_a_ranked_answer_has_a_margin() -> None:
    """What is compared is the mark, the letter, and how clear the choice was."""
    was = answered("B", option_logprobs=(-2.0, -1.25))
    now = answered("A", option_logprobs=(-1.0, -1.5), cluster="p1")

    (flip,) = compare_results(ALONE, [was], [now], tolerance=0).flips

    assert flip.candidate == ScoredAnswer(
        sample="s1", mark=Mark.CORRECT, answer="A", margin=0.5, cluster="p1"
    )
    assert flip.baseline.margin == 0.75


def test_a_generated_answer_has_no_margin() -> None:
    """Its change is always a real one."""
    was, now = answered("A", text="A"), answered("B", text="B")

    (flip,) = compare_results(ALONE, [was], [now], tolerance=1e9).flips

    assert (flip.candidate.margin, flip.near_tie) == (math.inf, False)


@pytest.mark.parametrize(
    ("fields", "cluster"),
    [({}, ""), ({"unit": "u1"}, "u1"), ({"unit": "u1", "cluster": "p1"}, "p1")],
)
def test_samples_that_count_together_are_a_cluster(fields: dict[str, str], cluster: str) -> None:
    """The parts of one unit regress together; a shared picture goes before that."""
    was, now = answered("A", **fields), answered("B", **fields)

    (flip,) = compare_results(ALONE, [was], [now], tolerance=0).flips

    assert flip.candidate.cluster == cluster


def test_a_baseline_that_was_asked_less_is_refused() -> None:
    """What is left could pass by leaving out."""
    both = [row(at, right=True, margin=SURE) for at in range(2)]

    with pytest.raises(DataError, match="the baseline has no answer to 1 of 2 samples"):
        compare_results(QUESTIONS, both[:1], both, tolerance=TOLERANCE)


@pytest.mark.parametrize(
    ("dimension", "score"),
    [
        (Dimension(path="b", leaves=("b.x", "b.y"), size=1, average=Average.MACRO), "a mean of 2"),
        (Dimension(path="b", leaves=("b",), size=1, average=Average.MACRO), ""),
        (Dimension(path="b", leaves=("b.x", "b.y"), size=1, unit=Unit.PAIR), "one of pairs"),
        (QUESTIONS, ""),
        (Dimension(path="b", leaves=("b.x", "b.y"), size=1), ""),
    ],
)
def test_a_comparison_knows_what_its_score_is(dimension: Dimension, score: str) -> None:
    """Where a sample counts more or less than another, the sentence about the score says so."""
    rows = [row(0, right=True, margin=SURE)]

    found = compare_results(dimension, rows, rows, tolerance=0)

    assert found.score.startswith(score)
    assert bool(found.score) == bool(score)


@pytest.mark.parametrize(
    ("before", "after", "kind", "regressed", "fixed"),
    [
        (Mark.CORRECT, Mark.INCORRECT, FlipKind.REGRESSED, True, False),
        (Mark.CORRECT, Mark.UNPARSEABLE, FlipKind.CORRECT_TO_UNPARSEABLE, True, False),
        (Mark.CORRECT, Mark.CORRECT, FlipKind.STILL_CORRECT, False, False),
        (Mark.INCORRECT, Mark.CORRECT, FlipKind.FIXED, False, True),
        (Mark.INCORRECT, Mark.UNPARSEABLE, FlipKind.BECAME_UNPARSEABLE, False, False),
        (Mark.INCORRECT, Mark.INCORRECT, FlipKind.STILL_WRONG, False, False),
        (Mark.UNPARSEABLE, Mark.CORRECT, FlipKind.FIXED, False, True),
        (Mark.UNPARSEABLE, Mark.INCORRECT, FlipKind.BECAME_PARSEABLE, False, False),
    ],
)
def test_every_change_has_a_name(
    before: Mark, after: Mark, kind: FlipKind, *, regressed: bool, fixed: bool
) -> None:
    """A correct answer has regressed if it is unparseable now as well as if it is incorrect."""
    flip = Flip(
        baseline=ScoredAnswer(sample="s1", mark=before, answer="A"),
        candidate=ScoredAnswer(sample="s1", mark=after, answer="B"),
        near_tie=False,
    )

    assert (flip.sample, flip.kind) == ("s1", kind)
    assert (flip.is_regressed, flip.is_fixed) == (regressed, fixed)


def test_kinds_have_an_order() -> None:
    """What regressed is the worst, and what is fixed the best."""
    kinds = sorted(FlipKind, key=lambda kind: -kind.severity)[::-1]

    assert kinds == list(FlipKind)
    assert (kinds[0], kinds[-1]) == (FlipKind.REGRESSED, FlipKind.FIXED)
    assert [kind.severity for kind in kinds] == list(range(len(kinds)))


@pytest.mark.parametrize("lie", [{"target": "C"}, {"options": 0}])
def test_a_baseline_of_another_target_is_refused(lie: dict[str, Any]) -> None:
    """An answer that a file calls wrong by a target of its own could not be lost."""
    was = replace(answered("A"), mark=Mark.INCORRECT, **lie)

    with pytest.raises(DataError, match="do not say the same of sample 's1'"):
        compare_results(ALONE, [was], [answered("B")], tolerance=0)
