from dataclasses import replace

import pytest

from pytest_mmbench.errors import DataError
from pytest_mmbench.gates.paired import compare_results
from pytest_mmbench.records import Average, Dimension, Mark, Unit
from pytest_mmbench.results.rows import SampleResult

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
    """The question is lost for good where a sure answer turned, however close the rest was."""
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
    """A report shows the rotation that was lost, and not one that is as it was."""
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


def test_a_baseline_that_was_asked_less_is_refused() -> None:
    """What is left could pass by leaving out."""
    both = [row(at, right=True, margin=SURE) for at in range(2)]

    with pytest.raises(DataError, match="the baseline has no answer to 1 of 2 samples"):
        compare_results(QUESTIONS, both[:1], both, tolerance=TOLERANCE)


@pytest.mark.parametrize(
    ("dimension", "published"),
    [
        (Dimension(path="b", leaves=("b.x", "b.y"), size=1, average=Average.MACRO), "a mean of 2"),
        (Dimension(path="b", leaves=("b",), size=1, average=Average.MACRO), ""),
        (Dimension(path="b", leaves=("b.x", "b.y"), size=1, unit=Unit.PAIR), "one of pairs"),
        (QUESTIONS, ""),
        (Dimension(path="b", leaves=("b.x", "b.y"), size=1), ""),
    ],
)
def test_a_comparison_knows_what_else_is_published(dimension: Dimension, published: str) -> None:
    """Nobody shall look for its accuracies in a table that counts in another way."""
    rows = [row(0, right=True, margin=SURE)]

    found = compare_results(dimension, rows, rows, tolerance=0)

    assert found.published.startswith(published)
    assert bool(found.published) == bool(published)
