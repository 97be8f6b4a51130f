import pytest

from pytest_mmbench.records import Dimension, Outcome, benchmark_of, is_root


def test_outcomes_are_ordered_by_severity() -> None:
    """What says nothing is graver than a failure, and what was not gated comes last."""
    assert sorted(Outcome, key=lambda outcome: -outcome.severity)[::-1] == [
        Outcome.INVALID,
        Outcome.FAIL,
        Outcome.INCONCLUSIVE,
        Outcome.PASS,
        Outcome.NOT_GATED,
    ]
    assert Outcome.INVALID.severity == 0


@pytest.mark.parametrize(
    ("outcome", "fails", "fails_strictly", "quiet"),
    [
        (Outcome.INVALID, True, True, False),
        (Outcome.FAIL, True, True, False),
        (Outcome.INCONCLUSIVE, False, True, False),
        (Outcome.PASS, False, False, True),
        (Outcome.NOT_GATED, False, False, True),
    ],
)
def test_outcomes_stop_a_release_or_do_not(
    outcome: Outcome, *, fails: bool, fails_strictly: bool, quiet: bool
) -> None:
    """An inconclusive gate stops it under `strict` only, and is never passed over in silence."""
    assert outcome.fails(strict=False) is fails
    assert outcome.fails(strict=True) is fails_strictly
    assert outcome.is_quiet is quiet


@pytest.mark.parametrize(
    ("path", "benchmark", "root"),
    [("mmstar", "mmstar", True), ("mmstar.math", "mmstar", False), ("a-b.c.d", "a-b", False)],
)
def test_a_dimension_knows_its_benchmark(path: str, benchmark: str, *, root: bool) -> None:
    """By the first part of its path; the path of the whole has no other."""
    dimension = Dimension(path=path, leaves=(path,), size=1)

    assert (dimension.benchmark, benchmark_of(path)) == (benchmark, benchmark)
    assert (dimension.is_root, is_root(path)) == (root, root)
