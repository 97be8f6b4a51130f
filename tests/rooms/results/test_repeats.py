from __future__ import annotations

import math
import statistics
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Dimension, Mark, Unit
from pytest_mmbench.results.repeats import (
    RepeatedAnswer,
    RepeatedUnit,
    joined,
    majority,
    repeat_stats,
    unit_score,
)
from pytest_mmbench.results.rows import (
    DimensionTree,
    SampleResult,
    aggregate,
    with_repeats,
)

HALF = Fraction(1, 2)


def repeat(answer: str, target: str = "A") -> RepeatedAnswer:
    """`B/2` earns a half, `?` cannot be read, and `~` behind an answer says that it was cut."""
    text, cut_short = answer.rstrip("~"), answer.endswith("~")
    if text == "?":
        return RepeatedAnswer(mark=Mark.UNPARSEABLE, answer="", cut_short=cut_short)
    letter, part, _ = text.partition("/")
    mark = Mark.CORRECT if letter == target else Mark.INCORRECT
    return RepeatedAnswer(
        mark=mark, answer=letter, partial=HALF if part else Fraction(0), cut_short=cut_short
    )


def result(answers: str, *, sample: str = "1", unit: str = "", cluster: str = "") -> SampleResult:
    """One that was asked as often as there are answers."""
    repeats = [repeat(answer) for answer in answers.split()]
    return with_repeats(
        [
            SampleResult(
                sample=sample,
                mark=each.mark,
                answer=each.answer,
                target="A",
                options=4,
                text=f"It is {each.answer}.",
                unit=unit,
                cluster=cluster,
                cut_short=each.cut_short,
                partial=each.partial,
            )
            for each in repeats
        ]
    )


@pytest.mark.parametrize(
    ("answers", "mark", "answer", "credit"),
    [
        ("A A A", Mark.CORRECT, "A", 1),
        ("A", Mark.CORRECT, "A", 1),
        ("A A B", Mark.INCORRECT, "A", Fraction(2, 3)),
        ("B C B", Mark.INCORRECT, "B", 0),
        ("? ? A", Mark.INCORRECT, "A", Fraction(1, 3)),
        ("? ?", Mark.UNPARSEABLE, "", 0),
        ("? B", Mark.INCORRECT, "B", 0),
        ("B/2 A", Mark.INCORRECT, "B", Fraction(3, 4)),
        ("B/2 B/2", Mark.INCORRECT, "B", HALF),
    ],
)
def test_a_question_earns_the_mean_of_its_answers(
    answers: str, mark: Mark, answer: str, credit: Fraction
) -> None:
    """It is correct or unparseable if each of them is, and says what most of them say."""
    row = result(answers)

    assert (row.mark, row.answer, row.credit) == (mark, answer, credit)
    assert row.text == f"It is {answer}."
    assert [each.answer for each in row.repeats] == (
        [repeat(each).answer for each in answers.split()] if " " in answers else []
    )


@pytest.mark.parametrize(
    ("answers", "answer", "credit"),
    [
        ("A A B", "A", 1),
        ("B B A", "B", 0),
        ("B A", "B", HALF),
        ("A B C", "A", Fraction(1, 3)),
        ("? ? ? A", "A", 1),
        ("? ?", "", 0),
    ],
)
def test_the_commonest_answer_is_that_of_most_who_said_anything(
    answers: str, answer: str, credit: Fraction
) -> None:
    """A tie earns what a lot would earn on average; silence has no voice."""
    found = majority([repeat(each) for each in answers.split()])

    assert (found.answer, found.credit) == (answer, credit)


ANSWERS = st.lists(st.sampled_from(["A", "B", "C/2", "?", "A~", "?~"]), min_size=2, max_size=5)


@given(ANSWERS)
def test_the_order_of_repeats_changes_no_credit(answers: list[str]) -> None:
    """Nor a mark, nor what the commonest answer earns."""
    ways = [[repeat(each) for each in order] for order in (answers, answers[::-1])]
    found = [(joined(way).mark, joined(way).credit, majority(way).credit) for way in ways]

    assert found[0] == found[1]
    assert 0 <= found[0][1] <= 1


def unit(*credits: float, cluster: str = "", leaf: int = 0, name: int = 0) -> RepeatedUnit:
    most = float(2 * sum(credits) > len(credits))
    return RepeatedUnit(cluster=cluster or ("", name), leaf=leaf, credits=credits, majority=most)


CREDITS = st.lists(
    st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=4, max_size=4), min_size=2, max_size=12
)


@given(CREDITS)
def test_the_standard_error_is_that_of_the_means_of_questions(rows: list[list[float]]) -> None:
    """As the standard library has it, unless answers differ more than questions do."""
    stats = repeat_stats([unit(*row, name=at) for at, row in enumerate(rows)])
    means = [statistics.fmean(row) for row in rows]
    within = statistics.fmean([statistics.variance(row) for row in rows])
    plain = statistics.variance(means) / len(rows)

    assert stats.number == 4
    assert math.isclose(stats.within, within, abs_tol=1e-12)
    assert math.isclose(
        stats.standard_error, math.sqrt(max(plain, within / len(rows) / 4)), abs_tol=1e-9
    )
    assert math.isclose(stats.between, max(0, plain * len(rows) - within / 4), abs_tol=1e-9)
    for times, error in enumerate(stats.standard_errors, 1):
        expected = (stats.between + stats.within / times) / len(rows)
        assert math.isclose(error, math.sqrt(expected), abs_tol=1e-9)
    grown = stats.standard_error * math.sqrt(len(rows) / (len(rows) + 100))
    assert math.isclose(stats.more_questions, grown, abs_tol=1e-12)


@given(CREDITS)
def test_pass_at_is_the_mean_over_all_draws(rows: list[list[float]]) -> None:
    """Of so many of a question's answers: whether any of them is correct in full."""
    stats = repeat_stats([unit(*row, name=at) for at, row in enumerate(rows)])
    for draws, found in enumerate(stats.pass_at, 1):
        chosen = [
            any(each == 1 for each in some) for row in rows for some in combinations(row, draws)
        ]
        assert math.isclose(found, statistics.fmean(chosen), abs_tol=1e-12)


def test_questions_about_one_picture_are_one_observation() -> None:
    """And dimensions whose means are averaged count the same, however large they are."""
    rows = [(1, 1), (1, 0), (0, 0), (0, 1), (0, 0), (1, 1)]
    alone = repeat_stats([unit(*row, name=at) for at, row in enumerate(rows)])
    pairs = repeat_stats([unit(*row, cluster="ab"[at % 2]) for at, row in enumerate(rows)])
    macro = repeat_stats(
        [unit(*row, leaf=at == 0, name=at) for at, row in enumerate([*rows, (0, 1)])]
    )

    assert alone.within == pairs.within
    assert alone.standard_error != pairs.standard_error
    assert math.isclose(macro.pass_at[1], (1 + 4 / 6) / 2)


TREE = {
    Unit.SAMPLE: Dimension(path="b", leaves=("b",), size=3),
    Unit.ALL_CORRECT: Dimension(path="b", leaves=("b",), size=3, unit=Unit.ALL_CORRECT),
    Unit.PAIR: Dimension(path="b", leaves=("b",), size=3, unit=Unit.PAIR),
}


def test_a_tally_counts_single_answers_that_are_unparseable_or_cut() -> None:
    """Its score is that of the questions, and its limits are for answers."""
    rows = [result("A A~", sample="1"), result("? B", sample="2"), result("?~ ?", sample="3")]
    tally = aggregate(
        TREE[Unit.SAMPLE], DimensionTree(nodes=(TREE[Unit.SAMPLE],), views={}), {"b": tuple(rows)}
    )

    assert (tally.score, tally.correct, tally.total, tally.answers) == (Fraction(1, 3), 1, 3, 6)
    assert (tally.unparseable, tally.cut_short) == (3, 2)
    assert tally.repeats is not None
    assert tally.repeats.pass_at == pytest.approx((1 / 3, 1 / 3))


def test_units_that_are_correct_together_are_so_each_time() -> None:
    """A group earns the share of times at which all of it is correct, a pair its points."""
    rows = (result("A A B A", sample="1", unit="u"), result("A B A A", sample="2", unit="u"))
    tallies = {}
    for kind in (Unit.ALL_CORRECT, Unit.PAIR):
        tree = DimensionTree(nodes=(TREE[kind],), views={})
        tallies[kind] = aggregate(TREE[kind], tree, {"b": rows})

    assert tallies[Unit.ALL_CORRECT].score == HALF
    assert tallies[Unit.PAIR].score == (Fraction(6, 8) + HALF) / 2
    score = unit_score(rows, settled=True)
    assert (score.mark, score.partial, score.unparseable) == (Mark.INCORRECT, HALF, Fraction(0))


def test_one_answer_a_question_changes_nothing() -> None:
    """A tally of it has no word of repeats."""
    tree = DimensionTree(nodes=(TREE[Unit.SAMPLE],), views={})
    tally = aggregate(TREE[Unit.SAMPLE], tree, {"b": (result("A"), result("B", sample="2"))})

    assert (tally.repeats, tally.answers, tally.strata) == (None, 2, ())
