import pytest

from pytest_mmbench.gates.flips import Flip, FlipKind
from pytest_mmbench.records import Mark
from pytest_mmbench.results.rows import ScoredAnswer


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
