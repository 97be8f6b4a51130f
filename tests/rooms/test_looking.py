from collections.abc import Sequence

from pytest_mmbench.looking import unseen
from pytest_mmbench.records import Mark
from pytest_mmbench.sheets import Row
from pytest_mmbench.shortcuts import under_every_rotation


def rotations(targets: str) -> Sequence[Row]:
    """Answers that are right wherever the right option stands."""
    return [
        Row(sample="17", mark=Mark.RIGHT, chosen=target, target=target, options=len(targets))
        for target in targets
    ]


def test_a_question_under_every_rotation_is_known() -> None:
    """The first option moves behind the others: what stood at B stands at A, D and C then."""
    passes = rotations("BADC")

    assert under_every_rotation([unseen(passes[0], passes, ())]).samples == ("17",)


def test_options_that_did_not_move_are_no_rotations() -> None:
    """Right once is right four times where the same is asked again: luck, once in four times."""
    passes = rotations("BBBB")

    found = under_every_rotation([unseen(passes[0], passes, ())])

    assert (found.samples, found.asked) == ((), 0)
