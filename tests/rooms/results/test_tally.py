from collections.abc import Iterable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Average, Dimension, Mark, Score, Tally, Unit
from pytest_mmbench.results.tally import (
    ClusteredUnit,
    combined,
    credit,
    effective_counts,
    graded,
    tally,
    unit_mark,
    with_clusters,
)

MARKS = st.lists(st.sampled_from(Mark), min_size=1)
PAIRS = st.lists(st.tuples(st.sampled_from(Mark), st.sampled_from(Mark)), min_size=1)
CORRECT, INCORRECT, UNPARSEABLE = Mark.CORRECT, Mark.INCORRECT, Mark.UNPARSEABLE


def leaf(path: str, unit: Unit = Unit.SAMPLE, scale: int = 1) -> Dimension:
    return Dimension(path=path, leaves=(path,), size=0, unit=unit, scale=scale)


def node(*leaves: str, average: Average = Average.MICRO, scale: int = 1) -> Dimension:
    return Dimension(path="b", leaves=leaves, size=0, average=average, scale=scale)


def scores(marks: Iterable[Mark]) -> list[Score]:
    return [Score(sample="s", mark=mark, answer="") for mark in marks]


def counted(path: str, marks: list[Mark]) -> Tally:
    return tally(leaf(path), [[score] for score in scores(marks)])


def test_unparseable_answers_are_counted_on_their_own() -> None:
    """An unparseable answer is asked, not correct, and shown as unparseable."""
    found = counted("b.c", [CORRECT, INCORRECT, UNPARSEABLE, CORRECT])

    assert found == Tally(dimension="b.c", correct=2, total=4, unparseable=1)
    assert found.accuracy == 0.5


@given(MARKS, MARKS)
def test_a_micro_node_counts_every_sample_once(first: list[Mark], second: list[Mark]) -> None:
    """The micro average over leaves is the tally of all their samples together."""
    leaves = {"b.x": counted("b.x", first), "b.y": counted("b.y", second)}

    assert combined(node("b.x", "b.y"), leaves) == counted("b", first + second)


@given(MARKS, MARKS)
def test_a_macro_node_counts_every_leaf_once(first: list[Mark], second: list[Mark]) -> None:
    """However large they are, leaves count the same; what was counted is still told."""
    leaves = {"b.x": counted("b.x", first), "b.y": counted("b.y", second)}

    found = combined(node("b.x", "b.y", average=Average.MACRO), leaves)

    assert found.score == (leaves["b.x"].score + leaves["b.y"].score) / 2
    assert (found.correct, found.total) == (
        sum(each.correct for each in leaves.values()),
        len(first) + len(second),
    )


@given(st.lists(st.integers(0, 6), min_size=1), st.lists(st.integers(0, 6), min_size=1))
def test_grades_of_a_judge_count_by_sample(first: list[int], second: list[int]) -> None:
    """Above leaves of any size the score is the mean grade of all samples, as MMIE has it."""
    leaves = {
        path: graded(leaf(path), [Fraction(grade, 6) for grade in grades])
        for path, grades in {"b.x": first, "b.y": second}.items()
    }
    every = first + second

    found = combined(node("b.x", "b.y"), leaves)

    assert found.score == Fraction(sum(every), 6 * len(every))
    assert (found.correct, found.total) == (every.count(6), len(every))


@pytest.mark.parametrize(
    ("unit", "marks", "earned"),
    [
        (Unit.SAMPLE, [CORRECT], 1),
        (Unit.SAMPLE, [UNPARSEABLE], 0),
        (Unit.ALL_CORRECT, [CORRECT, CORRECT, CORRECT], 1),
        (Unit.ALL_CORRECT, [CORRECT, INCORRECT, CORRECT], 0),
        (Unit.PAIR, [CORRECT, CORRECT], 1),
        (Unit.PAIR, [CORRECT, INCORRECT], Fraction(1, 4)),
        (Unit.PAIR, [INCORRECT, UNPARSEABLE], 0),
    ],
)
def test_what_a_unit_earns(unit: Unit, marks: list[Mark], earned: Fraction) -> None:
    """Circular questions are all or nothing; half of a pair is half of a half."""
    assert credit(unit, scores(marks)) == earned


@given(PAIRS)
def test_pairs_earn_what_mme_counts(pairs: list[tuple[Mark, Mark]]) -> None:
    """A leaf of pairs scores (accuracy + accuracy+) / 2, which is MME's score over 200."""
    found = tally(leaf("b.x", Unit.PAIR, scale=200), map(scores, pairs))
    marks = [mark for pair in pairs for mark in pair]
    accuracy = Fraction(marks.count(CORRECT), len(marks))
    both = Fraction(sum(pair == (CORRECT, CORRECT) for pair in pairs), len(pairs))

    assert found.score * found.scale == 100 * accuracy + 100 * both


@given(PAIRS, PAIRS)
def test_scores_of_pairs_add_up(
    first: list[tuple[Mark, Mark]], second: list[tuple[Mark, Mark]]
) -> None:
    """MME's perception is the sum of its subtasks."""
    leaves = {
        "b.x": tally(leaf("b.x", Unit.PAIR, scale=200), map(scores, first)),
        "b.y": tally(leaf("b.y", Unit.PAIR, scale=200), map(scores, second)),
    }

    found = combined(node("b.x", "b.y", average=Average.MACRO, scale=400), leaves)

    assert found.score * 400 == sum(each.score * 200 for each in leaves.values())


def test_a_rotation_that_is_incorrect_settles_its_unit() -> None:
    """What another rotation said cannot make the unit unparseable any more."""
    rotations = [[INCORRECT, UNPARSEABLE], [CORRECT, UNPARSEABLE]]

    found = tally(leaf("b.x", Unit.ALL_CORRECT), map(scores, rotations))

    assert (found.correct, found.total, found.unparseable) == (0, 2, 1)


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([CORRECT, CORRECT], CORRECT),
        ([CORRECT, UNPARSEABLE], UNPARSEABLE),
        ([CORRECT, UNPARSEABLE, INCORRECT], INCORRECT),
    ],
)
def test_one_incorrect_answer_settles_a_unit(marks: list[Mark], expected: Mark) -> None:
    """Whatever the others are, and in any order."""
    assert unit_mark(marks) is unit_mark(reversed(marks)) is expected


@given(MARKS)
def test_equal_samples_are_as_sure_as_themselves(marks: list[Mark]) -> None:
    """Without weights the effective counts are the counts."""
    found = counted("b.x", marks)

    assert effective_counts(found) == (found.correct, found.total)


def test_a_macro_mean_is_as_sure_as_its_small_leaves_let_it_be() -> None:
    """Two leaves of 1,000 and 10 samples give far less certainty than 1,010 samples would."""
    leaves = {
        "b.x": counted("b.x", [CORRECT] * 500 + [INCORRECT] * 500),
        "b.y": counted("b.y", [CORRECT] * 5 + [INCORRECT] * 5),
    }

    found = effective_counts(combined(node("b.x", "b.y", average=Average.MACRO), leaves))

    # Var = (0.25 * 1001 / 1000**2 + 0.25 * 11 / 10**2) / 4, and 0.25 / Var = 36.03.
    assert found == (18, 36)


def test_a_small_leaf_that_is_all_right_lends_no_certainty() -> None:
    """Three right ones of three leave open what the leaf's true share is, and it weighs a half."""
    leaves = {
        "b.x": counted("b.x", [CORRECT] * 900 + [INCORRECT] * 100),
        "b.y": counted("b.y", [CORRECT] * 3),
    }

    found = effective_counts(combined(node("b.x", "b.y", average=Average.MACRO), leaves))

    # The leaf's own spread is 0, by which 2,109 samples would be as sure.
    assert found == (33, 35)


@given(st.lists(MARKS, min_size=2, max_size=5), st.booleans())
def test_effective_counts_have_the_same_score(samples: list[list[Mark]], up: bool) -> None:  # noqa: FBT001
    """Rounding aside, as many of the effective samples are correct."""
    names = [f"b.{at}" for at in range(len(samples))]
    leaves = {name: counted(name, marks) for name, marks in zip(names, samples, strict=True)}
    found = combined(node(*names, average=Average.MACRO), leaves)

    correct, total = effective_counts(found, up=up)

    assert 0 <= correct <= total
    assert abs(correct - found.score * total) < 1


def clustered(leaf_credits: list[list[tuple[str, str]]], average: Average) -> Tally:
    """A node above leaves whose units have a picture and a credit each."""
    parts = {
        f"b.{at}": graded(leaf(f"b.{at}"), [Fraction(credit) for _, credit in units])
        for at, units in enumerate(leaf_credits)
    }
    units = [
        ClusteredUnit(picture, at, Fraction(credit))
        for at, given in enumerate(leaf_credits)
        for picture, credit in given
    ]
    return with_clusters(combined(node(*parts, average=average), parts), units)


def test_pictures_of_their_own_change_nothing() -> None:
    """Without two units of one picture a tally is what it was."""
    assert clustered([[("1", "1"), ("2", "0")], [("3", "1")]], Average.MICRO).clusters is None


def test_a_picture_is_one_in_all_its_leaves() -> None:
    """Two leaves that ask of the same two pictures: two clusters of half the score each."""
    leaves = [[("1", "1"), ("2", "0")], [("1", "1"), ("2", "0")]]

    for average in (Average.MICRO, Average.MACRO):
        found = clustered(leaves, average).clusters
        assert found is not None
        assert (found.number, found.concentration) == (2, Fraction(1, 2))
        # Each lies 1/4 from the mean, in the whole of its share.
        assert found.variance == 2 * Fraction(1, 4) ** 2
        assert [found.earning, found.missing] == [1, 1]


def test_half_a_credit_both_earns_and_misses() -> None:
    """Pairs that are half right, as MME counts them."""
    leaves = [[("1", "1/2"), ("1", "1"), ("2", "1/2")]]
    found = clustered(leaves, Average.MICRO).clusters
    assert found is not None
    assert found.concentration == Fraction(5, 9)
    assert found.earning == found.missing == Fraction(9, 5)
